--- ID tokens: who the user is, as the server says it to this client (OpenID Connect Core 1.0 section 3.1.3.7).

-- spec: spec/grant/id_token_spec.lua

local core = require "airlock.core"
local failure = require "airlock.failure"
local jwt = require "airlock.jwt"

local id_token = {}

local known = setmetatable({}, { __mode = "k" }) -- session → { text, claims } of the ID token that was checked last
local what, early = "ID token", 60 -- seconds that `iat` may be ahead, beside the clock_skew

local function bad(why, outcome) return jwt.bad(what, why, outcome) end

-- Whether a scope has the word that asks for an ID token.
local function has_openid(scope)
  return (" " .. (scope or "") .. " "):find(" openid ", 1, true) ~= nil
end

-- Item 3 to 5: for us, and where it is for others as well, given to us.
local function check_audience(claims, client_id)
  local several = type(claims.aud) == "table" and #claims.aud > 1
  if several and claims.azp == nil then return bad "it is for several, and doesn't say to whom it was given (azp)" end
  if claims.azp ~= nil and claims.azp ~= client_id then return bad "it was given to another client (azp)" end
  return true
end

local function check_needed(claims, settings)
  if type(claims.sub) ~= "string" or claims.sub == "" then return bad "it names no subject (sub)" end
  if type(claims.exp) ~= "number" or type(claims.iat) ~= "number" then return bad "its exp or iat is missing" end
  if claims.iat > os.time() + settings.clock_skew + early then
    return bad("it was issued in the future (iat)", "transient")
  end
  return true
end

local sizes = { ["256"] = 256, ["384"] = 384, ["512"] = 512 }

-- Section 3.1.3.8: the access token that came along, and no other. What came through the browser must say so (section
-- 3.2.2.9).
local function check_hash(session, claims, header, needed)
  if claims.at_hash == nil and needed then return bad "it doesn't say to which access token it belongs (at_hash)" end
  if claims.at_hash == nil then return true end
  local bits = sizes[header.alg:sub(-3)] or 512 -- Ed25519 has SHA-512 in it
  if claims.at_hash ~= session:_token_hash(bits) then return bad "it belongs to another access token (at_hash)" end
  return true
end

-- [nonce] is nil where none was sent; one that comes all the same isn't ours to judge.
local function check_nonce(claims, nonce)
  if nonce ~= nil and claims.nonce ~= nonce then return bad "it is the answer to another request (nonce)" end
  return true
end

local slack = 10 -- seconds that the server's clock may be behind, beside the clock_skew

-- Section 3.1.3.7, items 12 and 13: where the login asked for it.
local function check_authentication(claims, asked, skew)
  if asked.max_age then
    if type(claims.auth_time) ~= "number" then return bad "it doesn't say when the user logged in (auth_time)" end
    if claims.auth_time + asked.max_age + skew + slack < asked.at then
      return bad("the user logged in longer ago than max_age allows (auth_time)", "interaction_required")
    end
  end
  if not asked.acr then return true end
  for _, each in ipairs(asked.acr) do
    if claims.acr == each then return true end
  end
  return bad(("the user was authenticated by %s, and not as was asked for (acr)"):format(
    type(claims.acr) == "string" and jwt.shown(claims.acr) or "an unnamed way"), "interaction_required")
end

-- Section 12.2: after a refresh it is still the same user.
local function check_same(claims, before)
  if before and (before.sub ~= claims.sub or before.iss ~= claims.iss) then
    return bad("it is of another user than before", "interaction_required")
  end
  return true
end

local function check(session, text, wanted)
  local settings = session:settings()
  local claims, header, detail = jwt.claims(settings.client, text,
    { what = what, issuer = settings.issuer, audience = settings.client_id, algs = settings.id_token_algs })
  if not claims then return nil, header, detail end
  local steps = {
    function() return check_needed(claims, settings) end,
    function() return check_audience(claims, settings.client_id) end,
    function() return check_nonce(claims, wanted.nonce) end,
    function() return check_hash(session, claims, header, wanted.hashed) end,
    function() return check_authentication(claims, wanted.asked or {}, settings.clock_skew) end,
    function() return check_same(claims, wanted.before) end,
  }
  for _, step in ipairs(steps) do
    local ok, message, more = step()
    if not ok then return nil, message, more end
  end
  return claims
end

-- The claims of the newest ID token, checked once each.
local function claims_of(session, wanted)
  local text, kept = session:_id_token(), known[session]
  if not text then return bad "the server gave none, although the scope has openid" end
  if kept and kept.text == text then return kept.claims end
  local claims, message, detail = check(session, text,
    { nonce = wanted.nonce, hashed = wanted.hashed, asked = wanted.asked, before = kept and kept.claims })
  if not claims then return nil, message, detail end
  known[session] = { text = text, claims = claims }
  return claims
end

--- Whether ID tokens can be checked: that takes the issuer, and its keys.
---@param settings table of the client
---@return boolean
function id_token.possible(settings)
  return settings.issuer ~= nil and settings.client:has "jwks_uri"
end

local function discard(session)
  local stored = session:info().store ~= nil
  session:forget()
  if stored then session:settle() end -- which removes it from there
end

--- Checks the ID token that came with a login, where one was asked for and the client knows whose it must be. Only the
--- code flow, and the implicit one that asks for it, must bring one: a password or a device code needn't.
---@param session userdata
---@param authorization userdata? whose redirect it was; nil: there was none
---@return true? fine nil, message, detail: the login isn't to be trusted, and the session has forgotten its tokens
---@return string? message
---@return table? detail
function id_token.admit(session, authorization)
  if not has_openid(session:info().scope) or not id_token.possible(session:settings()) then return true end
  local from = authorization or {}
  if not from.identifies and not session:_id_token() then return true end
  local claims, message, detail = claims_of(session, { nonce = from.nonce, hashed = from.implicit,
    asked = from.wanted and core.json.decode(from.wanted) })
  if claims then return true end
  discard(session)
  return nil, message, detail
end

--- Whether a login is of the same user as the one before it, as far as their ID tokens were checked; one of another
--- user is forgotten.
---@param before userdata
---@param after userdata
---@return true? same
---@return string? message
---@return table? detail
function id_token.same_user(before, after)
  local old, new = known[before], known[after]
  if not old or not new then return true end
  local ok, message, detail = check_same(new.claims, old.claims)
  if ok then return true end
  discard(after)
  return nil, message, detail
end

local function need(option, there)
  if not there then core.mistake(("session:id_token: the client's option '%s' is missing"):format(option)) end
end

--- The claims of a session's ID token.
---@param session userdata
---@param raw boolean? whether it is wanted as it came
---@return table|string|nil claims a copy; or its text
---@return string? message
---@return table? detail
function id_token.claims(session, raw)
  local settings = session:settings()
  need("issuer", settings.issuer)
  need("jwks_uri", settings.client:has "jwks_uri")
  local ok, message, detail = session:settle()
  if not ok then return nil, message, detail end
  if not session:_id_token() then
    return failure.oauth("no_id_token", "the server gave no ID token: ask for the scope openid")
  end
  local claims
  claims, message, detail = claims_of(session, {})
  if not claims then return nil, message, detail end
  if raw then return session:_id_token() end
  local out = {}
  for name, value in pairs(claims) do out[name] = value end
  return out
end

return id_token
