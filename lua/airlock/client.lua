--- A client: the application as registered at an authorization server. Each grant gives a session.

local authorize = require "airlock.authorize"
local calls = require "airlock.calls"
local core = require "airlock.core"
local device = require "airlock.device"
local endpoint = require "airlock.endpoint"
local exchange = require "airlock.exchange"
local loops = require "airlock.loop"
local identity = require "airlock.identity"
local options_of = require "airlock.options"
local query = require "airlock.query"
local verify = require "airlock.verify"
require "airlock.authorization" -- these two give authorizations and sessions their methods
require "airlock.session"

local methods = core.classes.client
local client = {}
local read, one_of, mistake, resource_of = options_of.read, options_of.one_of, options_of.mistake, options_of.resource
local uris = "string or table"

-- Endpoints that may have another address for clients with a certificate; what else stands in a server's metadata isn't ours.
local aliased = { "token_endpoint", "revocation_endpoint", "introspection_endpoint", "device_authorization_endpoint",
  "pushed_authorization_request_endpoint" }

-- What C reads: a JWK as text; and with a certificate of the client's own, the endpoints that ask for one (RFC 8705 section 5).
local function prepare(config, whose)
  local key, aliases = config.private_key, config.mtls_endpoint_aliases
  if aliases ~= nil and type(aliases) ~= "table" then
    core.mistake(("%s: option 'mtls_endpoint_aliases' must be a table, not a %s"):format(whose, type(aliases)))
  end
  if type(key) ~= "table" and not (aliases and config.cert_file) then return config end
  local made = {}
  for name, value in pairs(config) do made[name] = value end
  for _, name in ipairs(config.cert_file and aliases and aliased or {}) do
    if aliases[name] ~= nil then made[name] = aliases[name] end
  end
  if type(key) == "table" then
    made.private_key = core.json.encode(key) or core.mistake(whose .. ": option 'private_key' can't be made JSON of: it isn't a JWK")
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

--- A session on behalf of the application itself (RFC 6749 section 4.4). The server is asked only when a token is first needed.
---@param options? { scope: string?, resource: string|string[]? } `resource`: which API the token is for (RFC 8707)
---@return table session
function methods:client_credentials(options)
  local whose = "client:client_credentials"
  options = read(options, whose, { scope = "string", resource = uris })
  return core.session(self, "client_credentials", options.scope, nil, nil, whose, resource_of(whose, options.resource))
end

--- A session with a token that was made by hand and lasts until it is revoked; it is never renewed.
---@param token string
---@return table session
function methods:permanent_token(token)
  local whose = "client:permanent_token"
  return core.session(self, "permanent_token", nil, check_token(token, whose), nil, whose)
end

--- A session from a refresh token that the program kept itself (RFC 6749 section 6). A rotated one replaces it.
---@param refresh_token string
---@param options? { scope: string?, account: string?, resource: string|string[]? } `scope` narrows what was granted; `account` keeps
--- users apart; `resource`: which API the token is for (RFC 8707)
---@return table session
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

--- Begins a login on behalf of a user: authorization code with PKCE by S256 (RFC 6749 section 4.1, RFC 7636).
---@param options { scope: string?, redirect_uri: string?, access_type: "online"|"offline"?, request_credentials: "default"|"required"?,
--- resource: string|string[]?, params: table? }
--- The request is pushed first where the client does that (option `par`, RFC 9126), which asks the server.
---@param callback? fun(authorization: userdata?, message: string?, detail: table?)
---@return userdata? authorization `.url` to send the browser to, `.state`, `:finish(redirect_url)`, `:save()`
---@return string? message
---@return table? detail
function methods:authorization_code(options)
  return authorize.code(self, options, "client:authorization_code")
end

--- Restores an authorization that was saved, in another request, process or worker.
---@param saved string what authorization:save() gave
---@return userdata? authorization
---@return string? message
---@return table? detail of kind "state": "altered" or "expired"
function methods:authorization(saved)
  if type(saved) ~= "string" then core.mistake("client:authorization: the saved authorization must be a string, not a " .. type(saved)) end
  return core.restore(self, saved, calls.proof(self:settings()))
end

--- Begins a login by the implicit flow (RFC 6749 section 4.2). Deprecated (RFC 9700 section 2.1.2): the token travels in a URL,
--- and there is no refresh token. Use authorization_code where the server has it.
---@param options { scope: string?, redirect_uri: string?, request_credentials: "default"|"required"?, params: table? }
---@return userdata authorization whose `:finish` reads the fragment
function methods:implicit(options)
  local whose = "client:implicit"
  options = read(options, whose, { scope = "string", redirect_uri = "string", request_credentials = "string", params = "table", resource = uris })
  deprecated(self, "implicit")
  return authorize.implicit(self, options, whose)
end

--- A session with a user's name and password (RFC 6749 section 4.3). Not recommended (RFC 9700 section 2.4): the program sees the
--- password. It is asked for its token at once, and the password is wiped.
---@param options { username: string, password: string, scope: string?, access_type: "online"|"offline"?, resource: string|string[]?,
--- account: string? } `account` keeps the session under that name in the client's store, where client:session finds it
---@return userdata? session
---@return string? message
---@return table? detail
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

--- Begins a login on another device (RFC 8628).
---@param options? { scope: string?, resource: string|string[]?, account: string? } `account` as of client:password
---@return table? device `.user_code`, `.verification_uri`, `.verification_uri_complete`, `:wait()` → session
---@return string? message
---@return table? detail
function methods:device_code(options)
  local whose = "client:device_code"
  options = read(options, whose, { scope = "string", resource = uris, account = "string" })
  if not self:has "device_authorization_endpoint" then core.mistake(whose .. ": the client's option 'device_authorization_endpoint' is missing") end
  return device.begin(self, options.scope or self:settings().scope or "", resource_of(whose, options.resource), options.account)
end

local kept = { authorization_code = true, password = true, device_code = true }

--- The session of a user who logged in before, in this process or another: by the account's name, from the client's store. It asks
--- the server for nothing but a new token, where the old one is stale.
---@param options? { account: string?, scope: string?, resource: string|string[]?,
--- grant: "authorization_code"|"password"|"device_code"? } as they were when the user logged in
---@return userdata? session
---@return string? message
---@return table? detail code "login_required" where nobody did, or that login is over
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

--- A session on behalf of the user at this machine: through the browser and a redirect to this program (RFC 8252). A login of the
--- same account and scope that is still good needs no browser.
---@param options? { scope: string?, account: string?, port: integer?, open: fun(url: string)?, timeout: number?,
--- access_type: "online"|"offline"?, resource: string|string[]? }
---@return userdata? session
---@return string? message
---@return table? detail kind "cancelled" with code "timeout" where nobody came
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

--- A session by an assertion: a JWT that somebody the server trusts has signed (RFC 7523 section 2.1). Renewed by the same assertion, by
--- what the function gives then, or by a new one signed with the key.
---@param options { assertion: string|function?, private_key: string|table?, private_key_file: string?, kid: string?,
--- alg: string?, claims: table?, lifetime: integer?, scope: string?, resource: string|string[]?, account: string? }
--- either `assertion`, or a key (by default the client's) and the `claims` to sign: `iss` (the client_id), `sub` (as iss), `aud` (the
--- issuer, else the token endpoint) and any others; `lifetime` in seconds (60)
---@return userdata session
function methods:jwt_bearer(options)
  return exchange.jwt_bearer(self, options, "client:jwt_bearer")
end

--- A session by a token that is exchanged for another (RFC 8693), for another service or on behalf of somebody.
---@param options { subject_token: string|function|userdata, subject_token_type: string?, actor_token: string|function|userdata?,
--- actor_token_type: string?, requested_token_type: string?, audience: string|string[]?, resource: string|string[]?, scope: string?,
--- account: string? }
--- a token is text, a function that gives it, or a session, whose own token is taken; types are URIs or "access_token" (the
--- default), "refresh_token", "id_token", "saml1", "saml2", "jwt"
---@return userdata session `session:info().issued_token_type` says what came
function methods:token_exchange(options)
  return exchange.token_exchange(self, options, "client:token_exchange")
end

--- Checks an access token that is a JWT against the server's key set, offline but for fetching the keys: signature, exp, nbf, and
--- iss and aud where they are known.
---@param jwt string
---@param wanted? { issuer: string?, audience: string? } by default the client's issuer and client_id
---@return table? claims
---@return string? message
---@return table? detail code "invalid_token"
function methods:verify(jwt, wanted)
  local whose = "client:verify"
  if type(jwt) ~= "string" then core.mistake(whose .. ": the token must be a string, not a " .. type(jwt)) end
  wanted = read(wanted, whose, { issuer = "string", audience = "string" })
  if not self:has "jwks_uri" then core.mistake(whose .. ": the client's option 'jwks_uri' is missing") end
  local settings = self:settings()
  return verify.claims(self, jwt, { issuer = wanted.issuer or settings.issuer, audience = wanted.audience or settings.client_id })
end

--- What the server says about itself, for a client of airlock.discover.
---@return table? metadata with the defaults of RFC 8414 section 2; nil for a client that was configured by hand
function methods:metadata()
  return self:settings().metadata
end

local function need(self, whose, option)
  if not self:has(option) then core.mistake(("%s: the client's option '%s' is missing"):format(whose, option)) end
end

--- Asks the server about a token that somebody showed (RFC 7662): what an API does with a token that it can't read itself.
---@param token string an access or refresh token
---@param options? { token_type_hint: string? }
---@return table? told `active`, a boolean; if true, whatever the server tells: `scope`, `client_id`, `sub`, `exp`, `aud` …
---@return string? message
---@return table? detail
function methods:introspect(token, options)
  local whose = "client:introspect"
  options = read(options, whose, { token_type_hint = "string" })
  need(self, whose, "introspection_endpoint")
  return endpoint.introspect(self, check_token(token, whose), options.token_type_hint)
end

--- Ends a token that the program has as text (RFC 7009); session:logout ends a session's.
---@param token string an access or refresh token
---@param options? { token_type_hint: string? }
---@return true? done also for a token that the server doesn't know
---@return string? message
---@return table? detail
function methods:revoke(token, options)
  local whose = "client:revoke"
  options = read(options, whose, { token_type_hint = "string" })
  need(self, whose, "revocation_endpoint")
  local form = query.encode({ token = check_token(token, whose), token_type_hint = options.token_type_hint }, "token")
  local done, message, detail = endpoint.ask(self, "revocation_endpoint", form)
  if not done then return nil, message, detail end
  return true
end

--- The registration of a client of airlock.register: what the server told (RFC 7591 section 3.2.1), its secrets included. Keep it where
--- nobody else can read it; airlock.registered makes the client of it again.
---@return table? registration a copy; nil: the client was registered by hand
function methods:registration()
  local registration = self:settings().registration
  if not registration then return nil end
  local out = {}
  for name, value in pairs(registration) do out[name] = value end
  return out
end

--- Asks for the registration as it is now (RFC 7592 section 2.1).
---@return userdata? client a new one, with the registration
---@return string? message
---@return table? detail
function methods:read_registration()
  return require("airlock.registration").manage(self, "GET", "client:read_registration")
end

--- Changes the registration (RFC 7592 section 2.2).
---@param metadata table what is to be another; airlock.null takes a member away
---@return userdata? client a new one; the old one may be refused from now on
---@return string? message
---@return table? detail
function methods:update_registration(metadata)
  return require("airlock.registration").manage(self, "PUT", "client:update_registration", metadata)
end

--- Ends the registration (RFC 7592 section 2.3).
---@return true? done
---@return string? message
---@return table? detail
function methods:delete_registration()
  return require("airlock.registration").manage(self, "DELETE", "client:delete_registration")
end

client.methods = methods

return client
