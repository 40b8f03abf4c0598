---@meta airlock
-- Made by `make reference` from lua/airlock/init.lua.

--- OAuth 2.0 for Lua: `require "airlock"`.
---@class airlock
---@field version string as in "0.1.0"
---@field null any JSON's null, in decoded bodies and in values to encode (RFC 8259 section 3)
local airlock = {}

--- A client of any authorization server: the application as it is registered there. Asks nobody.
---
--- Source: RFC 6749 section 2
---@param config airlock.config
---@return airlock.client client
function airlock.client(config) end

--- A client of a JetBrains Space organization: like `airlock.client`, with `url` in place of the endpoints.
--- Asks nobody.
---
--- Source: Space: "Authentication and authorization"
---@param config airlock.config `url` such as "https://mycompany.jetbrains.space", and whatever
--- `airlock.client` takes
---@return airlock.client client
function airlock.space(config) end

--- A client of a server that Airlock knows, or that a profile describes. Asks nobody.
---
--- Source: each profile's `source`, in lua/airlock/providers
---@param provider string|table<string, any> one of `airlock.providers()`, or a profile of your own
--- (docs/reference.md, "Providers")
---@param config airlock.provider_config the profile's own options, and what `airlock.client` takes, which
--- wins
---@return airlock.client client
function airlock.provider(provider, config) end

--- The names of the servers that `airlock.provider` knows.
---
--- Source: docs/reference.md
---@return string[] names sorted
function airlock.providers() end

--- A client of the server that an issuer names, from the metadata that it publishes. The metadata is fetched
--- without credentials, checked, and kept for an hour.
---
--- Source: RFC 8414, OpenID Connect Discovery 1.0
---@param issuer string such as "https://accounts.example.com", exactly as the server writes it
---@param config airlock.config what `airlock.client` takes, without `issuer`; its endpoints win
---@return airlock.client? client
---@return string? message
---@return airlock.failure? detail kind "oauth" with "metadata_not_found", "issuer_mismatch",
--- "malformed_metadata", "unsupported_client_auth", "unsupported_par", "unsupported_dpop_alg" or
--- "server_error"; or "network"
---@overload fun(issuer: string, config: airlock.config, callback: fun(client: airlock.client?, message: string?, detail: airlock.failure?)): airlock.task?
function airlock.discover(issuer, config) end

--- Registers a client at a server that takes new ones. The request is never sent twice.
---
--- Source: RFC 7591
---@param where string|table<string, any> the registration endpoint, or the server's metadata, as
--- `client:metadata()` gives it
---@param metadata table<string, any> the client's: `redirect_uris`, `grant_types`,
--- `token_endpoint_auth_method` … as RFC 7591 section 2 has them
---@param config? airlock.registration_config
---@return airlock.client? client its `client:registration()` is to be kept
---@return string? message
---@return airlock.failure? detail kind "oauth" with the server's code, such as "invalid_redirect_uri" or
--- "invalid_client_metadata"; or "network"
---@overload fun(where: string|table<string, any>, metadata: table<string, any>, callback: fun(client: airlock.client?, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(where: string|table<string, any>, metadata: table<string, any>, config?: airlock.registration_config, callback: fun(client: airlock.client?, message: string?, detail: airlock.failure?)): airlock.task?
function airlock.register(where, metadata, config) end

--- A client of a registration that was kept. Asks nobody.
---
--- Source: RFC 7591
---@param kept table<string, any> what `client:registration()` gave
---@param config? airlock.config what `airlock.client` takes, without what the server decided
---@return airlock.client client
function airlock.registered(kept, config) end

--- Runs functions side by side on the current loop; every call that waits lets the others go on. Comes back
--- when all have ended; an error in one is raised then.
---
--- Source: docs/hosts.md
---@param ... function
---@return table<integer|string, any> results `{ n = …, { n = …, … }, … }`: what each function
--- returned, in order
function airlock.gather(...) end

return airlock
