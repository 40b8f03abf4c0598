---@meta _
-- Made by `make reference` from lua/airlock/grant/device.lua.

--- A login that waits for the user to enter a code elsewhere.
---@class airlock.device
---@field user_code string what the user enters (RFC 8628 section 3.2)
---@field verification_uri string where (RFC 8628 section 3.2)
---@field verification_uri_complete? string the same with the code in it; nil where there is none (RFC 8628
--- section 3.2)
---@field expires_in number seconds (RFC 8628 section 3.2)
---@field interval number seconds between two questions (RFC 8628 section 3.5)
local device = {}

--- Waits until the user has decided. It asks no more often than the server wants.
---
--- Source: RFC 8628 section 3.4 and 3.5
---@param timeout? number seconds; then it fails as "network" with "timeout", and may be called again. Nil:
--- the code's life
---@return airlock.session? session
---@return string? message
---@return airlock.failure? detail of kind "oauth" with "access_denied" or "expired_token"; or "network",
--- "store"
---@overload fun(self: airlock.device, callback: fun(session: airlock.session?, message: string?, detail: airlock.failure?)): airlock.task?
---@overload fun(self: airlock.device, timeout?: number, callback: fun(session: airlock.session?, message: string?, detail: airlock.failure?)): airlock.task?
function device:wait(timeout) end
