---@meta _
-- Made by `make reference` from lua/airlock/client.lua and lua/airlock/grant/init.lua and lua/airlock/client/server.lua and src/door/client.c.

--- The application as it is registered at an authorization server (RFC 6749 section 2). A client asks no
--- server by itself; each grant gives a session. `tostring(client)` gives "airlock.client (<client_id>)".
---@class airlock.client
local client = {}

--- A session on behalf of the application itself. Needs `token_endpoint`, `client_id` and a proof, such as
--- `client_secret`. The server is asked when a token is first needed.
---
--- Source: RFC 6749 section 4.4; Space: "Client Credentials"
---@param options? airlock.client_credentials_options
---@return airlock.session session
function client:client_credentials(options) end

--- A session with a token that was made by hand and lasts until it is revoked. It is never renewed, and is
--- sent as Bearer even with `dpop`. No server is asked. It needs `base_url` for relative paths, and nothing
--- else.
---
--- Source: RFC 6750; Space: "Permanent tokens"
---@param token string 1 to 65 536 visible ASCII characters; anything else raises
---@return airlock.session session
function client:permanent_token(token) end

--- A session whose token comes from somewhere else: another program, a cloud, a file. `source` is one of
--- `airlock.source`, or a function that gives `token, seconds`, or a table as a token reply has it: `{
--- access_token = …, expires_in = …, token_type = …, scope = … }`. Without seconds the token serves
--- until it is refused. A function that can't give one gives `nil, message`. It may yield where the client's
--- loop lets it.
---
--- The token is kept, renewed and shared like any other: the function is asked once, however many wait. After
--- a 401 it is asked once more. Sources of the same `identity` share their token, also in the client's store;
--- a function without one is like no other. No server is asked, and the client needs no more than `base_url`.
---
--- Source: docs/sources.md
---@param source fun(): string|table?, number|string? | airlock.token_source
---@param options? airlock.token_source_options
---@return airlock.session session its requests fail as of kind "oauth" with "source_failed" if the source
--- does
function client:token_source(source, options) end

--- A session without a token, for what an API gives to anybody. A 401 is an answer like any other. No token
--- endpoint is asked, and the client needs no more than `base_url`. Its `cert_file` and `headers` go along.
--- All requests of a session work; what is about its token fails with `oauth/no_token`.
---
--- Source: RFC 9110 section 11
---@return airlock.session session
function client:anonymous() end

--- A session from a refresh token that the program kept itself. A new refresh token in an answer replaces it;
--- a newer one in the client's store wins. The server is asked when a token is first needed. Needs
--- `token_endpoint` and `client_id`. A public client needs the key that a bound token came with, as
--- `dpop.private_key`.
---
--- Source: RFC 6749 section 6; Space: "Refresh token"
---@param refresh_token string 1 to 65 536 visible ASCII characters; anything else raises
---@param options? airlock.refresh_token_options
---@return airlock.session session
function client:refresh_token(refresh_token, options) end

--- Begins a login on behalf of a user: authorization code with PKCE by S256, always. With option `par` the
--- request is pushed first, and so the server is asked (RFC 9126).
---
--- Source: RFC 6749 section 4.1, RFC 7636; Space: "Authorization Code"
---@param options? airlock.authorization_code_options
---@return airlock.authorization? authorization `.url` to send the browser to, then `:finish(redirect_url)`
---@return string? message
---@return airlock.failure? detail of kind "oauth" or "network", if the request was to be pushed and wasn't
--- taken
---@overload fun(self: airlock.client, callback: fun(authorization: airlock.authorization?, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.client, options?: airlock.authorization_code_options, callback: fun(authorization: airlock.authorization?, message: string?, detail: airlock.failure?)): airlock.task?
function client:authorization_code(options) end

--- Restores an authorization that was saved, in another request, process or worker.
---
--- Source: RFC 6749 section 10.12
---@param saved string what `authorization:save()` gave
---@return airlock.authorization? authorization
---@return string? message
---@return airlock.failure? detail of kind "state": "altered", or "expired" after 24 hours
function client:authorization(saved) end

--- Begins a login by the implicit flow. **Deprecated** (RFC 9700 section 2.1.2): the token travels in a URL,
--- and there is no refresh token. Use `client:authorization_code` if the server has it. `on_event` is told so
--- once a client. With `dpop` it raises, unless `allow_bearer` is true.
---
--- Source: RFC 6749 section 4.2; Space: "Implicit"
---@param options? airlock.implicit_options
---@return airlock.authorization authorization its `:finish` reads the fragment
function client:implicit(options) end

--- A session with a user's name and password. **Not recommended** (RFC 9700 section 2.4): the program sees
--- the password. The server is asked for the token at once, and the password is wiped. `on_event` is told so
--- once a client.
---
--- Source: RFC 6749 section 4.3; Space: "Resource Owner Password Credentials"
---@param options airlock.password_options
---@return airlock.session? session
---@return string? message
---@return airlock.failure? detail of kind "oauth", with "invalid_grant" if the name or the password is wrong;
--- or "network", "store"
---@overload fun(self: airlock.client, options: airlock.password_options, callback: fun(session: airlock.session?, message: string?, detail: airlock.failure?)): airlock.task?
function client:password(options) end

--- Begins a login on another device. Needs `device_authorization_endpoint`, which is asked at once. The
--- `verification_uri` of the answer must be a page of the web that the server may name
--- (docs/configuration.md).
---
--- Source: RFC 8628
---@param options? airlock.device_code_options
---@return airlock.device? device shows its `.user_code` and `.verification_uri`; then `:wait()`
---@return string? message
---@return airlock.failure? detail of kind "oauth", such as "malformed_reply", or "network"
---@overload fun(self: airlock.client, callback: fun(device: airlock.device?, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.client, options?: airlock.device_code_options, callback: fun(device: airlock.device?, message: string?, detail: airlock.failure?)): airlock.task?
function client:device_code(options) end

--- The session of a user who logged in before, in this process or another: by the account's name, from the
--- client's store. The server is asked only if the token is stale. If there is no login with that scope, one
--- that has all of it and more serves, the narrowest first, unless `exact_scope` is true.
---
--- Source: docs/store.md
---@param options? airlock.session_options
---@return airlock.session? session
---@return string? message
---@return airlock.failure? detail of kind "oauth", with "login_required" if no such login is kept or it is
--- over; or "network", "store"
---@overload fun(self: airlock.client, callback: fun(session: airlock.session?, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.client, options?: airlock.session_options, callback: fun(session: airlock.session?, message: string?, detail: airlock.failure?)): airlock.task?
function client:session(options) end

--- A session of the user at this machine, through the browser and a redirect to this program. A login of the
--- same account that is still good needs no browser, if it has the scope, or more and `exact_scope` isn't
--- true. In nginx it raises, as the user is elsewhere.
---
--- With `max_age`, `acr_values`, `claims`, `prompt` or `authorization_details` the user is always asked. The
--- ID token's `auth_time` and `acr` must then be as `max_age` and `acr_values` (or an essential `acr` in
--- `claims`) want them, where ID tokens are checked; otherwise the login ends as `oauth/invalid_id_token`.
---
--- It binds a listener on 127.0.0.1 (or [::1]), then opens the browser. The URL is printed to standard error
--- as well, for a browser elsewhere. At a terminal the address that such a browser ended at may be pasted.
--- Only a GET of the right path with the right state ends the wait.
---
--- If the client's `redirect_uri` leads to this machine, it says host, path and port as they are registered.
--- Otherwise the redirect URI is `http://127.0.0.1:<port>/callback`.
---
--- Source: RFC 8252
---@param options? airlock.login_options
---@return airlock.session? session
---@return string? message
---@return airlock.failure? detail of kind "cancelled" with "timeout" if nobody came; "network" with
--- "port_taken"; "oauth", if the server or the user said no; or "state"
---@overload fun(self: airlock.client, callback: fun(session: airlock.session?, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.client, options?: airlock.login_options, callback: fun(session: airlock.session?, message: string?, detail: airlock.failure?)): airlock.task?
function client:login(options) end

--- A session by an assertion: a JWT signed by somebody whom the server trusts. It is renewed by the same
--- assertion, by the function's next one, or by a new one signed with the key. The server is asked when a
--- token is first needed. Needs `token_endpoint` and `client_id`. A session whose assertion is a function's
--- shares its token with no other.
---
--- Source: RFC 7523 section 2.1
---@param options airlock.jwt_bearer_options
---@return airlock.session session
function client:jwt_bearer(options) end

--- A session by a token that is exchanged for another, for another service or on behalf of a user. The server
--- is asked when a token is first needed. Needs `token_endpoint` and `client_id`. A session whose token comes
--- of a function or another session shares it with no other.
---
--- The server may give something that isn't an access token (type `N_A`). `session:token()` tells it, but no
--- request is made with it: `oauth/not_an_access_token`.
---
--- Source: RFC 8693
---@param options airlock.token_exchange_options
---@return airlock.session session `session:info().issued_token_type` says what came
function client:token_exchange(options) end

--- A session by a grant of the program's own: the fields go to the token endpoint as they are, with the
--- client's proof, whenever a token is needed. Needs `token_endpoint` and `client_id`. Sessions with the same
--- fields share their token.
---
--- Source: RFC 6749 section 4.5
---@param fields table<string, string|string[]> `grant_type`, and what else the grant wants
---@return airlock.session session
function client:grant(fields) end

--- Checks an access token that is a JWT against the server's key set, as `airlock.guard` does: signature,
--- `typ`, `exp`, which must be there, `nbf`, `aud`, and `iss` if it is known, give or take `clock_skew`. ID
--- tokens, logout tokens and other JWTs of the server aren't taken. The signature may be RS, PS or ES with
--- 256, 384, 512, or EdDSA, and the key is found by `kid`; RSA keys have 2048 bits or more.
---
--- Only the keys are fetched; they are kept for an hour, fetched once more for an unknown key, and served for
--- a day longer if the server is down. Needs `jwks_uri`, and an audience: the option's, or the `client_id`.
---
--- Source: RFC 9068, RFC 7519, RFC 8725; Space: "Offline validation"
---@param token string
---@param wanted? airlock.verify_options
---@return table<string, any>? claims
---@return string? message
---@return airlock.failure? detail of kind "oauth" with "invalid_token"; or "network", if the keys can't be
--- fetched
---@overload fun(self: airlock.client, token: string, callback: fun(claims: table<string, any>?, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.client, token: string, wanted?: airlock.verify_options, callback: fun(claims: table<string, any>?, message: string?, detail: airlock.failure?)): airlock.task?
function client:verify(token, wanted) end

--- The server's metadata, for a client of `airlock.discover`.
---
--- Source: RFC 8414 section 2
---@return table<string, any>? metadata a table of its own, with the defaults of the RFC for missing members
--- (`scopes_supported`, `code_challenge_methods_supported` …); nil for a client that was configured by hand
function client:metadata() end

--- Asks the server about a token that somebody showed, anew each time. An API does so with a token that it
--- can't read itself. Needs `introspection_endpoint`.
---
--- Source: RFC 7662
---@param token string an access or refresh token
---@param options? airlock.token_options
---@return table<string, any>? told `active`, a boolean; if true, also what the server tells: `scope`,
--- `client_id`, `sub`, `exp`, `aud` …
---@return string? message
---@return airlock.failure? detail of kind "oauth", with "malformed_reply" if `active` isn't a boolean; or
--- "network"
---@overload fun(self: airlock.client, token: string, callback: fun(told: table<string, any>?, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.client, token: string, options?: airlock.token_options, callback: fun(told: table<string, any>?, message: string?, detail: airlock.failure?)): airlock.task?
function client:introspect(token, options) end

--- Ends a token that the program has as text; `session:logout` ends a session's. A 503 is repeated as told.
--- Needs `revocation_endpoint`.
---
--- Source: RFC 7009
---@param token string an access or refresh token
---@param options? airlock.token_options
---@return true? done also for a token that the server doesn't know
---@return string? message
---@return airlock.failure? detail of kind "oauth" or "network": the token still lives
---@overload fun(self: airlock.client, token: string, callback: fun(done: true?, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.client, token: string, options?: airlock.token_options, callback: fun(done: true?, message: string?, detail: airlock.failure?)): airlock.task?
function client:revoke(token, options) end

--- The registration of a client of `airlock.register`: `client_id`, `client_secret`,
--- `registration_access_token`, `registration_client_uri` and the metadata. It holds secrets as text: keep it
--- where only the program can read it. `airlock.registered` makes the client of it again.
---
--- Source: RFC 7591 section 3.2.1
---@return table<string, any>? registration a copy; nil: the client was registered by hand
function client:registration() end

--- Asks for the registration as it is now. Raises for a client whose registration can't be managed.
---
--- Source: RFC 7592 section 2.1
---@return airlock.client? client a new one, with the registration
---@return string? message
---@return airlock.failure? detail of kind "oauth", with "invalid_token" if the registration is gone, or
--- "network"
---@overload fun(self: airlock.client, callback: fun(client: airlock.client?, message: string?, detail: airlock.failure?)): airlock.task?
function client:read_registration() end

--- Changes the registration. Token and secret may be others from then on: keep the new client's registration,
--- and forget the old client.
---
--- Source: RFC 7592 section 2.2
---@param metadata table<string, any> the members to change; `airlock.null` takes a member away
---@return airlock.client? client a new one; the old one may be refused from now on
---@return string? message
---@return airlock.failure? detail of kind "oauth", with the server's code such as "invalid_client_metadata",
--- or "network"
---@overload fun(self: airlock.client, metadata: table<string, any>, callback: fun(client: airlock.client?, message: string?, detail: airlock.failure?)): airlock.task?
function client:update_registration(metadata) end

--- Ends the registration.
---
--- Source: RFC 7592 section 2.3
---@return true? done the client is unknown to the server
---@return string? message
---@return airlock.failure? detail of kind "oauth" or "network"
---@overload fun(self: airlock.client, callback: fun(done: true?, message: string?, detail: airlock.failure?)): airlock.task?
function client:delete_registration() end

--- what its configuration keeps for Lua: loop, provider …; not for programs.
function client:settings() end

--- whether the configuration names it.
function client:has() end
