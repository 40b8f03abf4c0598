---@meta airlock
-- Made by `make reference` from lua/airlock/init.lua.

--- OAuth 2.0 for Lua: `require "airlock"`.
---@class airlock
---@field version string as in "0.1.0"
---@field null any JSON's null, in decoded bodies and in values to encode (RFC 8259 section 3). It is
--- `cjson.null`
---@field json airlock.json
---@field source airlock.source
local airlock = {}

--- A client of any authorization server: the application as it is registered there. No server is asked yet.
---
--- Source: RFC 6749 section 2
---@param config airlock.config
---@return airlock.client client
function airlock.client(config) end

--- A client of a JetBrains Space organization: like `airlock.client`, with `url` in place of the endpoints.
--- No server is asked yet.
---
--- Source: Space: "Authentication and authorization"
---@param config airlock.config `url` such as "https://mycompany.jetbrains.space", and any option of
--- `airlock.client`
---@return airlock.client client
function airlock.space(config) end

--- A client of a server that Airlock knows, or that a profile describes. No server is asked yet.
--- docs/providers.md lists the servers, their options and the fields of a profile.
---
--- Source: each profile's `source`, in lua/airlock/providers
---@param provider string|table<string, any> one of `airlock.providers()`, or a profile of your own
---@param config airlock.provider_config the profile's own options, and any option of `airlock.client`, which
--- wins
---@return airlock.client client
function airlock.provider(provider, config) end

--- The names of the servers that `airlock.provider` knows.
---
--- Source: docs/providers.md
---@return string[] names sorted
function airlock.providers() end

--- A client of the server that an issuer names, made from the metadata that the server publishes. The
--- metadata is fetched without credentials, checked, and kept for an hour. docs/configuration.md says what is
--- checked and what is taken from it. Mistakes in the configuration raise before anything is sent.
---
--- Source: RFC 8414, OpenID Connect Discovery 1.0
---@param issuer string such as "https://accounts.example.com", exactly as the server writes it: an `https://`
--- URL (`http://` to this machine) without query and fragment
---@param config airlock.config any option of `airlock.client` but `issuer`; its endpoints win
---@return airlock.client? client
---@return string? message
---@return airlock.failure? detail of kind "oauth" with "metadata_not_found", "issuer_mismatch",
--- "malformed_metadata", "unsupported_client_auth", "unsupported_par", "unsupported_dpop_alg" or
--- "server_error"; or "network"
---@overload fun(issuer: string, config: airlock.config, callback: fun(client: airlock.client?, message: string?, detail: airlock.failure?)): airlock.task?
function airlock.discover(issuer, config) end

--- Registers a client at a server that takes new ones. The client takes its id, its secret, its way of proof
--- and its first redirect URI from the answer. The request is never sent twice.
---
--- If `where` is the server's metadata, the endpoints are taken from there, once they were checked as those
--- of `airlock.discover`. For "private_key_jwt", `metadata` has the public `jwks` and `config` the
--- `private_key`. If `metadata` has `dpop_bound_access_tokens` and `config` has no `dpop`, the client has
--- `dpop = true`.
---
--- Source: RFC 7591
---@param where string|table<string, any> the registration endpoint, or the server's metadata, as
--- `client:metadata()` gives it
---@param metadata table<string, any> the client's own: `redirect_uris`, `grant_types`,
--- `token_endpoint_auth_method`, `client_name`, `jwks` … as RFC 7591 section 2 has them. An empty table is
--- an empty list.
---@param config? airlock.registration_config
---@return airlock.client? client its `client:registration()` is to be kept
---@return string? message
---@return airlock.failure? detail of kind "oauth" with the server's code, such as "invalid_redirect_uri" or
--- "invalid_client_metadata"; or "network"
---@overload fun(where: string|table<string, any>, metadata: table<string, any>, callback: fun(client: airlock.client?, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(where: string|table<string, any>, metadata: table<string, any>, config?: airlock.registration_config, callback: fun(client: airlock.client?, message: string?, detail: airlock.failure?)): airlock.task?
function airlock.register(where, metadata, config) end

--- A client of a registration that was kept. No server is asked.
---
--- Source: RFC 7591
---@param kept table<string, any> what `client:registration()` gave
---@param config? airlock.config any option of `airlock.client` that the server didn't decide
---@return airlock.client client
function airlock.registered(kept, config) end

--- A protected resource of which only the address is known, such as a server of the Model Context Protocol.
--- Nothing is sent yet. The first request goes without a token. If it is refused, the resource's challenge
--- and its metadata say who gives tokens for it (RFC 9728). There the program uses its `client_id`, or the
--- document at `client_metadata`, or registers itself (RFC 7591). Then the user logs in, and the request is
--- sent once more.
---
--- Source: docs/resource.md, RFC 9728, RFC 8707
---@param url string such as "https://mcp.example.com/mcp": an `https://` URL (`http://` to this machine)
---@param config? airlock.resource_config
---@return airlock.resource resource
function airlock.resource(url, config) end

--- A guard of an API: it checks the tokens that requests show. No server is asked yet. Keys and metadata are
--- fetched when the first token comes. docs/guard.md says what is checked, and what a refused request is
--- answered with.
---
--- Source: docs/guard.md, RFC 6750, RFC 9068
---@param config airlock.guard_config
---@return airlock.guard guard
function airlock.guard(config) end

--- The login of a web application's users, as one object that knows no host: `web:handle(request)` answers
--- what belongs to the login, or gives the user who made the request. Code, PKCE, nonce and state are seen
--- to; sessions are sealed cookies, and their tokens in the client's store. `require "airlock.web.ngx"` is
--- the same for nginx.
---
--- Source: docs/web.md, OpenID Connect Core section 3.1, RFC 9700
---@param config airlock.web_config
---@return airlock.web web
function airlock.web(config) end

--- Loads all modules that Airlock else loads when they are first used. Call it before the program changes its
--- root, is upgraded while it runs, or may run short of descriptors: from then on no file of Airlock's is
--- opened any more. In nginx `require "airlock"` calls it in `init_by_lua`; `client:login` calls it before it
--- listens.
---
--- Loops and stores of other hosts (`airlock.loop.luv`, `airlock.store.ngx` …) are loaded by the program's
--- own `require`. What libcurl and the system read later stays outside: certificate authorities, names of
--- hosts.
---
--- Source: docs/hosts.md
---@return true? done
---@return string? message
---@return airlock.failure? detail of kind "network" with "missing_module": one can't be found or opened
function airlock.preload() end

--- Runs functions side by side. Each runs in a coroutine of the loop whose coroutine is running, else of a
--- plain script's loop. When one waits for an answer, the others go on. It comes back when all have ended. An
--- error in one doesn't stop the others; the first error is raised at the end. A function may call
--- `airlock.gather` itself.
---
--- Source: docs/hosts.md
---@param ... function
---@return table<integer|string, any> results `{ n = …, { n = …, … }, … }`: the results of each
--- function, in order
function airlock.gather(...) end

return airlock
