--- A client's grants on behalf of a user, and by what others have signed: methods that few programs use all of, and a
--- script for the application itself none.

-- spec: spec/grant/user_token_spec.lua

local lazy = require "airlock.lazy"
local authorization = lazy "airlock.grant.authorization"
local calls = lazy "airlock.call"
local core = require "airlock.core"
local device = lazy "airlock.grant.device"
local extension = lazy "airlock.grant.extension"
local id_token = lazy "airlock.id_token"
local jwt_bearer = lazy "airlock.grant.jwt_bearer"
local registry = require "airlock.loop.registry"
local options_of = require "airlock.options"
local login = lazy "airlock.grant.login"
local token_exchange = lazy "airlock.grant.token_exchange"

local methods = {}
local read, one_of, mistake, resource_of = options_of.read, options_of.one_of, options_of.mistake, options_of.resource
local uris = "string or table"

-- Flows that nobody should begin with say so, once a client, to whoever listens.
local function deprecated(self, flow)
  local settings = self:settings()
  settings.told = settings.told or {}
  if settings.told[flow] then return end
  settings.told[flow] = true
  if settings.on_event then settings.on_event { event = "deprecated", code = flow } end
end

--- Begins a login on behalf of a user: authorization code with PKCE by S256, always. With option `par` the request is
--- pushed first, and so the server is asked (RFC 9126).
---@param options? airlock.authorization_code_options
---@return airlock.authorization? authorization `.url` to send the browser to, then `:finish(redirect_url)`
---@return string? message
---@return airlock.failure? detail of kind "oauth" or "network", if the request was to be pushed and wasn't taken
---@see RFC 6749 section 4.1, RFC 7636; Space: "Authorization Code"
function methods:authorization_code(options)
  return authorization.code(self, options, "client:authorization_code")
end

--- Restores an authorization that was saved, in another request, process or worker.
---@param saved string what `authorization:save()` gave
---@return airlock.authorization? authorization
---@return string? message
---@return airlock.failure? detail of kind "state": "altered", or "expired" after 24 hours
---@see RFC 6749 section 10.12
function methods:authorization(saved)
  if type(saved) ~= "string" then
    core.mistake("client:authorization: the saved authorization must be a string, not a " .. type(saved))
  end
  return core.restore(self, saved, calls.seal(self:settings()))
end

--- Begins a login by the implicit flow. **Deprecated** (RFC 9700 section 2.1.2): the token travels in a URL, and there
--- is no refresh token. Use `client:authorization_code` if the server has it. `on_event` is told so once a client. With
--- `dpop` it raises, unless `allow_bearer` is true.
---@param options? airlock.implicit_options
---@return airlock.authorization authorization its `:finish` reads the fragment
---@see RFC 6749 section 4.2; Space: "Implicit"
function methods:implicit(options)
  local whose = "client:implicit"
  options = read(options, whose, { scope = "string", redirect_uri = "string", request_credentials = "string",
    params = "table", resource = uris })
  deprecated(self, "implicit")
  return authorization.implicit(self, options, whose)
end

--- A session with a user's name and password. **Not recommended** (RFC 9700 section 2.4): the program sees the
--- password. The server is asked for the token at once, and the password is wiped. `on_event` is told so once a client.
---@param options airlock.password_options
---@return airlock.session? session
---@return string? message
---@return airlock.failure? detail of kind "oauth", with "invalid_grant" if the name or the password is wrong; or
--- "network", "store"
---@see RFC 6749 section 4.3; Space: "Resource Owner Password Credentials"
function methods:password(options)
  local whose = "client:password"
  options = read(options, whose, {
    username = "string", password = "string", scope = "string", access_type = "string", resource = uris,
      account = "string", params = "table",
  })
  one_of(whose, options, "access_type", "online", "offline")
  if not options.username then mistake(whose, "username", "is missing") end
  if not options.password then mistake(whose, "password", "is missing") end
  deprecated(self, "password")
  local session = core.session(self, "password", options.scope, nil, options.account, whose,
    options_of.more(whose, options))
  session:open_password(options.username, options.password, options.access_type)
  local ok, message, detail = session:settle()
  if ok then ok, message, detail = id_token.admit(session) end
  if ok then return session end
  session:close()
  return nil, message, detail
end

--- Begins a login on another device. Needs `device_authorization_endpoint`, which is asked at once. The
--- `verification_uri` of the answer must be a page of the web that the server may name (docs/configuration.md).
---@param options? airlock.device_code_options
---@return airlock.device? device shows its `.user_code` and `.verification_uri`; then `:wait()`
---@return string? message
---@return airlock.failure? detail of kind "oauth", such as "malformed_reply", or "network"
---@see RFC 8628
function methods:device_code(options)
  local whose = "client:device_code"
  options = read(options, whose, { scope = "string", resource = uris, account = "string", params = "table" })
  options_of.need(self, whose, "device_authorization_endpoint")
  return device.begin(self, options.scope or self:settings().scope or "", resource_of(whose, options.resource),
    options.account, options_of.more(whose, options))
end

local kept = { authorization_code = true, password = true, device_code = true }

--- The session of a user who logged in before, in this process or another: by the account's name, from the client's
--- store. The server is asked only if the token is stale. If there is no login with that scope, one that has all of it
--- and more serves, the narrowest first, unless `exact_scope` is true.
---@param options? airlock.session_options
---@return airlock.session? session
---@return string? message
---@return airlock.failure? detail of kind "oauth", with "login_required" if no such login is kept or it is over; or
--- "network", "store"
---@see docs/store.md
function methods:session(options)
  local whose = "client:session"
  options = read(options, whose, { account = "string", scope = "string", grant = "string", resource = uris,
    params = "table", exact_scope = "boolean" })
  local grant = options.grant or "authorization_code"
  if not kept[grant] then mistake(whose, "grant", "must be authorization_code, password or device_code") end
  local session = core.session(self, grant, options.scope, nil, options.account or "default", whose,
    options_of.more(whose, options))
  local ok, message, detail = session:settle()
  if ok then return session end
  if not options.exact_scope and detail.outcome ~= "transient" then
    local wider, why, more = session:_find_wider()
    if wider then ok = wider elseif why then message, detail = why, more end
  end
  session:close()
  if ok then return ok end
  return nil, message, detail
end

--- A session of the user at this machine, through the browser and a redirect to this program. A login of the same
--- account that is still good needs no browser, if it has the scope, or more and `exact_scope` isn't true. In nginx it
--- raises, as the user is elsewhere.
---
--- With `max_age`, `acr_values`, `claims`, `prompt` or `authorization_details` the user is always asked. The ID token's
--- `auth_time` and `acr` must then be as `max_age` and `acr_values` (or an essential `acr` in `claims`) want them,
--- where ID tokens are checked; otherwise the login ends as `oauth/invalid_id_token`.
---
--- It binds a listener on 127.0.0.1 (or [::1]), then opens the browser. The URL is printed to standard error as well,
--- for a browser elsewhere. At a terminal the address that such a browser ended at may be pasted. Only a GET of the
--- right path with the right state ends the wait.
---
--- If the client's `redirect_uri` leads to this machine, it says host, path and port as they are registered. Otherwise
--- the redirect URI is `http://127.0.0.1:<port>/callback`.
---@param options? airlock.login_options
---@return airlock.session? session
---@return string? message
---@return airlock.failure? detail of kind "cancelled" with "timeout" if nobody came; "network" with "port_taken";
--- "oauth", if the server or the user said no; or "state"
---@see RFC 8252
function methods:login(options)
  local whose = "client:login"
  options = read(options, whose, login.options)
  if registry.native then
    core.mistake(whose .. ": nginx has no browser to log in with; send its visitor to the URL of "
      .. "client:authorization_code")
  end
  return login.run(self, options, whose)
end

--- A session by an assertion: a JWT signed by somebody whom the server trusts. It is renewed by the same assertion, by
--- the function's next one, or by a new one signed with the key. The server is asked when a token is first needed.
--- Needs `token_endpoint` and `client_id`. A session whose assertion is a function's shares its token with no other.
---@param options airlock.jwt_bearer_options
---@return airlock.session session
---@see RFC 7523 section 2.1
function methods:jwt_bearer(options)
  return jwt_bearer.begin(self, options, "client:jwt_bearer")
end

--- A session by a token that is exchanged for another, for another service or on behalf of a user. The server is asked
--- when a token is first needed. Needs `token_endpoint` and `client_id`. A session whose token comes of a function or
--- another session shares it with no other.
---
--- The server may give something that isn't an access token (type `N_A`). `session:token()` tells it, but no request is
--- made with it: `oauth/not_an_access_token`.
---@param options airlock.token_exchange_options
---@return airlock.session session `session:info().issued_token_type` says what came
---@see RFC 8693
function methods:token_exchange(options)
  return token_exchange.begin(self, options, "client:token_exchange")
end

--- A session by a grant of the program's own: the fields go to the token endpoint as they are, with the client's proof,
--- whenever a token is needed. Needs `token_endpoint` and `client_id`. Sessions with the same fields share their token.
---@param fields table<string, string|string[]> `grant_type`, and what else the grant wants
---@return airlock.session session
---@see RFC 6749 section 4.5
function methods:grant(fields)
  return extension.begin(self, fields, "client:grant")
end

return methods
