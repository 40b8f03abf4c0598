--- A client: the application as registered at an authorization server. Each grant gives a session.

-- spec: spec/client/client_spec.lua

local lazy = require "airlock.lazy"
local core = require "airlock.core"
local registry = require "airlock.loop.registry"
local headers = require "airlock.session.headers"
local options_of = require "airlock.options"
local assertion = lazy "airlock.client.assertion"
local token_source = lazy "airlock.grant.token_source"
local trace = lazy "airlock.trace"
local sealed = lazy "airlock.store.sealed"
require "airlock.session" -- gives sessions their methods

--- The application as it is registered at an authorization server (RFC 6749 section 2). A client asks no server by
--- itself; each grant gives a session. `tostring(client)` gives "airlock.client (<client_id>)".
---@class airlock.client
local methods = core.classes.client
local client = {}
local read, check_token, more = options_of.read, options_of.token, options_of.more
local uris = "string or table"

-- Endpoints that may have another address for clients with a certificate; what else stands in a server's metadata isn't
-- ours.
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
  made.private_key = core.json.encode(options.private_key, true, whose .. ": option 'private_key'")
  return made
end

-- What C reads: JWKs as text; and with a certificate of the client's own, the endpoints that ask for one (RFC 8705
-- section 5).
local function prepare(config, whose)
  if config.client_assertion_file ~= nil or type(config.client_assertion) == "table" then
    config = assertion.prepare(config, whose)
  end
  local aliases = config.mtls_endpoint_aliases
  if aliases ~= nil and type(aliases) ~= "table" then
    core.mistake(("%s: option 'mtls_endpoint_aliases' must be a table, not a %s"):format(whose, type(aliases)))
  end
  local store = config.store
  if type(store) == "table" and (store.folder ~= nil or store.key ~= nil and not store.load) then
    config = copy(config)
    config.store = sealed.open(store, whose)
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

local asked_for = os.getenv "AIRLOCK_TRACE"
if asked_for == "" then asked_for = nil end

local function begin_trace(whose)
  local file = asked_for
  asked_for = nil
  local ok, why = pcall(trace.to, file)
  if ok then return end
  core.mistake(("%s: AIRLOCK_TRACE: %s"):format(whose, (tostring(why):gsub("^.-airlock%.trace%.to: ", ""))))
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
  if type(config.loop) == "table" then registry.know(config.loop, whose) end
  if asked_for then begin_trace(whose) end
  if package.loaded["airlock.trace"] and trace.on() and type(config.on_event or print) == "function" then
    config = trace.attach(config)
  end
  local made = core.client(prepare(config, whose), whose, provider)
  headers.know(made:settings())
  return made
end

--- A session on behalf of the application itself. Needs `token_endpoint`, `client_id` and a proof, such as
--- `client_secret`. The server is asked when a token is first needed.
---@param options? airlock.client_credentials_options
---@return airlock.session session
---@see RFC 6749 section 4.4; Space: "Client Credentials"
function methods:client_credentials(options)
  local whose = "client:client_credentials"
  options = read(options, whose, { scope = "string", resource = uris, params = "table" })
  return core.session(self, "client_credentials", options.scope, nil, nil, whose, more(whose, options))
end

--- A session with a token that was made by hand and lasts until it is revoked. It is never renewed, and is sent as
--- Bearer even with `dpop`. No server is asked. It needs `base_url` for relative paths, and nothing else.
---@param token string 1 to 65 536 visible ASCII characters; anything else raises
---@return airlock.session session
---@see RFC 6750; Space: "Permanent tokens"
function methods:permanent_token(token)
  local whose = "client:permanent_token"
  return core.session(self, "permanent_token", nil, check_token(token, whose), nil, whose)
end

--- A session whose token comes from somewhere else: another program, a cloud, a file. `source` is one of
--- `airlock.source`, or a function that gives `token, seconds`, or a table as a token reply has it: `{ access_token =
--- …, expires_in = …, token_type = …, scope = … }`. Without seconds the token serves until it is refused. A function
--- that can't give one gives `nil, message`. It may yield where the client's loop lets it.
---
--- The token is kept, renewed and shared like any other: the function is asked once, however many wait. After a 401 it
--- is asked once more. Sources of the same `identity` share their token, also in the client's store; a function without
--- one is like no other. No server is asked, and the client needs no more than `base_url`.
---@param source fun(): string|table?, number|string? | airlock.token_source
---@param options? airlock.token_source_options
---@return airlock.session session its requests fail as of kind "oauth" with "source_failed" if the source does
---@see docs/sources.md
function methods:token_source(source, options)
  return token_source.begin(self, source, options, "client:token_source")
end

--- A session without a token, for what an API gives to anybody. A 401 is an answer like any other. No token endpoint is
--- asked, and the client needs no more than `base_url`. Its `cert_file` and `headers` go along. All requests of a
--- session work; what is about its token fails with `oauth/no_token`.
---@return airlock.session session
---@see RFC 9110 section 11
function methods:anonymous()
  return core.session(self, "anonymous", "", nil, nil, "client:anonymous")
end

--- A session from a refresh token that the program kept itself. A new refresh token in an answer replaces it; a newer
--- one in the client's store wins. The server is asked when a token is first needed. Needs `token_endpoint` and
--- `client_id`. A public client needs the key that a bound token came with, as `dpop.private_key`.
---@param refresh_token string 1 to 65 536 visible ASCII characters; anything else raises
---@param options? airlock.refresh_token_options
---@return airlock.session session
---@see RFC 6749 section 6; Space: "Refresh token"
function methods:refresh_token(refresh_token, options)
  local whose = "client:refresh_token"
  options = read(options, whose, { scope = "string", account = "string", resource = uris,
    params = "table" })
  return core.session(self, "refresh_token", options.scope or "", check_token(refresh_token, whose), options.account,
    whose, more(whose, options))
end

lazy("airlock.grant", methods, { "authorization_code", "authorization", "implicit", "password", "device_code",
  "session", "login", "jwt_bearer", "token_exchange", "grant" })
lazy("airlock.client.server", methods, { "verify", "metadata", "introspect", "revoke", "registration",
  "read_registration", "update_registration", "delete_registration" })
lazy("airlock.grant.authorization", core.classes.authorization, { "finish", "save", "_finish" })

client.copy = copy

return client
