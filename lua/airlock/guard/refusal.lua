--- What a refused request is answered with (RFC 6750 section 3, RFC 9449 section 7.1, RFC 9728 section 5.1).

-- spec: spec/tokens/guard_spec.lua

local failure = require "airlock.failure"

local refusal = {}

local statuses = { invalid_request = 400, insufficient_scope = 403 }
local outcomes = { invalid_request = "misconfigured", insufficient_scope = "misconfigured" }
local wait_for = 5 -- seconds, where the server that is down says nothing

--- The algorithms of proofs that are taken.
refusal.algs = "ES256 ES384 ES512 EdDSA Ed25519 PS256 PS384 PS512 RS256 RS384 RS512"

-- RFC 6750 section 3: no quotes, no backslashes, visible ASCII alone.
local function quoted(text)
  return '"' .. tostring(text):gsub('["\\]', "'"):gsub("[^\32-\126]", "?"):sub(1, 300) .. '"'
end

local function challenge(guard, scheme, said)
  local list = {}
  local function add(name, value)
    if value then list[#list + 1] = name .. "=" .. quoted(value) end
  end
  add("realm", guard.realm)
  add("error", said.code)
  add("error_description", said.why)
  add("scope", said.scope or guard.scope)
  add("resource_metadata", guard.resource_metadata)
  if scheme == "DPoP" then add("algs", guard.proofs.algs) end
  return #list > 0 and scheme .. " " .. table.concat(list, ", ") or scheme
end

-- The schemes that a request may use; what is wrong is said in that which it did use.
local function challenges(guard, said)
  local list = {}
  for _, scheme in ipairs(guard.schemes) do
    local about = scheme == said.scheme or not said.scheme or #guard.schemes == 1
    list[#list + 1] = challenge(guard, scheme, about and said or {})
  end
  if said.scheme == "DPoP" and guard.schemes[1] == "Bearer" and #guard.schemes == 1 then
    list[1] = challenge(guard, "DPoP", said)
  end
  return table.concat(list, ", ")
end

--- Refuses a request.
---@param guard table
---@param said table `{ code, why, scope, scheme, nonce, outcome }`; without a code: no token came
---@return nil
---@return string message
---@return table detail
function refusal.make(guard, said)
  local detail = { status = statuses[said.code] or 401, description = said.why,
    outcome = said.outcome or outcomes[said.code] or "interaction_required",
    www_authenticate = challenges(guard, said), scope = said.scope, dpop_nonce = said.nonce }
  detail.headers = { ["WWW-Authenticate"] = detail.www_authenticate, ["DPoP-Nonce"] = said.nonce }
  return failure.oauth(said.code or "no_token", "the request was refused: " .. (said.why or "it has no token"), detail)
end

--- Says that it can't be said whether a token is good.
---@param message string
---@param detail table of the failure that is why
---@return nil
---@return string message
---@return table detail
function refusal.unavailable(message, detail)
  local made = {}
  for name, value in pairs(detail) do made[name] = value end
  made.server_status, made.status = detail.status, 503
  made.retry_after = math.max(1, math.ceil(tonumber(detail.retry_after) or wait_for))
  made.headers = { ["Retry-After"] = tostring(math.floor(made.retry_after)) }
  return nil, message, made
end

return refusal
