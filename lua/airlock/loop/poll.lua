--- The loop of a plain script: whoever waits, waits in C, on the engine and on the pollables put beside it.
-- A pollable is any object with `fd()` (one descriptor, readable when there is something to do) and `step()`.

-- spec: spec/loop/loop_spec.lua

local lazy = require "airlock.lazy"
local compat = require "airlock.compat"
local core = require "airlock.core"
local pollables = lazy "airlock.loop.pollables"
local task = lazy "airlock.loop.task"
local wait = lazy "airlock.loop.wait"

local resume = coroutine.resume

local poll = { polls = true } -- it polls by itself: no host watches core.fd()

local here = compat.here
local tasks = {} -- the coroutines under way
local count = 0 -- how many: a script without any pays nothing

--- Puts a pollable beside the engine: from now on every wait steps it too, in a host's loop as well. At most 64 can be
--- there.
---@param pollable airlock.pollable an object with `fd` and `step`
function poll.add(pollable)
  pollables.add(pollable)
end

--- Takes a pollable away again; one that isn't there is no mistake.
---@param pollable airlock.pollable
function poll.remove(pollable)
  pollables.remove(pollable)
end

--- Whether the running coroutine is one of this loop's.
---@return boolean
function poll.mine()
  return count > 0 and tasks[here() or false] ~= nil
end

local function over(thread)
  count = count - 1
  tasks[thread] = nil
end

--- Lets the running coroutine wait until it is unparked.
poll.park = coroutine.yield

--- Lets a parked coroutine go on. An error in it goes to whoever waits in the loop.
---@param thread thread
function poll.unpark(thread)
  if not tasks[thread] then return end -- it ended in an error meanwhile
  local ok, why = resume(thread)
  if ok then return end
  over(thread)
  error(why, 0)
end

--- Starts a function in a coroutine of this loop: it runs until it first waits, and goes on while the program waits.
---@param f function
---@return airlock.task task
function poll.spawn(f)
  local self, body = task.new(f)
  local thread
  thread = coroutine.create(function()
    body()
    over(thread)
  end)
  tasks[thread] = self
  count = count + 1
  poll.unpark(thread)
  return self
end

-- Coroutines that wait for nothing which Airlock knows of: each called coroutine.yield by itself, and nobody is left to
-- resume it.
local function stuck()
  if wait.any(tasks) then return false end
  for thread in pairs(tasks) do over(thread) end
  core.mistake "airlock.gather: a function called coroutine.yield, and nothing is left that would resume it"
end

--- Runs functions side by side until all have ended.
---@param ... function
---@return table<integer|string, any> results `{ n = …, { n = …, … }, … }`; the first error, if there was one, is raised
--- at the end
function poll.gather(...)
  return require "airlock.loop.gather"(poll, function(done)
    poll.run(nil, function() return done() or stuck() end)
  end, ...)
end

--- Steps what has something to do, for a while; for programs that have nothing else to wait for.
---@param seconds? number how long at most; nil: for ever
---@param done? fun(): boolean asked before each step; true ends the wait
function poll.run(seconds, done)
  local stop = seconds and core.now() + seconds
  wait.wake() -- those that were cancelled meanwhile
  while not (done and done()) do
    local left = stop and stop - core.now()
    if left and left <= 0 then return end
    core.wait(left)
    wait.wake()
  end
end

return poll
