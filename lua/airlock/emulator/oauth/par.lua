--- Authorization requests that an application pushes before it sends the person here (RFC 9126), which Space never had.

local authorization = require "airlock.emulator.oauth.authorization"
local backchannel = require "airlock.emulator.oauth.backchannel"
local id = require "airlock.emulator.space.id"
local reply = require "airlock.emulator.http.reply"

local pushed = {}

local prefix, lifetime = "urn:ietf:params:oauth:request_uri:", 60 -- seconds

local proof = { client_secret = true, client_assertion = true, client_assertion_type = true }

--- POST /oauth/par
---@param call table
---@return table reply
function pushed.push(call)
  local asked, refusal = backchannel.read(call)
  refusal = refusal or call.headers.dpop and call.emulator.proofs:admit(call, asked.application)
  if refusal then return refusal end
  if asked.fields.request_uri then return reply.oauth_failure("invalid_request", "request_uri can't be pushed") end
  local fields = {}
  for name, value in pairs(asked.fields) do
    if not proof[name] then fields[name] = value end
  end
  if fields.client_id and fields.client_id ~= asked.application.client_id then
    return reply.oauth_failure("invalid_request", "client_id isn't that of the client")
  end
  fields.client_id = asked.application.client_id
  if call.jkt and fields.dpop_jkt and call.jkt ~= fields.dpop_jkt then
    return reply.oauth_failure("invalid_dpop_proof", "dpop_jkt is of another key than the proof")
  end
  fields.dpop_jkt = fields.dpop_jkt or call.jkt
  local request, why, location = authorization.read(call.emulator, fields, {}, asked.all)
  if not request then
    local code = location and location:match "[?&#]error=([%w_]+)" or "invalid_request"
    return reply.oauth_failure(code, why or "the request is refused")
  end
  local uri = prefix .. id.token()
  call.emulator.pushed[uri] = { fields = fields, all = asked.all, expires_at = call.at + lifetime }
  local r = call.emulator.proofs:add_nonce(reply.token { request_uri = uri, expires_in = lifetime }, "server")
  r.status = 201
  return r
end

--- The fields of a request that was pushed; each is good once.
---@param call table
---@param fields table what the browser brought
---@return table? fields
---@return table|string all values of each, or why there are none
function pushed.take(call, fields)
  if not fields.request_uri then return nil, nil, "This server takes pushed authorization requests only." end
  local found = call.emulator.pushed[fields.request_uri]
  call.emulator.pushed[fields.request_uri] = nil
  if not found or found.expires_at <= call.at then
    return nil, nil, "The application's request has expired, or was used before."
  end
  if found.fields.client_id ~= fields.client_id then
    return nil, nil, "The request was pushed by another application."
  end
  return found.fields, found.all
end

return pushed
