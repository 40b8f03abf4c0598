--- JWTs of the server, checked against its key set (RFC 7519, RFC 7517, RFC 8725): access tokens, and ID tokens by way
--- of id_token.lua.

-- spec: spec/grant/user_token_spec.lua

local calls = require "airlock.call"
local core = require "airlock.core"
local failure = require "airlock.failure"
local keys = require "airlock.keys"

local jwt = {}

local max_jwt = 64 * 1024 -- bytes

-- `what` is what the token is called: "token" or "ID token"; its code is invalid_token or invalid_id_token.
local function bad(what, why, outcome)
  local code = what == "ID token" and "invalid_id_token" or "invalid_token"
  return failure.oauth(code, ("the %s isn't valid: %s"):format(what, why), { outcome = outcome, description = why })
end

local function decode_part(text)
  local plain = core.decode(text)
  local value = plain and core.json.decode(plain)
  return type(value) == "table" and value or nil
end

local function check_signature(client, what, parsed)
  local ok, why, detail = keys.signed(client, parsed)
  if ok == nil then return nil, why, detail end
  if not ok then return bad(what, why) end
  return true
end

-- A MAC by the client's secret, where the program chose that (OpenID Connect Core section 3.1.3.7, item 8).
local function check_mac(client, what, parsed)
  if core.sealed(client, parsed.header.alg, parsed.text, parsed.signature, jwt.secret(client)) then return true end
  return bad(what, "its signature is wrong")
end

function jwt.has_audience(claim, wanted)
  if claim == wanted then return true end
  if type(claim) == "table" then
    for _, each in ipairs(claim) do
      if each == wanted then return true end
    end
  end
  return false
end

local function is_time(value)
  return value == nil or type(value) == "number" and value == value and value < math.huge and value > -math.huge
end

local function check_times(what, claims, now, skew)
  if not is_time(claims.exp) or not is_time(claims.nbf) then return bad(what, "its exp or nbf isn't a number") end
  if claims.exp and now >= claims.exp + skew then return bad(what, "it has expired", "interaction_required") end
  if claims.nbf and now < claims.nbf - skew then return bad(what, "it isn't valid yet", "transient") end
  return true
end

-- A claim, fit for a message.
local function shown(value)
  if value == nil then return "none" end
  local list = {}
  for _, each in ipairs(type(value) == "table" and value or { value }) do list[#list + 1] = tostring(each) end
  return (table.concat(list, ", "):sub(1, 200):gsub("[%c\127-\255]", "?"))
end

-- Of an issuer for all tenants, as Microsoft's, a token names the tenant (tid).
local function issuer_of(issuer, claims)
  if not issuer:find("{tenantid}", 1, true) then return issuer end
  local tenant = claims.tid
  if type(tenant) ~= "string" or not tenant:find "^[%w._-]+$" then return nil end
  return (issuer:gsub("{tenantid}", tenant))
end

local function check_claims(what, claims, wanted, skew)
  local ok, message, detail = check_times(what, claims, wanted.now or os.time(), skew)
  if not ok then return nil, message, detail end
  if wanted.issuer and claims.iss ~= issuer_of(wanted.issuer, claims) then
    return bad(what, ("it is of another issuer (%s) than the client's (%s)"):format(shown(claims.iss), wanted.issuer))
  end
  if wanted.audience and not jwt.has_audience(claims.aud, wanted.audience) then
    return bad(what, ("it is meant for another audience (%s) than %s"):format(shown(claims.aud), wanted.audience))
  end
  return true
end

--- The client's secret, where a function gives it: what proves the client may be another thing.
---@param client userdata
---@return string?
function jwt.secret(client)
  local settings = client:settings()
  if settings.client_secret == nil or settings.client_secret ~= settings.proof then
    return settings.client_secret and settings.client_secret()
  end
  return calls.proof(settings)
end

-- What may sign where the program doesn't say: keys of the server. A MAC is for those who choose it, and "none" for
-- nobody.
local function usual(alg)
  return alg:find "^[RPE]S[235]%d%d$" ~= nil or alg == "EdDSA" or alg == "Ed25519"
end

local function allows(algs, alg)
  if algs == nil then return usual(alg) end
  for _, each in ipairs(algs) do
    if each == alg then return true end
  end
  return false
end

--- Takes a signed JWT apart.
---@param token string
---@return table? parsed `{ header, claims, text, signature }`
---@return string? why not
function jwt.parse(token)
  local head, body, signature = token:match "^([%w_-]+)%.([%w_-]+)%.([%w_-]+)$"
  if token:find "^[%w_-]+%.[%w_-]*%.[%w_-]+%.[%w_-]+%.[%w_-]+$" then
    return nil, "it is encrypted (JWE, five parts), which isn't supported: have the server sign it only"
  end
  if not head or #token > max_jwt then return nil, "it isn't a signed JWT" end
  local header, claims = decode_part(head), decode_part(body)
  if not header or not claims then return nil, "its header or claims can't be read" end
  return { header = header, claims = claims, text = head .. "." .. body, signature = signature }
end

--- What is wrong with a header, before any key is asked for.
---@param header table
---@param algs string[]? that may sign; nil: all of keys of a server
---@return string?
function jwt.header_fault(header, algs)
  if type(header.alg) ~= "string" or not allows(algs, header.alg) then
    return "its algorithm isn't one that may be used"
  end
  if header.crit ~= nil or header.b64 ~= nil then return "it has critical headers that aren't known" end
  if header.kid ~= nil and type(header.kid) ~= "string" then return "its kid isn't a text" end
end

--- Checks a JWT: signature, exp, nbf, iss and aud.
---@param client userdata with jwks_uri
---@param token string
---@param wanted table { issuer, audience, now, what, algs } `what` it is called in messages; `algs` that may sign
---@return table? claims
---@return string? message, or the header
---@return table? detail code "invalid_token", or that of the failed fetch
function jwt.claims(client, token, wanted)
  local what = wanted.what or "token"
  local parsed, why = jwt.parse(token)
  if not parsed then return bad(what, why) end
  local alg = parsed.header.alg
  why = jwt.header_fault(parsed.header, wanted.algs)
  if why then return bad(what, why) end
  local check = alg:find "^HS" and check_mac or check_signature
  local ok, message, detail = check(client, what, parsed)
  if ok then ok, message, detail = check_claims(what, parsed.claims, wanted, client:settings().clock_skew) end
  if not ok then return nil, message, detail end
  return parsed.claims, parsed.header
end

jwt.bad, jwt.check_times, jwt.check_signature, jwt.shown = bad, check_times, check_signature, shown

return jwt
