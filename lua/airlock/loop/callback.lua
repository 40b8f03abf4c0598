--- A final callback in place of waiting: `session:get(path, function(result, message, detail) … end)`.
-- In a client that has a host's loop the call is made in a coroutine of that loop, and the callback is called from the
-- loop, never before the method has come back. In a plain script nothing would call back: the method blocks, calls the
-- callback, and comes back.

-- spec: spec/session/callback_spec.lua

local lazy = require "airlock.lazy"
local compat = require "airlock.compat"
local core = require "airlock.core"
local registry = require "airlock.loop.registry"
local poll = require "airlock.loop.poll"
local task = lazy "airlock.loop.task"
local wait = lazy "airlock.loop.wait"

local callback = {}

local pack, unpack = compat.pack, compat.unpack

-- All that wait, by class; whoever adds one to a class adds it here.
local waiting = {
  session = {
    "request", "get", "delete", "post", "put", "patch", "all", "token", "settle", "refresh", "logout", "introspect",
      "id_token", "reply", "userinfo", "widen",
  },
  client = {
    "password", "device_code", "login", "session", "verify", "authorization_code", "introspect", "revoke",
      "read_registration",
    "update_registration", "delete_registration",
  },
  authorization = { "finish" },
}

-- A request has a path or options first; the quickest way is theirs.
local needy = { request = true, get = true, delete = true, post = true, put = true, patch = true, all = true }

local function blocking(back, f, ...)
  back(f(...))
end

-- Mistakes that are found in the coroutine are laid at the door of whoever gave the callback.
local function located(why, place)
  if type(why) ~= "string" or why:find "^[^\n]-:%d+: " then return why end
  return place .. why
end

local function begin(loop, back, f, ...)
  if not loop.spawn then core.mistake "this client's loop has no function 'spawn', which a callback needs" end
  local arguments, place, starting, broken = pack(...), core.place(), true, nil
  local self, body = task.new(function()
    local result = pack(compat.pcall(f, unpack(arguments, 1, arguments.n)))
    if result[1] then
      if starting then wait.bell(loop, 0).wait() end
      return back(unpack(result, 2, result.n))
    end
    broken = { located(result[2], place) }
    if not starting then error(broken[1], 0) end
  end)
  loop.spawn(body)
  starting = false
  if broken then error(broken[1], 0) end
  return self
end

-- Calls f, or has it called, for the loop of a client's configuration.
local function dispatch(settings, back, f, ...)
  local loop = settings and settings.loop or registry.native or poll
  if loop == poll or poll.mine() or (loop == registry.native and not loop.mine()) then return blocking(back, f, ...) end
  return begin(loop, back, f, ...)
end

--- Gives a method the final callback.
---@param f function with at most four arguments beside the object
---@param settings_of fun(self: any, a: any, b: any): table? whose `loop` it is
---@param needs? boolean whether there must be another argument before the callback
---@return function
function callback.taking(f, settings_of, needs)
  return function(self, a, b, c, d)
    if b == nil and c == nil and d == nil then
      if not needs and type(a) == "function" then return dispatch(settings_of(self), a, f, self) end
      return f(self, a)
    end
    if type(d) == "function" then return dispatch(settings_of(self, a, b), d, f, self, a, b, c) end
    if d ~= nil then return f(self, a, b, c, d) end
    if type(c) == "function" then return dispatch(settings_of(self, a, b), c, f, self, a, b) end
    if c == nil and type(b) == "function" then return dispatch(settings_of(self, a), b, f, self, a) end
    return f(self, a, b, c)
  end
end

local function settings(self)
  return self:settings()
end

--- Gives it to all methods that wait.
function callback.install()
  for class, names in pairs(waiting) do
    local methods = core.classes[class]
    for _, name in ipairs(names) do methods[name] = callback.taking(methods[name], settings, needy[name]) end
  end
end

--- Gives it to a function of the module, whose last argument before it is a configuration.
---@param f function
---@return function
function callback.configured(f)
  return callback.taking(f, function(_, a, b) return type(b) == "table" and b or type(a) == "table" and a or nil end)
end

callback.waiting = waiting

return callback
