--- A request whose body goes to the user: laid out, as it is, or into a file; a bar at the terminal says how far it is.

local core = require "airlock.core"
local json_text = require "airlock.cli.json_text"
local output = require "airlock.cli.output"
local progress = require "airlock.progress"

local transfer = {}

local most_pretty = 8 * 1024 * 1024 -- bytes that are laid out; more goes on as it is
local width = 24 -- of the bar

local function size(bytes)
  if bytes < 10240 then return ("%d B"):format(bytes) end
  if bytes < 10485760 then return ("%.1f KiB"):format(bytes / 1024) end
  return ("%.1f MiB"):format(bytes / 1048576)
end

local function bar(got, total, seconds)
  if not total or total == 0 then return ("%s  %s"):format(size(got), progress.span(seconds)) end
  local full = math.min(width, math.floor(width * got / total))
  return ("[%s%s] %d%%  %s of %s  %s"):format(("#"):rep(full), ("."):rep(width - full), math.floor(100 * got / total),
    size(got), size(total), progress.span(seconds))
end

--- Whether results are to be coloured: on a terminal, unless NO_COLOR says no (https://no-color.org).
---@return boolean
function transfer.coloured()
  local no = os.getenv "NO_COLOR"
  return (no == nil or no == "") and os.getenv "TERM" ~= "dumb" and core.columns(1) ~= nil
end

--- JSON for people; anything else as it is, but at a terminal made fit to be shown.
---@param text string
---@param coloured boolean?
---@param shown boolean? at a terminal
---@return string
function transfer.laid_out(text, coloured, shown)
  if #text > most_pretty or core.json.decode(text) == nil then
    return shown and core.printable(text, "lines") or text
  end
  return json_text.pretty(text, coloured, shown) .. "\n"
end

-- What pieces of a text come to at a terminal; a character that a piece cuts in two is shown with the next one.
local function showing(shown)
  local left = ""
  if not shown then return function(bytes) return bytes end, function() return "" end end
  return function(bytes)
    bytes = left .. bytes
    local cut = bytes:find("[\192-\255][\128-\191]*$", math.max(1, #bytes - 2)) or #bytes + 1
    left = bytes:sub(cut)
    return core.printable(bytes:sub(1, cut - 1), "lines")
  end, function() return core.printable(left, "lines") end
end

-- Takes a body piece by piece: kept to be laid out while it is small enough to be, else passed on.
local function taker(to, raw, shown)
  local kept, n = not raw and {} or nil, 0
  local show, rest = showing(shown)
  return function(bytes)
    if not kept then return to:write(show(bytes)) end
    kept[#kept + 1], n = bytes, n + #bytes
    if n <= most_pretty then return end
    to:write(show(table.concat(kept)))
    kept = nil
  end, function() return kept and table.concat(kept) or rest() end
end

--- Makes the request and writes its body.
---@param session userdata
---@param request table options of session:request
---@param to table of output.to
---@param how { raw: boolean?, line: table?, head: boolean? }
---@return table? response
---@return string? message
---@return table? detail
function transfer.run(session, request, to, how)
  local shown = not how.raw and not to.file and output.shows()
  local take, rest = taker(to, how.raw, shown)
  local began = core.now()
  local shows = how.line and (to.file or not how.raw or core.columns(1) == nil) and how.line
  if not how.head then request.sink = take end -- the head is to come first
  request.progress = shows and function(got, total)
    shows.text = bar(got, total, core.now() - began)
    if core.now() - began > 0.5 then shows:show(shows.text) end
  end or nil
  local response, message, detail = session:request(request)
  if how.line then how.line:clear() end
  if not response then return nil, message, detail end
  local left = rest() .. response.body
  if how.head then output.write(transfer.head(response)) end
  to:write(how.raw and left or transfer.laid_out(left, not to.file and transfer.coloured(), shown))
  return response
end

--- Status and headers as text.
---@param response table
---@return string
function transfer.head(response)
  local lines = {}
  for name, value in pairs(response.headers) do
    for each in value:gmatch "[^\n]+" do lines[#lines + 1] = ("%s: %s\n"):format(name, each) end
  end
  table.sort(lines)
  local text = table.concat(lines)
  return ("%d\n%s\n"):format(response.status, output.shows() and core.printable(text, "lines") or text)
end

return transfer
