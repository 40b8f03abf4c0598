---@meta _
-- Made by `make reference` from lua/airlock/guard/init.lua and lua/airlock/guard/nginx.lua.

--- A guard: checks the tokens that requests show. `tostring(guard)` gives "airlock.guard (<audience>)".
---@class airlock.guard
local guard = {}

---@class airlock.guard
local guard = {}

--- Checks the token of a request: that it is of this server, for this API, in time, and shown by the one whom
--- it was given to. A JWT is checked by its signature (RFC 9068), another token by asking the server (RFC
--- 7662); a token that was seen before costs neither.
---
--- Source: RFC 6750, RFC 9449 section 7, RFC 8705 section 3
---@param asked airlock.guard_request
---@return airlock.claims? who the claims, a table of the program's own
---@return string? message
---@return airlock.failure? detail with `status` (400, 401, 403, 503), `www_authenticate`, and all `headers`
--- to be sent; of kind "oauth" with "no_token", "invalid_request", "invalid_token", "insufficient_scope",
--- "invalid_dpop_proof", "use_dpop_nonce", or why the server can't be asked
---@overload fun(self: airlock.guard, asked: airlock.guard_request, callback: fun(who: airlock.claims?, message: string?, detail: airlock.failure?)): airlock.task?
function guard:check(asked) end

--- Whether a token may do something.
---
--- Source: RFC 6750 section 3.1
---@param who airlock.claims of `guard:check`
---@param scope string the words that it must have, with spaces between them
---@return true? granted
---@return string? message
---@return airlock.failure? detail of kind "oauth" with "insufficient_scope", as of `guard:check`, with status
--- 403
function guard:require(who, scope) end

--- What this API says about itself, for clients that know no more than its address. It belongs, as JSON, at
--- `/.well-known/oauth-protected-resource`, followed by the path of `resource`. Needs `resource`.
---
--- Source: RFC 9728 section 2
---@return table<string, any> document
function guard:metadata() end

--- In nginx, in `access_by_lua`: lets a request with a good token pass, and leaves the claims in
--- `ngx.ctx.airlock`. Any other request is answered, and goes no further.
---
--- Source: docs/guard.md
---@param scope? string the words that the token must have, beside those of the guard's `scope`
---@return airlock.claims who
function guard:protect(scope) end

--- In nginx, in `content_by_lua`: answers with the document of `guard:metadata`.
---
--- Source: RFC 9728 section 3.2
function guard:tell() end
