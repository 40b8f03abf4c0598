--- A function that runs in a coroutine of a loop: what `spawn` gives.

-- spec: spec/loop/hosts_spec.lua

local compat = require "airlock.compat"
local wait = require "airlock.loop.wait"

local task = {}
--- A function that runs in a coroutine of a loop: what `spawn` gives, and a method that was given a final callback.
---@class airlock.task
local methods = {}
local meta = { __index = methods, __name = "airlock.task", __tostring = function() return "airlock.task" end }

--- A task and the function that the host is to run for it.
---@param f function
---@return table task
---@return function body
function task.new(f)
  local self = setmetatable({}, meta)
  return self, function()
    self.thread = compat.running()
    return f()
  end
end

--- Ends the call that the task waits in, or all calls of the gather. They fail as `cancelled/cancelled`, and the
--- function goes on from there.
---@return boolean ended whether there was such a call
---@see docs/hosts.md
function methods:cancel()
  return wait.cancel(self.thread)
end

return task
