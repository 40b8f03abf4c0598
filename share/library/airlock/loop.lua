---@meta airlock.loop
-- Made by `make reference` from lua/airlock/loop/init.lua.

local loop = {}

--- The one descriptor that a host watches for reading: sockets, timers, name look-ups and pollables hang on
--- it. It is another one after a fork.
---
--- Source: [hosts.md](../hosts.md)
---@return integer descriptor
function loop.fd() end

--- Moves everything along without blocking, and unparks each coroutine whose call wants something. A host
--- calls it when the descriptor is readable.
---
--- Source: [hosts.md](../hosts.md)
function loop.step() end

--- The running coroutine as its host knows it: behind those that PUC Lua 5.1 or coxpcall puts between.
---
--- Source: [hosts.md](../hosts.md)
---@return thread? thread nil in the main program
function loop.running() end

--- Lets the running coroutine wait in a loop for something else than a call, until it is unparked.
---
--- Source: [hosts.md](../hosts.md)
---@param loop airlock.loop whose `park` waits
---@param cancel? fun() ends the wait where `task:cancel` asks for that, and unparks the coroutine; nil: it
--- can't end
function loop.park(loop, cancel) end

--- Lets a coroutine that was parked so go on.
---
--- Source: [hosts.md](../hosts.md)
---@param loop airlock.loop the same loop
---@param thread thread the coroutine, as `running` gave it
function loop.unpark(loop, thread) end

return loop
