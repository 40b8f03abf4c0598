--- A store in Redis or Valkey, which machines share: option `store` of airlock.client.
-- One connection of a Lua state carries all commands, one behind the other. It is made at the first need, and anew
-- where it broke or the process forked. docs/store.md says what the four functions hold to.

-- spec: spec/store/redis_store_spec.lua

local await = require "airlock.store.await"
local core = require "airlock.core"
local keys = require "airlock.store.key"
local sealed = require "airlock.store.sealed"

local patience = 10 -- seconds for one command

-- The fence grows with each lock of a name; only the holder of the newest may write.
local scripts = {
  lock = [[
    if redis.call("exists", KEYS[2]) == 1 then return false end
    local fence = redis.call("incr", KEYS[3])
    redis.call("set", KEYS[2], fence, "px", ARGV[1])
    return fence]],
  save = [[
    if tonumber(redis.call("get", KEYS[3]) or 0) ~= tonumber(ARGV[1]) then return 0 end
    if ARGV[2] == "" then redis.call("del", KEYS[1]) else redis.call("set", KEYS[1], ARGV[2]) end
    return 1]],
  unlock = [[
    if redis.call("get", KEYS[2]) == ARGV[1] then return redis.call("del", KEYS[2]) end
    return 0]],
}

local kinds = { url = "string", username = "string", password = "string", prefix = "string", timeout = "number" }

local function check(options, whose)
  if type(options) ~= "table" then
    core.mistake(whose .. ": a table of options was expected, not a " .. type(options))
  end
  for name, value in pairs(options) do
    if name ~= "key" and not kinds[name] then
      core.mistake(("%s: unknown option '%s' (it takes: key, password, prefix, timeout, url, username)")
        :format(whose, tostring(name)))
    end
    if name ~= "key" and type(value) ~= kinds[name] then
      core.mistake(("%s: option '%s' must be a %s, not a %s"):format(whose, name, kinds[name], type(value)))
    end
  end
  if options.timeout and not (options.timeout > 0 and options.timeout < math.huge) then
    core.mistake(whose .. ": option 'timeout' must be a number of seconds, more than 0")
  end
end

local function unescape(text)
  return text and (text:gsub("%%(%x%x)", function(digits) return string.char(tonumber(digits, 16)) end))
end

-- redis://user:password@host:port/database, or redis+unix:///path
local function parse(url, whose)
  local path = (url or ""):match "^redis%+unix://(/.+)$"
  if path then return { path = path } end
  local user, rest = (url or ""):match "^redis://([^@/]*)@(.+)$"
  if (url or ""):find "%z" then core.mistake(whose .. ": option 'url' has a NUL in it") end
  local host, port, database = (rest or (url or ""):match "^redis://(.+)$" or ""):match "^([^:/]+):?(%d*)/?(%d*)$"
  if (url or ""):find "^rediss://" then
    core.mistake(whose .. ": option 'url': this build has no TLS for Redis; a tunnel on this machine can give it")
  end
  if not host then
    core.mistake(whose .. ": option 'url' must be redis://host:port/database or redis+unix:///path")
  end
  local name, password = (user or ""):match "^([^:]*):?(.*)$"
  return { host = host, port = tonumber(port) or 6379, database = tonumber(database),
    username = name ~= "" and unescape(name) or nil, password = password ~= "" and unescape(password) or nil }
end

local line = {} -- one connection, and those who wait for its replies in their order
line.__index = line

local function finish(self, why)
  for _, asked in ipairs(self.waiting) do
    if not asked.kind then asked.kind, asked.value = "broken", why end
  end
  self.waiting = {}
  if self.link then self.link:close() end
  self.link = nil
end

-- Gives each of those who wait what has come.
local function collect(self)
  while self.link and self.waiting[1] do
    local kind, value = self.link:reply()
    if not kind then break end
    local asked = table.remove(self.waiting, 1)
    asked.kind, asked.value = kind, value
  end
  local why = self.link and self.link:fault()
  if why then finish(self, why) end
end

local function post(self, ...)
  local asked = {}
  if self.link:send(...) then self.waiting[#self.waiting + 1] = asked
  else asked.kind, asked.value = "broken", "there is no memory for a command" end
  return asked
end

-- Opens the connection where there is none. What must come first goes out first: no reply is waited for.
local function open(self)
  if self.link and self.link:fault() then finish(self, self.link:fault()) end
  if self.link then return true end
  local place, why = self.place
  self.link, why = self.module.open(place.path or place.host, place.port)
  if not self.link then return nil, why end
  self.first = {}
  local function first(...) self.first[#self.first + 1] = post(self, ...) end
  if place.username then first("AUTH", place.username, place.password or "")
  elseif place.password then first("AUTH", place.password) end
  if place.database and place.database > 0 then first("SELECT", tostring(place.database)) end
  return true
end

local function refused(first)
  for _, asked in ipairs(first) do
    if asked.kind == "error" then return asked.value end
  end
  return nil
end

-- The reply to a command; or nil, why.
function line:ask(...)
  local ok, why = open(self)
  if not ok then return nil, why end
  local first, asked, link = self.first, post(self, ...), self.link
  -- a step may close the connection; so its set is asked for only while it is this one
  local pollable = {
    fd = function() return self.link == link and link:fd() or -1 end,
    step = function()
      if self.link == link then link:step() end
      if self.link == link then collect(self) end
    end,
  }
  await(pollable, self.timeout, function() return asked.kind ~= nil end)
  if not asked.kind and self.link == link then finish(self, "no answer in time") end -- replies would be another's
  local no = refused(first)
  if no then
    if self.link == link then finish(self, no) end
    return nil, no
  end
  if asked.kind == "value" then return asked.value, nil end
  return nil, tostring(asked.value or "no answer in time")
end

local function load_module(whose)
  local there, module = pcall(require, "airlock.redis")
  if there then return module end
  core.mistake(whose .. ": Airlock was built without hiredis: install libhiredis-dev and build again")
end

--- A store in Redis or Valkey, for option `store`: machines share logins. Nothing is asked before the first need.
---@param options airlock.redis_store_options
---@return airlock.store_functions store
---@see docs/store.md
return function(options)
  local whose = "airlock.store.redis"
  check(options, whose)
  local place = parse(options.url, whose)
  place.username, place.password = options.username or place.username, options.password or place.password
  local prefix = options.prefix or "airlock:"
  local self = setmetatable({ place = place, waiting = {}, module = load_module(whose),
    timeout = options.timeout or patience }, line)

  local function run(script, name, ...)
    local key = prefix .. "{" .. name .. "}" -- braces: one slot of a cluster
    return self:ask("EVAL", scripts[script], "3", key, key .. ":lock", key .. ":fence", ...)
  end

  local store = {}

  function store.load(name) return self:ask("GET", prefix .. "{" .. name .. "}") end

  function store.lock(name, lease) return run("lock", name, ("%d"):format(math.ceil(lease * 1000))) end

  function store.save(name, text, fence)
    local kept, why = run("save", name, ("%d"):format(fence), text or "")
    if kept == nil then return nil, why end
    return kept == 1
  end

  function store.unlock(name, fence) run("unlock", name, ("%d"):format(fence)) end

  if options.key == nil then return store end
  return sealed.wrap(store, keys.source(options.key, whose))
end
