--- Authorization codes: each good for one exchange, by one client, for a short while (RFC 6749 section 4.1.2).

local id = require "airlock.emulator.space.id"
local pkce = require "airlock.emulator.oauth.pkce"

local code = {}
code.__index = code

---@param emulator table
---@return table codes
function code.new(emulator)
  return setmetatable({ emulator = emulator, given = {} }, code)
end

--- Gives out a code.
---@param grant table `{ application, person, scope, offline, redirect_uri, challenge, approval }`
---@return string code
function code:give(grant)
  local text = id.token()
  self.given[text] = { grant = grant, expires_at = self.emulator:now() + self.emulator.code_lifetime }
  return text
end

-- A code that comes again was stolen, or its thief came first: nothing that came of it may stand.
local function punish(self, c)
  self.emulator.tokens:revoke(c.token)
  return nil, "the code was used before; all that came from it is revoked"
end

--- Judges a code; it isn't used up by a request that fails.
---@param text string
---@param application table who asks
---@param fields table<string, string> `redirect_uri`, `code_verifier`
---@return table? found for `code.use`; nil: the code is no good
---@return string? why
function code:judge(text, application, fields)
  local c = self.given[text]
  if not c or c.grant.application ~= application then return nil, "the code is unknown" end
  if c.token then return punish(self, c) end
  if c.expires_at <= self.emulator:now() then return nil, "the code has expired" end
  if fields.redirect_uri ~= c.grant.redirect_uri then
    return nil, "redirect_uri isn't the one the code was given for"
  end
  if not pkce.proves(c.grant.challenge, fields.code_verifier) then
    return nil, "code_verifier doesn't fit the code_challenge"
  end
  return c
end

--- Notes what came of a code; from now on it is used up.
---@param found table
---@param token string the refresh token, if there is one, else the access token
function code.use(found, token)
  found.token = token
end

return code
