--- The loop of Copas, by what every version of it has: copas.receive, which waits for anything that LuaSocket's select
--- can watch.
-- Any coroutine counts as one of Copas, as it does for the sockets of Copas.

local compat = require "airlock.compat"
local copas = require "copas"
local core = require "airlock.core"
local loops = require "airlock.loop"
local socket = require "socket"
local task = require "airlock.loop.task"
local wait = require "airlock.loop.wait"

local loop = { greedy = true } -- it takes any coroutine for its own

local waits = setmetatable({}, { __mode = "k" }) -- coroutine → what it waits for
local waiting, watching = 0, false

-- A descriptor where nothing ever comes: those who wait are woken by `dirty`, which select asks them first.
local silence = assert(socket.udp())
assert(silence:setsockname("127.0.0.1", 0))
assert(silence:setpeername(silence:getsockname()))

-- Copas closes the socket of a coroutine that ends; ours stays.
local function stay() end

local engine = { getfd = core.fd, dirty = function() return false end, close = stay }

-- While somebody waits there is always more to come. Copas asks at once, before anybody has begun to wait.
function engine.receive()
  if engine.new then
    engine.new = false
    return nil, "timeout"
  end
  wait.step()
  if waiting > 0 then return nil, "timeout" end
  watching = false
  return true
end

local pause = { close = stay }
pause.__index = pause

function pause:getfd() return silence:getfd() end
function pause:dirty() return self.over end

function pause:receive()
  if self.over then return true end
  return nil, "timeout"
end

--- Whether the running coroutine may wait: all but the main program may.
---@return boolean
function loop.mine()
  return compat.running() ~= nil
end

--- Lets the running coroutine wait until it is unparked.
function loop.park()
  local thread = compat.running()
  waits[thread] = setmetatable({ over = false }, pause)
  waiting = waiting + 1
  if not watching then
    watching, engine.new = true, true
    copas.addthread(function() copas.receive(engine) end)
  end
  copas.receive(waits[thread])
  waits[thread] = nil
end

--- Lets a parked coroutine go on.
---@param thread thread
function loop.unpark(thread)
  if not waits[thread] or waits[thread].over then return end
  waits[thread].over = true
  waiting = waiting - 1
end

--- Starts a function in a coroutine of Copas; it runs at once until it first waits. An error in it is shown by Copas.
---@param f function
---@return airlock.task task
function loop.spawn(f)
  local self, body = task.new(f)
  copas.addthread(body)
  return self
end

loops.know(loop, "airlock.loop.copas")

return loop
