--- An authorization: a user's login that waits for its redirect (RFC 6749 section 4.1 and 4.2).

local calls = require "airlock.calls"
local core = require "airlock.core"

local methods = core.classes.authorization

-- Opens a session (a new one, where none is given) with what the redirect brought.
function methods:_finish(redirect, session)
  if type(redirect) ~= "string" then core.mistake("authorization:finish: the redirect must be a string, not a " .. type(redirect)) end
  local grant = self.implicit and "implicit" or "authorization_code"
  local opened = session or core.session(self:settings().client, grant, self.scope, self.state, nil, "authorization:finish", self.resource)
  local ok, message, detail = self:redeem(redirect, opened)
  if ok then ok, message, detail = opened:settle() end
  if ok then return opened end
  if not session then opened:close() end
  return nil, message, detail
end

--- Reads the redirect that the browser came back with, and redeems what it brought.
---@param redirect string the whole URL, or from its path or "?" on
---@return userdata? session
---@return string? message
---@return table? detail of kind "state" where the redirect isn't ours, "oauth" where the server said no
function methods:finish(redirect)
  return self:_finish(redirect)
end

--- As text to keep between two web requests, sealed with the client's secret; client:authorization(saved) restores it.
---@return string
function methods:save()
  return self:seal(calls.proof(self:settings()))
end

return methods
