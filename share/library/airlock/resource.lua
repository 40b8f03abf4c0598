---@meta _
-- Made by `make reference` from lua/airlock/resource/init.lua.

--- A protected resource: requests to it, with a token that is got when it asks for one. `tostring(resource)`
--- gives "airlock.resource (<url>)".
---@class airlock.resource
---@field url string its address
local resource = {}

--- Makes a request, as `session:request` does. `url` is relative to the resource's address; left out, it is
--- that.
---
--- Source: RFC 9728, RFC 6750
---@param options airlock.request_options
---@return airlock.response? response whatever its status, but a 401 that a login could mend, and a 403 that
--- more scope could
---@return string? message
---@return airlock.failure? detail as of `session:request`, or of the login: of kind "oauth" with
--- "resource_metadata_not_found", "resource_mismatch", "no_authorization_server", "unregistered_client",
--- "unsupported_pkce", "insufficient_scope" …
function resource:request(options) end

--- GETs a path and decodes its JSON, as `session:get` does.
---
--- Source: RFC 9728
---@param path? string relative to the resource's address; nil or "": that itself
---@param query? table<string, any>|string
---@param options? airlock.method_options
---@return any value the decoded body; true if it is empty
---@return string? message
---@return airlock.failure? detail as of `session:get`, or of the login, as of `resource:request`
function resource:get(path, query, options) end

--- DELETEs a path and decodes the JSON that comes back, as `session:delete` does.
---
--- Source: RFC 9728
---@param path? string relative to the resource's address; nil or "": that itself
---@param query? table<string, any>|string
---@param options? airlock.method_options
---@return any value the decoded body; true if it is empty
---@return string? message
---@return airlock.failure? detail as of `resource:get`
function resource:delete(path, query, options) end

--- POSTs a value as JSON and decodes the JSON that comes back, as `session:post` does.
---
--- Source: RFC 9728
---@param path? string relative to the resource's address; nil or "": that itself
---@param value? any nil: no body
---@param options? airlock.body_method_options
---@return any value the decoded body; true if it is empty
---@return string? message
---@return airlock.failure? detail as of `resource:get`
function resource:post(path, value, options) end

--- PUTs a value as JSON and decodes the JSON that comes back, as `session:put` does.
---
--- Source: RFC 9728
---@param path? string relative to the resource's address; nil or "": that itself
---@param value? any nil: no body
---@param options? airlock.body_method_options
---@return any value the decoded body; true if it is empty
---@return string? message
---@return airlock.failure? detail as of `resource:get`
function resource:put(path, value, options) end

--- PATCHes with a value as JSON and decodes the JSON that comes back, as `session:patch` does.
---
--- Source: RFC 9728
---@param path? string relative to the resource's address; nil or "": that itself
---@param value? any nil: no body
---@param options? airlock.body_method_options
---@return any value the decoded body; true if it is empty
---@return string? message
---@return airlock.failure? detail as of `resource:get`
function resource:patch(path, value, options) end

--- Logs in now, in place of at the first request that needs it. The resource is asked for its challenge.
---
--- Source: RFC 9728 section 5
---@return true? done also if the resource wants no token
---@return string? message
---@return airlock.failure? detail as of `resource:request`
function resource:login() end

--- Ends the login, as `session:logout` does. A registration is kept.
---
--- Source: RFC 7009
---@return true? done also if there was none
---@return string? message
---@return airlock.failure? detail as of `session:logout`
function resource:logout() end

--- Iterates over server-sent events. With a value it is POSTed as JSON; else the path is GET. An answer that
--- is JSON in place of a stream is one event. In a host's loop the iteration waits like any call; a `break`
--- ends the request.
---
--- A stream of a GET that ends is asked for again, after as long as its `retry` says (3 s without one), with
--- the `Last-Event-ID` of its newest event. That goes on until a 204 comes, or five attempts in a row have
--- failed. A failure is raised, as of `session:each`.
---
--- Source: WHATWG HTML section 9.2, RFC 9728
---@param path? string relative to the resource's address; nil or "": that itself
---@param value? any what is POSTed; nil: a GET
---@param options? airlock.event_options
---@return fun(): airlock.stream_event? iterator
function resource:events(path, value, options) end
