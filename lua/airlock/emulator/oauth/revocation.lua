--- The revocation endpoint.

local backchannel = require "airlock.emulator.oauth.backchannel"
local reply = require "airlock.emulator.http.reply"

local revocation = {}

--- POST /oauth/revoke (RFC 7009). A token that isn't known is as good as revoked.
---@param call table
---@return table reply
function revocation.reply(call)
  local asked, refusal = backchannel.read(call, "token")
  if not asked then return refusal end
  local tokens, text = call.emulator.tokens, asked.fields.token
  local t = tokens.refresh[text] or tokens.access[text]
  if t and t.application ~= asked.application then
    return reply.oauth_failure("invalid_grant", "the token was given to another client")
  end
  if t then tokens:revoke(text) end
  return reply.token {}
end

return revocation
