--- How long things take that must not hold a host up. Time in which the system let others run is not counted: a busy
--- machine is none
-- of our stalls, and a call that sleeps is.

local wait = require "airlock.loop.wait"
local core = require "airlock.core"
local socket = require "socket"

local stopwatch = {}
stopwatch.__index = stopwatch

local function now()
  local file, waited = io.open "/proc/self/schedstat", 0
  if file then
    local _, on_queue = file:read("*n", "*n")
    waited = on_queue or 0
    file:close()
  end
  return socket.gettime() * 1000 - waited / 1e6
end

--- A watch that keeps the longest time, in milliseconds, in `longest`.
function stopwatch.new()
  return setmetatable({ longest = 0 }, stopwatch)
end

--- Calls a function and takes its time.
function stopwatch:time(f, ...)
  local before = now()
  local a, b, c = f(...)
  self.longest = math.max(self.longest, now() - before)
  return a, b, c
end

local engine = { getfd = core.fd, dirty = function() return false end }

--- Steps as a host does, whenever the descriptor is readable, until `done` says so or the seconds are over.
function stopwatch:run(seconds, done)
  local stop = core.now() + seconds
  while not done() and core.now() < stop do
    if #socket.select({ engine }, nil, math.max(stop - core.now(), 0)) > 0 then self:time(wait.step) end
  end
end

--- The least of what some tries came to: a stall that is ours is there every time.
function stopwatch.least(f)
  local least = math.huge
  for _ = 1, 4 do
    local watch = stopwatch.new()
    f(watch)
    least = math.min(least, watch.longest)
    if least < 15 then return least end
  end
  return least
end

return stopwatch
