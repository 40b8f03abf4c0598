--- The loop of Copas, by what every version of it has: copas.receive, which waits for anything that LuaSocket's select
--- can watch.
-- Any coroutine counts as one of Copas, as it does for the sockets of Copas.

-- spec: spec/loop/hosts_spec.lua

local copas = require "copas"
local engine = require "airlock.loop"
local registry = require "airlock.loop.registry"
local socket = require "socket"
local task = require "airlock.loop.task"

local loop = { greedy = true } -- it takes any coroutine for its own

local waits = setmetatable({}, { __mode = "k" }) -- coroutine → what it waits for
local waiting, watching = 0, false

-- A descriptor where nothing ever comes: those who wait are woken by `dirty`, which select asks them first.
local silence = assert(socket.udp())
assert(silence:setsockname("127.0.0.1", 0))
assert(silence:setpeername(silence:getsockname()))

-- Copas closes the socket of a coroutine that ends; ours stays.
local function stay() end

local watched = { getfd = engine.fd, dirty = function() return false end, close = stay }

-- While somebody waits there is always more to come. Copas asks at once, before anybody has begun to wait.
function watched.receive()
  if watched.new then
    watched.new = false
    return nil, "timeout"
  end
  engine.step()
  if waiting > 0 then return nil, "timeout" end
  watching = false
  return true
end

local wait = { close = stay }
wait.__index = wait

function wait:getfd() return silence:getfd() end
function wait:dirty() return self.over end

function wait:receive()
  if self.over then return true end
  return nil, "timeout"
end

--- Whether the running coroutine may wait: all but the main program may.
---@return boolean
function loop.mine()
  return engine.running() ~= nil
end

--- Lets the running coroutine wait until it is unparked.
function loop.park()
  local thread = engine.running()
  waits[thread] = setmetatable({ over = false }, wait)
  waiting = waiting + 1
  if not watching then
    watching, watched.new = true, true
    copas.addthread(function() copas.receive(watched) end)
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

registry.know(loop, "airlock.loop.copas")

return loop
