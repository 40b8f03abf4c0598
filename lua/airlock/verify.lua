--- Access tokens that are JWTs, checked offline against the server's key set (RFC 7519, RFC 7517, RFC 8725).

local core = require "airlock.core"
local endpoint = require "airlock.endpoint"

local verify = {}

local max_jwt, keep_keys = 64 * 1024, 3600 -- bytes; seconds that a key set is kept
local ask_again = 10 -- seconds between two fetches for the sake of an unknown key
local families = { RS = "RSA", PS = "RSA", ES = "EC", Ed = "OKP" }

local function bad(why, outcome)
  return nil, "the token isn't valid: " .. why, { kind = "oauth", code = "invalid_token", outcome = outcome or "misconfigured", description = why }
end

local function decode_part(text)
  local plain = core.decode(text)
  local value = plain and core.json.decode(plain)
  return type(value) == "table" and value or nil
end

-- Fetches the key set, unless a fresh one is kept.
local function keys_of(client, anew)
  local settings = client:settings()
  local kept, now = settings.keys, core.now()
  if kept and (now - kept.at < ask_again or not anew and now - kept.at < keep_keys) then return kept.set end
  local set, message, detail = endpoint.ask(client, "jwks_uri")
  if not set then return nil, message, detail end
  if type(set) ~= "table" or type(set.keys) ~= "table" then
    return nil, "the key set at jwks_uri can't be read", { kind = "oauth", code = "malformed_reply", outcome = "misconfigured" }
  end
  settings.keys = { set = set.keys, at = now }
  return set.keys
end

-- RFC 8725 section 3.1: the token names an algorithm, the key's kind decides whether it may.
local function fits(key, header)
  if type(key) ~= "table" or key.kty ~= families[header.alg:sub(1, 2)] then return false end
  if key.use ~= nil and key.use ~= "sig" or key.alg ~= nil and key.alg ~= header.alg then return false end
  return header.kid == nil or key.kid == header.kid
end

local function signed(keys, header, text, signature)
  local found = false
  for _, key in ipairs(keys) do
    if fits(key, header) then
      found = true
      if core.signed(header.alg, core.json.encode(key) or "", text, signature) then return true, true end
    end
  end
  return false, found
end

local function check_signature(client, header, text, signature)
  local keys, message, detail = keys_of(client)
  if not keys then return nil, message, detail end
  local ok, found = signed(keys, header, text, signature)
  if not ok and not found then -- a key that was made since: one more look
    keys, message, detail = keys_of(client, true)
    if not keys then return nil, message, detail end
    ok = signed(keys, header, text, signature)
  end
  if ok then return true end
  return bad(found and "its signature is wrong" or "no key of the server's set fits it")
end

local function has_audience(claim, wanted)
  if claim == wanted then return true end
  if type(claim) == "table" then
    for _, each in ipairs(claim) do
      if each == wanted then return true end
    end
  end
  return false
end

local function check_times(claims, now, skew)
  if claims.exp ~= nil and type(claims.exp) ~= "number" or claims.nbf ~= nil and type(claims.nbf) ~= "number" then
    return bad "its exp or nbf isn't a number"
  end
  if claims.exp and now >= claims.exp + skew then return bad("it has expired", "interaction_required") end
  if claims.nbf and now < claims.nbf - skew then return bad("it isn't valid yet", "transient") end
  return true
end

local function check_claims(claims, wanted, skew)
  local ok, message, detail = check_times(claims, wanted.now or os.time(), skew)
  if not ok then return nil, message, detail end
  if wanted.issuer and claims.iss ~= wanted.issuer then return bad "it is of another issuer" end
  if wanted.audience and not has_audience(claims.aud, wanted.audience) then return bad "it is meant for another audience" end
  return true
end

--- Checks a JWT: signature, exp, nbf, iss and aud.
---@param client userdata with jwks_uri
---@param jwt string
---@param wanted table { issuer, audience, now }
---@return table? claims
---@return string? message
---@return table? detail code "invalid_token", or that of the failed fetch
function verify.claims(client, jwt, wanted)
  local head, body, signature = jwt:match "^([%w_-]+)%.([%w_-]+)%.([%w_-]+)$"
  if not head or #jwt > max_jwt then return bad "it isn't a signed JWT" end
  local header, claims = decode_part(head), decode_part(body)
  if not header or not claims then return bad "its header or claims can't be read" end
  if type(header.alg) ~= "string" or not (header.alg:find "^[RPE]S[235]%d%d$" or header.alg == "EdDSA" or header.alg == "Ed25519") then
    return bad "its algorithm isn't one of RS, PS, ES or EdDSA"
  end
  if header.crit ~= nil then return bad "it has critical headers that aren't known" end
  local ok, message, detail = check_signature(client, header, head .. "." .. body, signature)
  if ok then ok, message, detail = check_claims(claims, wanted, client:settings().clock_skew) end
  if not ok then return nil, message, detail end
  return claims
end

return verify
