--- The loop of a plain script: whoever waits, waits in C, on the engine and on the pollables put beside it.
-- A pollable is any object with `fd()` (one descriptor, readable when there is something to do) and `step()`.

local calls = require "airlock.calls"
local core = require "airlock.core"

local poll = {}

local unpack = table.unpack or unpack -- luacheck: ignore 143

local beside = {} -- pollables other than the engine, in the order they came
local tasks = {} -- coroutine → { thread, over }: what it runs, and what to do with the results
local count = 0 -- tasks under way: a script without any pays nothing

core.beside(beside)

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

--- Whether the running coroutine is one of this loop's.
---@return boolean
function poll.mine()
  return count > 0 and tasks[coroutine.running() or false] ~= nil
end

--- Lets the running coroutine wait until it is unparked.
function poll.park()
  coroutine.yield()
end

local function pack(...)
  return { n = select("#", ...), ... }
end

local function resume(task)
  local results = pack(coroutine.resume(task.thread))
  if coroutine.status(task.thread) ~= "dead" then return end
  count = count - 1
  tasks[task.thread] = nil
  task.over(results)
end

--- Lets a parked coroutine go on.
---@param thread thread
function poll.unpark(thread)
  local task = tasks[thread]
  if task then resume(task) end -- else it ended in an error meanwhile
end

local function spawn(f, over)
  local task = { thread = coroutine.create(f), over = over }
  tasks[task.thread] = task
  count = count + 1
  resume(task)
end

--- Runs functions side by side until all have ended.
---@param ... function
---@return table results `{ n = …, { n = …, … }, … }`; the first error, if there was one, is raised at the end
function poll.gather(...)
  local jobs = pack(...)
  for i = 1, jobs.n do
    if type(jobs[i]) ~= "function" then core.mistake("airlock.gather: functions were expected, not a " .. type(jobs[i])) end
  end
  local results, left, broken, waits = { n = jobs.n }, jobs.n, nil, false
  local waiter = poll.mine() and coroutine.running()
  for i = 1, jobs.n do
    spawn(jobs[i], function(result)
      left = left - 1
      if result[1] then results[i] = pack(unpack(result, 2, result.n)) else broken = broken or result end
      if left == 0 and waits then poll.unpark(waiter) end
    end)
  end
  if waiter and left > 0 then
    waits = true
    poll.park()
  end
  poll.run(nil, function() return left == 0 end)
  if broken then error(broken[2], 0) end
  return results
end

--- Steps what has something to do, for a while; for programs that have nothing else to wait for.
---@param seconds number? how long at most (default: for ever)
---@param done? fun(): boolean asked before each step; true ends the wait
function poll.run(seconds, done)
  local stop = seconds and core.now() + seconds
  while not (done and done()) do
    local left = stop and stop - core.now()
    if left and left <= 0 then return end
    core.wait(left)
    calls.wake()
  end
end

return poll
