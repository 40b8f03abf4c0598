--- An access token that is a JWT (RFC 9068, RFC 8725): all that is checked of it beside the signature, and in which
--- order. What a server signs for other ends isn't taken for one.

-- spec: spec/tokens/forged_spec.lua

local jwt = require "airlock.jwt"

local access_token = {}

local what, early = "token", 60 -- seconds that `iat` may be ahead, beside the skew
local function bad(why, outcome) return jwt.bad(what, why, outcome) end

-- Claims that stand in other kinds of JWT, and never in an access token.
local foreign = {
  { "nonce", "an ID token" }, { "at_hash", "an ID token" }, { "c_hash", "an ID token" }, { "s_hash", "an ID token" },
  { "events", "a security event or a logout token" }, { "token_introspection", "an introspection response" },
  { "code", "an authorization response" }, { "response", "an authorization response" },
  { "access_token", "an authorization response" }, { "id_token", "an authorization response" },
  { "error", "an authorization response" }, { "htm", "a proof of a key" }, { "htu", "a proof of a key" },
  { "redirect_uri", "an authorization request" }, { "response_type", "an authorization request" },
  { "software_statement", "a registration" }, { "vot", "an ID token" },
}

-- Two servers' own words: Keycloak's `typ`, Cognito's `token_use`.
local own_words = { typ = { bearer = true, dpop = true }, token_use = { access = true, access_token = true } }

-- RFC 7515 section 4.1.9: without "application/", and in any case.
local function plain(typ)
  return (typ:lower():gsub("^application/", ""))
end

-- RFC 9068 section 4: the header says what it is; else the claims mustn't say that it is something else.
local function kind_fault(header, claims, types)
  local typ, taken = header.typ, false
  if typ ~= nil and type(typ) ~= "string" then return "its typ isn't a text" end
  for _, each in ipairs(types) do
    taken = taken or each == false and typ == nil or typ ~= nil and each and plain(each) == plain(typ)
  end
  if not taken then
    return typ and ("its typ is '%s', so it isn't an access token"):format(jwt.shown(typ))
      or "it has no typ, so it doesn't say that it is an access token"
  end
  for _, each in ipairs(foreign) do
    if claims[each[1]] ~= nil then return ("it is %s (%s), not an access token"):format(each[2], each[1]) end
  end
  for name, words in pairs(own_words) do
    local word = claims[name]
    if type(word) == "string" and not words[word:lower()] then return "its claims say that it isn't an access token" end
  end
end

-- Claims of which an access token has one, and an ID token none.
local marks = { "scope", "scp", "client_id", "cid", "appid", "cnf", "act", "roles", "permissions", "entitlements" }

-- Where neither typ nor the program says so: whether it has all that an ID token must have, and nothing more.
local function seems_id_token(header, claims)
  if header.typ ~= nil and plain(header.typ) == "at+jwt" then return false end
  for _, name in ipairs(marks) do
    if claims[name] ~= nil then return false end
  end
  local for_client = type(claims.azp) ~= "string" or access_token.is_for(claims.aud, { claims.azp })
  return claims.iss ~= nil and claims.sub ~= nil and claims.iat ~= nil and for_client
end

local texts = { "iss", "sub", "client_id", "jti", "azp" }

local function shape_fault(claims)
  for _, name in ipairs(texts) do
    local value = claims[name]
    if value ~= nil and (type(value) ~= "string" or value == "") then return ("its %s isn't a text"):format(name) end
  end
  if claims.iat ~= nil and type(claims.iat) ~= "number" then return "its iat isn't a number" end
  if claims.cnf ~= nil and type(claims.cnf) ~= "table" then return "its cnf isn't an object" end
  if claims.scope ~= nil and type(claims.scope) ~= "string" and type(claims.scope) ~= "table" then
    return "its scope isn't a text"
  end
end

--- Whether an `aud` is a text or a list of texts, and has one of those that are wanted.
---@param aud any
---@param wanted string[]
---@return boolean
function access_token.is_for(aud, wanted)
  local list = type(aud) == "table" and aud or { aud }
  local found, count = false, 0
  for _, each in pairs(list) do
    if type(each) ~= "string" then return false end
    count = count + 1
    for _, name in ipairs(wanted) do found = found or each == name end
  end
  return found and count == #list
end

--- What is wrong with claims besides their times.
---@param claims table
---@param wanted table `{ issuer, audience }`
---@return string? why
function access_token.claims_fault(claims, wanted)
  local why = shape_fault(claims)
  if why then return why end
  if wanted.issuer and claims.iss ~= wanted.issuer then
    return ("it is of another issuer (%s) than the client's (%s)"):format(jwt.shown(claims.iss), wanted.issuer)
  end
  if not access_token.is_for(claims.aud, wanted.audience) then
    return ("it is meant for another audience (%s) than %s"):format(jwt.shown(claims.aud),
      table.concat(wanted.audience, ", "))
  end
end

--- Its times, which are all that is checked of a token that was seen before.
---@param claims table
---@param now number
---@param skew number
---@return true? ok
---@return string? message
---@return table? detail
function access_token.check_times(claims, now, skew)
  local ok, message, detail = jwt.check_times(what, claims, now, skew)
  if not ok then return nil, message, detail end
  if claims.iat and claims.iat > now + skew + early then
    return bad("it was issued in the future (iat)", "transient")
  end
  return true
end

--- Checks one.
---@param client userdata with jwks_uri
---@param token string
---@param wanted table `{ issuer, audience, types, guess, skew, algs, now }`: `audience` is a list, `types` as of
--- `token_types`; `guess`: the program didn't name them
---@return table? claims
---@return string? message
---@return table? detail code "invalid_token", or that of the failed fetch
function access_token.check(client, token, wanted)
  local parsed, why = jwt.parse(token)
  if not parsed then return bad(why) end
  local header, claims = parsed.header, parsed.claims
  why = jwt.header_fault(header, wanted.algs) or header.alg:find "^HS" and "its algorithm isn't one that may be used"
    or kind_fault(header, claims, wanted.types)
    or wanted.guess and seems_id_token(header, claims) and "it has what an ID token has, and nothing more"
  if why then return bad(why) end
  if claims.exp == nil then return bad "it never expires (exp is missing)" end
  local ok, message, detail = jwt.check_signature(client, what, parsed)
  if not ok then return nil, message, detail end
  why = access_token.claims_fault(claims, wanted)
  if why then return bad(why) end
  ok, message, detail = access_token.check_times(claims, wanted.now or os.time(), wanted.skew)
  if not ok then return nil, message, detail end
  return claims
end

access_token.bad = bad

return access_token
