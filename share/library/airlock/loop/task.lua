---@meta _
-- Made by `make reference` from lua/airlock/loop/task.lua.

--- A function that runs in a coroutine of a loop: what `spawn` gives, and a method that was given a final
--- callback.
---@class airlock.task
local task = {}

--- Ends the call that the task waits in, or all calls of the gather. They fail as `cancelled/cancelled`, and
--- the function goes on from there.
---
--- Source: docs/hosts.md
---@return boolean ended whether there was such a call
function task:cancel() end
