--- An authorization request (RFC 6749 section 4.1.1 and 4.2.1): what it may ask, and the redirect that answers it.

local application = require "airlock.emulator.space.application"
local grant = require "airlock.emulator.oauth.token_endpoint"
local pkce = require "airlock.emulator.oauth.pkce"
local redirect = require "airlock.emulator.oauth.redirect"
local scope = require "airlock.emulator.oauth.scope"

local authorization = {}

local implicit = { token = true, ["id_token token"] = true, ["token id_token"] = true }
local lists = { code = { "codeFlowRedirectURIs" } }
for response_type in pairs(implicit) do lists[response_type] = { "implicitFlowRedirectURIs" } end
local either = { "codeFlowRedirectURIs", "implicitFlowRedirectURIs" }

local function registered(app, response_type)
  local out = {}
  for _, name in ipairs(lists[response_type] or either) do
    for _, uri in ipairs(redirect.list(app.settings[name])) do out[#out + 1] = uri end
  end
  return out
end

local function find(emulator, client_id)
  for _, app in ipairs(emulator.applications) do
    if app.client_id == client_id then return app end
  end
end

-- Where an answer may go at all. Until this is known nobody is sent anywhere; the person is told instead.
local function place(emulator, fields, repeated)
  for _, name in ipairs { "client_id", "redirect_uri" } do
    if repeated[name] then return nil, ("The request has the parameter %s twice."):format(name) end
  end
  if not fields.client_id then
    return nil, "The request doesn't say which application it comes from: client_id is missing."
  end
  local app = find(emulator, fields.client_id)
  if not app then return nil, "The application that sent you here isn't known: its client_id is wrong." end
  local uris = registered(app, fields.response_type)
  if #uris == 0 then return nil, ("No redirect URI is registered for %s."):format(app.name) end
  if not fields.redirect_uri then
    return nil, ("%s doesn't say where to go back to: redirect_uri is missing."):format(app.name)
  end
  if not redirect.known(fields.redirect_uri, uris, emulator.loopback_any_port) then
    return nil, ("%s wants you to be sent to %s, which isn't registered for it."):format(app.name, fields.redirect_uri)
  end
  return app
end

local function one_of(fields, name, ...)
  local value = fields[name]
  if value == nil then return true end
  for i = 1, select("#", ...) do
    if value == (select(i, ...)) then return true end
  end
  return false
end

local function read_flow(request, fields)
  local app, flow = request.application, implicit[fields.response_type or ""] and "implicit" or "code"
  local identifies = fields.response_type ~= "token" and flow == "implicit"
  if flow == "code" and fields.response_type ~= "code" or identifies and not request.emulator.openid then
    return "unsupported_response_type", "parameter 'response_type' must be code or token"
  end
  if identifies and not fields.nonce then
    return "invalid_request", "parameter 'nonce' is missing" -- OpenID Connect Core section 3.2.2.1
  end
  if not application.may(app, flow) then
    return "unauthorized_client", "this flow is switched off for the application"
  end
end

local function read_manners(request, fields)
  if not one_of(fields, "request_credentials", "default", "skip", "required") then
    return "invalid_request", "parameter 'request_credentials' must be default or required"
  end
  if not one_of(fields, "access_type", "online", "offline") then
    return "invalid_request", "parameter 'access_type' must be online or offline"
  end
  request.login_again = fields.request_credentials == "required"
  request.offline = fields.access_type == "offline" and not request.implicit
end

local function read_challenge(request, fields)
  if request.implicit then return end
  local settings = request.application.settings
  local challenge, why = pkce.read(fields, settings.pkceRequired or settings.publicClientsAllowed)
  if challenge == nil then return "invalid_request", why end
  request.challenge = challenge
end

local function read_scope(request, fields)
  if not fields.scope then return "invalid_scope", "parameter 'scope' is missing" end
  local parsed, why = grant.read_scope(request.emulator, fields.scope)
  if not parsed then return "invalid_scope", why end
  request.scope, request.nonce = parsed, fields.nonce
end

local function read_resource(request, fields)
  local audience, code, why = grant.audience(fields.all.resource)
  if not audience then return code, why end
  request.audience = audience
end

-- RFC 9449 section 10
local function read_key(request, fields)
  if not fields.dpop_jkt or not request.emulator.dpop then return end
  if not fields.dpop_jkt:find "^[%w_-]+$" or #fields.dpop_jkt ~= 43 then
    return "invalid_request", "dpop_jkt isn't a thumbprint"
  end
  request.jkt = fields.dpop_jkt
end

local function judge(request, fields, repeated)
  repeated.resource = nil -- RFC 8707 section 2
  local name = next(repeated)
  if name then return "invalid_request", ("parameter '%s' is repeated"):format(name) end
  for _, read in ipairs { read_flow, read_manners, read_challenge, read_scope, read_resource, read_key } do
    local code, why = read(request, fields)
    if code then return code, why end
  end
end

--- Reads a request. A parameter without a value counts as left out (RFC 6749 section 3.1).
---@param emulator table
---@param given table<string, string>
---@param repeated table<string, boolean>
---@param all table<string, string[]>
---@return table? request `{ application, redirect_uri, implicit, state?, scope, offline, login_again, challenge }`
---@return string? why what to tell the person, where nobody may be redirected
---@return string? location where to redirect to instead
function authorization.read(emulator, given, repeated, all)
  local fields = {}
  for name, value in pairs(given) do
    if value ~= "" then fields[name] = value end
  end
  fields.all = all
  local app, why = place(emulator, fields, repeated)
  if not app then return nil, why end
  local request = { emulator = emulator, application = app, redirect_uri = fields.redirect_uri,
    implicit = implicit[fields.response_type or ""] or false,
    identifies = fields.response_type ~= "token", state = not repeated.state and fields.state or nil }
  local code, description = judge(request, fields, repeated)
  if code then return nil, nil, authorization.refusal(emulator, request, code, description) end
  return request
end

local function compose(emulator, request, pairs_)
  pairs_[#pairs_ + 1] = { "state", request.state }
  pairs_[#pairs_ + 1] = { "iss", emulator.iss and emulator.url or nil } -- RFC 9207
  return redirect.compose(request.redirect_uri, pairs_, request.implicit)
end

--- The redirect that says no.
---@param emulator table
---@param request table
---@param code string
---@param description string
---@return string url
function authorization.refusal(emulator, request, code, description)
  return compose(emulator, request, { { "error", code }, { "error_description", description } })
end

--- The redirect with what a person allowed: a code, or in the implicit flow a token.
---@param emulator table
---@param request table
---@param person table
---@param approval table
---@return string url
function authorization.success(emulator, request, person, approval)
  if not request.implicit then
    local code = emulator.codes:give { application = request.application, person = person, scope = request.scope,
      offline = request.offline, redirect_uri = request.redirect_uri, challenge = request.challenge,
        approval = approval,
      nonce = request.nonce, audience = request.audience, jkt = request.jkt }
    return compose(emulator, request, { { "code", code } })
  end
  local t = emulator.tokens:give_access { application = request.application, person = person, scope = request.scope,
    audience = request.audience }
  local said = request.identifies and emulator.tokens:id_token({ application = request.application, person = person,
    nonce = request.nonce }, t) or nil
  return compose(emulator, request, { { "access_token", t.text }, { "token_type", "Bearer" },
    { "expires_in", t.lifetime }, { "scope", scope.text(request.scope) }, { "id_token", said } })
end

return authorization
