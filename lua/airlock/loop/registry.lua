--- Which loop a call waits in.
-- What a loop is, says loop/init.lua. nginx has one of its own, found by itself.

-- spec: spec/loop/loop_spec.lua

local compat = require "airlock.compat"
local core = require "airlock.core"
local poll = require "airlock.loop.poll"

local ngx = package.loaded.ngx -- there from the start in nginx, and only there
local native = type(ngx) == "table" and ngx.get_phase and ngx.socket and require "airlock.loop.ngx" or nil

local registry = { default = poll, native = native }
-- The other loops that the program uses. Weak: a loop that the program unloads is gone, with all that waits in it.
local known = setmetatable({}, { __mode = "k" })
if native then known[native] = true end
local any = native ~= nil -- whether a host's loop is, or was, among them: a plain script doesn't look any further

--- Takes note of a loop that a program gives as option `loop`.
---@param loop table
---@param whose string begins the message of a mistake
function registry.know(loop, whose)
  for _, name in ipairs { "mine", "park", "unpark" } do
    if type(loop[name]) ~= "function" then
      core.mistake(("%s: option 'loop' must be a loop such as require 'airlock.loop.luv'; "
        .. "this one has no function '%s'"):format(whose, name))
    end
  end
  if loop ~= poll then known[loop], any = true, true end
end

-- PUC 5.1 can't yield inside the iterator of a generic for.
local function try_iterator()
  local trial = coroutine.create(function()
    for _ in function() coroutine.yield() end do return end -- luacheck: ignore 512
  end)
  coroutine.resume(trial)
  return coroutine.status(trial) == "suspended"
end
local iterators_yield = compat.needless or try_iterator()
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
function registry.iterate(f, ...)
  if iterators_yield then return f(...) end
  held = true
  return release(pcall(f, ...))
end

--- The loop that a client (or a session's client) was given, else the default one.
---@param owner userdata
---@return table loop
function registry.of(owner)
  return owner:settings().loop or native or poll
end

--- The loop whose coroutine is running, where a call may yield to it; nil: the call must block.
---@param owner userdata a client or a session
---@return table? loop
function registry.current(owner)
  if held then return nil end
  if poll.mine() then return poll end
  if not any then return nil end
  local loop = owner:settings().loop or native
  if loop and loop.mine() then return loop end
  return nil
end

--- The loop whose coroutine is running, of all that the program uses; that of a plain script if there is none.
---@return table loop
function registry.running()
  if poll.mine() or not compat.running() then return poll end
  local found = poll
  for loop in pairs(known) do
    -- a greedy one takes any coroutine for its own
    if (found == poll or found.greedy) and loop.mine() then found = loop end
  end
  return found
end

--- Runs functions side by side, in the loop whose coroutine is running, else in that of a plain script.
---@param owner userdata? a client or a session, whose loop it is; nil: any
---@param ... function
---@return table results
function registry.gather(owner, ...)
  local loop = not owner and registry.running() or owner and registry.current(owner) or poll
  if not loop.spawn or loop == poll then return poll.gather(...) end
  return require "airlock.loop.gather"(loop, nil, ...)
end

return registry
