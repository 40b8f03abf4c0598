--- What a loop is made with: the one seam between Airlock and a host. docs/hosts.md shows a loop that is made so.
-- A loop is a table with `mine()` (whether the running coroutine is one of its own, and so may wait), `park()` (lets
-- the running coroutine wait), `unpark(thread)` (lets it go on) and `spawn(f)` (starts a coroutine).

-- spec: spec/loop/loop_spec.lua

local core = require "airlock.core"
local wait = require "airlock.loop.wait"

local engine = {}

--- The one descriptor that a host watches for reading: sockets, timers, name look-ups and pollables hang on it. It is
--- another one after a fork.
---@return integer descriptor
function engine.fd()
  return core.fd()
end

--- Moves everything along without blocking, and unparks each coroutine whose call wants something. A host calls it when
--- the descriptor is readable.
function engine.step()
  wait.step()
end

--- The running coroutine as its host knows it: behind those that PUC Lua 5.1 or coxpcall puts between.
---@return thread? thread nil in the main program
function engine.running()
  return wait.running()
end

--- Lets the running coroutine wait in a loop for something else than a call, until it is unparked.
---@param loop airlock.loop whose `park` waits
---@param cancel? fun() ends the wait where `task:cancel` asks for that, and unparks the coroutine; nil: it can't end
function engine.park(loop, cancel)
  wait.park(loop, cancel)
end

--- Lets a coroutine that was parked so go on.
---@param loop airlock.loop the same loop
---@param thread thread the coroutine, as `running` gave it
function engine.unpark(loop, thread)
  wait.unpark(loop, thread)
end

return engine
