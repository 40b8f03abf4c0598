--- The loop of libuv: Neovim (vim.uv, vim.loop), luvit, and programs over lua-luv that call uv.run.
-- One poll handle watches the engine's descriptor; it keeps uv.run going only while somebody waits.

-- spec: spec/loop/hosts_spec.lua

local core = require "airlock.core"
local engine = require "airlock.loop"
local registry = require "airlock.loop.registry"
local task = require "airlock.loop.task"

local nvim = rawget(_G, "vim") and require "airlock.loop.luv.nvim"
local uv
if nvim then uv = nvim.uv else
  local ok, found = pcall(require, "luv")
  if not ok then ok, found = pcall(require, "uv") end -- luvit's name for it
  uv = ok and found or error("airlock.loop.luv needs Neovim, luvit or lua-luv: " .. tostring(found), 0)
end

local luv = { open = nvim and nvim.open } -- how a login opens its page; nil: as in a script

local tasks = {} -- the coroutines under way
local watch = core.kept "luv" -- { handle, fd, waiting }: one for all that load this file, however often

-- The descriptor is another one after a fork.
local function watch_engine()
  local fd = engine.fd()
  if watch.fd == fd then return end
  if watch.handle then watch.handle:close() end
  watch.handle, watch.fd, watch.waiting = uv.new_poll(fd), fd, 0
  watch.handle:start("r", engine.step)
end

--- Whether the running coroutine is one of this loop's.
---@return boolean
function luv.mine()
  return tasks[engine.running() or false] ~= nil
end

--- Lets the running coroutine wait until it is unparked.
function luv.park()
  watch_engine()
  watch.waiting = watch.waiting + 1
  watch.handle:ref()
  coroutine.yield()
end

-- An error shows where the host shows errors, and stops nothing else.
local function surface(why, thread)
  local text = debug.traceback(thread, tostring(why))
  if nvim then nvim.surface(text) else io.stderr:write("Uncaught Error: ", text, "\n") end
end

local function resume(thread)
  if coroutine.status(thread) ~= "suspended" then return end -- it was closed meanwhile
  local ok, why = coroutine.resume(thread)
  if coroutine.status(thread) == "dead" then tasks[thread] = nil end
  if not ok then surface(why, thread) end
end

--- Lets a parked coroutine go on: in Neovim where it may use vim.api.
---@param thread thread
function luv.unpark(thread)
  watch.waiting = watch.waiting - 1
  if watch.waiting == 0 then watch.handle:unref() end
  if nvim then nvim.later(resume, thread) else resume(thread) end
end

--- Starts a function in a coroutine of this loop; it runs at once until it first waits.
---@param f function
---@return airlock.task task
function luv.spawn(f)
  local self, body = task.new(f)
  local thread = coroutine.create(body)
  tasks[thread] = self
  resume(thread)
  return self
end

registry.know(luv, "airlock.loop.luv")

return luv
