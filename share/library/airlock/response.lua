---@meta _
-- Made by `make reference` from lua/airlock/response.lua.

--- The result of `session:request`, also in `detail.response`. `tostring` gives "airlock.response
--- (<status>)".
---@class airlock.response
---@field status integer the status (RFC 9110 section 15)
---@field body string unpacked; "" if a sink took it
---@field headers table<string, string> the header fields, by name in any case. Repeated ones are joined by ",
--- ", `Set-Cookie` by line breaks. Iteration gives lower-case names (RFC 9110 section 5.3).
---@field url string the URL that answered, after redirects
---@field challenges? airlock.challenge[] of a status 401 or 403: what the server wants to see, in its order;
--- empty if it didn't say (RFC 9110 section 11.6.1)
local response = {}

--- The body, decoded from JSON.
---
--- Source: RFC 8259
---@return any value
---@return string? message
---@return airlock.failure? detail of kind "http" with "malformed_response"
function response:json() end

--- The failure that this response is, as `session:get` would give it: for a status of 300 or more, or if a
--- provider's API says so in its body (Slack).
---
--- Source: docs/failures.md
---@return string? message nothing for what is no failure
---@return airlock.failure? detail of kind "http"
function response:failure() end
