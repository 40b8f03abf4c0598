---@meta airlock.loop.luv
-- Made by `make reference` from lua/airlock/loop/luv/init.lua.

local luv = {}

--- Whether the running coroutine is one of this loop's.
---
--- Source: [hosts.md](../hosts.md)
---@return boolean
function luv.mine() end

--- Lets the running coroutine wait until it is unparked.
---
--- Source: [hosts.md](../hosts.md)
function luv.park() end

--- Lets a parked coroutine go on: in Neovim where it may use vim.api.
---
--- Source: [hosts.md](../hosts.md)
---@param thread thread
function luv.unpark(thread) end

--- Starts a function in a coroutine of this loop; it runs at once until it first waits.
---
--- Source: [hosts.md](../hosts.md)
---@param f function
---@return airlock.task task
function luv.spawn(f) end

return luv
