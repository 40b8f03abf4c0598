--- Coroutines that wait: parked, woken, cancelled; and the step that moves everything along.

-- spec: spec/loop/loop_spec.lua

local compat = require "airlock.compat"
local core = require "airlock.core"
local pollables = require "airlock.loop.pollables"

local wait = {}

local attend, here = core.attend, compat.here

-- Coroutine that waits → what ends its wait: a function, or the call itself. Weak: a coroutine that its host drops
-- takes its call along. Kept in the registry: where a program unloads this file and loads it again, both mean the same.
local cancels = core.kept("cancels", "kv")
local loop_of = core.kept("loop_of", "kv") -- coroutine → the loop that it waits in

wait.joins = setmetatable({}, { __mode = "k" }) -- coroutines that wait in a gather

--- The running coroutine as its host knows it; nil in the main program.
wait.running = compat.running

--- Moves everything along and wakes those whose call wants something. A host's loop calls it when core.fd() is
--- readable.
function wait.step()
  core.step()
  pollables.step()
  wait.wake()
end

--- Wakes those whose call wants something.
function wait.wake()
  for thread in attend do wait.unpark(loop_of[thread], thread) end
end

--- Lets the running coroutine of a loop wait until it is unparked.
---@param loop table
---@param cancel function|userdata ends the wait early; whoever waits is unparked then. The caller holds it: this frame
--- is gone while it waits
---@param thread? thread the running coroutine as its host knows it
function wait.park(loop, cancel, thread)
  if not loop.polls then pollables.host() end
  cancels[thread or here()] = cancel
  return loop.park()
end

local park = wait.park

--- Whether one of these coroutines waits for what comes by itself; one that waits for a gather waits for others.
---@param threads table<thread, any>
---@return boolean
function wait.any(threads)
  for thread in pairs(threads) do
    if cancels[thread] and not wait.joins[thread] then return true end
  end
  return false
end

--- Lets a parked coroutine go on.
---@param loop table
---@param thread thread
function wait.unpark(loop, thread)
  cancels[thread] = nil
  loop.unpark(thread)
end

--- Ends what a coroutine waits for.
---@param thread thread?
---@return boolean ended whether it waited
function wait.cancel(thread)
  local cancel = thread and cancels[thread]
  if type(cancel) == "function" then
    cancel()
    return true
  end
  if not cancel or not cancel:awaited(thread) then return false end -- its host resumed it by itself
  cancel:fail "the program cancelled this call"
  return true
end

--- Lets the running coroutine of a loop wait until a call wants something.
---@param call userdata
---@param loop table
---@param cancel function|userdata as for wait.park
function wait.park_for(call, loop, cancel) -- nothing is made for it: most calls of a loop wait once
  local thread = here()
  call:await(thread)
  if loop_of[thread] ~= loop then loop_of[thread] = loop end
  return park(loop, cancel, thread)
end

--- A wait of the running coroutine for something else than a call: until it is rung, or for so long.
---@param loop table
---@param seconds number
---@return { ring: function, wait: fun(): boolean?, string? } bell `wait()` gives true if it was rung, else nil, and
--- "cancelled" if it was
function wait.bell(loop, seconds)
  local alarm, rung, cancelled = core.alarm(seconds), nil, nil
  local bell = {}
  function bell.ring()
    rung = true
    alarm:fail "rung"
  end
  function bell.wait()
    local function cancel()
      cancelled = "cancelled"
      alarm:fail "cancelled"
    end
    if not alarm:wants() then wait.park_for(alarm, loop, cancel) end
    alarm:close()
    return rung, cancelled
  end
  return bell
end

return wait
