---@meta airlock.loop.poll
-- Made by `make reference` from lua/airlock/loop/poll.lua.

local poll = {}

--- Puts a pollable beside the engine: from now on every wait steps it too, in a host's loop as well. At most
--- 64 can be there.
---
--- Source: [hosts.md](../hosts.md)
---@param pollable airlock.pollable an object with `fd` and `step`
function poll.add(pollable) end

--- Takes a pollable away again; one that isn't there is no mistake.
---
--- Source: [hosts.md](../hosts.md)
---@param pollable airlock.pollable
function poll.remove(pollable) end

--- Whether the running coroutine is one of this loop's.
---
--- Source: [hosts.md](../hosts.md)
---@return boolean
function poll.mine() end

--- Lets the running coroutine wait until it is unparked.
---
--- Source: [hosts.md](../hosts.md)
function poll.park() end

--- Lets a parked coroutine go on. An error in it goes to whoever waits in the loop.
---
--- Source: [hosts.md](../hosts.md)
---@param thread thread
function poll.unpark(thread) end

--- Starts a function in a coroutine of this loop: it runs until it first waits, and goes on while the program
--- waits.
---
--- Source: [hosts.md](../hosts.md)
---@param f function
---@return airlock.task task
function poll.spawn(f) end

--- Runs functions side by side until all have ended.
---
--- Source: [hosts.md](../hosts.md)
---@param ... function
---@return table<integer|string, any> results `{ n = …, { n = …, … }, … }`; the first error, if there
--- was one, is raised at the end
function poll.gather(...) end

--- Steps what has something to do, for a while; for programs that have nothing else to wait for.
---
--- Source: [hosts.md](../hosts.md)
---@param seconds? number how long at most; nil: for ever
---@param done? fun(): boolean asked before each step; true ends the wait
function poll.run(seconds, done) end

return poll
