--- The emulator's time: real time runs on underneath, a spec may move it ahead.

local core = require "airlock.core"

local clock = {}
clock.__index = clock

--- A clock that says `start` now.
---@param start number? seconds since 1970; default: the real time
---@return table clock
function clock.new(start)
  return setmetatable({ zero = (start or core.wall()) - core.now() }, clock)
end

--- Seconds since 1970.
---@return number
function clock:now()
  return self.zero + core.now()
end

--- Moves it ahead (or back, as a wall clock may be).
---@param seconds number
function clock:advance(seconds)
  self.zero = self.zero + seconds
end

return clock
