--- Airlock: OAuth 2.0 for Lua. Get an access token, keep it, renew it, and make authenticated requests with it.
-- The public face; docs/reference.md has every name.

local callback = require "airlock.callback"
local client = require "airlock.client"
local core = require "airlock.core"
local discovery = require "airlock.discovery"
local loops = require "airlock.loop"
local providers = require "airlock.providers"
local registration = require "airlock.registration"

-- mistakes are laid at the door of the program that made them
core.library((debug.getinfo(1, "S").source:gsub("init%.lua$", "")))

callback.install()

local airlock = {
  --- The version, as in "0.1.0".
  version = core.version,
  --- JSON's null, in decoded bodies and in values to encode.
  null = core.json.null,
}

local function of(provider, config, whose)
  local made, profile = providers.configure(provider, config, whose)
  return client.new(made, whose, profile)
end

--- A client of any authorization server (RFC 6749): the application as it is registered there.
---@param config table see docs/reference.md, "Configuration"
---@return table client
function airlock.client(config)
  return client.new(config, "airlock.client")
end

--- A client of a JetBrains Space organization: like `airlock.client`, with `url` in place of the endpoints.
---@param config table `url` such as "https://mycompany.jetbrains.space", and whatever airlock.client takes
---@return table client
function airlock.space(config)
  return of("space", config, "airlock.space")
end

--- A client of a server that Airlock knows, or that a profile describes.
---@param provider string|table one of airlock.providers(), or a profile of your own (docs/reference.md, "Providers")
---@param config table the profile's own options (such as `url`, `tenant`, `realm`), and what airlock.client takes, which wins
---@return table client
function airlock.provider(provider, config)
  return of(provider, config, "airlock.provider")
end

--- The names of the servers that airlock.provider knows.
---@return string[] names sorted
function airlock.providers()
  return providers.names()
end

--- A client of the server that an issuer names, from the metadata that it publishes (RFC 8414, OpenID Connect Discovery 1.0). The
--- metadata is fetched without credentials, checked, and kept for an hour.
---@param issuer string such as "https://accounts.example.com", exactly as the server writes it
---@param config table what airlock.client takes, without the endpoints
---@param callback? fun(client: userdata?, message: string?, detail: table?)
---@return userdata? client
---@return string? message
---@return table? detail
airlock.discover = callback.configured(discovery.discover)

--- Registers a client at a server that takes new ones (RFC 7591).
---@param where string|table the registration endpoint, or the server's metadata, as client:metadata() gives it
---@param metadata table the client's: `redirect_uris`, `grant_types`, `token_endpoint_auth_method` … as RFC 7591 section 2 has them
---@param config? table what airlock.client takes, without what the server decides; and `initial_access_token`
---@param callback? fun(client: userdata?, message: string?, detail: table?)
---@return userdata? client its `client:registration()` is to be kept
---@return string? message
---@return table? detail
airlock.register = callback.configured(registration.register)

--- A client of a registration that was kept.
---@param kept table what client:registration() gave
---@param config? table what airlock.client takes, without what the server decided
---@return userdata client
function airlock.registered(kept, config)
  return registration.restore(kept, config, "airlock.registered")
end

--- Runs functions side by side on the current loop; every call that waits lets the others go on.
---@param ... function
---@return table results `{ n = …, { n = …, … }, … }`: what each function returned, in order. An error in one is raised
--- once all have ended.
function airlock.gather(...)
  return loops.gather(nil, ...)
end

return airlock
