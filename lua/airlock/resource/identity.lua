--- Who the program is at an authorization server that it never heard of: a client id that it has, the URL of a document
--- about it, or a registration that is made now and kept.

-- spec: spec/resource/registration_spec.lua

local client = require "airlock.client"
local core = require "airlock.core"
local discovery = require "airlock.discovery"
local failure = require "airlock.failure"
local keep = require "airlock.resource.keep"
local lazy = require "airlock.lazy"
local metadata = require "airlock.discovery.metadata"
local registration = lazy "airlock.registration"

local copy = client.copy
local identity = {}

local anywhere = "http://127.0.0.1/callback" -- a redirect URI whose port is chosen with the registration

-- Without PKCE by S256 a code that was stolen could be redeemed; who lists their methods and lacks it is refused.
local function check_pkce(told, issuer)
  local methods = told.code_challenge_methods_supported
  if methods == nil or metadata.has(methods, "S256") then return true end
  return failure.oauth("unsupported_pkce",
    ("the authorization server %s takes no PKCE by S256, without which no login is safe"):format(issuer))
end

-- A port that nobody listens at now, as many servers compare the port of a registered redirect URI.
local function free_redirect()
  local ok, server = pcall(require, "airlock.server")
  local listening = ok and server.listen { handler = function() end }
  if not listening then return anywhere end
  local port = listening:port()
  listening:close()
  return ("http://127.0.0.1:%d/callback"):format(port)
end

local function fresh(kept)
  local ends = tonumber(kept.client_secret_expires_at) or 0
  return ends == 0 or ends > core.wall()
end

-- A client of the registration; `made` has the program's options.
local function of(issuer, made, kept)
  local config = copy(made)
  config.client_id, config.client_secret = kept.client_id, kept.client_secret
  config.client_auth = kept.token_endpoint_auth_method or (kept.client_secret and "client_secret_basic" or "none")
  if config.client_auth == "none" then config.client_secret = nil end
  if config.redirect_uri == nil and type(kept.redirect_uris) == "table" then
    config.redirect_uri = kept.redirect_uris[1]
  end
  return discovery.discover(issuer, config)
end

local function ask_for(own, made, told, device)
  local asked = copy(own.registration)
  asked.client_name = asked.client_name or own.client_name or "Airlock"
  asked.redirect_uris = asked.redirect_uris or { made.redirect_uri or free_redirect() }
  local grants = { "authorization_code", "refresh_token" }
  if device then grants[#grants + 1] = "urn:ietf:params:oauth:grant-type:device_code" end
  asked.grant_types = asked.grant_types or grants
  asked.response_types = asked.response_types or { "code" }
  if asked.token_endpoint_auth_method == nil then
    local methods = told.token_endpoint_auth_methods_supported
    asked.token_endpoint_auth_method = metadata.has(methods, "none") and "none"
      or metadata.has(methods, "client_secret_post") and "client_secret_post" or "client_secret_basic"
  end
  return asked
end

local function register(issuer, own, made, told, place)
  local config = copy(made)
  config.issuer, config.initial_access_token = issuer, own.initial_access_token
  local found, message, detail = registration.register(told, ask_for(own, made, told, own.login == "device"), config)
  if not found then return nil, message, detail end
  local kept = found:registration()
  place:save(kept)
  return of(issuer, made, kept)
end

local function unregistered(issuer)
  return failure.oauth("unregistered_client",
    ("the authorization server %s takes no registrations: register this program there by hand, and give its client_id")
      :format(issuer))
end

--- A client of the authorization server.
---@param issuer string
---@param own table the program's own options for this: `client_metadata`, `client_name`, `registration` …
---@param made table the options of the client
---@return userdata? client
---@return string? message
---@return table? detail
---@return table? place where its registration is kept; nil: it has none
function identity.client(issuer, own, made)
  local trial = copy(made)
  if trial.client_id == nil then trial.client_id, trial.client_auth = "unregistered", "none" end
  local found, message, detail = discovery.discover(issuer, trial)
  if not found then return nil, message, detail end
  local told = found:metadata()
  local safe, why, more = check_pkce(told, issuer)
  if not safe then return nil, why, more end
  if made.client_id ~= nil then return found end
  if own.client_metadata and told.client_id_metadata_document_supported == true then
    trial.client_id = own.client_metadata
    return discovery.discover(issuer, trial)
  end
  if type(told.registration_endpoint) ~= "string" then return unregistered(issuer) end
  local place = keep.new(made.store, issuer, made.redirect_uri or anywhere)
  local kept = place:load()
  if kept and fresh(kept) then
    found, message, detail = of(issuer, made, kept)
  else
    found, message, detail = register(issuer, own, made, told, place)
  end
  return found, message, detail, place
end

return identity
