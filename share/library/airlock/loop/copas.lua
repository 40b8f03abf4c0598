---@meta airlock.loop.copas
-- Made by `make reference` from lua/airlock/loop/copas.lua.

local copas = {}

--- Whether the running coroutine may wait: all but the main program may.
---
--- Source: [hosts.md](../hosts.md)
---@return boolean
function copas.mine() end

--- Lets the running coroutine wait until it is unparked.
---
--- Source: [hosts.md](../hosts.md)
function copas.park() end

--- Lets a parked coroutine go on.
---
--- Source: [hosts.md](../hosts.md)
---@param thread thread
function copas.unpark(thread) end

--- Starts a function in a coroutine of Copas; it runs at once until it first waits. An error in it is shown
--- by Copas.
---
--- Source: [hosts.md](../hosts.md)
---@param f function
---@return airlock.task task
function copas.spawn(f) end

return copas
