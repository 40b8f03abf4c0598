---@meta _
-- Made by `make reference` from lua/airlock/response.lua.

--- What `session:request` gives, and `detail.response` holds. `tostring` gives "airlock.response (<status>)".
---@class airlock.response
---@field status integer (RFC 9110 section 15)
---@field body string unpacked; "" where a sink took it
---@field headers table<string, string> the header fields, by name in any case. Repeated ones are joined by ",
--- ", `Set-Cookie` by line breaks; iterating gives lower-case names (RFC 9110 section 5.3)
---@field url string where the answer came from, after redirects
local response = {}

--- The body, decoded from JSON.
---
--- Source: RFC 8259
---@return any value
---@return string? message
---@return airlock.failure? detail kind "http" with "malformed_response"
function response:json() end

--- What failed, for a status of 300 or more, or where a provider's API says so in its body: as `session:get`
--- would say it.
---
--- Source: docs/failures.md
---@return string? message nothing for what is no failure
---@return airlock.failure? detail of kind "http"
function response:failure() end
