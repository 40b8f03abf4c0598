--- Which of nginx's locations the running code belongs to. Its directives say whom a connection trusts, down to which
--- depth and by which protocols; Lua isn't told what they say, so a location's connections serve that location alone.

-- spec: spec/hosts/nginx_trust_spec.lua

local location = {}

local inside = rawget(_G, "ngx") ~= nil -- elsewhere the module looks for a global that isn't there
local has_ffi, ffi = pcall(require, "ffi")
local has_base, base = pcall(function() return inside and require "resty.core.base" end)
local known = has_ffi and has_base and base and base.get_request ~= nil

local http = 0x50545448 -- what an HTTP request of nginx's begins with, `NGX_HTTP_MODULE`
local configuration = 5 -- of `ngx_http_request_t`: signature, connection, ctx, main_conf, srv_conf, loc_conf
local names = {}

--- A word that is the same for all requests of a location, in this worker; nil: it can't be told.
---@return string?
function location.name()
  local request = known and base.get_request()
  if not request or tonumber(ffi.cast("uint32_t *", request)[0]) ~= http then return nil end
  local address = tonumber(ffi.cast("uintptr_t *", request)[configuration])
  local name = names[address]
  if not name then
    name = ("%x"):format(address)
    names[address] = name
  end
  return name
end

return location
