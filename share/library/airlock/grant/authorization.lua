---@meta _
-- Made by `make reference` from lua/airlock/grant/authorization.lua and src/door/authorization.c.

--- A user's login that waits for its redirect: send the browser to `.url`, and hand the redirect to
--- `:finish`. `tostring` shows no secret.
---@class airlock.authorization
---@field url string the URL for the user's browser
---@field state string 256 random bits that tell the login from others; spent with the first redirect that has
--- them (RFC 6749 section 10.12)
---@field scope? string the scope that is asked for (RFC 6749 section 3.3)
---@field redirect_uri? string the URL that the browser comes back to (RFC 6749 section 3.1.2)
---@field implicit boolean whether it is of the implicit flow
local authorization = {}

--- Reads the redirect that the browser came back with, and redeems what it brought. If the redirect isn't
--- ours, the token endpoint isn't asked.
---
--- Source: RFC 6749 section 4.1.2 to 4.1.4, RFC 9207
---@param redirect string the whole URL, or from its path or "?" on
---@param options? airlock.finish_options
---@return airlock.session? session
---@return string? message
---@return airlock.failure? detail of kind "state" if the redirect isn't ours, "oauth" if the server or the
--- user said no ("access_denied" …), "network" or "store". The codes of kind "state" are "state_mismatch",
--- "state_spent", "issuer_mismatch", "repeated_parameter", "malformed_redirect" and "too_large".
---@overload fun(self: airlock.authorization, redirect: string, callback: fun(session: airlock.session?, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.authorization, redirect: string, options?: airlock.finish_options, callback: fun(session: airlock.session?, message: string?, detail: airlock.failure?)): airlock.task?
function authorization:finish(redirect, options) end

--- The authorization as text to keep between two web requests; `client:authorization(saved)` restores it. The
--- text is encrypted and sealed with a key made from the client's configuration and its `seal_key`, else its
--- secret or private key, and holds none of them. A client without any of these has only public data to seal
--- with: this raises, unless `public` says that the text is kept where only the program can read and write
--- it.
---
--- Source: RFC 6749 section 10.12
---@param options? airlock.save_options
---@return string saved
function authorization:save(options) end

--- text to keep between two requests; it holds no client secret, and can't be read or altered without it.
--- Raises where the client has nothing that others don't know, unless `public`.
function authorization:seal() end

--- reads the redirect and opens the session with what it brought: true; or nil, message, detail. The exchange
--- itself (RFC 6749 section 4.1.3) is the session's next step.
function authorization:redeem() end

--- the request's fields as a form, but for client_id: what is pushed (RFC 9126 section 2.1).
function authorization:fields() end

--- it was pushed, and its URL only refers to it from now on.
function authorization:refer() end

--- whether that is its state, compared in constant time.
function authorization:matches() end
