--- permanent tokens, and the end of one's own refresh token

local json = require "airlock.emulator.http.json"
local page = require "airlock.emulator.api.batches"
local reply = require "airlock.emulator.http.reply"
local scope = require "airlock.emulator.oauth.scope"
local time = require "airlock.emulator.space.time"

-- Wraps a resource of somebody's own: `applications/me` is an application's, `profiles/me` a person's.
local function own(kind, run)
  return function(call)
    local owner = kind == "person" and call.token.person or kind == "application" and not call.token.person
      and call.token.application
    if not owner then
      return reply.failure("not-found", kind == "person" and "Profile not found" or "Application not found")
    end
    return run(call, owner)
  end
end

local function view(t)
  return { id = t.id, name = t.name, scope = scope.text(t.scope), created = time.moment(t.issued_at),
    expires = t.expires_at and time.moment(t.expires_at) or json.null }
end

local function list(call, owner)
  return page.reply(call, call.emulator.tokens:permanent_of(owner), view)
end

local function read(call, owner)
  local given = call:json()
  if not given then return nil, "request-error", "The body is not a JSON object" end
  if type(given.name) ~= "string" or given.name == "" then return nil, "validation-error", "name is missing" end
  local wanted, why = scope.parse(type(given.scope) == "string" and given.scope or "")
  if not wanted then return nil, "validation-error", "scope: " .. why end
  if not scope.within(wanted, call.token.scope) or not (wanted.all or scope.within(wanted, owner.rights)) then
    return nil, "permission-denied", "The scope goes beyond the caller's own"
  end
  local expires = given.expires ~= nil and given.expires ~= json.null and time.read(given.expires)
  if expires == nil then return nil, "validation-error", "expires is not a moment" end
  return { name = given.name, scope = wanted, expires = expires or nil }
end

local function create(call, owner)
  local given, code, why = read(call, owner)
  if not given then return reply.failure(code, why) end
  given.person, given.application = call.token.person, not call.token.person and owner or nil
  local t = call.emulator.tokens:give_permanent(given)
  return reply.json { first = view(t), second = t.text }
end

local function delete(call, owner)
  for _, t in ipairs(call.emulator.tokens:permanent_of(owner)) do
    if t.id == call.captures.token then
      call.emulator.tokens:revoke(t.text)
      return reply.empty()
    end
  end
  return reply.failure("not-found", "Permanent token not found")
end

local function delete_current(call)
  if call.token.kind ~= "permanent" then
    return reply.failure("not-found", "The presented token is not a permanent one")
  end
  call.emulator.tokens:revoke(call.token.text)
  return reply.empty()
end

local function delete_own_refresh_token(call)
  if not call.token.family then
    return reply.failure("not-found", "No refresh token is associated with the access token")
  end
  call.token.family.revoked = true
  return reply.empty()
end

local applications, profiles = "applications/me/permanent-tokens", "team-directory/profiles/me/permanent-tokens"
local may_create, may_edit = "Profile.PermanentTokens.Create", "Profile.PermanentTokens.Edit"

return {
  { "GET", applications, run = own("application", list) },
  { "POST", applications, run = own("application", create) },
  { "DELETE", applications .. "/current", run = own("application", delete_current) },
  { "DELETE", applications .. "/{token}", run = own("application", delete) },
  { "GET", profiles, run = own("person", list), right = may_edit },
  { "POST", profiles, run = own("person", create), right = may_create },
  { "DELETE", profiles .. "/current", run = own("person", delete_current) },
  { "DELETE", profiles .. "/{token}", run = own("person", delete), right = may_edit },
  { "DELETE", "team-directory/profiles/oauth-consents/me/refresh-tokens/self", run = delete_own_refresh_token },
}
