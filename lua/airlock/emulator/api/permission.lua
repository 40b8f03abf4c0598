--- permissions/check-permission

local permissions = require "airlock.emulator.api.permissions"
local person = require "airlock.emulator.space.person"
local reply = require "airlock.emulator.http.reply"
local scope = require "airlock.emulator.oauth.scope"

-- Whose right is asked after: "profile:me", "profile:id:…", "application:me", "application:clientId:…"
local function find_principal(call, text)
  local kind, identifier = tostring(text):match "^(%a+):(.+)$"
  if kind == "profile" then return person.find(call.emulator.people, identifier, call.token.person) end
  if kind ~= "application" then return nil end
  if identifier == "me" then return not call.token.person and call.token.application or nil end
  for _, app in ipairs(call.emulator.applications) do
    if identifier == "clientId:" .. app.client_id or identifier == "id:" .. app.id then return app end
  end
end

local function names_of(call, target)
  if target.className ~= "ProjectPermissionTarget" then return nil end
  for _, project in ipairs(call.emulator.projects) do
    local key, id = "key:" .. project.key, "id:" .. project.id
    if target.project == key or target.project == id then return { "project:" .. key, "project:" .. id } end
  end
end

local function check(call)
  local given = call:json()
  if not given then return reply.failure("request-error", "The body is not a JSON object") end
  local target = given.target
  if type(target) ~= "table" then return reply.failure("validation-error", "target is missing") end
  if not permissions.known[given.uniqueRightCode] then
    return reply.failure("validation-error", "uniqueRightCode is unknown")
  end
  local principal = find_principal(call, given.principal)
  if not principal then return reply.failure("not-found", "Principal not found") end
  return reply.json(scope.covers(principal.rights, given.uniqueRightCode, names_of(call, target)))
end

return {
  { "POST", "permissions/check-permission", run = check },
}
