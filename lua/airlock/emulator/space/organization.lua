--- Whom and what the Space holds that runs here, unless a spec says otherwise.

local application = require "airlock.emulator.space.application"
local id = require "airlock.emulator.space.id"
local json = require "airlock.emulator.http.json"
local options = require "airlock.emulator.options"
local person = require "airlock.emulator.space.person"

local organization = {}

local people = {
  { id = "1wOwRF3UqJ2b", username = "alice.first", first_name = "Alice", last_name = "First", external_id = "hr-1" },
  { id = "2k5QyZ0VtW7c", username = "bob.second", first_name = "Bob", last_name = "Second", external_id = "hr-2" },
  { id = "3nMxP81ksC4d", username = "chen.third", first_name = "Chen", last_name = "Third" },
  { id = "4Gt6aS2LbH9e", username = "dora.fourth", first_name = "Dora", last_name = "Fourth" },
  { id = "5Rv7cU3NdK0f", username = "emil.fifth", first_name = "Emil", last_name = "Fifth" },
  { id = "6Xy8eW4PfM1g", username = "fatima.sixth", first_name = "Fátima", last_name = "Sixth" },
  { id = "7Bz9gY5RhP2h", username = "guest.seventh", first_name = "Guest", last_name = "Seventh",
    rights = "global:Profile.View project:key:PROJ-01:Project.View" },
}

local loopback = "http://127.0.0.1/callback\nhttp://localhost/callback\nhttp://[::1]/callback"

local applications = { -- in the order of default_names
  { id = "2ulA3W2Vltg6", name = "Automation script",
    settings = { codeFlowEnabled = true, codeFlowRedirectURIs = "http://127.0.0.1:8765/callback\n" .. loopback } },
  { id = "3vmB4X3Wmuh7", name = "Desktop tool",
    settings = { clientCredentialsFlowEnabled = false, codeFlowEnabled = true, pkceRequired = true,
      publicClientsAllowed = true, codeFlowRedirectURIs = "http://127.0.0.1:8765/callback\n" .. loopback } },
  { id = "4wnC5Y4Xnvi8", name = "Team dashboard",
    settings = { clientCredentialsFlowEnabled = false, codeFlowEnabled = true, codeFlowRedirectURIs = loopback,
      implicitFlowEnabled = true, implicitFlowRedirectURIs = loopback } },
}

local default_names = { "service", "native", "web" }

local function default_projects()
  local out = {}
  for i = 1, 25 do
    local key = ("PROJ-%02d"):format(i)
    out[i] = { id = ("project%05d"):format(i), key = key, name = ("Project %d"):format(i) }
  end
  return out
end

local issues = { -- of the first project
  { title = "The door sticks", status = "Open" },
  { title = "Let visitors in by name", status = "Open" },
  { title = "Paint the hatch", status = "Done" },
}

local absences = {
  { person = "alice.first", reason = "Vacation", since = "2024-07-01", till = "2024-07-14" },
  { person = "bob.second", reason = "Conference", since = "2024-07-08", till = "2024-07-10" },
  { person = "chen.third", reason = "Parental leave", since = "2024-06-01", till = "2024-12-01" },
}

local function read_project(given)
  local p = options.read("project", given, { "id", "key", "name", "description", "private", "issues" })
  p.id, p.name, p.private = p.id or id.short(), p.name or p.key, p.private or false
  p.key = p.key or error("project: option 'key' is missing", 0)
  p.issues = p.issues or {}
  return p
end

local function read_absence(given)
  local a = options.read("absence", given, { "id", "person", "reason", "description", "since", "till" })
  a.id = a.id or id.short()
  return a
end

local function each(list, read)
  local out = {}
  for i, given in ipairs(list) do out[i] = read(given) end
  return out
end

-- A list, whose items may also have names: `{ {…}, web = {…} }` gives [1], [2] and .web.
local function register(given)
  local out, keys = each(given, application.new), {}
  for key in pairs(given) do
    if type(key) == "string" then keys[#keys + 1] = key end
  end
  table.sort(keys)
  for _, key in ipairs(keys) do
    out[#out + 1] = application.new(given[key])
    out[key] = out[#out]
  end
  return out
end

local function register_defaults()
  local out = register(applications)
  for i, key in ipairs(default_names) do out[key] = out[i] end
  return out
end

--- Fills an emulator with people, applications, projects and absences.
---@param emulator table receives `organization`, `people`, `applications`, `projects`, `absences`
---@param given table the options of the same names, each replacing the default whole
function organization.fill(emulator, given)
  emulator.organization = { id = "1orgX2Y3Z4a5", orgDomain = "mycompany", name = "My Company", slogan = "Come in",
    own_application = { id = "circlet-web-ui", client_id = "circlet-web-ui", name = "Space" } }
  for name, value in pairs(given.organization or {}) do emulator.organization[name] = value end
  emulator.people = each(given.people or people, person.new)
  emulator.applications = given.applications and register(given.applications) or register_defaults()
  emulator.projects = each(given.projects or default_projects(), read_project)
  emulator.absences = each(given.absences or absences, read_absence)
  if emulator.projects[1] and (given.issues or not given.projects) then
    emulator.projects[1].issues = given.issues or issues
  end
  for _, p in ipairs(emulator.projects) do
    for i, issue in ipairs(p.issues) do p.issues[i] = organization.issue(p, i, issue, emulator:now()) end
  end
end

--- An issue as it is kept.
---@param project table
---@param number integer its number in the project
---@param given table `{ title, description?, status?, created_by? }`
---@param now number
---@return table issue
function organization.issue(project, number, given, now)
  return { id = given.id or id.short(), number = number, project = project, title = given.title,
    description = given.description, status = given.status or "Open", created = now, created_by = given.created_by }
end

--- As the HTTP API shows it.
---@param org table
---@return table
function organization.view(org)
  return { id = org.id, orgId = org.id, name = org.name, slogan = org.slogan or json.null, logoId = json.null,
    onboardingRequired = false }
end

return organization
