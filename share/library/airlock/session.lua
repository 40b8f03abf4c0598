---@meta _
-- Made by `make reference` from lua/airlock/session/init.lua and lua/airlock/session/request.lua and lua/airlock/session/token.lua and lua/airlock/session/login.lua and lua/airlock/session/scope.lua and src/door/session.c and src/door/opening.c.

--- A right to act, and the requests made with it. Sessions of one Lua state that mean the same share one
--- token. They mean the same if these are equal: endpoints, client id, secret, proof, `dpop`, grant, scope,
--- resource, account, and the token handed in. If the secret comes from a function, only sessions of one
--- client share.
---
--- In Lua 5.4 a session may be a `<close>` variable. `tostring(session)` gives "airlock.session (<grant>)".
---@class airlock.session
local session = {}

--- Makes a request, and gives the response whatever its status. A reader or sink that raises ends the call,
--- and its error goes on to the caller. In a host's loop both may yield. Before the program sees the answer,
--- these are dealt with:
---
--- - **A kept connection that closes without an answer**: GET, HEAD, PUT, DELETE, OPTIONS and TRACE are sent
--- again (RFC 9110 section 9.2.2). POST, PATCH and any other method are sent once, and fail with
--- `network/empty_reply` or `network/cut_off`: the server may have carried the request out, and only the
--- program knows whether it may do so twice. A body that is read while it goes out uses a connection that
--- nobody used before.
--- - **An answer over HTTP/2 that is whole before the body is out** is the answer, if its length is told.
--- Without a length libcurl 7.88 waits as long as `timeout` says.
--- - **401, 429 and 503** say that the request was not carried out, so it may be repeated whatever its
--- method.
--- - **401**: the token is dropped and renewed, and the request is sent again, once (RFC 6750 section 3.1).
--- It isn't if the token can't be renewed, or if `WWW-Authenticate` says `insufficient_scope` or
--- `invalid_dpop_proof`. Nor is it if a reader or a pipe has begun to give the body; then the token is
--- dropped for the next call.
--- - **429 and 503** are repeated up to `retries` times (RFC 9110 section 10.2.3). The wait is what
--- `Retry-After` says, in seconds or as a date, measured by the answer's own `Date`. Without it the wait is
--- random: at most 0.5 s, then 1 s, 2 s and so on up to 15 s. If the wait would go beyond the time-out, the
--- answer is given at once.
--- - **301, 302, 303, 307, 308** are followed up to five times for GET and HEAD (RFC 9110 section 15.4). For
--- other methods a 303 is followed as a GET without a body; a 307 or 308 within the origin is followed with
--- the body. Any other redirect is the answer.
--- - No redirect is followed from https to http, nor inside from elsewhere (docs/configuration.md). The token
--- doesn't go to another origin, nor on a redirect back from there. Of the program's headers these go along:
--- `Accept` and its like, `Range`, `If-…`, `Cache-Control`, `Pragma`, `Prefer`, `Priority`, `User-Agent`
--- and `Want-…-Digest`. Any other header may be a credential, whatever its name (`Cookie`, `X-Api-Key`),
--- and stays behind.
--- - A body packed with gzip, deflate, brotli or zstd is unpacked, as far as this libcurl can.
---
--- Source: RFC 6750, RFC 9110; Space: "HTTP API"
---@param options airlock.request_options
---@return airlock.response? response whatever its status
---@return string? message
---@return airlock.failure? detail of kind "network" ("timeout", "tls", "too_large" …), "cancelled" if the
--- sink or reader gave up or gave another length than was told, or "oauth" or "store" if no token could be
--- had
---@overload fun(self: airlock.session, options: airlock.request_options, callback: fun(response: airlock.response?, message: string?, detail: airlock.failure?)): airlock.task?
function session:request(options) end

--- GETs a path and decodes its JSON. JSON's null is `airlock.null`, never nil.
---
--- Source: RFC 9110 section 9.3.1, RFC 8259
---@param path string relative to `base_url`, or a whole URL of the same origin
---@param parameters? table<string, any>|string the query
---@param options? airlock.method_options
---@return any value the decoded body; true if it is empty
---@return string? message
---@return airlock.failure? detail of kind "http" for a status of 300 or more, or "malformed_response" if the
--- body isn't JSON; else as of `session:request`
---@overload fun(self: airlock.session, path: string, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.session, path: string, parameters?: table<string, any>|string, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.session, path: string, parameters?: table<string, any>|string, options?: airlock.method_options, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
function session:get(path, parameters, options) end

--- DELETEs a path and decodes the JSON that comes back.
---
--- Source: RFC 9110 section 9.3.5
---@param path string relative to `base_url`, or a whole URL of the same origin
---@param parameters? table<string, any>|string the query
---@param options? airlock.method_options
---@return any value the decoded body; true if it is empty
---@return string? message
---@return airlock.failure? detail of kind "http" for a status of 300 or more, or "malformed_response"; else
--- as of `session:request`
---@overload fun(self: airlock.session, path: string, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.session, path: string, parameters?: table<string, any>|string, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.session, path: string, parameters?: table<string, any>|string, options?: airlock.method_options, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
function session:delete(path, parameters, options) end

--- POSTs a value as JSON and decodes the JSON that comes back. A value that JSON can't hold raises.
---
--- Source: RFC 9110 section 9.3.3, RFC 8259
---@param path string relative to `base_url`, or a whole URL of the same origin
---@param value? any nil: no body
---@param options? airlock.body_method_options
---@return any value the decoded body; true if it is empty
---@return string? message
---@return airlock.failure? detail of kind "http" for a status of 300 or more, or "malformed_response"; else
--- as of `session:request`
---@overload fun(self: airlock.session, path: string, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.session, path: string, value?: any, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.session, path: string, value?: any, options?: airlock.body_method_options, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
function session:post(path, value, options) end

--- PUTs a value as JSON and decodes the JSON that comes back. A value that JSON can't hold raises.
---
--- Source: RFC 9110 section 9.3.4, RFC 8259
---@param path string relative to `base_url`, or a whole URL of the same origin
---@param value? any nil: no body
---@param options? airlock.body_method_options
---@return any value the decoded body; true if it is empty
---@return string? message
---@return airlock.failure? detail of kind "http" for a status of 300 or more, or "malformed_response"; else
--- as of `session:request`
---@overload fun(self: airlock.session, path: string, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.session, path: string, value?: any, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.session, path: string, value?: any, options?: airlock.body_method_options, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
function session:put(path, value, options) end

--- PATCHes with a value as JSON and decodes the JSON that comes back. A value that JSON can't hold raises.
---
--- Source: RFC 5789, RFC 8259
---@param path string relative to `base_url`, or a whole URL of the same origin
---@param value? any nil: no body
---@param options? airlock.body_method_options
---@return any value the decoded body; true if it is empty
---@return string? message
---@return airlock.failure? detail of kind "http" for a status of 300 or more, or "malformed_response"; else
--- as of `session:request`
---@overload fun(self: airlock.session, path: string, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.session, path: string, value?: any, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.session, path: string, value?: any, options?: airlock.body_method_options, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
function session:patch(path, value, options) end

--- An iterator over all items of a list, which gets page after page as needed. The server's profile says how
--- a list goes on (docs/providers.md); without one the list comes whole. A link to the next page is followed
--- within the list's origin alone: the token goes nowhere else. A list that goes round in circles, has more
--- than 100 000 pages, or has 100 empty pages in a row, is cut.
---
--- A failure on the way is raised: a table with `message` and the fields of `airlock.failure`, whose
--- `tostring` is the message. It is as of `session:get`, or of kind "http" with "foreign_link" or
--- "endless_list". On PUC Lua 5.1, whose iterators can't yield, a page blocks also inside of
--- `airlock.gather`.
---
--- Source: RFC 8288; Space: "Get data from Space"
---@param path string relative to `base_url`, or a whole URL of the same origin
---@param parameters? table<string, any> the query
---@param options? airlock.method_options they hold for each page
---@return fun(): any iterator
function session:each(path, parameters, options) end

--- Makes many requests side by side. If one fails, the others come all the same: `assert(session:all { …
--- })` doesn't notice, so look at the second result or at `responses.failures`.
---
--- Source: docs/recipes.md
---@param requests (string|airlock.request_options)[] paths (for GET), and options as `session:request` takes
---@return table<integer|string, any> responses in the order of the requests, with `n`. A request that failed
--- leaves nil in its place and `responses.failures[i] = { message = …, detail = … }`
---@return string? message of the first that failed
---@return airlock.failure? detail of the first that failed, as of `session:request`
---@overload fun(self: airlock.session, requests: (string|airlock.request_options)[], callback: fun(responses: table<integer|string, any>, message: string?, detail: airlock.failure?)): airlock.task?
function session:all(requests) end

--- The access token, renewed if need be. It is the one call that turns a secret into text. A token that is
--- bound to a key is of no use without that key.
---
--- Source: RFC 6749 section 1.4
---@return string? token
---@return string? message
---@return airlock.failure? detail of kind "oauth", with "login_required" if the user must log in again;
--- "network" or "store"
---@overload fun(self: airlock.session, callback: fun(token: string?, message: string?, detail: airlock.failure?)): airlock.task?
function session:token() end

--- Sees to it that there is a token, without telling it.
---
--- Source: RFC 6749 section 1.4
---@param timeout? number seconds; math.huge for no limit; by default the client's
---@return true? done
---@return string? message
---@return airlock.failure? detail of kind "oauth", "network" or "store"
---@overload fun(self: airlock.session, callback: fun(done: true?, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.session, timeout?: number, callback: fun(done: true?, message: string?, detail: airlock.failure?)): airlock.task?
function session:settle(timeout) end

--- Gets a new token now, however fresh the old one is, and also while the token endpoint wants to be left
--- alone (`Retry-After`). If that fails, the old token stays in use.
---
--- Source: RFC 6749 section 6
---@return true? done
---@return string? message
---@return airlock.failure? detail of kind "oauth" with "not_renewable" for a permanent or implicit token, or
--- "login_required"; or "network", "store"
---@overload fun(self: airlock.session, callback: fun(done: true?, message: string?, detail: airlock.failure?)): airlock.task?
function session:refresh() end

--- What the newest token reply says beside its tokens, such as `instance_url`, or members that only one
--- server has. A token is got first, if there is none. It is kept in the store, too.
---
--- Source: RFC 6749 section 5.1
---@return table<string, any>? members empty for a token that no reply brought
---@return string? message
---@return airlock.failure? detail of kind "oauth", "network" or "store"
---@overload fun(self: airlock.session, callback: fun(members: table<string, any>?, message: string?, detail: airlock.failure?)): airlock.task?
function session:reply() end

--- The user as the server describes them: the claims of the newest ID token, once it was checked. Needs the
--- client's `issuer` and `jwks_uri`, and the scope `openid`.
---
--- A client that knows both checks the ID token before a login is a session:
---
--- - The signature must be right, by one of the algorithms in `id_token_signed_response_alg`. The key set is
--- fetched once more for a key that was made since.
--- - `iss`, `aud`, `azp`, `exp`, `iat` (at most a minute ahead) and the authorization's `nonce` must be
--- right, give or take `clock_skew`; also `at_hash` if it is there.
--- - If an ID token is wrong or missing, the login ends as `oauth/invalid_id_token`, and its tokens are
--- forgotten.
--- - After a refresh the new ID token must have the `iss` and `sub` of before.
---
--- Other clients don't look at ID tokens.
---
--- Source: OpenID Connect Core section 3.1.3.7
---@param options? airlock.id_token_options
---@return table<string, any>|string|nil claims `sub`, `iss`, and what else the server tells; with `raw` the
--- text
---@return string? message
---@return airlock.failure? detail of kind "oauth" with "invalid_id_token" or "no_id_token"; or "network"
---@overload fun(self: airlock.session, callback: fun(claims: table<string, any>|string|nil, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.session, options?: airlock.id_token_options, callback: fun(claims: table<string, any>|string|nil, message: string?, detail: airlock.failure?)): airlock.task?
function session:id_token(options) end

--- What the server tells of the user (UserInfo). Needs `userinfo_endpoint`, which `airlock.discover` finds,
--- and the scope `openid`. The answer must have a `sub`, and the same as the ID token, if there is one that
--- can be checked.
---
--- Source: OpenID Connect Core section 5.3
---@return table<string, any>? claims `sub`, and what else the server tells
---@return string? message
---@return airlock.failure? detail of kind "oauth" with "invalid_userinfo" if the answer is of another user;
--- else as of `session:get`
---@overload fun(self: airlock.session, callback: fun(claims: table<string, any>?, message: string?, detail: airlock.failure?)): airlock.task?
function session:userinfo() end

--- The URL to send the user's browser to, so that the server ends its own login, too. Needs
--- `end_session_endpoint`, which `airlock.discover` finds. Take the URL before `session:logout`, which
--- forgets the ID token that is its hint. An ID token isn't kept in a store; without one the server may ask
--- the user.
---
--- Source: OpenID Connect RP-Initiated Logout section 2
---@param options? airlock.logout_url_options
---@return string url
function session:logout_url(options) end

--- Asks the server about this session's access token, which is renewed first if need be. The token isn't told
--- to the program. Needs `introspection_endpoint`.
---
--- Source: RFC 7662
---@return table<string, any>? told `active`, a boolean; if true, what else the server tells
---@return string? message
---@return airlock.failure? detail of kind "oauth", with "malformed_reply" if `active` isn't a boolean,
--- "network" or "store"
---@overload fun(self: airlock.session, callback: fun(told: table<string, any>?, message: string?, detail: airlock.failure?)): airlock.task?
function session:introspect() end

--- Ends the login. The server is told if it can be: Space by `DELETE
--- …/oauth-consents/me/refresh-tokens/self`, others at `revocation_endpoint`. The tokens are forgotten
--- either way, also by all sessions that share them and in the store.
---
--- A failure says that the server couldn't be told, and the tokens live on there. If its outcome is
--- "transient", the server or the network was in trouble: log out again, after `retry_after` if it is given.
--- Until then the token to be revoked is kept in memory for that alone.
---
--- Source: RFC 7009; Space: "Revoke a refresh token"
---@return true? done
---@return string? message
---@return airlock.failure? detail of kind "oauth", "http" or "network": the server couldn't be told, and may
--- honour the tokens until they expire. If it is done, a table with `known`, whether there was a token to
--- end, and `told`, whether the server was told; one without a way to end a login isn't.
---@overload fun(self: airlock.session, callback: fun(done: true?, message: string?, detail: airlock.failure?)): airlock.task?
function session:logout() end

--- Gets more scope: the words of `scope` beside those that the session has. A session by client credentials
--- asks for all of them at once. One of a user's, by authorization code, logs the user in anew, as
--- `client:login` does, with the options of the login before. The old login serves until the new one is
--- there. If that doesn't come, or is another user's, the session stays as it is. Other grants can't: begin a
--- new session with the scope that the message names.
---
--- The server may grant less than was asked for. If the session has all of it already, no server is asked.
---
--- Source: RFC 6749 section 3.3, RFC 6750 section 3.1
---@param scope string what is missing, or all that is wanted
---@param options? airlock.widen_options
---@return string? granted the scope that the session has now, as the server says it, else as asked for
---@return string? message
---@return airlock.failure? detail of kind "oauth" with "cannot_widen" for other grants; else as of
--- `client:login`
---@overload fun(self: airlock.session, scope: string, callback: fun(granted: string?, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.session, scope: string, options?: airlock.widen_options, callback: fun(granted: string?, message: string?, detail: airlock.failure?)): airlock.task?
function session:widen(scope, options) end

--- The facts of the session, nothing secret. No server is asked.
---
--- Source: RFC 6749 section 5.1
---@return airlock.session_facts facts
function session:info() end

--- what the newest reply says beside its tokens, as JSON; nil: none is known.
function session:reply_text() end

--- the token as text if it is fresh, else nil: the part of session:token() that asks no server.
function session:fresh_token() end

--- whether it can make a request without the user: it has a token that lives, or can get one. Then: whether a
--- logout couldn't revoke what it had, and may be tried again.
function session:ready() end

--- wipes all that it knew. `retry`: all but what another try to revoke needs. From now on it says
--- login_required.
function session:forget() end

--- the client's own table of what its configuration keeps for Lua: `on_event`, `loop`, `scope`,
--- `redirect_uri`, `clock_skew`, `provider`, and `proof`, the function that gives `client_secret` or
--- `private_key`. Read it, don't change it.
function session:settings() end

--- Ends the session's calls under way (`cancelled/closed`) and lets go of the token. The token stays cached
--- for other sessions that mean the same. Calls of a session that is only collected go on. A second time does
--- nothing; any other use of the session then raises.
---
--- Source: docs/failures.md
function session:close() end

--- the next token is asked for with these, once; then they are wiped. RFC 6749 section 4.3.
function session:open_password() end

--- the next token is asked for with the code, every `interval` seconds. RFC 8628.
function session:open_device() end

--- the next tokens are asked for with what the program's function gives: a call then wants an "opening".
function session:ask_opening() end

--- the next tokens are what the program's function gives: a call then wants a "source".
function session:ask_source() end

--- the next tokens are asked for with this form, again and again.
function session:open_standing() end

--- the next tokens are asked for with an assertion that is signed for each. No key and no file: the client's
--- own key; `more` is further claims, as members of a JSON object. RFC 7523 section 2.1.
function session:open_signer() end
