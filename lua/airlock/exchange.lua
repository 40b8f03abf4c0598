--- Grants that give one token for another: JWT bearer (RFC 7523 section 2.1) and token exchange (RFC 8693).

local core = require "airlock.core"
local options = require "airlock.options"
local query = require "airlock.form"
local sources = require "airlock.grant.source"

local exchange = {}

local bearer_type, exchange_type = "urn:ietf:params:oauth:grant-type:jwt-bearer",
  "urn:ietf:params:oauth:grant-type:token-exchange"
local mistake = options.mistake

local function scope_of(client, given)
  local scope = given.scope or client:settings().scope
  return scope ~= "" and scope or nil
end

local function open(client, grant, given, whose, id)
  return core.session(client, grant, given.scope, id, given.account, whose, options.resource(whose, given.resource))
end

-- ---- JWT bearer

local bearer_options = {
  assertion = "string or function", private_key = "string or table", private_key_file = "string", kid = "string",
    alg = "string",
  claims = "table", lifetime = "number", scope = "string", resource = "string or table", account = "string",
}

local function bearer_form(client, given, assertion)
  return query.encode({ grant_type = bearer_type, assertion = assertion, scope = scope_of(client, given) }, "assertion")
end

local made_here = { exp = true, iat = true, jti = true }

-- iss, sub and aud, and the other claims as members of a JSON object.
local function read_claims(client, given, whose)
  local settings, more, named = client:settings(), {}, {}
  for name, value in pairs(given.claims or {}) do
    if made_here[name] then
      mistake(whose, "claims", ("can't have '%s', which is made anew for each assertion"):format(tostring(name)))
    end
    if name == "iss" or name == "sub" or name == "aud" then
      if type(value) ~= "string" then mistake(whose, "claims", ("must have a string as '%s'"):format(name)) end
      named[name] = value
    else
      more[name] = value
    end
  end
  named.iss = named.iss or settings.client_id
  named.sub = named.sub or named.iss
  local text = next(more) and core.json.encode(more)
  if next(more) and not text then mistake(whose, "claims", "can't be made JSON of") end
  return named, text and text:sub(2, -2) or nil
end

local function by_key(client, given, whose)
  local key, lifetime = given.private_key, given.lifetime or 60
  if type(key) == "table" then key = core.json.encode(key) end
  if lifetime < 1 or lifetime > 3600 or lifetime % 1 ~= 0 then
    mistake(whose, "lifetime", "must be whole seconds from 1 to 3600")
  end
  local claims, more = read_claims(client, given, whose)
  local id = table.concat({ key or given.private_key_file or "own", given.kid or "", given.alg or "", claims.iss,
    claims.sub, claims.aud or "", more or "" }, "\0")
  local session = open(client, "jwt_bearer", given, whose, id)
  session:open_signer(key, given.private_key_file, given.alg, given.kid, claims.iss, claims.sub, claims.aud, more,
    lifetime)
  return session
end

--- See client:jwt_bearer.
function exchange.jwt_bearer(client, given, whose)
  given = options.read(given, whose, bearer_options)
  local assertion = given.assertion
  if assertion == nil then return by_key(client, given, whose) end
  for _, name in ipairs { "private_key", "private_key_file", "claims", "kid", "alg", "lifetime" } do
    if given[name] ~= nil then mistake(whose, name, "can't stand beside 'assertion'") end
  end
  if type(assertion) == "string" then
    if assertion == "" then mistake(whose, "assertion", "is empty") end
    local session = open(client, "jwt_bearer", given, whose, assertion)
    session:open_standing(bearer_form(client, given, assertion))
    return session
  end
  local session = open(client, "jwt_bearer", given, whose)
  return sources.set(session, function()
    local text, message, detail = assertion()
    if text == nil and message ~= nil then return nil, message, detail end
    if type(text) ~= "string" or text == "" then
      mistake(whose, "assertion", "is a function that must give a string, not a " .. type(text))
    end
    return bearer_form(client, given, text)
  end)
end

-- ---- token exchange

local exchange_options = {
  subject_token = "string or function or userdata", subject_token_type = "string",
    actor_token = "string or function or userdata",
  actor_token_type = "string", requested_token_type = "string", audience = "string or table",
    resource = "string or table",
  scope = "string", account = "string",
}

local short = { access_token = true, refresh_token = true, id_token = true, saml1 = true, saml2 = true, jwt = true }

-- RFC 8693 section 3: "access_token" stands for its URN.
local function type_of(given, name, whose)
  local value = given[name]
  if value == nil then return nil end
  if short[value] then return "urn:ietf:params:oauth:token-type:" .. value end
  if not value:find "^%a[%w+.-]*:%S+$" then
    mistake(whose, name, "must be a URI, or access_token, refresh_token, id_token, saml1, saml2 or jwt")
  end
  return value
end

-- What gives the token: text, a function, or a session, whose own token is taken each time.
local function text_of(token, whose, name)
  if token == nil or type(token) == "string" then return token end
  local value, message, detail
  if type(token) == "userdata" then value, message, detail = token:token() else value, message, detail = token() end
  if value == nil and message ~= nil then return nil, message, detail end
  if type(value) ~= "string" or value == "" then
    mistake(whose, name, "is a function that must give a string, not a " .. type(value))
  end
  return value
end

local function exchange_form(client, given, types, subject, actor)
  return query.encode({
    grant_type = exchange_type, subject_token = subject, subject_token_type = types.subject, actor_token = actor,
    actor_token_type = types.actor, requested_token_type = types.requested, audience = given.audience,
      scope = scope_of(client, given),
  }, "audience")
end

local function check_exchange(given, whose)
  if given.subject_token == nil then mistake(whose, "subject_token", "is missing") end
  if given.actor_token == nil and given.actor_token_type ~= nil then
    mistake(whose, "actor_token", "is missing beside 'actor_token_type'")
  end
  for _, name in ipairs { "subject_token", "actor_token" } do
    local token = given[name]
    if token == "" then mistake(whose, name, "is empty") end
    local ok, method = pcall(function() return type(token) ~= "userdata" or token.token ~= nil end)
    if not (ok and method) then mistake(whose, name, "must be a string, a function or a session") end
  end
  return {
    subject = type_of(given, "subject_token_type", whose) or "urn:ietf:params:oauth:token-type:access_token",
    actor = type_of(given, "actor_token_type", whose) or given.actor_token ~= nil
      and "urn:ietf:params:oauth:token-type:access_token" or nil,
    requested = type_of(given, "requested_token_type", whose),
  }
end

--- See client:token_exchange.
function exchange.token_exchange(client, given, whose)
  given = options.read(given, whose, exchange_options)
  local types = check_exchange(given, whose)
  local subject, actor = given.subject_token, given.actor_token
  if type(subject) == "string" and (actor == nil or type(actor) == "string") then
    local form = exchange_form(client, given, types, subject, actor)
    local session = open(client, "token_exchange", given, whose, #form <= 65536 and form or nil)
    session:open_standing(form)
    return session
  end
  local session = open(client, "token_exchange", given, whose)
  return sources.set(session, function()
    local subject_text, message, detail = text_of(subject, whose, "subject_token")
    if not subject_text then return nil, message, detail end
    local actor_text
    actor_text, message, detail = text_of(actor, whose, "actor_token")
    if actor ~= nil and not actor_text then return nil, message, detail end
    return exchange_form(client, given, types, subject_text, actor_text)
  end)
end

return exchange
