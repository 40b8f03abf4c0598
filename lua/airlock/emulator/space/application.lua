--- An application as registered: who it is, which flows it may use, which rights an administrator gave it.

local id = require "airlock.emulator.space.id"
local json = require "airlock.emulator.http.json"
local options = require "airlock.emulator.options"
local scope = require "airlock.emulator.oauth.scope"

local application = {}

local names = { "id", "name", "client_id", "client_secret", "rights", "settings", "jwks", "token_endpoint_auth_method",
  "id_token_signed_response_alg", "dpop_bound_access_tokens" }

-- Space's own words and defaults
local defaults = {
  clientCredentialsFlowEnabled = true, codeFlowEnabled = false, codeFlowRedirectURIs = "", pkceRequired = false,
  publicClientsAllowed = false, implicitFlowEnabled = false, implicitFlowRedirectURIs = "",
}

local function read_settings(given)
  local known, settings = {}, {}
  for name, value in pairs(defaults) do
    known[#known + 1] = name
    settings[name] = value
  end
  table.sort(known)
  for name, value in pairs(options.read("application settings", given, known)) do settings[name] = value end
  return settings
end

--- Registers an application.
---@param given table `{ id?, name?, client_id?, client_secret?, rights? = "**", settings?, jwks?,
--- token_endpoint_auth_method? }`
---@return table application
function application.new(given)
  local app = options.read("application", given, names)
  app.id = app.id or id.short()
  app.name = app.name or "Application"
  app.client_id = app.client_id or id.uuid()
  app.client_secret = app.client_secret or id.secret()
  app.settings = read_settings(app.settings)
  app.rights = assert(scope.parse(app.rights or "**"))
  return app
end

--- Whether it may use a flow: "client_credentials", "code" or "implicit".
---@param app table
---@param flow string
---@return boolean
function application.may(app, flow)
  local flags = { client_credentials = "clientCredentialsFlowEnabled", code = "codeFlowEnabled",
    implicit = "implicitFlowEnabled" }
  return app.settings[flags[flow]] == true
end

--- Finds an application by an identifier of the API: `clientId:…`, `id:…`, or a bare id.
---@param applications table[]
---@param identifier string
---@return table? application
function application.find(applications, identifier)
  local kind, value = identifier:match "^(%a+):(.+)$"
  for _, app in ipairs(applications) do
    if (kind == "clientId" and app.client_id == value) or app.id == (kind == "id" and value or identifier) then
      return app
    end
  end
end

--- As the HTTP API shows it (ESApp); the secret isn't part of it.
---@param app table
---@return table
function application.view(app)
  return { className = "ES_App", id = app.id, clientId = app.client_id, name = app.name,
    applicationType = "InternalApp", archived = false, domains = json.list(), settings = app.settings }
end

return application
