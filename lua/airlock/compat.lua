--- What the Luas have each in its own way: pack and unpack, the coroutine that a host knows, and pcall around what
--- waits.
-- PUC 5.1 can't yield across pcall. There a function that is called so runs in a coroutine of its own, whose yields are
-- handed on.

-- spec: spec/loop/hosts_spec.lua

local compat = {}

--- table.unpack, which Lua 5.1 and LuaJIT have as a global.
compat.unpack = table.unpack or unpack -- luacheck: ignore 143

--- table.pack, which these don't have: the arguments as a list with their number `n`.
---@param ... any
---@return table
function compat.pack(...)
  return { n = select("#", ...), ... }
end

local outer = setmetatable({}, { __mode = "kv" }) -- coroutine of such a function → the one that it runs in

local function yields()
  local trial = coroutine.create(function() pcall(coroutine.yield) end)
  coroutine.resume(trial)
  return coroutine.status(trial) == "suspended"
end

--- Whether this Lua yields across pcall by itself. LuaJIT does, and isn't tried: nginx resumes no coroutine inside of
--- require.
compat.needless = package.loaded.jit ~= nil or yields()

-- coxpcall, where the program uses it, does the same.
local function beyond(thread)
  local coxpcall = package.loaded.coxpcall
  local known = outer[thread] or type(coxpcall) == "table" and coxpcall.running and coxpcall.running(thread) or thread
  return known ~= thread and beyond(known) or known
end

--- The running coroutine as the host knows it; nil in the main program.
---@return thread?
function compat.running()
  local thread, main = coroutine.running()
  if main or thread == nil then return nil end
  return compat.needless and thread or beyond(thread)
end

--- The same for where every request comes by: in the main program it may be nil, or a coroutine that nobody has heard
--- of.
---@type fun(): thread?
compat.here = compat.needless and coroutine.running or compat.running

local function hand_on(thread, ok, ...)
  if coroutine.status(thread) == "dead" then return ok, ... end
  return hand_on(thread, coroutine.resume(thread, coroutine.yield(...)))
end

--- Like pcall; the function may wait in a loop's coroutine.
---@param f function
---@param ... any
---@return boolean ok
---@return any ... results, or the error
function compat.pcall(f, ...)
  local here = coroutine.running()
  if compat.needless or here == nil then return pcall(f, ...) end
  local thread = coroutine.create(f)
  outer[thread] = here
  return hand_on(thread, coroutine.resume(thread, ...))
end

return compat
