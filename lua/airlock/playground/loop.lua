--- The loop in which a run goes: one coroutine at a time, which waits for answers, for a person, or for the word to go
--- on.
-- A run that nobody wants any more is let go: whatever wakes it later finds it gone.

local wait = require "airlock.loop.wait"

local loop = {}

--- A loop as the option `loop` of a client takes it.
---@param over fun(ok: boolean, why: any) called when a coroutine has ended, or raised
---@return table loop
function loop.new(over)
  local self, ours = {}, setmetatable({}, { __mode = "k" })

  local function resume(thread)
    local ok, why = coroutine.resume(thread)
    local role = ours[thread]
    if coroutine.status(thread) ~= "dead" or not role then return end
    ours[thread] = nil
    if role == "run" then over(ok, why) end
  end

  local function begin(f, role)
    local thread = coroutine.create(f)
    ours[thread] = role
    resume(thread)
    return thread
  end

  --- Whether the running coroutine is one of this loop's.
  function self.mine()
    return ours[coroutine.running() or false] ~= nil
  end

  --- Lets the running coroutine wait.
  function self.park()
    coroutine.yield()
  end

  --- Lets it go on.
  function self.unpark(thread)
    if ours[thread] then resume(thread) end
  end

  --- Runs a function in a coroutine beside the run, as several calls at once do; gives that.
  function self.spawn(f)
    return begin(f, "beside")
  end

  --- The same for a run, whose end is told.
  function self.run(f)
    return begin(f, "run")
  end

  --- Lets a coroutine go, wherever it waits: what it waits for ends, too.
  function self.abandon(thread)
    if not thread then return end
    wait.cancel(thread)
    ours[thread] = nil
  end

  return self
end

return loop
