--- The grants that act on behalf of a person: authorization_code, password, device_code; and where the last of them
--- begins.

local backchannel = require "airlock.emulator.oauth.backchannel"
local code = require "airlock.emulator.oauth.code"
local grant = require "airlock.emulator.oauth.token_endpoint"
local person = require "airlock.emulator.space.person"
local reply = require "airlock.emulator.http.reply"

local user_grants = {}

-- A refresh token goes along only where offline access was asked for.
local function give(call, given)
  local refresh = given.offline and call.emulator.tokens:give_refresh(given)
  if refresh then
    refresh.family.approval = given.approval
    refresh.family.jkt = call.public and call.jkt or nil -- RFC 9449 section 5: where nothing else proves who refreshes
  end
  return grant.members(call, { application = given.application, person = given.person, scope = given.scope,
    nonce = given.nonce, family = refresh and refresh.family, audience = given.audience }, refresh or nil)
end

-- A copy of what was granted, for the resources that this request names.
local function narrowed(granted, all)
  local audience, refused, why = grant.audience(all.resource, granted.audience)
  if not audience then return nil, refused, why end
  local out = {}
  for name, value in pairs(granted) do out[name] = value end
  out.audience = audience
  return out
end

function grant.types.authorization_code(call, app, fields, _, all)
  for _, name in ipairs { "code", "redirect_uri" } do
    if not fields[name] then return nil, "invalid_request", ("parameter '%s' is missing"):format(name) end
  end
  local found, why = call.emulator.codes:judge(fields.code, app, fields)
  if not found then return nil, "invalid_grant", why end
  if found.grant.jkt and found.grant.jkt ~= call.jkt then
    return nil, "invalid_grant", "the code is bound to another key"
  end
  local granted, refused, description = narrowed(found.grant, all)
  if not granted then return nil, refused, description end
  local members = give(call, granted)
  code.use(found, members.refresh_token or members.access_token)
  return members
end

local function read_access_type(fields)
  local kind = fields.access_type or "online"
  if kind ~= "online" and kind ~= "offline" then return nil end
  return kind
end

-- What a request without a browser asks for: nil, error and description where it doesn't say so soundly.
local function read_wish(emulator, fields)
  local kind = read_access_type(fields)
  if not kind then return nil, "invalid_request", "parameter 'access_type' must be online or offline" end
  if not fields.scope then return nil, "invalid_scope", "parameter 'scope' is missing" end
  local wanted, why = grant.read_scope(emulator, fields.scope)
  if not wanted then return nil, "invalid_scope", why end
  return { scope = wanted, offline = kind == "offline" }
end

function grant.types.password(call, app, fields, public, all)
  if public then return nil, "invalid_client", "a public client can't use a password" end
  for _, name in ipairs { "username", "password" } do
    if not fields[name] then return nil, "invalid_request", ("parameter '%s' is missing"):format(name) end
  end
  local wish, refused, why = read_wish(call.emulator, fields)
  if not wish then return nil, refused, why end
  wish.application, wish.person = app, person.authenticate(call.emulator.people, fields.username, fields.password)
  if not wish.person then return nil, "invalid_grant", "the username or the password is wrong" end
  wish, refused, why = narrowed(wish, all)
  if not wish then return nil, refused, why end
  return give(call, wish)
end

local device_code = "urn:ietf:params:oauth:grant-type:device_code"

grant.types[device_code] = function(call, app, fields, _, all)
  if not call.emulator.device then return nil, "unsupported_grant_type", "the grant type is not supported" end
  if not fields.device_code then return nil, "invalid_request", "parameter 'device_code' is missing" end
  local request, refused, why = call.emulator.devices:judge(fields.device_code, app)
  if not request then return nil, refused, why end
  request, refused, why = narrowed(request, all)
  if not request then return nil, refused, why end
  return give(call, request)
end

--- POST /oauth/device: the device authorization endpoint (RFC 8628 section 3.1).
---@param call table
---@return table reply
function user_grants.begin_device(call)
  local asked, refusal = backchannel.read(call)
  if not asked then return refusal end
  local wish, refused, why = read_wish(call.emulator, asked.fields)
  if not wish then return reply.oauth_failure(refused, why) end
  wish.application = asked.application
  wish.audience, refused, why = grant.audience(asked.all.resource)
  if not wish.audience then return reply.oauth_failure(refused, why) end
  local request, uri = call.emulator.devices:give(wish), call.emulator.url .. "/oauth/device"
  return reply.token { device_code = request.device_code, user_code = request.user_code, verification_uri = uri,
    verification_uri_complete = uri .. "?user_code=" .. request.user_code, expires_in = call.emulator.device_lifetime,
    interval = request.interval }
end

return user_grants
