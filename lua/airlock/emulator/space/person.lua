--- A member of the organization.

local crypto = require("airlock.server").crypto
local form = require "airlock.emulator.http.form"
local id = require "airlock.emulator.space.id"
local json = require "airlock.emulator.http.json"
local options = require "airlock.emulator.options"
local scope = require "airlock.emulator.oauth.scope"

local person = {}

local names = { "id", "username", "first_name", "last_name", "email", "external_id", "password", "rights", "joined",
  "archived" }

--- Lets somebody in.
---@param given table `{ username, id?, first_name?, last_name?, email?, external_id?, password?, rights? = "**",
--- joined?, archived? }`
---@return table person
function person.new(given)
  local p = options.read("person", given, names)
  if type(p.username) ~= "string" then error("person: option 'username' is missing", 2) end
  p.id = p.id or id.short()
  p.first_name = p.first_name or p.username
  p.last_name = p.last_name or ""
  p.email = p.email or p.username .. "@mycompany.example"
  p.password = p.password or "password-of-" .. p.username
  p.rights = assert(scope.parse(p.rights or "**"))
  p.joined = p.joined or "2020-01-15"
  p.archived = p.archived or false
  return p
end

--- Finds a person by an identifier of the API: `me`, `id:…`, `username:…`, `externalId:…`, `email:…`, or a bare id.
---@param people table[]
---@param identifier string
---@param me table? who `me` is
---@return table? person
function person.find(people, identifier, me)
  if identifier == "me" then return me end
  local kinds = { id = "id", username = "username", externalId = "external_id", email = "email" }
  local kind, value = identifier:match "^(%a+):(.+)$"
  local field = kind and kinds[kind] or "id"
  for _, p in ipairs(people) do
    if p[field] == (kind and value or identifier) then return p end
  end
end

--- The person of a username, if the password is theirs and they are still a member.
---@param people table[]
---@param username string
---@param password string
---@return table? person
function person.authenticate(people, username, password)
  local p = person.find(people, "username:" .. username)
  local right = crypto.equal(password, p and p.password or "")
  return p and right and not p.archived and p or nil
end

--- As the HTTP API shows it (TD_MemberProfile).
---@param p table
---@return table
function person.view(p)
  local picture = form.escape(p.username)
  return { className = "TD_MemberProfile", id = p.id, username = p.username, externalId = p.external_id or json.null,
    name = { firstName = p.first_name, lastName = p.last_name },
    emails = json.list { { email = p.email, blocked = false } },
    smallAvatar = "small-" .. picture, avatar = "avatar-" .. picture, profilePicture = "picture-" .. picture,
    speaksEnglish = true, languages = json.list(), archived = p.archived, notAMember = false,
      joined = { iso = p.joined } }
end

return person
