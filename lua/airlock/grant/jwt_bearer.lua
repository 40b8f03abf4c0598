--- A session by an assertion that somebody has signed: JWT bearer (RFC 7523 section 2.1).

-- spec: spec/grant/exchange_spec.lua

local core = require "airlock.core"
local form = require "airlock.form"
local options = require "airlock.options"
local sources = require "airlock.grant.source"

local jwt_bearer = {}

local grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer"
local mistake = options.mistake

local bearer_options = {
  assertion = "string or function", private_key = "string or table", private_key_file = "string", kid = "string",
    alg = "string",
  claims = "table", lifetime = "number", scope = "string", resource = "string or table", account = "string",
  params = "table",
}

local function bearer_form(client, given, assertion)
  return form.encode({ grant_type = grant_type, assertion = assertion, scope = sources.scope(client, given) },
    "client:jwt_bearer", "assertion")
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
  local text = next(more) and core.json.encode(more, true, whose .. ": option 'claims'")
  if next(more) and not text then mistake(whose, "claims", "can't be made JSON of") end
  return named, text and text:sub(2, -2) or nil
end

-- Lengths go in as well, so that "ab", "c" and "a", "bc" differ.
local function joined(...)
  local parts = { ... }
  for i, part in ipairs(parts) do parts[i] = #part .. ":" .. part end
  return table.concat(parts)
end

local function by_key(client, given, whose)
  local key, lifetime = given.private_key, given.lifetime or 60
  if type(key) == "table" then key = core.json.encode(key, true, whose .. ": option 'private_key'") end
  if lifetime < 1 or lifetime > 3600 or lifetime % 1 ~= 0 then
    mistake(whose, "lifetime", "must be whole seconds from 1 to 3600")
  end
  local claims, more = read_claims(client, given, whose)
  local id = joined(key or "", given.private_key_file or "", given.kid or "", given.alg or "", claims.iss, claims.sub,
    claims.aud or "", more or "")
  local session = sources.session(client, "jwt_bearer", given, whose, id)
  session:open_signer(key, given.private_key_file, given.alg, given.kid, claims.iss, claims.sub, claims.aud, more,
    lifetime)
  return session
end

--- See client:jwt_bearer.
function jwt_bearer.begin(client, given, whose)
  given = options.read(given, whose, bearer_options)
  local assertion = given.assertion
  if assertion == nil then return by_key(client, given, whose) end
  for _, name in ipairs { "private_key", "private_key_file", "claims", "kid", "alg", "lifetime" } do
    if given[name] ~= nil then mistake(whose, name, "can't stand beside 'assertion'") end
  end
  if type(assertion) == "string" then
    if assertion == "" then mistake(whose, "assertion", "is empty") end
    local session = sources.session(client, "jwt_bearer", given, whose, assertion)
    session:open_standing(bearer_form(client, given, assertion))
    return session
  end
  local session = sources.session(client, "jwt_bearer", given, whose)
  return sources.set(session, function()
    local text, message, detail = assertion()
    if text == nil and message ~= nil then return nil, message, detail end
    if type(text) ~= "string" or text == "" then
      mistake(whose, "assertion", "is a function that must give a string, not a " .. type(text))
    end
    return bearer_form(client, given, text)
  end)
end

return jwt_bearer
