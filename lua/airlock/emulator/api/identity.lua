--- applications, organization, team-directory/profiles

local application = require "airlock.emulator.space.application"
local organization = require "airlock.emulator.space.organization"
local page = require "airlock.emulator.api.batches"
local person = require "airlock.emulator.space.person"
local reply = require "airlock.emulator.http.reply"

local function find_application(call, identifier)
  if identifier == "me" then return not call.token.person and call.token.application or nil end
  return application.find(call.emulator.applications, identifier)
end

local function show_application(call)
  local identifier = call.captures.application
  if identifier ~= "me" and not call:allows "Applications.View" then
    return reply.failure("permission-denied", "Permission Applications.View is required")
  end
  local app = find_application(call, identifier)
  if not app then return reply.failure("not-found", "Application not found") end
  return page.one(call, application.view(app))
end

local function show_organization(call)
  return page.one(call, organization.view(call.emulator.organization))
end

local function matches(p, query)
  if not query or query == "" then return true end
  local text = (p.username .. " " .. p.first_name .. " " .. p.last_name):lower()
  return text:find(query:lower(), 1, true) ~= nil
end

local function list_profiles(call)
  local found = {}
  for _, p in ipairs(call.emulator.people) do
    if not p.archived and matches(p, call.query.query) then found[#found + 1] = p end
  end
  return page.reply(call, found, person.view)
end

local function show_profile(call)
  local p = person.find(call.emulator.people, call.captures.profile, call.token.person)
  if not p then return reply.failure("not-found", "Profile not found") end
  return page.one(call, person.view(p))
end

return {
  { "GET", "applications/{application}", run = show_application },
  { "GET", "organization", run = show_organization },
  { "GET", "team-directory/profiles", run = list_profiles, right = "Profile.View" },
  { "GET", "team-directory/profiles/{profile}", run = show_profile, right = "Profile.View" },
}
