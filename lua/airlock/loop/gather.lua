--- Functions side by side, on any loop: the one reason why a loop must be able to start coroutines.

-- spec: spec/session/gather_spec.lua

local compat = require "airlock.compat"
local core = require "airlock.core"
local wait = require "airlock.loop.wait"

local pack, unpack = compat.pack, compat.unpack

local function check(jobs)
  for i = 1, jobs.n do
    if type(jobs[i]) ~= "function" then
      core.mistake("airlock.gather: functions were expected, not a " .. type(jobs[i]))
    end
  end
end

-- What the jobs of one gather share.
local function begin(loop, jobs)
  local self = { left = jobs.n, results = { n = jobs.n }, threads = {} }
  for i = 1, jobs.n do
    loop.spawn(function()
      self.threads[i] = compat.running()
      local result = pack(compat.pcall(jobs[i]))
      self.left = self.left - 1
      if result[1] then self.results[i] = pack(unpack(result, 2, result.n)) else self.broken = self.broken or result end
      if self.left == 0 and self.waiter then wait.unpark(loop, self.waiter) end
    end)
  end
  return self
end

--- Runs functions in coroutines of a loop until all have ended.
---@param loop table
---@param outside fun(done: fun(): boolean)? how to wait outside of the loop's coroutines
---@param ... function
---@return table results `{ n = …, { n = …, … }, … }`; the first error, if there was one, is raised at the end
return function(loop, outside, ...)
  local jobs = pack(...)
  check(jobs)
  local inside = loop.mine()
  local self = begin(loop, jobs)
  if self.left > 0 and inside then
    self.waiter = compat.running()
    local function cancel()
      for i = 1, jobs.n do wait.cancel(self.threads[i]) end
    end
    wait.joins[self.waiter] = true
    wait.park(loop, cancel)
    wait.joins[self.waiter] = nil
  elseif self.left > 0 then
    outside(function() return self.left == 0 end)
  end
  if self.broken then error(self.broken[2], 0) end
  return self.results
end
