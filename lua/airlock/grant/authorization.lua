--- An authorization: a user's login that waits for its redirect (RFC 6749 section 4.1 and 4.2).

local lazy = require "airlock.lazy"
local calls = lazy "airlock.loop.wait"
local core = require "airlock.core"
local identity = lazy "airlock.id_token"

--- A user's login that waits for its redirect: send the browser to `.url`, and hand the redirect to `:finish`.
--- `tostring` shows no secret.
---@class airlock.authorization
---@field url string the URL for the user's browser
---@field state string 256 random bits that tell the login from others; spent with the first redirect that has them (RFC
--- 6749 section 10.12)
---@field scope? string the scope that is asked for (RFC 6749 section 3.3)
---@field redirect_uri? string the URL that the browser comes back to (RFC 6749 section 3.1.2)
---@field implicit boolean whether it is of the implicit flow
local methods = {}

-- A session that is like no other, or, by an account's name, the one that all who name it share.
local function session_of(self, account)
  local grant = self.implicit and "implicit" or "authorization_code"
  local alone = not account and self.state or nil
  return core.session(self:settings().client, grant, self.scope, alone, account, "authorization:finish", self.resource)
end

-- Opens a session (a new one, where none is given) with what the redirect brought.
function methods:_finish(redirect, session, account)
  if type(redirect) ~= "string" then
    core.mistake("authorization:finish: the redirect must be a string, not a " .. type(redirect))
  end
  local opened = session or session_of(self, account)
  local ok, message, detail = self:redeem(redirect, opened)
  if ok then ok, message, detail = opened:settle() end
  if ok and not self.implicit then ok, message, detail = identity.admit(opened, self.nonce) end
  if ok then return opened end
  if not session then opened:close() end
  return nil, message, detail
end

--- Reads the redirect that the browser came back with, and redeems what it brought. If the redirect isn't ours, the
--- token endpoint isn't asked.
---@param redirect string the whole URL, or from its path or "?" on
---@param options? airlock.finish_options
---@return airlock.session? session
---@return string? message
---@return airlock.failure? detail of kind "state" if the redirect isn't ours, "oauth" if the server or the user said no
--- ("access_denied" …), "network" or "store". The codes of kind "state" are "state_mismatch", "state_spent",
--- "issuer_mismatch", "repeated_parameter", "malformed_redirect" and "too_large".
---@see RFC 6749 section 4.1.2 to 4.1.4, RFC 9207
function methods:finish(redirect, options)
  local whose = "authorization:finish"
  local account = type(options) == "table" and options.account or nil
  if options ~= nil and type(options) ~= "table" then
    core.mistake(whose .. ": a table of options was expected, not a " .. type(options))
  end
  for name in pairs(options or {}) do
    if name ~= "account" then
      core.mistake(("%s: unknown option '%s' (it takes: account)"):format(whose, tostring(name)))
    end
  end
  if account ~= nil and type(account) ~= "string" then
    core.mistake(whose .. ": option 'account' must be a string, not a " .. type(account))
  end
  return self:_finish(redirect, nil, account)
end

--- The authorization as text to keep between two web requests; `client:authorization(saved)` restores it. The text is
--- encrypted and sealed with a key made from the client's configuration and secret, and holds neither. A public client
--- has no secret: keep its text where only the program can read and write it.
---@return string saved
---@see RFC 6749 section 10.12
function methods:save()
  return self:seal(calls.proof(self:settings()))
end

return methods
