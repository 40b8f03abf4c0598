--- All pages of a list as one, each item as the server wrote it: keys keep their order, numbers their digits.

local core = require "airlock.core"
local json_text = require "airlock.cli.json_text"
local output = require "airlock.cli.output"
local transfer = require "airlock.cli.transfer"

local items = {}

-- Where in a page the list is that this item comes from: true for the page itself, else a member's name.
local function place(page, item)
  if type(page) ~= "table" then return nil end
  if rawequal(page[1], item) then return true end
  for name, value in pairs(page) do
    if type(value) == "table" and rawequal(value[1], item) and type(name) == "string" then return name end
  end
end

local function text_of(last, item)
  if not last.items then
    local name = place(last.page, item)
    last.items, last.at = name and json_text.items(last.text, name ~= true and name or nil) or {}, 0
  end
  last.at = last.at + 1
  return last.items[last.at] or core.json.encode(item)
end

local function indented(text, coloured, shown)
  return (json_text.pretty(text, coloured, shown):gsub("\n", "\n  "))
end

--- Writes all items: a JSON list, or with `raw` one item a line.
---@param session userdata
---@param path string
---@param query table
---@param to table of output.to
---@param how { raw: boolean?, line: table?, headers: table? }
function items.run(session, path, query, to, how)
  local coloured, n, last = not to.file and not how.raw and transfer.coloured(), 0, { count = 0 }
  local shown = not to.file and output.shows()
  local function seen(page, text)
    last.text, last.page, last.items, last.count = text, page, nil, last.count + 1
  end
  for item in session:_each(path, query, { headers = how.headers }, seen) do
    local text = text_of(last, item)
    if how.line then how.line:clear() end
    if how.raw then to:write(text .. "\n")
    else to:write((n == 0 and "[\n  " or ",\n  ") .. indented(text, coloured, shown)) end
    n = n + 1
    if how.line then how.line.text = ("%d items, %d pages"):format(n, last.count) end
    if how.line and (to.file or core.columns(1) == nil) then how.line:show(how.line.text) end
  end
  if how.line then how.line:clear() end
  if not how.raw then to:write(n == 0 and "[]\n" or "\n]\n") end
end

return items
