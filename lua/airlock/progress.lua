--- One line on standard error that says what is waited for; only where that is a terminal, and never inside of an
--- editor or a server.

-- spec: spec/grant/progress_spec.lua

local compat = require "airlock.compat"
local core = require "airlock.core"
local poll = require "airlock.loop.poll"

local progress = {}
local methods = {}
local meta = { __index = methods }

local pack, unpack = compat.pack, compat.unpack
local tick = 0.25 -- seconds between two looks at the clock
local standard_error = 2
local hosts = { "vim", "ngx" } -- these own the screen, or have none

local function wanted()
  for _, host in ipairs(hosts) do
    if rawget(_G, host) ~= nil then return false end
  end
  return os.getenv "TERM" ~= "dumb" and core.columns(standard_error) ~= nil
end

--- A line, where there is a terminal to show it on; else nil.
---@return table? line
function progress.line()
  return wanted() and setmetatable({ shown = false, at = -math.huge }, meta) or nil
end

-- At most as many characters as fit (UTF-8: a character begins with any byte but 0x80 to 0xBF).
local function cut(text, most)
  local seen, at = 0, 1
  while at <= #text do
    local byte = text:byte(at)
    if byte < 0x80 or byte >= 0xC0 then
      if seen == most then return text:sub(1, at - 1) end
      seen = seen + 1
    end
    at = at + 1
  end
  return text
end

--- Shows a text in place of the last one; a few times a second at most.
---@param text string one line; what can't be shown in it is "?"
function methods:show(text)
  local now = core.now()
  if now - self.at < tick then return end
  self.at, self.shown = now, true
  io.stderr:write("\r", cut(core.printable(text), (core.columns(standard_error) or 80) - 1), "\27[K")
  io.stderr:flush()
end

--- Takes the line away, as if it had never been there.
function methods:clear()
  if self.shown then
    io.stderr:write "\r\27[K"
    io.stderr:flush()
  end
  self.shown, self.at = false, -math.huge
end

--- A span of seconds as people write it: "0:42", "12:03", "1:02:03".
---@param seconds number
---@return string
function progress.span(seconds)
  if seconds == math.huge then return "all the time" end
  seconds = math.max(0, math.floor(seconds))
  local h, m, s = math.floor(seconds / 3600), math.floor(seconds / 60) % 60, seconds % 60
  return h > 0 and ("%d:%02d:%02d"):format(h, m, s) or ("%d:%02d"):format(m, s)
end

--- Calls a function in a coroutine of a plain script's loop, and shows something while it waits.
---@param show fun() called a few times a second
---@param f function
---@param ... any its arguments
---@return any ... its results; an error in it is raised
function progress.during(show, f, ...)
  local arguments, results = pack(...), nil
  poll.spawn(function() results = pack(compat.pcall(f, unpack(arguments, 1, arguments.n))) end)
  while not results do
    show()
    poll.run(tick, function() return results ~= nil end)
  end
  if not results[1] then error(results[2], 0) end
  return unpack(results, 2, results.n)
end

return progress
