--- Grants that give one token for another, which Space never had: JWT bearer (RFC 7523 section 2.1) and token exchange
--- (RFC 8693).

local grant = require "airlock.emulator.oauth.token_endpoint"
local jwt = require "airlock.emulator.oauth.jwt"
local person = require "airlock.emulator.space.person"

local longest = 3600 -- seconds that an assertion may be good for
local exchange = {}

local function named(call, subject)
  return person.find(call.emulator.people, subject) or person.find(call.emulator.people, "username:" .. subject)
end

local function scope_of(fields, most)
  return grant.narrow(fields.scope ~= "**" and fields.scope or nil, most)
end

-- The keys of an application speak for whomever they name.
grant.types["urn:ietf:params:oauth:grant-type:jwt-bearer"] = function(call, app, fields, _, all)
  if not fields.assertion then return nil, "invalid_request", "parameter 'assertion' is missing" end
  local parsed, url = jwt.parse(fields.assertion), call.emulator.url
  if not parsed or not app.jwks or not jwt.signed_by(parsed, app.jwks.keys) then
    return nil, "invalid_grant", "the assertion isn't signed by a key that is known"
  end
  local claims = parsed.claims
  if not jwt.meant_for(claims, { url, url .. "/oauth/token" }) then
    return nil, "invalid_grant", "the assertion is meant for another server"
  end
  local why = jwt.untimely(claims, call.at, longest)
  if why then return nil, "invalid_grant", "the assertion is no good: " .. why end
  if claims.iss ~= app.client_id or type(claims.sub) ~= "string" then
    return nil, "invalid_grant", "the assertion's iss or sub is wrong"
  end
  local who = claims.sub ~= app.client_id and named(call, claims.sub) or nil
  if claims.sub ~= app.client_id and not who then
    return nil, "invalid_grant", "nobody is known by the assertion's sub"
  end
  local wanted, code, description = scope_of(fields, app.rights)
  if not wanted then return nil, code, description end
  local audience, refused, words = grant.audience(all.resource)
  if not audience then return nil, refused, words end
  return grant.members(call, { application = app, person = who, scope = wanted, audience = audience })
end

local prefix = "urn:ietf:params:oauth:token-type:"

-- An access token of this server, under either of its names.
local function read_token(call, fields, name)
  local text, kind = fields[name], fields[name .. "_type"]
  if not text and not kind then return nil end
  if not text or not kind then
    return nil, "invalid_request", ("'%s' and '%s_type' come together"):format(name, name)
  end
  if kind ~= prefix .. "access_token" and kind ~= prefix .. "jwt" then
    return nil, "invalid_request", "the token's type isn't supported: " .. kind
  end
  local t, why = call.emulator.tokens:judge(text)
  if not t then return nil, "invalid_request", name .. ": " .. why end
  return t
end

-- What comes of it, under the type that was asked for; one that isn't for an API is of type N_A.
local function answer(call, given, wanted)
  local members = grant.members(call, given)
  if wanted == prefix .. "id_token" then members.token_type = "N_A" end
  members.issued_token_type = wanted
  return members
end

function exchange.run(call, app, fields, _, all)
  local subject, code, why = read_token(call, fields, "subject_token")
  if not subject then return nil, code or "invalid_request", why or "parameter 'subject_token' is missing" end
  local actor
  actor, code, why = read_token(call, fields, "actor_token")
  if code then return nil, code, why end
  local wanted = fields.requested_token_type or prefix .. "access_token"
  if wanted ~= prefix .. "access_token" and wanted ~= prefix .. "jwt" and wanted ~= prefix .. "id_token" then
    return nil, "invalid_request", "requested_token_type isn't supported"
  end
  local narrowed
  narrowed, code, why = scope_of(fields, subject.scope)
  if not narrowed then return nil, code, why end
  local audience
  audience, code, why = grant.audience(all.resource)
  if not audience then return nil, code, why end
  local for_whom = {}
  for _, list in ipairs { audience, all.audience or {} } do
    for _, each in ipairs(list) do for_whom[#for_whom + 1] = each end
  end
  return answer(call, { application = app, person = subject.person, scope = narrowed, audience = for_whom,
    actor = actor and (actor.person or actor.application).id or nil }, wanted)
end

grant.types["urn:ietf:params:oauth:grant-type:token-exchange"] = exchange.run

return exchange
