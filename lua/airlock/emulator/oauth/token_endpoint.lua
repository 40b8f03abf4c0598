--- The token endpoint: reads the request, asks who the client is, and lets the grant decide.
-- A grant is a function `(call, application, fields, public, all)` in `grant.types`; it gives the members of the reply,
-- or nil, error and description.

local application = require "airlock.emulator.space.application"
local backchannel = require "airlock.emulator.oauth.backchannel"
local fault = require "airlock.emulator.control.fault"
local reply = require "airlock.emulator.http.reply"
local scope = require "airlock.emulator.oauth.scope"

local grant = { types = {} }

--- Reads a scope as this emulator does: with the words of OpenID Connect, where it gives ID tokens.
---@param emulator table
---@param text string
---@return table? scope
---@return string? why
function grant.read_scope(emulator, text)
  return (emulator.openid and scope.read or scope.parse)(text)
end

--- The scope asked for, judged against what may be given at most.
---@param text string? the parameter; nil: all of `most`
---@param most table
---@return table? scope
---@return string? error
---@return string? description
function grant.narrow(text, most)
  if not text then return most end
  local wanted, why = scope.parse(text)
  if not wanted then return nil, "invalid_scope", why end
  if not scope.within(wanted, most) then return nil, "invalid_scope", "the scope goes beyond what was granted" end
  return wanted
end

--- The members of a reply that gives an access token.
---@param call table
---@param given table `{ application, person?, scope, family?, lifetime? }`
---@param refresh table? a refresh token to go along
---@return table members
function grant.members(call, given, refresh)
  given.jkt = call.jkt
  local access = call.emulator.tokens:give_access(given)
  local wants_id = given.person and given.scope.openid and scope.text(given.scope):find "openid"
    and (call.emulator.habits.id_tokens ~= "code" or call:form().grant_type == "authorization_code")
  return { access_token = access.text, token_type = call.jkt and "DPoP" or "Bearer", expires_in = access.lifetime,
    scope = scope.text(given.scope),
    refresh_token = refresh and refresh.text, id_token = wants_id and call.emulator.tokens:id_token(given, access)
      or nil }
end

--- The resources that a request names (RFC 8707): what its token is for.
---@param given string[]? values of `resource`
---@param most string[]? those of the authorization, which may only be narrowed
---@return string[]? audience
---@return string? error
---@return string? description
function grant.audience(given, most)
  if not given then return most or {} end
  local allowed = {}
  for _, uri in ipairs(most or {}) do allowed[uri] = true end
  for _, uri in ipairs(given) do
    local sound = uri:find "^%a[%w+.-]*:" and not uri:find "#"
    if not sound or most and #most > 0 and not allowed[uri] then
      return nil, "invalid_target", "the resource can't have a token: " .. uri
    end
  end
  return given
end

function grant.types.client_credentials(call, app, fields, public, all)
  if public then return nil, "invalid_client", "a public client can't act on its own behalf" end
  if not application.may(app, "client_credentials") then
    return nil, "unauthorized_client", "the client credentials flow is switched off for this application"
  end
  -- `**` means whatever the application holds at the time of each call
  local wanted = { all = true }
  if fields.scope and fields.scope ~= "**" then
    local code, why
    wanted, code, why = grant.narrow(fields.scope, app.rights)
    if not wanted then return nil, code, why end
  end
  local audience, refused, description = grant.audience(all.resource)
  if not audience then return nil, refused, description end
  return grant.members(call, { application = app, scope = wanted, audience = audience })
end

-- A rotated token that comes again was stolen, or its answer was lost; `grace` tells the two apart.
local function repeated(call, t)
  if t.successor_until and call.at < t.successor_until then return t.answer end
  t.family.revoked = true
  return nil, "invalid_grant", "the refresh token was used before; all that came from it is revoked"
end

local function rotate(call, t, given)
  local successor = call.emulator.tokens:give_refresh { application = t.application, person = t.person, scope = t.scope,
    family = t.family, audience = t.audience }
  t.answer = grant.members(call, given, successor)
  t.successor_until = call.at + call.emulator.grace
  return t.answer
end

-- No switch of the application turns this off: whoever got a refresh token may use it.
function grant.types.refresh_token(call, app, fields, _, all)
  if not fields.refresh_token then return nil, "invalid_request", "parameter 'refresh_token' is missing" end
  local t = call.emulator.tokens.refresh[fields.refresh_token]
  if not t or t.application ~= app then return nil, "invalid_grant", "the refresh token is unknown" end
  if t.family.revoked then return nil, "invalid_grant", "the refresh token is revoked" end
  if t.family.jkt and t.family.jkt ~= call.jkt then
    return nil, "invalid_grant", "the refresh token is bound to another key"
  end
  if t.answer then return repeated(call, t) end
  local wanted, code, why = grant.narrow(fields.scope, t.scope)
  if not wanted then return nil, code, why end
  local audience, refused, description = grant.audience(all.resource, t.audience)
  if not audience then return nil, refused, description end
  t.family.last_access = call.at
  local given = { application = app, person = t.person, scope = wanted, family = t.family, audience = audience }
  if call.emulator.rotate then return rotate(call, t, given) end
  return grant.members(call, given)
end

-- What a fault wants to be different is different in this one reply, not in what is remembered of it.
local function override(call, members)
  local wanted = call.emulator.faults:take_token(call)
  if not wanted then return members end
  local out = {}
  for name, value in pairs(members) do out[name] = value end
  for name, value in pairs(wanted) do
    if value == fault.absent then out[name] = nil else out[name] = value end
  end
  return out
end

-- A refusal, as this server has the habit of giving it.
local function odd(call, refused, code, grant_type)
  local habits = call.emulator.habits
  if code == "invalid_grant" and grant_type == "refresh_token" then
    refused.status = habits.refresh_status or refused.status
    if habits.refresh_error then
      refused = reply.oauth_failure(habits.refresh_error, "the refresh token is over")
      refused.status = habits.refresh_status or 400
    end
  end
  if habits.empty_refusals then refused.body = "" end
  return refused
end

--- POST /oauth/token
---@param call table
---@return table reply
function grant.reply(call)
  local asked, refusal = backchannel.read(call, "grant_type")
  refusal = refusal and odd(call, refusal) or call.emulator.proofs:admit(call, asked.application)
  if refusal then return refusal end
  call.public = asked.public
  local run = grant.types[asked.fields.grant_type]
  if not run then return reply.oauth_failure("unsupported_grant_type", "the grant type is not supported") end
  local members, code, description = run(call, asked.application, asked.fields, asked.public, asked.all)
  if members then return call.emulator.proofs:add_nonce(reply.token(override(call, members)), "server") end
  local refused = call.emulator.proofs:add_nonce(odd(call, reply.oauth_failure(code, description), code,
    asked.fields.grant_type), "server")
  refused.status = call.emulator.faults:take_status(call) or refused.status
  return refused
end

return grant
