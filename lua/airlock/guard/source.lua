--- What a token says, from the one who knows: its signature, or the server that gave it (RFC 7662).

-- spec: spec/tokens/guard_spec.lua

local access_token = require "airlock.access_token"
local backchannel = require "airlock.backchannel"
local core = require "airlock.core"
local discovery = require("airlock.lazy") "airlock.discovery"
local failure = require "airlock.failure"
local flight = require "airlock.flight"
local trouble = require "airlock.trouble"

local source = {}

local keep_good, keep_bad, keep_signed = 60, 10, 300 -- seconds that an answer, a no, a checked signature are kept
local most_opaque = 16 * 1024 -- bytes of a token that the server is asked about

local function find(guard)
  local found, message, detail = discovery.discover(guard.issuer, guard.to_find)
  if found and not found:has "jwks_uri" and not found:has "introspection_endpoint" then
    found, message, detail = failure.oauth("malformed_metadata",
      "the metadata of the issuer names neither jwks_uri nor introspection_endpoint")
  end
  trouble.remember(guard.troubles, "issuer", message, detail)
  if not found then return nil, message, detail end
  guard.client, guard.to_find = found, nil
  return found
end

-- The client by which the server is asked; its metadata is found once.
local function client_of(guard)
  if not guard.to_find then return guard.client end
  local message, detail = trouble.of(guard.troubles, "issuer")
  if message then return nil, message, detail end
  return flight.share(guard.troubles, "flight", guard.client, function()
    if not guard.to_find then return guard.client end
    return find(guard)
  end)
end

-- RFC 7662 says of refresh tokens, too, that they are active.
local kinds = { bearer = true, dpop = true, access_token = true, ["at+jwt"] = true }
local function is_other(told)
  for _, name in ipairs { "token_type", "token_use", "typ" } do
    local kind = told[name]
    if type(kind) == "string" and not kinds[kind:lower()] then return true end
  end
  return false
end

local bad = access_token.bad

local function judge(guard, told)
  if not told.active then return bad "the server says that it isn't active" end
  if is_other(told) then return bad "the server says that it is no access token" end
  -- RFC 7662 section 4: where it names no audience, the server has judged that by itself
  local aud = told.aud
  if aud == nil then told.aud = guard.audience end
  local issuer = told.iss ~= nil and guard.issuer or nil
  local why = access_token.claims_fault(told, { issuer = issuer, audience = guard.audience })
  told.aud = aud
  if why then return bad(why) end
  local ok, message, detail = access_token.check_times(told, os.time(), guard.clock_skew)
  if not ok then return nil, message, detail end
  told.active = nil
  return told
end

-- Whether a failure is the server's own, and not the doing of one odd token: else a visitor could shut out all others.
local function is_general(detail)
  local status = detail.status
  return detail.kind == "network" or status ~= nil and (status >= 500 or status == 429 or status == 401)
end

local function introspect(guard, client, token)
  if #token > most_opaque then return bad "it is too long to be asked about" end
  local message, detail = trouble.of(guard.troubles, "introspection")
  if message then return nil, message, detail end
  local told
  told, message, detail = backchannel.introspect(client, token, "access_token")
  if told or is_general(detail) then trouble.remember(guard.troubles, "introspection", message, detail) end
  if not told then return nil, message, detail end
  return judge(guard, told)
end

-- Whether it begins with a header as JWTs have it, signed or encrypted; else dots in it mean nothing.
local function is_jwt(token)
  local head = token:match "^([%w_-]+)%."
  local text = head and core.decode(head)
  return text ~= nil and type(core.json.decode(text)) == "table"
end

local function by_signature(guard, client, token)
  local claims, message, detail = access_token.check(client, token, { issuer = guard.issuer,
    audience = guard.audience, types = guard.types(client), guess = guard.token_types == nil, skew = guard.clock_skew })
  if not claims then return nil, message, detail end
  return claims, keep_signed
end

-- Asks once for all who show the token at the same time.
local function by_server(guard, client, token, key)
  local told, message, detail = flight.share(guard.flights, key, client, function()
    return introspect(guard, client, token)
  end)
  if told then return told, keep_good end
  return nil, message, detail, detail.code == "invalid_token" and keep_bad or nil
end

--- What a token says.
---@param guard table
---@param token string
---@param key string its digest
---@return table? claims
---@return integer|string keep seconds that they may be kept, or the message
---@return table? detail
---@return integer? keep_no seconds that the no may be kept
function source.claims(guard, token, key)
  local client, message, detail = client_of(guard)
  if not client then return nil, message, detail end
  local asks = client:has "introspection_endpoint"
  if client:has "jwks_uri" and not (guard.introspect and asks) then
    local able = asks and client:settings().client_id
    if not able or is_jwt(token) then return by_signature(guard, client, token) end
  end
  return by_server(guard, client, token, key)
end

return source
