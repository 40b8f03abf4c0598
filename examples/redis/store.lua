-- A store in Redis, for machines that share logins: option `store` of airlock.client. docs/store.md says what its
-- functions must do.
--
--   local redis = require "redis".connect("10.0.0.5", 6379)            -- Debian: lua-redis
--   local store = dofile "examples/redis/store.lua" (function(...) return redis:eval(...) end)
--   local client = airlock.space { url = …, client_id = …, client_secret = …, store = store }
--
-- Whoever can read this Redis can use the tokens: give it a password and TLS, and have the text encrypted (option
-- `seal`) where others use it too.

-- The fence grows with each lock of a name; only the holder of the newest may write.
local lock = [[
if redis.call("exists", KEYS[2]) == 1 then return false end
local fence = redis.call("incr", KEYS[3])
redis.call("set", KEYS[2], fence, "px", ARGV[1])
return fence
]]

local save = [[
if tonumber(redis.call("get", KEYS[3]) or 0) ~= tonumber(ARGV[1]) then return 0 end
if ARGV[2] == "" then redis.call("del", KEYS[1]) else redis.call("set", KEYS[1], ARGV[2]) end
return 1
]]

local unlock = [[
if redis.call("get", KEYS[2]) == ARGV[1] then return redis.call("del", KEYS[2]) end
return 0
]]

local load = [[return redis.call("get", KEYS[1])]]

--- Makes the store.
---@param eval fun(script: string, keys: integer, ...: string): any runs a script, as EVAL does; raises where it can't
---@param options? { prefix: string?, seal: fun(text: string): string, open: fun(sealed: string): string }
---@return table store
return function(eval, options)
  options = options or {}
  local prefix = options.prefix or "airlock:"
  local seal, open = options.seal or function(text) return text end, options.open or function(text) return text end

  local function run(script, name, ...)
    local key = prefix .. "{" .. name .. "}" -- braces: one slot of a cluster
    return eval(script, 3, key, key .. ":lock", key .. ":fence", ...)
  end

  return {
    load = function(name)
      local text = run(load, name)
      return text and open(text) or nil
    end,
    lock = function(name, lease) return tonumber(run(lock, name, ("%d"):format(lease * 1000)) or nil) end,
    save = function(name, text, fence) return run(save, name, ("%d"):format(fence), text and seal(text) or "") == 1 end,
    unlock = function(name, fence) run(unlock, name, ("%d"):format(fence)) end,
  }
end
