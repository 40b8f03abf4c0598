--- A guard in nginx: one line in `access_by_lua` that lets a request pass, or answers it.

-- spec: spec/hosts/nginx_guard_spec.lua

local core = require "airlock.core"
local guard = require "airlock.guard"
local ngx = require "ngx"
require "airlock.guard.nginx" -- gives guards their methods for it

local whose = "airlock.guard.ngx"

-- Where all workers remember proofs: `safe_add` adds what isn't there, in one step, and throws out nothing for it.
local function memory(name)
  local dict = type(name) == "string" and ngx.shared[name]
  if not dict then
    core.mistake(("%s: option 'dict' must name a lua_shared_dict; add the line `lua_shared_dict %s 10m;` to the http "
      .. "block of nginx's configuration"):format(whose, core.printable(tostring(name))))
  end
  return function(id, seconds)
    local ok, why = dict:safe_add("airlock:proof:" .. id, true, seconds)
    if ok then return true end
    if why == "exists" then return false end
    return nil
  end, dict
end

-- A secret for nonces that all workers have, whichever of them draws it.
local function shared_secret(dict)
  local key = "airlock:nonce"
  local ok, why = dict:safe_add(key, core.boundary())
  local secret = dict:get(key)
  if not secret then core.mistake(("%s: the secret of nonces can't be kept: %s"):format(whose, tostring(ok or why))) end
  return secret
end

-- The configuration, with what the workers share.
local function shared(config, seen, dict)
  local made, dpop = {}, config.dpop
  for name, value in pairs(config) do made[name] = value end
  made.dict = nil
  if type(dpop) ~= "table" then return made end
  made.dpop = { seen = seen }
  for name, value in pairs(dpop) do made.dpop[name] = value end
  if dpop.nonce == true then made.dpop.nonce = shared_secret(dict) end
  return made
end

--- A guard as `airlock.guard` makes it, for nginx. Make it once in a worker: in `init_worker_by_lua`, or in a module.
---@param config airlock.nginx_guard_config
---@return airlock.guard guard
---@see docs/guard.md
return function(config)
  if type(config) ~= "table" or config.dict == nil then return guard.new(config) end
  local seen, dict = memory(config.dict)
  local made = guard.new(shared(config, seen, dict))
  if type(config.dpop) ~= "table" then made.proofs.seen = seen end
  return made
end
