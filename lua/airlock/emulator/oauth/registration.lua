--- Clients that register themselves (RFC 7591) and look after that (RFC 7592), which Space's never could.

local application = require "airlock.emulator.space.application"
local crypto = require("airlock.server").crypto
local id = require "airlock.emulator.space.id"
local reply = require "airlock.emulator.http.reply"

local registration = {}

local methods = { none = true, client_secret_basic = true, client_secret_post = true, client_secret_jwt = true,
  private_key_jwt = true }

local function no(code, description, status)
  local r = reply.oauth_failure(code, description)
  r.status = status or r.status
  return r
end

local function bearer(call)
  return (call.headers.authorization or ""):match "^[Bb]earer +(%S+)$"
end

local function refused(call, wanted)
  if not wanted or crypto.equal(bearer(call) or "", wanted) then return nil end
  return reply.add(no("invalid_token", "the token is missing or wrong", 401), "WWW-Authenticate",
    'Bearer error="invalid_token"')
end

local function has(list, wanted)
  for _, each in ipairs(list) do
    if each == wanted then return true end
  end
  return false
end

-- What an application has of the metadata, or the error and why.
local function read(metadata)
  local method, uris = metadata.token_endpoint_auth_method or "client_secret_basic", metadata.redirect_uris or {}
  if not methods[method] then return nil, "invalid_client_metadata", "token_endpoint_auth_method isn't supported" end
  if type(uris) ~= "table" then return nil, "invalid_redirect_uri", "redirect_uris must be a list" end
  for _, uri in ipairs(uris) do
    if type(uri) ~= "string" or not uri:find "^%a[%w+.-]*:" or uri:find "#" then
      return nil, "invalid_redirect_uri", "a redirect URI is malformed"
    end
  end
  local grants = metadata.grant_types or { "authorization_code" }
  if has(grants, "authorization_code") and #uris == 0 then
    return nil, "invalid_redirect_uri", "redirect_uris is missing"
  end
  return { name = metadata.client_name, token_endpoint_auth_method = method, jwks = metadata.jwks,
    dpop_bound_access_tokens = metadata.dpop_bound_access_tokens == true or nil, settings = {
    clientCredentialsFlowEnabled = has(grants, "client_credentials") and method ~= "none",
      codeFlowEnabled = has(grants, "authorization_code"),
    codeFlowRedirectURIs = table.concat(uris, "\n"), publicClientsAllowed = method == "none",
      pkceRequired = method == "none" } }
end

local function told(call, app, status)
  local out = {}
  for name, value in pairs(app.metadata) do out[name] = value end
  out.client_id, out.token_endpoint_auth_method = app.client_id, app.token_endpoint_auth_method
  if app.token_endpoint_auth_method:find "secret" then
    out.client_secret, out.client_secret_expires_at = app.client_secret, 0
  end
  out.registration_access_token = app.registration_access_token
  out.registration_client_uri = call.emulator.url .. "/oauth/register/" .. app.client_id
  local r = reply.token(out)
  r.status = status
  return r
end

--- POST /oauth/register
function registration.create(call)
  local wanted = call.emulator.registration
  local refusal = refused(call, type(wanted) == "string" and wanted)
  if refusal then return refusal end
  local metadata = call:is "application/json" and call:json()
  if not metadata then return no("invalid_client_metadata", "the body must be a JSON object") end
  local given, code, why = read(metadata)
  if not given then return no(code, why) end
  local app = application.new(given)
  app.metadata, app.registration_access_token = metadata, id.token()
  table.insert(call.emulator.applications, app)
  return told(call, app, 201)
end

local function find(call)
  for at, app in ipairs(call.emulator.applications) do
    if app.client_id == call.captures.client_id and app.registration_access_token then return app, at end
  end
end

-- RFC 7592 section 2: whoever has the token may; all others learn nothing.
local function guarded(run)
  return function(call)
    local app, at = find(call)
    local refusal = refused(call, app and app.registration_access_token or id.token())
    if refusal then return refusal end
    return run(call, app, at)
  end
end

local show = guarded(function(call, app) return told(call, app, 200) end)

local change = guarded(function(call, app)
  local metadata = call:json()
  if not metadata or metadata.client_id ~= app.client_id then
    return no("invalid_client_metadata", "client_id is missing or wrong")
  end
  if metadata.client_secret and metadata.client_secret ~= app.client_secret then
    return no("invalid_client_metadata", "client_secret is wrong")
  end
  for _, name in ipairs { "registration_access_token", "registration_client_uri", "client_secret_expires_at",
    "client_id_issued_at" } do
    if metadata[name] ~= nil then return no("invalid_client_metadata", name .. " can't be changed") end
  end
  metadata.client_id, metadata.client_secret = nil, nil
  local given, code, why = read(metadata)
  if not given then return no(code, why) end
  for name, value in pairs(application.new(given)) do
    if name == "name" or name == "settings" or name == "jwks" or name == "token_endpoint_auth_method" then
      app[name] = value
    end
  end
  app.metadata, app.registration_access_token = metadata, id.token() -- which is another from now on
  return told(call, app, 200)
end)

local forget = guarded(function(call, _, at)
  table.remove(call.emulator.applications, at)
  return reply.empty(204)
end)

--- Adds them to the emulator's routes.
function registration.add_routes(routes)
  routes:add("POST", "/oauth/register", registration.create)
  routes:add("GET", "/oauth/register/{client_id}", show)
  routes:add("PUT", "/oauth/register/{client_id}", change)
  routes:add("DELETE", "/oauth/register/{client_id}", forget)
end

return registration
