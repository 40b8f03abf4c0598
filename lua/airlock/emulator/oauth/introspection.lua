--- The introspection endpoint.

local backchannel = require "airlock.emulator.oauth.backchannel"
local reply = require "airlock.emulator.http.reply"
local scope = require "airlock.emulator.oauth.scope"

local introspection = {}

-- A refresh token that still works, or an access token.
local function living(tokens, text)
  local t = tokens.refresh[text]
  if t then return not t.family.revoked and not t.answer and t or nil end
  return (tokens:judge(text))
end

--- POST /oauth/introspect (RFC 7662), for clients that prove who they are.
---@param call table
---@return table reply
function introspection.reply(call)
  local asked, refusal = backchannel.read(call, "token")
  if not asked then return refusal end
  if asked.public then return reply.oauth_failure("invalid_client", "a public client can't ask about tokens") end
  local t = living(call.emulator.tokens, asked.fields.token)
  if not t then return reply.token { active = false } end
  local owner = t.person or t.application
  return reply.token { active = true, scope = scope.text(t.scope),
    client_id = t.application and t.application.client_id, sub = owner.id,
    username = t.person and t.person.username, token_type = t.kind == "access" and (t.jkt and "DPoP" or "Bearer")
      or nil,
    cnf = t.jkt and { jkt = t.jkt } or nil, iss = call.emulator.url,
    iat = math.floor(t.issued_at), exp = t.expires_at and math.floor(t.expires_at) }
end

return introspection
