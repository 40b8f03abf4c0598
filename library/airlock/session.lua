---@meta _
-- Made by `make reference` from lua/airlock/session/init.lua and lua/airlock/session/endpoints.lua and src/door/session.c and src/door/opening.c.

--- A right to act, and the requests made with it. Sessions of one Lua state that mean the same (server,
--- client, proof, grant, scope, resource, account) share one token. In Lua 5.4 a session may be a `<close>`
--- variable. `tostring(session)` gives "airlock.session (<grant>)".
---@class airlock.session
local session = {}

--- Makes a request, whatever comes back. A 401 renews the token once and sends the request again, if its body
--- can be sent again; 429 and 503 are repeated as told, up to `retries` times; redirects are followed five
--- times at most, the token never to another origin.
---
--- Source: RFC 6750, RFC 9110; Space: "HTTP API"
---@param options airlock.request_options
---@return airlock.response? response whatever its status
---@return string? message
---@return airlock.failure? detail of kind "network", such as "timeout", "tls" or "too_large"; "cancelled",
--- where the sink or reader gave up; or "oauth", "store", where no token could be had
---@overload fun(self: airlock.session, options: airlock.request_options, callback: fun(response: airlock.response?, message: string?, detail: airlock.failure?)): airlock.task?
function session:request(options) end

--- GETs a path and decodes its JSON. JSON's null is `airlock.null`, never nil.
---
--- Source: RFC 9110 section 9.3.1, RFC 8259
---@param path string relative to `base_url`, or a whole URL of the same origin
---@param parameters? table<string, any>|string the query
---@return any value the decoded body; true where it is empty
---@return string? message
---@return airlock.failure? detail of kind "http" for a status of 300 or more, or "malformed_response" where
--- the body isn't JSON; else as of `session:request`
---@overload fun(self: airlock.session, path: string, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.session, path: string, parameters?: table<string, any>|string, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
function session:get(path, parameters) end

--- DELETEs a path and decodes the JSON that comes back.
---
--- Source: RFC 9110 section 9.3.5
---@param path string relative to `base_url`, or a whole URL of the same origin
---@param parameters? table<string, any>|string the query
---@return any value the decoded body; true where it is empty
---@return string? message
---@return airlock.failure? detail of kind "http" for a status of 300 or more, or "malformed_response"; else
--- as of `session:request`
---@overload fun(self: airlock.session, path: string, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.session, path: string, parameters?: table<string, any>|string, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
function session:delete(path, parameters) end

--- POSTs a value as JSON and decodes the JSON that comes back. A value that JSON can't hold raises.
---
--- Source: RFC 9110 section 9.3.3, RFC 8259
---@param path string relative to `base_url`, or a whole URL of the same origin
---@param value? any nil: no body
---@return any value the decoded body; true where it is empty
---@return string? message
---@return airlock.failure? detail of kind "http" for a status of 300 or more, or "malformed_response"; else
--- as of `session:request`
---@overload fun(self: airlock.session, path: string, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.session, path: string, value?: any, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
function session:post(path, value) end

--- PUTs a value as JSON and decodes the JSON that comes back. A value that JSON can't hold raises.
---
--- Source: RFC 9110 section 9.3.4, RFC 8259
---@param path string relative to `base_url`, or a whole URL of the same origin
---@param value? any nil: no body
---@return any value the decoded body; true where it is empty
---@return string? message
---@return airlock.failure? detail of kind "http" for a status of 300 or more, or "malformed_response"; else
--- as of `session:request`
---@overload fun(self: airlock.session, path: string, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.session, path: string, value?: any, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
function session:put(path, value) end

--- PATCHes with a value as JSON and decodes the JSON that comes back. A value that JSON can't hold raises.
---
--- Source: RFC 5789, RFC 8259
---@param path string relative to `base_url`, or a whole URL of the same origin
---@param value? any nil: no body
---@return any value the decoded body; true where it is empty
---@return string? message
---@return airlock.failure? detail of kind "http" for a status of 300 or more, or "malformed_response"; else
--- as of `session:request`
---@overload fun(self: airlock.session, path: string, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.session, path: string, value?: any, callback: fun(value: any, message: string?, detail: airlock.failure?)): airlock.task?
function session:patch(path, value) end

--- All items of a paged list, page after page, got as they are needed; how a list goes on is said by the
--- server's profile (`paging`). A failure on the way is raised: a table with `message` and the fields of
--- `airlock.failure`, as of `session:get`, or of kind "http" with "foreign_link" or "endless_list".
---
--- Source: RFC 8288; Space: "Get data from Space"
---@param path string relative to `base_url`, or a whole URL of the same origin
---@param parameters? table<string, any> the query
---@return fun(): any iterator
function session:each(path, parameters) end

--- Makes many requests side by side.
---
--- Source: docs/reference.md
---@param requests (string|airlock.request_options)[] paths (for GET), and options as `session:request` takes
---@return table<integer|string, any> responses in the order of the requests, with `n`. A request that failed
--- leaves nil in its place and `responses.failures[i] = { message = …, detail = … }`
---@return string? message of the first that failed
---@return airlock.failure? detail of the first that failed, as of `session:request`
---@overload fun(self: airlock.session, requests: (string|airlock.request_options)[], callback: fun(responses: table<integer|string, any>, message: string?, detail: airlock.failure?)): airlock.task?
function session:all(requests) end

--- The access token, renewed if need be. The one call that turns a secret into text.
---
--- Source: RFC 6749 section 1.4
---@return string? token
---@return string? message
---@return airlock.failure? detail of kind "oauth", with "login_required" where the user must log in again;
--- "network" or "store"
---@overload fun(self: airlock.session, callback: fun(token: string?, message: string?, detail: airlock.failure?)): airlock.task?
function session:token() end

--- Sees to it that there is a token, without telling it.
---
--- Source: RFC 6749 section 1.4
---@param timeout? number seconds; math.huge: no limit; by default the client's
---@return true? done
---@return string? message
---@return airlock.failure? detail of kind "oauth", "network" or "store"
---@overload fun(self: airlock.session, callback: fun(done: true?, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.session, timeout?: number, callback: fun(done: true?, message: string?, detail: airlock.failure?)): airlock.task?
function session:settle(timeout) end

--- Gets a new token now, however fresh the old one. Where it fails, the old token stays in use.
---
--- Source: RFC 6749 section 6
---@return true? done
---@return string? message
---@return airlock.failure? detail kind "oauth" with "not_renewable" for a permanent or implicit token; or
--- "login_required"; or "network", "store"
---@overload fun(self: airlock.session, callback: fun(done: true?, message: string?, detail: airlock.failure?)): airlock.task?
function session:refresh() end

--- Who the user is, as the server says it: the claims of the newest ID token, once signature, `iss`, `aud`,
--- `azp`, `exp`, `iat` and `at_hash` are right. Needs the client's `issuer` and `jwks_uri`, and the scope
--- `openid`.
---
--- Source: OpenID Connect Core section 3.1.3.7
---@return table<string, any>? claims `sub`, `iss`, and whatever the server tells
---@return string? message
---@return airlock.failure? detail kind "oauth" with "invalid_id_token" or "no_id_token"; or "network"
---@overload fun(self: airlock.session, callback: fun(claims: table<string, any>?, message: string?, detail: airlock.failure?)): airlock.task?
function session:id_token() end

--- Asks the server about this session's access token, which is renewed first if need be. Needs
--- `introspection_endpoint`.
---
--- Source: RFC 7662
---@return table<string, any>? told `active`, a boolean; if true, whatever the server tells
---@return string? message
---@return airlock.failure? detail of kind "oauth", with "malformed_reply" where `active` isn't a boolean,
--- "network" or "store"
---@overload fun(self: airlock.session, callback: fun(told: table<string, any>?, message: string?, detail: airlock.failure?)): airlock.task?
function session:introspect() end

--- Ends the login: revoked at the server where it can be, forgotten here either way (and by all sessions that
--- share it), and removed from the store. Where the server is in trouble, a second logout tries to revoke
--- again.
---
--- Source: RFC 7009; Space: "Revoke a refresh token"
---@return true? done
---@return string? message
---@return airlock.failure? detail of kind "oauth", "http" or "network": the server couldn't be told, and may
--- honour the tokens until they expire
---@overload fun(self: airlock.session, callback: fun(done: true?, message: string?, detail: airlock.failure?)): airlock.task?
function session:logout() end

--- What the session is, nothing secret. Asks nobody.
---
--- Source: docs/reference.md
---@return airlock.session_facts facts
function session:info() end

--- the token where it is fresh, else nil: the quick way of session:token().
function session:fresh_token() end

--- whether it can make a request without the user: it has a token that lives, or can get one; and whether a
--- logout couldn't revoke what it had, and may be tried again.
function session:ready() end

--- what it knew is wiped, but for what another try to revoke needs, if `retry`; from now on it says
--- login_required.
function session:forget() end

--- what the client's configuration keeps for Lua: loop, provider …; not for programs.
function session:settings() end

--- Lets go: its calls under way end as `cancelled/closed` (those of a session that is only collected go on),
--- and its token stays cached for others that mean the same. A second time does nothing; any other use then
--- raises.
---
--- Source: docs/reference.md
function session:close() end

--- the next token is asked for with these, once; then they are wiped. RFC 6749 section 4.3.
function session:open_password() end

--- the next token is asked for with the code, every `interval` seconds. RFC 8628.
function session:open_device() end

--- the next tokens are asked for with what the program's function gives: a call then wants an "opening".
function session:ask_opening() end

--- the next tokens are asked for with this form, again and again.
function session:open_standing() end

--- the next tokens are asked for with an assertion that is signed for each. No key and no file: the client's
--- own key; `more` is further claims, as members of a JSON object. RFC 7523 section 2.1.
function session:open_signer() end
