--- Waits for a pollable of a store, in the loop whose coroutine is running; else it blocks.

-- spec: spec/store/redis_store_spec.lua

local core = require "airlock.core"
local poll = require "airlock.loop.poll"
local registry = require "airlock.loop.registry"
local wait = require "airlock.loop.wait"

local longest = 0.016

-- nginx watches no descriptor but its own: there the pollable is looked at, ever less often, and nothing blocks.
local function look(pollable, seconds, done)
  local ngx, stop, pause = package.loaded.ngx, core.now() + seconds, 0.001
  while core.now() < stop do
    pollable:step()
    if done() then return end
    ngx.sleep(pause)
    pause = math.min(2 * pause, longest)
  end
end

--- Waits until `done` says so, or the time is up.
---@param pollable airlock.pollable
---@param seconds number
---@param done fun(): boolean?
return function(pollable, seconds, done)
  if done() then return end
  local loop = registry.running()
  if loop == registry.native and loop.mine() then return look(pollable, seconds, done) end
  local bell
  local watched = { fd = function() return pollable:fd() end }
  function watched.step()
    pollable:step()
    if bell and done() then bell.ring() end
  end
  poll.add(watched)
  if loop == poll and not poll.mine() then poll.run(seconds, done)
  else
    bell = wait.bell(loop, seconds)
    bell.wait()
  end
  poll.remove(watched)
end
