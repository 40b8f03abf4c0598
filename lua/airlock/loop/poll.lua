--- The loop of a plain script: whoever waits, waits in C, on the engine and on the pollables put beside it.
-- A pollable is any object with `fd()` (one descriptor, readable when there is something to do) and `step()`.

local core = require "airlock.core"

local poll = {}

local beside = {} -- pollables other than the engine, in the order they came

--- Puts a pollable beside the engine: from now on every wait steps it too.
---@param pollable table|userdata an object with `fd` and `step`
function poll.add(pollable)
  beside[#beside + 1] = pollable
end

--- Takes a pollable away again; one that isn't there is no mistake.
---@param pollable table|userdata
function poll.remove(pollable)
  for i = #beside, 1, -1 do
    if beside[i] == pollable then table.remove(beside, i) end
  end
end

--- Steps what has something to do, for a while; for programs that have nothing else to wait for.
---@param seconds number? how long at most (default: for ever)
---@param done? fun(): boolean asked after each step; true ends the wait
function poll.run(seconds, done)
  local stop = seconds and core.now() + seconds
  while not (done and done()) do
    local left = stop and stop - core.now()
    if left and left <= 0 then return end
    core.wait(beside, left)
  end
end

return poll
