--- Which loop a call waits in.
-- A loop is a table with `mine()` (whether the running coroutine is one of its own, and so may wait), `park()` (lets the
-- running coroutine wait), `unpark(thread)` (lets it go on) and `gather(…)`.

local poll = require "airlock.loop.poll"

local loops = { default = poll }

--- The loop that a session's client was given, else the default one.
---@param session userdata
---@return table loop
function loops.of(session)
  return session:settings().loop or poll
end

--- The loop whose coroutine is running, where a call may yield to it; nil: the call must block.
---@param session userdata
---@return table? loop
function loops.current(session)
  if poll.mine() then return poll end
  local loop = session:settings().loop
  if loop and loop.mine() then return loop end
  return nil
end

return loops
