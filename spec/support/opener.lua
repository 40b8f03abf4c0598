--- The platform's opener, played: it writes down where the file leads that it is given, and what it sees.

local stage = require "spec.support.stage"

local opener = {}

local script = [[
#!/bin/sh
here=%s
env >"$here/environment"
printf '%%s\n' "$*" >"$here/words"
stat -c '%%a %%u' "${1#file://}" "$(dirname "${1#file://}")" >"$here/modes"
sed -n 's/.*; url=\([^"]*\)".*/\1/p' "${1#file://}" | sed "s/&#39;/'/g; s/&amp;/\&/g" >"$here/part"
%s
mv "$here/part" "$here/url"
]]

--- Makes one in a folder of its own, to be put before PATH. Once it was called the files `url`, `words`, `environment`
--- and `modes` are there. `more`: a line of shell that it runs.
---@param more string?
---@return string folder
function opener.new(more)
  local folder = stage.folder()
  for _, name in ipairs { "xdg-open", "open" } do
    stage.write(folder .. "/" .. name, script:format(folder, more or ""))
    os.execute(("chmod +x '%s/%s'"):format(folder, name))
  end
  return folder
end

--- The address that the file led to; nil: not yet.
---@param folder string
---@return string?
function opener.url(folder)
  local text = stage.read(folder .. "/url")
  return text and text:match "%S+"
end

return opener
