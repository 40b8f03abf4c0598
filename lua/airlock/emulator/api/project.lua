--- projects and their issues

local json = require "airlock.emulator.http.json"
local organization = require "airlock.emulator.space.organization"
local page = require "airlock.emulator.api.batches"
local reply = require "airlock.emulator.http.reply"
local time = require "airlock.emulator.space.time"

local function names_of(project)
  return { "project:key:" .. project.key, "project:id:" .. project.id }
end

local function view(project)
  return { className = "PR_Project", id = project.id, key = { key = project.key }, name = project.name,
    description = project.description or json.null, private = project.private, archived = false }
end

local function view_issue(issue)
  local by = issue.created_by
  return { className = "Issue", id = issue.id, number = issue.number, title = issue.title,
    description = issue.description or json.null, projectId = issue.project.id,
      creationTime = time.moment(issue.created),
    status = { id = issue.status:lower(), name = issue.status, resolved = issue.status == "Done" },
    createdBy = { name = by and by.name or "import", details = by and { className = by.className, id = by.id }
      or json.null } }
end

local function list(call)
  if not call:mentions "Project.View" then
    return reply.failure("permission-denied", "Permission Project.View is required")
  end
  local found, term = {}, (call.query.term or ""):lower()
  for _, project in ipairs(call.emulator.projects) do
    local fits = (project.name .. " " .. project.key):lower():find(term, 1, true)
    if fits and call:allows("Project.View", names_of(project)) then found[#found + 1] = project end
  end
  return page.reply(call, found, view)
end

local function find(call)
  local kind, value = call.captures.project:match "^(%a+):(.+)$"
  for _, project in ipairs(call.emulator.projects) do
    if (kind == "key" and project.key == value) or project.id == (kind == "id" and value or call.captures.project) then
      return project
    end
  end
end

-- Wraps a resource that needs a right in the project it is about.
local function within(right, run)
  return function(call)
    local project = find(call)
    if not project then return reply.failure("not-found", "Project not found") end
    if not call:allows(right, names_of(project)) then
      return reply.failure("permission-denied", ("Permission %s is required in the project"):format(right))
    end
    return run(call, project)
  end
end

local function show(call, project)
  return page.one(call, view(project))
end

local function list_issues(call, project)
  return page.reply(call, project.issues, view_issue)
end

local function author(token)
  if token.person then
    return { className = "CUserPrincipalDetails", id = token.person.id, name = token.person.username }
  end
  return { className = "CApplicationPrincipalDetails", id = token.application.id, name = token.application.name }
end

local function create_issue(call, project)
  local given = call:json()
  if not given then return reply.failure("request-error", "The body is not a JSON object") end
  if type(given.title) ~= "string" or not given.title:find "%S" then
    return reply.failure("validation-error", "title is missing")
  end
  local issue = organization.issue(project, #project.issues + 1, { title = given.title, created_by = author(call.token),
    description = type(given.description) == "string" and given.description or nil }, call.at)
  project.issues[issue.number] = issue
  return page.one(call, view_issue(issue))
end

return {
  { "GET", "projects", run = list },
  { "GET", "projects/{project}", run = within("Project.View", show) },
  { "GET", "projects/{project}/planning/issues", run = within("Project.Issues.View", list_issues) },
  { "POST", "projects/{project}/planning/issues", run = within("Project.Issues.Create", create_issue) },
}
