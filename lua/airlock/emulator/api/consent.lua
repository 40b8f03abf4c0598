--- team-directory/profiles/oauth-consents: what a person allowed, and taking it back

local application = require "airlock.emulator.space.application"
local json = require "airlock.emulator.http.json"
local page = require "airlock.emulator.api.batches"
local person = require "airlock.emulator.space.person"
local reply = require "airlock.emulator.http.reply"
local scope = require "airlock.emulator.oauth.scope"
local time = require "airlock.emulator.space.time"

-- Wraps a resource of a person who is named in the path.
local function of_owner(run)
  return function(call)
    local owner = person.find(call.emulator.people, call.captures.owner, call.token.person)
    if not owner then return reply.failure("not-found", "Profile not found") end
    return run(call, owner)
  end
end

-- The newest refresh token of each family that is still good.
local function refresh_tokens(call, owner, app)
  local found = {}
  for _, t in pairs(call.emulator.tokens.refresh) do
    if t.person == owner and (not app or t.application == app) and not t.family.revoked and not t.answer then
      found[#found + 1] = t
    end
  end
  table.sort(found, function(a, b) return a.issued_at == b.issued_at and a.id < b.id or a.issued_at < b.issued_at end)
  return found
end

local function view(call, owner, app)
  local approved, refreshing = json.list(), json.list()
  for i, a in ipairs(call.emulator.consents:of(owner, app)) do
    approved[i] = { className = "ES_ApprovedScope", id = a.id, scope = scope.text(a.scope), offlineAllowed = a.offline }
  end
  for i, t in ipairs(refresh_tokens(call, owner, app)) do
    refreshing[i] = { className = "ES_RefreshToken", id = t.id, scope = scope.text(t.scope),
      lastAccess = t.family.last_access and time.moment(t.family.last_access) or json.null }
  end
  if #approved + #refreshing == 0 then return nil end
  return { className = "ES_OAuthConsent", clientApplication = application.view(app), approvedScopes = approved,
    refreshTokens = refreshing }
end

local function list(call, owner)
  local out = json.list()
  for _, app in ipairs(call.emulator.applications) do out[#out + 1] = view(call, owner, app) end
  return page.one(call, out)
end

-- Ends the refresh tokens that a rule picks.
local function end_tokens(call, owner, fits)
  for _, t in ipairs(refresh_tokens(call, owner)) do
    if fits(t) then t.family.revoked = true end
  end
end

local function delete_application(call, owner)
  local app = application.find(call.emulator.applications, call.captures.application)
  if not app or not view(call, owner, app) then
    return reply.failure("not-found", "There is no consent for this application")
  end
  for _, a in ipairs(call.emulator.consents:of(owner, app)) do call.emulator.consents:withdraw(a) end
  end_tokens(call, owner, function(t) return t.application == app end)
  return reply.empty()
end

local function delete_scope(call, owner)
  for _, a in ipairs(call.emulator.consents:of(owner)) do
    if a.id == call.captures.id then
      call.emulator.consents:withdraw(a)
      end_tokens(call, owner, function(t) return t.family.approval == a end)
      return reply.empty()
    end
  end
  return reply.failure("not-found", "Approved scope not found")
end

local function delete_refresh_token(call, owner)
  for _, t in ipairs(refresh_tokens(call, owner)) do
    if t.id == call.captures.id then
      t.family.revoked = true
      return reply.empty()
    end
  end
  return reply.failure("not-found", "Refresh token not found")
end

local consents, right = "team-directory/profiles/oauth-consents/{owner}", "Profile.ApplicationConsents.Edit"

return {
  { "GET", consents, run = of_owner(list), right = right },
  { "DELETE", consents .. "/applications/{application}", run = of_owner(delete_application), right = right },
  { "DELETE", consents .. "/approved-scopes/{id}", run = of_owner(delete_scope), right = right },
  { "DELETE", consents .. "/refresh-tokens/{id}", run = of_owner(delete_refresh_token), right = right },
}
