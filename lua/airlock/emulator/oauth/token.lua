--- All tokens that were given out: access, refresh and permanent ones, and what became of them.
-- An access token remembers the family of its refresh token, so that revoking that one ends it.

local crypto = require("airlock.server").crypto
local id = require "airlock.emulator.space.id"
local scope = require "airlock.emulator.oauth.scope"

local token = {}
token.__index = token

---@param emulator table
---@return table tokens
function token.new(emulator)
  return setmetatable({ emulator = emulator, access = {}, refresh = {}, permanent = {} }, token)
end

-- The resources it is for (RFC 8707), or the application itself.
local function audience(t)
  if not t.audience or #t.audience == 0 then return t.application.client_id end
  return #t.audience == 1 and t.audience[1] or t.audience
end

local function claims(emulator, t)
  local claimed = {
    iss = emulator.url, aud = audience(t), orgDomain = emulator.organization.orgDomain, scope = scope.text(t.scope),
    sub = t.application.id, name = t.application.name, principal_type = "SERVICE", iat = math.floor(t.issued_at),
      sid = id.short(),
  }
  if t.person then
    claimed.sub, claimed.name, claimed.principal_type = t.person.id, t.person.username, "USER"
  end
  if t.jkt then claimed.cnf = { jkt = t.jkt } end -- RFC 9449 section 6.1
  if t.actor then claimed.act = { sub = t.actor } end -- RFC 8693 section 4.1
  claimed.exp = t.expires_at and math.floor(t.expires_at)
  return claimed
end

--- Gives out an access token.
---@param grant table `{ application, person?, scope, lifetime?, family?, audience?, actor?, jkt? }`
---@return table token
function token:give_access(grant)
  local now = self.emulator:now()
  local t = { kind = "access", application = grant.application, person = grant.person, scope = grant.scope,
    family = grant.family,
    audience = grant.audience, actor = grant.actor, jkt = grant.jkt, issued_at = now,
      lifetime = grant.lifetime or self.emulator.token_lifetime }
  t.expires_at = now + t.lifetime
  t.text = self.emulator.signer:sign(claims(self.emulator, t))
  self.access[t.text] = t
  return t
end

--- An ID token beside an access token (OpenID Connect Core section 2).
---@param grant table `{ application, person, nonce? }`
---@param access table
---@return string jwt
function token:id_token(grant, access)
  local now, person, app = math.floor(self.emulator:now()), grant.person, grant.application
  local claimed = { iss = self.emulator.url, sub = person.id, aud = app.client_id, iat = now, exp = now + 600,
    nonce = grant.nonce, name = person.username, at_hash = crypto.base64url(crypto.sha256(access.text):sub(1, 16)) }
  return self.emulator.signer:sign_id(claimed, app)
end

--- Gives out a refresh token; one that replaces another belongs to its family.
---@param grant table `{ application, person, scope, family? }`
---@return table token
function token:give_refresh(grant)
  local t = { kind = "refresh", id = id.short(), application = grant.application, person = grant.person,
    scope = grant.scope,
    family = grant.family or { members = {} }, audience = grant.audience, issued_at = self.emulator:now(),
      text = id.token() }
  t.family.members[#t.family.members + 1] = t
  self.refresh[t.text] = t
  return t
end

--- Gives out a permanent token: a JWT that never expires, unless told when.
---@param grant table `{ application?, person?, scope, name, expires? }` expires in seconds since 1970
---@return table token
function token:give_permanent(grant)
  local t = { kind = "permanent", id = id.short(), name = grant.name, application = grant.application,
    person = grant.person, scope = grant.scope, issued_at = self.emulator:now(), expires_at = grant.expires }
  local signed = { application = grant.application or self.emulator.organization.own_application, person = grant.person,
    scope = grant.scope, issued_at = t.issued_at, expires_at = t.expires_at }
  t.text = self.emulator.signer:sign(claims(self.emulator, signed))
  self.permanent[t.text] = t
  return t
end

--- The permanent tokens of an application or a person, oldest first.
---@param owner table
---@return table[]
function token:permanent_of(owner)
  local found = {}
  for _, t in pairs(self.permanent) do
    if not t.revoked and (t.person or t.application) == owner then found[#found + 1] = t end
  end
  table.sort(found, function(a, b) return a.issued_at == b.issued_at and a.id < b.id or a.issued_at < b.issued_at end)
  return found
end

--- Ends a token; a refresh token takes along its family and the access tokens that came from it.
---@param text string
---@return boolean known
function token:revoke(text)
  local t = self.access[text] or self.permanent[text]
  if t then
    t.revoked = true
    return true
  end
  t = self.refresh[text]
  if t then t.family.revoked = true end
  return t ~= nil
end

--- Judges a bearer token.
---@param text string
---@return table? token
---@return string? why what the API says when it is no good
function token:judge(text)
  local t = self.access[text] or self.permanent[text]
  if not t then return nil, "Access token is invalid" end
  if t.revoked then return nil, "Access token has been revoked" end
  if t.family and t.family.revoked then return nil, "Refresh token associated with the access token is revoked" end
  if t.expires_at and t.expires_at <= self.emulator:now() then return nil, "Access token has expired" end
  return t
end

return token
