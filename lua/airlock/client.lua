--- A client: the application as registered at an authorization server. Each grant gives a session.

local later = require "airlock.later"
local authorize = later "airlock.authorize"
local calls = later "airlock.calls"
local core = require "airlock.core"
local device = later "airlock.device"
local endpoint = later "airlock.endpoint"
local exchange = later "airlock.exchange"
local loops = require "airlock.loop"
local identity = later "airlock.identity"
local options_of = require "airlock.options"
local query = later "airlock.query"
local verify = later "airlock.verify"
require "airlock.authorization" -- these two give authorizations and sessions their methods
require "airlock.session"

--- The application as it is registered at an authorization server (RFC 6749 section 2). A client asks nobody by itself; each grant gives a session.
--- `tostring(client)` gives "airlock.client (<client_id>)".
---@class airlock.client
local methods = core.classes.client
local client = {}
local read, one_of, mistake, resource_of = options_of.read, options_of.one_of, options_of.mistake, options_of.resource
local uris = "string or table"

-- Endpoints that may have another address for clients with a certificate; what else stands in a server's metadata isn't ours.
local aliased = { "token_endpoint", "revocation_endpoint", "introspection_endpoint", "device_authorization_endpoint",
  "pushed_authorization_request_endpoint" }

-- A configuration's members, if there is one, in a table of its own or in `into`.
local function copy(from, into)
  local made = into or {}
  for name, value in pairs(from or {}) do made[name] = value end
  return made
end

-- A JWK as text, in place of a table.
local function write_key(options, whose)
  if type(options.private_key) ~= "table" then return options end
  local made = copy(options)
  made.private_key = core.json.encode(options.private_key)
    or core.mistake(whose .. ": option 'private_key' can't be made JSON of: it isn't a JWK")
  return made
end

-- What C reads: JWKs as text; and with a certificate of the client's own, the endpoints that ask for one (RFC 8705 section 5).
local function prepare(config, whose)
  local aliases = config.mtls_endpoint_aliases
  if aliases ~= nil and type(aliases) ~= "table" then
    core.mistake(("%s: option 'mtls_endpoint_aliases' must be a table, not a %s"):format(whose, type(aliases)))
  end
  local made, dpop = write_key(config, whose), config.dpop
  local key = type(dpop) == "table" and write_key(dpop, whose .. ": option 'dpop'") or dpop
  if key == dpop and not (aliases and config.cert_file) then return made end
  made = made == config and copy(config) or made
  made.dpop = key
  for _, name in ipairs(config.cert_file and aliases and aliased or {}) do
    if aliases[name] ~= nil then made[name] = aliases[name] end
  end
  return made
end

--- Makes a client; `whose` begins the messages of mistakes in the configuration.
---@param config table
---@param whose string
---@param provider table? one of airlock.providers
---@return table
function client.new(config, whose, provider)
  if type(config) ~= "table" then
    core.mistake(whose .. ": a table of options was expected, not a " .. type(config))
  end
  if type(config.loop) == "table" then loops.know(config.loop, whose) end
  return core.client(prepare(config, whose), whose, provider)
end

local function check_token(token, whose)
  if type(token) ~= "string" then core.mistake(whose .. ": a token must be a string, not a " .. type(token)) end
  return token
end

--- A session on behalf of the application itself. Needs `token_endpoint`, `client_id` and a proof, such as `client_secret`; the server is asked only
--- when a token is first needed.
---@param options? airlock.client_credentials_options
---@return airlock.session session
---@see RFC 6749 section 4.4; Space: "Client Credentials"
function methods:client_credentials(options)
  local whose = "client:client_credentials"
  options = read(options, whose, { scope = "string", resource = uris })
  return core.session(self, "client_credentials", options.scope, nil, nil, whose, resource_of(whose, options.resource))
end

--- A session with a token that was made by hand and lasts until it is revoked; it is never renewed. Asks nobody. Needs nothing but, for relative
--- paths, `base_url`.
---@param token string 1 to 65 536 visible ASCII characters
---@return airlock.session session
---@see RFC 6750; Space: "Permanent tokens"
function methods:permanent_token(token)
  local whose = "client:permanent_token"
  return core.session(self, "permanent_token", nil, check_token(token, whose), nil, whose)
end

--- A session from a refresh token that the program kept itself. A rotated one replaces it; a newer one in the client's store wins. The server is
--- asked only when a token is first needed. Needs `token_endpoint` and `client_id`.
---@param refresh_token string 1 to 65 536 visible ASCII characters
---@param options? airlock.refresh_token_options
---@return airlock.session session
---@see RFC 6749 section 6; Space: "Refresh token"
function methods:refresh_token(refresh_token, options)
  local whose = "client:refresh_token"
  options = read(options, whose, { scope = "string", account = "string", resource = uris })
  return core.session(self, "refresh_token", options.scope or "", check_token(refresh_token, whose), options.account, whose,
    resource_of(whose, options.resource))
end

-- Flows that nobody should begin with say so, once a client, to whoever listens.
local function deprecated(self, flow)
  local settings = self:settings()
  settings.told = settings.told or {}
  if settings.told[flow] then return end
  settings.told[flow] = true
  if settings.on_event then settings.on_event { event = "deprecated", code = flow } end
end

--- Begins a login on behalf of a user: authorization code with PKCE by S256, always. The request is pushed first where the client does that (option
--- `par`, RFC 9126), which asks the server.
---@param options? airlock.authorization_code_options
---@return airlock.authorization? authorization `.url` to send the browser to, then `:finish(redirect_url)`
---@return string? message
---@return airlock.failure? detail of kind "oauth" or "network", where the request was to be pushed and wasn't taken
---@see RFC 6749 section 4.1, RFC 7636; Space: "Authorization Code"
function methods:authorization_code(options)
  return authorize.code(self, options, "client:authorization_code")
end

--- Restores an authorization that was saved, in another request, process or worker.
---@param saved string what `authorization:save()` gave
---@return airlock.authorization? authorization
---@return string? message
---@return airlock.failure? detail of kind "state": "altered", or "expired" after 24 hours
---@see RFC 6749 section 10.12
function methods:authorization(saved)
  if type(saved) ~= "string" then core.mistake("client:authorization: the saved authorization must be a string, not a " .. type(saved)) end
  return core.restore(self, saved, calls.proof(self:settings()))
end

--- Begins a login by the implicit flow. Deprecated (RFC 9700 section 2.1.2): the token travels in a URL, and there is no refresh token. Use
--- `client:authorization_code` where the server has it. `on_event` is told so once a client.
---@param options? airlock.implicit_options
---@return airlock.authorization authorization whose `:finish` reads the fragment
---@see RFC 6749 section 4.2; Space: "Implicit"
function methods:implicit(options)
  local whose = "client:implicit"
  options = read(options, whose, { scope = "string", redirect_uri = "string", request_credentials = "string", params = "table", resource = uris })
  deprecated(self, "implicit")
  return authorize.implicit(self, options, whose)
end

--- A session with a user's name and password. Not recommended (RFC 9700 section 2.4): the program sees the password. It is asked for its token at
--- once, and the password is wiped. `on_event` is told so once a client.
---@param options airlock.password_options
---@return airlock.session? session
---@return string? message
---@return airlock.failure? detail kind "oauth" with "invalid_grant" where the name or the password is wrong; or "network", "store"
---@see RFC 6749 section 4.3; Space: "Resource Owner Password Credentials"
function methods:password(options)
  local whose = "client:password"
  options = read(options, whose, {
    username = "string", password = "string", scope = "string", access_type = "string", resource = uris, account = "string",
  })
  one_of(whose, options, "access_type", "online", "offline")
  if not options.username then mistake(whose, "username", "is missing") end
  if not options.password then mistake(whose, "password", "is missing") end
  deprecated(self, "password")
  local session = core.session(self, "password", options.scope, nil, options.account, whose, resource_of(whose, options.resource))
  session:open_password(options.username, options.password, options.access_type)
  local ok, message, detail = session:settle()
  if ok then ok, message, detail = identity.admit(session) end
  if ok then return session end
  session:close()
  return nil, message, detail
end

--- Begins a login on another device. Needs `device_authorization_endpoint`, which is asked at once.
---@param options? airlock.device_code_options
---@return airlock.device? device shows its `.user_code` and `.verification_uri`; then `:wait()`
---@return string? message
---@return airlock.failure? detail of kind "oauth", such as "malformed_reply", or "network"
---@see RFC 8628
function methods:device_code(options)
  local whose = "client:device_code"
  options = read(options, whose, { scope = "string", resource = uris, account = "string" })
  if not self:has "device_authorization_endpoint" then core.mistake(whose .. ": the client's option 'device_authorization_endpoint' is missing") end
  return device.begin(self, options.scope or self:settings().scope or "", resource_of(whose, options.resource), options.account)
end

local kept = { authorization_code = true, password = true, device_code = true }

--- The session of a user who logged in before, in this process or another: by the account's name, from the client's store. It asks the server for
--- nothing but a new token, where the old one is stale.
---@param options? airlock.session_options
---@return airlock.session? session
---@return string? message
---@return airlock.failure? detail kind "oauth" with "login_required" where nobody did, or that login is over; or "network", "store"
---@see docs/store.md
function methods:session(options)
  local whose = "client:session"
  options = read(options, whose, { account = "string", scope = "string", grant = "string", resource = uris })
  local grant = options.grant or "authorization_code"
  if not kept[grant] then mistake(whose, "grant", "must be authorization_code, password or device_code") end
  local session = core.session(self, grant, options.scope, nil, options.account or "default", whose, resource_of(whose, options.resource))
  local ok, message, detail = session:settle()
  if ok then return session end
  session:close()
  return nil, message, detail
end

--- A session on behalf of the user at this machine: through the browser and a redirect to this program. A login of the same account and scope that
--- is still good needs no browser. The URL is printed to standard error as well, for a browser elsewhere. Raises in nginx, whose user is elsewhere.
---@param options? airlock.login_options
---@return airlock.session? session
---@return string? message
---@return airlock.failure? detail kind "cancelled" with "timeout" where nobody came; "network" with "port_taken"; "oauth", where the server or the user
--- said no; or "state"
---@see RFC 8252
function methods:login(options)
  local whose = "client:login"
  options = read(options, whose, {
    scope = "string", account = "string", port = "number", open = "function", timeout = "number", access_type = "string",
    request_credentials = "string", params = "table", host = "string", resource = uris,
  })
  if loops.native then
    core.mistake(whose .. ": nginx has no browser to log in with; send its visitor to the URL of client:authorization_code")
  end
  return require("airlock.login").run(self, options, whose)
end

--- A session by an assertion: a JWT that somebody the server trusts has signed. Renewed by the same assertion, by what the function gives then, or by
--- a new one signed with the key. The server is asked only when a token is first needed. Needs `token_endpoint` and `client_id`.
---@param options airlock.jwt_bearer_options
---@return airlock.session session
---@see RFC 7523 section 2.1
function methods:jwt_bearer(options)
  return exchange.jwt_bearer(self, options, "client:jwt_bearer")
end

--- A session by a token that is exchanged for another, for another service or on behalf of somebody. The server is asked only when a token is first
--- needed. Needs `token_endpoint` and `client_id`.
---@param options airlock.token_exchange_options
---@return airlock.session session `session:info().issued_token_type` says what came
---@see RFC 8693
function methods:token_exchange(options)
  return exchange.token_exchange(self, options, "client:token_exchange")
end

--- Checks an access token that is a JWT against the server's key set, offline but for fetching the keys, which are kept for an hour: signature, `exp`,
--- `nbf`, and `iss` and `aud` where they are known, give or take `clock_skew`. Needs `jwks_uri`.
---@param jwt string
---@param wanted? airlock.verify_options
---@return table<string, any>? claims
---@return string? message
---@return airlock.failure? detail kind "oauth" with "invalid_token"; or "network", where the keys can't be fetched
---@see RFC 7519, RFC 8725; Space: "Offline validation"
function methods:verify(jwt, wanted)
  local whose = "client:verify"
  if type(jwt) ~= "string" then core.mistake(whose .. ": the token must be a string, not a " .. type(jwt)) end
  wanted = read(wanted, whose, { issuer = "string", audience = "string" })
  if not self:has "jwks_uri" then core.mistake(whose .. ": the client's option 'jwks_uri' is missing") end
  local settings = self:settings()
  return verify.claims(self, jwt, { issuer = wanted.issuer or settings.issuer, audience = wanted.audience or settings.client_id })
end

--- What the server says about itself, for a client of `airlock.discover`.
---@return table<string, any>? metadata a table of its own, with the defaults of the RFC; nil for a client that was configured by hand
---@see RFC 8414 section 2
function methods:metadata()
  return self:settings().metadata
end

local function need(self, whose, option)
  if not self:has(option) then core.mistake(("%s: the client's option '%s' is missing"):format(whose, option)) end
end

--- Asks the server about a token that somebody showed, each time: what an API does with a token that it can't read itself. Needs
--- `introspection_endpoint`.
---@param token string an access or refresh token
---@param options? airlock.token_options
---@return table<string, any>? told `active`, a boolean; if true, whatever the server tells: `scope`, `client_id`, `sub`, `exp`, `aud` …
---@return string? message
---@return airlock.failure? detail kind "oauth", with "malformed_reply" where `active` isn't a boolean; or "network"
---@see RFC 7662
function methods:introspect(token, options)
  local whose = "client:introspect"
  options = read(options, whose, { token_type_hint = "string" })
  need(self, whose, "introspection_endpoint")
  return endpoint.introspect(self, check_token(token, whose), options.token_type_hint)
end

--- Ends a token that the program has as text; `session:logout` ends a session's. Needs `revocation_endpoint`.
---@param token string an access or refresh token
---@param options? airlock.token_options
---@return true? done also for a token that the server doesn't know
---@return string? message
---@return airlock.failure? detail of kind "oauth" or "network": the token still lives
---@see RFC 7009
function methods:revoke(token, options)
  local whose = "client:revoke"
  options = read(options, whose, { token_type_hint = "string" })
  need(self, whose, "revocation_endpoint")
  local form = query.encode({ token = check_token(token, whose), token_type_hint = options.token_type_hint }, "token")
  local done, message, detail = endpoint.ask(self, "revocation_endpoint", form)
  if not done then return nil, message, detail end
  return true
end

--- The registration of a client of `airlock.register`: what the server told, its secrets included. Keep it where nobody else can read it;
--- `airlock.registered` makes the client of it again.
---@return table<string, any>? registration a copy; nil: the client was registered by hand
---@see RFC 7591 section 3.2.1
function methods:registration()
  local registration = self:settings().registration
  return registration and copy(registration)
end

--- Asks for the registration as it is now. Raises for a client whose registration can't be managed.
---@return airlock.client? client a new one, with the registration
---@return string? message
---@return airlock.failure? detail of kind "oauth", with "invalid_token" where the registration is gone, or "network"
---@see RFC 7592 section 2.1
function methods:read_registration()
  return require("airlock.registration").manage(self, "GET", "client:read_registration")
end

--- Changes the registration. Token and secret may be others from then on: keep the new client's registration, and forget the old client.
---@param metadata table<string, any> what is to be another; `airlock.null` takes a member away
---@return airlock.client? client a new one; the old one may be refused from now on
---@return string? message
---@return airlock.failure? detail of kind "oauth", with the server's code such as "invalid_client_metadata", or "network"
---@see RFC 7592 section 2.2
function methods:update_registration(metadata)
  return require("airlock.registration").manage(self, "PUT", "client:update_registration", metadata)
end

--- Ends the registration.
---@return true? done the client is unknown to the server
---@return string? message
---@return airlock.failure? detail of kind "oauth" or "network"
---@see RFC 7592 section 2.3
function methods:delete_registration()
  return require("airlock.registration").manage(self, "DELETE", "client:delete_registration")
end

client.methods, client.copy = methods, copy

return client
