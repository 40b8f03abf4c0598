--- JWTs of the server, checked against its key set (RFC 7519, RFC 7517, RFC 8725): access tokens, and ID tokens by way
--- of id_token.lua.

-- spec: spec/grant/user_token_spec.lua

local backchannel = require "airlock.backchannel"
local calls = require "airlock.call"
local core = require "airlock.core"
local failure = require "airlock.failure"

local jwt = {}

local max_jwt, keep_keys = 64 * 1024, 3600 -- bytes; seconds that a key set is kept
local ask_again = 10 -- seconds between two fetches for the sake of an unknown key
local families = { RS = "RSA", PS = "RSA", ES = "EC", Ed = "OKP" }

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

-- Fetches the key set, unless a fresh one is kept.
local function keys_of(client, anew)
  local settings = client:settings()
  local kept, now = settings.keys, core.now()
  if kept and (now - kept.at < ask_again or not anew and now - kept.at < keep_keys) then return kept.set end
  local set, message, detail = backchannel.ask(client, "jwks_uri")
  if not set then return nil, message, detail end
  if type(set) ~= "table" or type(set.keys) ~= "table" then
    return failure.malformed("the key set at jwks_uri", "can't be read", backchannel.place(client, "jwks_uri"))
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

-- A key that can't be written again, such as one whose text isn't UTF-8, is none.
local function encode(key)
  local ok, text = pcall(core.json.encode, key)
  if not ok and tostring(text):find("not enough memory", 1, true) then error(text, 0) end
  return ok and text or ""
end

local function name_of(key)
  return type(key.kid) == "string" and ("the key '%s'"):format(core.printable(key.kid:sub(1, 64))) or "the key"
end

-- Whether one of the keys signed it; else why not, and whether another look at the server's keys may help.
local function signed(keys, header, text, signature)
  local why
  for _, key in ipairs(keys) do
    if fits(key, header) then
      local ok, unusable = core.signed(header.alg, encode(key), text, signature)
      if ok then return true end
      if ok == false then why = "its signature is wrong" end
      why = why or ("%s of the server's set can't be read: it %s"):format(name_of(key), unusable)
    end
  end
  return false, why or "no key of the server's set fits it", why == nil or header.kid == nil
end

local function check_signature(client, what, parsed)
  local header = parsed.header
  local keys, message, detail = keys_of(client)
  if not keys then return nil, message, detail end
  local ok, why, more = signed(keys, header, parsed.text, parsed.signature)
  if not ok and more then -- a key that was made since: one more look
    keys, message, detail = keys_of(client, true)
    if not keys then return nil, message, detail end
    ok, why = signed(keys, header, parsed.text, parsed.signature)
  end
  if ok then return true end
  return bad(what, why)
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

local function check_times(what, claims, now, skew)
  if claims.exp ~= nil and type(claims.exp) ~= "number" or claims.nbf ~= nil and type(claims.nbf) ~= "number" then
    return bad(what, "its exp or nbf isn't a number")
  end
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

local function check_claims(what, claims, wanted, skew)
  local ok, message, detail = check_times(what, claims, wanted.now or os.time(), skew)
  if not ok then return nil, message, detail end
  if wanted.issuer and claims.iss ~= wanted.issuer then
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

local function parse(token)
  local head, body, signature = token:match "^([%w_-]+)%.([%w_-]+)%.([%w_-]+)$"
  if not head or #token > max_jwt then return nil, "it isn't a signed JWT" end
  local header, claims = decode_part(head), decode_part(body)
  if not header or not claims then return nil, "its header or claims can't be read" end
  return { header = header, claims = claims, text = head .. "." .. body, signature = signature }
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
  local parsed, why = parse(token)
  if not parsed then return bad(what, why) end
  local alg = parsed.header.alg
  if type(alg) ~= "string" or not allows(wanted.algs, alg) then
    return bad(what, "its algorithm isn't one that may be used")
  end
  if parsed.header.crit ~= nil then return bad(what, "it has critical headers that aren't known") end
  local check = alg:find "^HS" and check_mac or check_signature
  local ok, message, detail = check(client, what, parsed)
  if ok then ok, message, detail = check_claims(what, parsed.claims, wanted, client:settings().clock_skew) end
  if not ok then return nil, message, detail end
  return parsed.claims, parsed.header
end

jwt.bad = bad

return jwt
