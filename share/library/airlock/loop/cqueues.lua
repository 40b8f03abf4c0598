---@meta airlock.loop.cqueues
-- Made by `make reference` from lua/airlock/loop/cqueues.lua.

local cqueues = {}

--- Whether the running coroutine is a controller's.
---
--- Source: [hosts.md](../hosts.md)
---@return boolean
function cqueues.mine() end

--- Lets the running coroutine wait until it is unparked.
---
--- Source: [hosts.md](../hosts.md)
function cqueues.park() end

--- Lets a parked coroutine go on.
---
--- Source: [hosts.md](../hosts.md)
---@param thread thread
function cqueues.unpark(thread) end

--- Starts a function in a coroutine of the running controller, or of the one given. An error in it is the
--- controller's: loop() and errors() give it.
---
--- Source: [hosts.md](../hosts.md)
---@param f function
---@param controller? userdata by default the one that runs
---@return airlock.task task
function cqueues.spawn(f, controller) end

return cqueues
