--- An authorization: a user's login that waits for its redirect (RFC 6749 section 4.1 and 4.2).

local calls = require "airlock.calls"
local core = require "airlock.core"
local identity = require "airlock.identity"

local methods = core.classes.authorization

-- A session that is like no other, or, by an account's name, the one that all who name it share.
local function session_of(self, account)
  local grant = self.implicit and "implicit" or "authorization_code"
  local alone = not account and self.state or nil
  return core.session(self:settings().client, grant, self.scope, alone, account, "authorization:finish", self.resource)
end

-- Opens a session (a new one, where none is given) with what the redirect brought.
function methods:_finish(redirect, session, account)
  if type(redirect) ~= "string" then core.mistake("authorization:finish: the redirect must be a string, not a " .. type(redirect)) end
  local opened = session or session_of(self, account)
  local ok, message, detail = self:redeem(redirect, opened)
  if ok then ok, message, detail = opened:settle() end
  if ok and not self.implicit then ok, message, detail = identity.admit(opened, self.nonce) end
  if ok then return opened end
  if not session then opened:close() end
  return nil, message, detail
end

--- Reads the redirect that the browser came back with, and redeems what it brought.
---@param redirect string the whole URL, or from its path or "?" on
---@param options? { account: string? } keeps the session under that name in the client's store, where client:session finds it
---@return userdata? session
---@return string? message
---@return table? detail of kind "state" where the redirect isn't ours, "oauth" where the server said no
function methods:finish(redirect, options)
  local whose = "authorization:finish"
  local account = type(options) == "table" and options.account or nil
  if options ~= nil and type(options) ~= "table" then core.mistake(whose .. ": a table of options was expected, not a " .. type(options)) end
  for name in pairs(options or {}) do
    if name ~= "account" then core.mistake(("%s: unknown option '%s' (it takes: account)"):format(whose, tostring(name))) end
  end
  if account ~= nil and type(account) ~= "string" then
    core.mistake(whose .. ": option 'account' must be a string, not a " .. type(account))
  end
  return self:_finish(redirect, nil, account)
end

--- As text to keep between two web requests, sealed with the client's secret; client:authorization(saved) restores it.
---@return string
function methods:save()
  return self:seal(calls.proof(self:settings()))
end

return methods
