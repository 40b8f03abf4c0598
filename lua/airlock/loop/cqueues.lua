--- The loop of cqueues: whoever waits, waits on a condition; one coroutine of the controller watches the engine
--- meanwhile.
-- Any coroutine that a controller runs may wait.

-- spec: spec/loop/hosts_spec.lua

local condition = require "cqueues.condition"
local core = require "airlock.core"
local cqueues = require "cqueues"
local engine = require "airlock.loop"
local registry = require "airlock.loop.registry"
local task = require "airlock.loop.task"

local loop = {}

local watched = { events = "r" }
local waits = setmetatable({}, { __mode = "k" }) -- coroutine → { condition, watch } while it waits
local watches = setmetatable({}, { __mode = "k" }) -- controller → { waiting, idle, running }

--- Whether the running coroutine is a controller's.
---@return boolean
function loop.mine()
  local controller, direct = cqueues.running()
  return controller ~= nil and (direct or engine.running() ~= coroutine.running())
end

-- Watches the engine for as long as somebody waits in this controller, and no longer: the controller's loop may end
-- then.
local function run(watch)
  while watch.waiting > 0 do
    watched.pollfd = engine.fd()
    cqueues.poll(watched, watch.idle)
    engine.step()
  end
  watch.running = false
end

local function watch_engine(controller)
  local watch = watches[controller]
  if not watch then
    watch = { waiting = 0, idle = condition.new(), running = false }
    watches[controller] = watch
  end
  watch.waiting = watch.waiting + 1
  if not watch.running then
    watch.running = true
    controller:wrap(function() run(watch) end)
  end
  return watch
end

--- Lets the running coroutine wait until it is unparked.
function loop.park()
  local thread = engine.running()
  local wait = { condition = condition.new(), watch = watch_engine((cqueues.running())) }
  waits[thread] = wait
  repeat wait.condition:wait() until wait.over
end

--- Lets a parked coroutine go on.
---@param thread thread
function loop.unpark(thread)
  local wait = waits[thread]
  waits[thread] = nil
  wait.over = true
  wait.watch.waiting = wait.watch.waiting - 1
  if wait.watch.waiting == 0 then wait.watch.idle:signal() end
  wait.condition:signal()
end

--- Starts a function in a coroutine of the running controller, or of the one given. An error in it is the controller's:
--- loop() and errors() give it.
---@param f function
---@param controller? userdata by default the one that runs
---@return airlock.task task
function loop.spawn(f, controller)
  local self, body = task.new(f)
  controller = controller or cqueues.running()
  if not controller then
    core.mistake "airlock.loop.cqueues.spawn: no controller runs here; give one as second argument"
  end
  controller:wrap(body)
  return self
end

registry.know(loop, "airlock.loop.cqueues")

return loop
