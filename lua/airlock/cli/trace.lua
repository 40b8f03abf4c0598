--- --trace: each request, each answer and what happens beside them, as lines on standard error. What the library tells
--- of them has no header, query or body in it, and so no secret.

local core = require "airlock.core"

local trace = {}

local function clock(seconds)
  return ("%s.%03d"):format(os.date("%H:%M:%S", math.floor(seconds)), math.floor(seconds % 1 * 1000))
end

local function target(event)
  local purpose = event.purpose ~= "api" and (" (%s)"):format(event.purpose) or ""
  return ("%s %s%s%s"):format(event.method, event.origin, event.path, purpose)
end

local function times(event)
  local parts = { ("in %.3f s"):format(event.seconds or 0) }
  if event.connect and event.connect > 0 then parts[#parts + 1] = ("connected after %.3f s"):format(event.connect) end
  if event.first_byte then parts[#parts + 1] = ("first byte after %.3f s"):format(event.first_byte) end
  return table.concat(parts, ", ")
end

local function beside(event)
  local parts = { "* " .. event.event:gsub("_", " ") }
  if event.status then parts[#parts + 1] = ("status %d"):format(event.status) end
  if event.code then parts[#parts + 1] = event.code end
  if event.wait then parts[#parts + 1] = ("again in %.1f s"):format(event.wait) end
  return table.concat(parts, ", ")
end

--- One event as a line.
---@param event airlock.event
---@return string
function trace.line(event)
  local name = event.event
  if name == "request" then return ("%s [%d] > %s"):format(clock(event.time), event.id, target(event)) end
  if name ~= "response" then return (" "):rep(12) .. " " .. beside(event) end
  return ("%s [%d] < %s %s"):format(clock(event.time), event.id, event.status or event.code, times(event))
end

--- What a client's `on_event` is then.
---@param event airlock.event
function trace.on_event(event)
  io.stderr:write(core.printable(trace.line(event)), "\n")
end

return trace
