--- A session by a token that is exchanged for another (RFC 8693).

-- spec: spec/grant/exchange_spec.lua

local form = require "airlock.form"
local options = require "airlock.options"
local sources = require "airlock.grant.source"

local token_exchange = {}

local grant_type = "urn:ietf:params:oauth:grant-type:token-exchange"
local mistake = options.mistake

local exchange_options = {
  subject_token = "string or function or userdata", subject_token_type = "string",
    actor_token = "string or function or userdata",
  actor_token_type = "string", requested_token_type = "string", audience = "string or table",
    resource = "string or table",
  scope = "string", account = "string", params = "table",
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
  return form.encode({
    grant_type = grant_type, subject_token = subject, subject_token_type = types.subject, actor_token = actor,
    actor_token_type = types.actor, requested_token_type = types.requested, audience = given.audience,
      scope = sources.scope(client, given),
  }, "client:token_exchange", "audience")
end

local function check(given, whose)
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
function token_exchange.begin(client, given, whose)
  given = options.read(given, whose, exchange_options)
  local types = check(given, whose)
  local subject, actor = given.subject_token, given.actor_token
  if type(subject) == "string" and (actor == nil or type(actor) == "string") then
    local fields = exchange_form(client, given, types, subject, actor)
    local session = sources.session(client, "token_exchange", given, whose, #fields <= 65536 and fields or nil)
    session:open_standing(fields)
    return session
  end
  local session = sources.session(client, "token_exchange", given, whose)
  return sources.set(session, function()
    local subject_text, message, detail = text_of(subject, whose, "subject_token")
    if not subject_text then return nil, message, detail end
    local actor_text
    actor_text, message, detail = text_of(actor, whose, "actor_token")
    if actor ~= nil and not actor_text then return nil, message, detail end
    return exchange_form(client, given, types, subject_text, actor_text)
  end)
end

return token_exchange
