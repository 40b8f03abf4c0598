--- What the endpoints for applications have in common (token, revocation, device authorization): a form read strictly,
--- and the client told from its authentication.

local clientauth = require "airlock.emulator.oauth.clientauth"
local reply = require "airlock.emulator.http.reply"

local backchannel = {}

-- RFC 6749 section 3.2: a parameter without a value counts as left out
local function read(call, needed)
  if not call:is "application/x-www-form-urlencoded" then
    return nil, "the body must be application/x-www-form-urlencoded"
  end
  local fields, repeated, all = call:form()
  if not fields then return nil, "the body has a broken escape" end
  repeated.resource, repeated.audience = nil, nil -- RFC 8707 section 2, RFC 8693 section 2.1
  local name = next(repeated)
  if name then return nil, ("parameter '%s' is repeated"):format(name) end
  for key, value in pairs(fields) do
    if value == "" then fields[key] = nil end
  end
  if needed and not fields[needed] then return nil, ("parameter '%s' is missing"):format(needed) end
  return fields, all
end

--- Reads a request.
---@param call table
---@param needed string? a parameter that it must have
---@return table? asked `{ application, fields, all, public }`
---@return table? refusal a reply
function backchannel.read(call, needed)
  local fields, all = read(call, needed)
  if not fields then return nil, reply.oauth_failure("invalid_request", all) end
  local app, code, description, public = clientauth.identify(call, fields)
  if app then return { application = app, fields = fields, all = all, public = public or false } end
  return nil, reply.oauth_failure(code, description, call.headers.authorization ~= nil and code == "invalid_client")
end

return backchannel
