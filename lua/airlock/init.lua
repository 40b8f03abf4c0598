--- Airlock: OAuth 2.0 for Lua. Get an access token, keep it, renew it, and make authenticated requests with it.
-- The public face; docs/reference.md has every name.

local lazy = require "airlock.lazy"
local callback = require "airlock.loop.callback"
local client = require "airlock.client"
local core = require "airlock.core"
local discovery = lazy "airlock.discovery"
local loops = require "airlock.loop"
local providers = lazy "airlock.providers"
local registration = lazy "airlock.registration"

-- mistakes are laid at the door of the program that made them
core.library((debug.getinfo(1, "S").source:gsub("init%.lua$", "")))

callback.install()

--- OAuth 2.0 for Lua: `require "airlock"`.
---@class airlock
---@field version string as in "0.1.0"
---@field null any JSON's null, in decoded bodies and in values to encode (RFC 8259 section 3)
local airlock = { version = core.version, null = core.json.null }

local function of(provider, config, whose)
  local made, profile = providers.configure(provider, config, whose)
  return client.new(made, whose, profile)
end

--- A client of any authorization server: the application as it is registered there. Asks nobody.
---@param config airlock.config
---@return airlock.client client
---@see RFC 6749 section 2
function airlock.client(config)
  return client.new(config, "airlock.client")
end

--- A client of a JetBrains Space organization: like `airlock.client`, with `url` in place of the endpoints. Asks
--- nobody.
---@param config airlock.config `url` such as "https://mycompany.jetbrains.space", and whatever `airlock.client` takes
---@return airlock.client client
---@see Space: "Authentication and authorization"
function airlock.space(config)
  return of("space", config, "airlock.space")
end

--- A client of a server that Airlock knows, or that a profile describes. Asks nobody.
---@param provider string|table<string, any> one of `airlock.providers()`, or a profile of your own (docs/reference.md, "Providers")
---@param config airlock.provider_config the profile's own options, and what `airlock.client` takes, which wins
---@return airlock.client client
---@see each profile's `source`, in lua/airlock/providers
function airlock.provider(provider, config)
  return of(provider, config, "airlock.provider")
end

--- The names of the servers that `airlock.provider` knows.
---@return string[] names sorted
---@see docs/reference.md
function airlock.providers()
  return providers.names()
end

--- A client of the server that an issuer names, from the metadata that it publishes. The metadata is fetched without
--- credentials, checked, and kept for an hour.
---@param issuer string such as "https://accounts.example.com", exactly as the server writes it
---@param config airlock.config what `airlock.client` takes, without `issuer`; its endpoints win
---@return airlock.client? client
---@return string? message
---@return airlock.failure? detail kind "oauth" with "metadata_not_found", "issuer_mismatch", "malformed_metadata", "unsupported_client_auth",
--- "unsupported_par", "unsupported_dpop_alg" or "server_error"; or "network"
---@see RFC 8414, OpenID Connect Discovery 1.0
airlock.discover = callback.configured(function(...) return discovery.discover(...) end)

--- Registers a client at a server that takes new ones. The request is never sent twice.
---@param where string|table<string, any> the registration endpoint, or the server's metadata, as `client:metadata()` gives it
---@param metadata table<string, any> the client's: `redirect_uris`, `grant_types`, `token_endpoint_auth_method` … as RFC 7591 section 2 has them
---@param config? airlock.registration_config
---@return airlock.client? client its `client:registration()` is to be kept
---@return string? message
---@return airlock.failure? detail kind "oauth" with the server's code, such as "invalid_redirect_uri" or "invalid_client_metadata"; or "network"
---@see RFC 7591
airlock.register = callback.configured(function(...) return registration.register(...) end)

--- A client of a registration that was kept. Asks nobody.
---@param kept table<string, any> what `client:registration()` gave
---@param config? airlock.config what `airlock.client` takes, without what the server decided
---@return airlock.client client
---@see RFC 7591
function airlock.registered(kept, config)
  return registration.restore(kept, config, "airlock.registered")
end

--- Runs functions side by side on the current loop; every call that waits lets the others go on. Comes back when all
--- have ended; an error in one is raised then.
---@param ... function
---@return table<integer|string, any> results `{ n = …, { n = …, … }, … }`: what each function returned, in order
---@see docs/hosts.md
function airlock.gather(...)
  return loops.gather(nil, ...)
end

return airlock
