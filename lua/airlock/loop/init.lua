--- Which loop a call waits in.
-- A loop is a table with `mine()` (whether the running coroutine is one of its own, and so may wait), `park()` (lets the
-- running coroutine wait), `unpark(thread)` (lets it go on) and `gather(…)`.

local poll = require "airlock.loop.poll"

local loops = { default = poll }

-- PUC 5.1 can't yield inside the iterator of a generic for.
local trial = coroutine.create(function()
  for _ in function() coroutine.yield() end do return end -- luacheck: ignore 512
end)
coroutine.resume(trial)
local iterators_yield = coroutine.status(trial) == "suspended"
local held = false

local function release(ok, ...)
  held = false
  if not ok then error((...), 0) end
  return ...
end

--- Calls a function from inside an iterator: where that can't yield, what waits in it blocks.
---@param f function
---@param ... any
---@return any
function loops.iterate(f, ...)
  if iterators_yield then return f(...) end
  held = true
  return release(pcall(f, ...))
end

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
  if held then return nil end
  if poll.mine() then return poll end
  local loop = session:settings().loop
  if loop and loop.mine() then return loop end
  return nil
end

return loops
