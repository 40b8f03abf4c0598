--- What of the environment counts beside a profile: no variable leads a profile's secret to another server.

local outcome = require "airlock.cli.outcome"

local precedence = {}
local methods = {}
local meta = { __index = methods }

local server = { provider = true, url = true, issuer = true, base_url = true, tenant = true, realm = true }
local endpoints = { "token_endpoint", "authorization_endpoint", "device_authorization_endpoint" }
local application = { client_id = true, username = true }
local proofs = { "client_secret", "token", "refresh_token", "private_key_file" }
local wanted_by = { token = "permanent_token", refresh_token = "refresh_token" } -- which grant has it

local function says_server(profile)
  for name in pairs(server) do
    if profile[name] ~= nil then return true end
  end
  for _, name in ipairs(endpoints) do
    if profile[name] ~= nil then return true end
  end
  return false
end

local function says_proof(profile)
  for _, name in ipairs(proofs) do
    if profile[name] ~= nil then return true end
  end
  return false
end

--- How a profile and the environment go together.
---@param profile table
---@param name string? the profile's
---@param given table the parsed flags
---@return table
function precedence.new(profile, name, given)
  return setmetatable({ profile = profile, name = name, given = given, first = given.profile ~= nil, unused = {},
    server = says_server(profile), proof = says_proof(profile) }, meta)
end

local function same(a, b)
  return type(a) == "string" and a:gsub("/+$", "") == b:gsub("/+$", "")
end

-- Where the API is may be left to the environment, by a profile whose server doesn't tell it.
local function is_gap(self, name)
  return name == "base_url" and self.profile.base_url == nil and self.profile.url == nil
end

local function note(self, variable, value, ours)
  if not same(ours, value) then self.unused[#self.unused + 1] = variable end
end

--- The value of a variable that is an option's, or nil where the profile goes before it.
---@param name string
---@param variable string
---@param value string?
---@return string?
function methods:option(name, variable, value)
  if value == nil or self.given[name] ~= nil or is_gap(self, name) then return value end
  local ours, servers = self.profile[name], server[name] and self.server
  if self.first and (servers or application[name] and ours ~= nil) then return note(self, variable, value, ours) end
  if self.first and ours ~= nil then return nil end
  if servers and not same(ours, value) and (not self.foreign or variable < self.foreign) then
    self.foreign = variable
  end
  return value
end

-- A profile that has a proof of its own needs no token of the environment's, unless its grant is that.
local function is_taken(self, name)
  if not self.first then return true end
  if self.profile[name] ~= nil then return false end
  return not wanted_by[name] or not self.proof or (self.given.grant or self.profile.grant) == wanted_by[name]
end

--- Where a secret is: the variable of the environment, or what the profile says; nil: there is none.
---@param name string
---@param variable string
---@param value string?
---@return any source
function methods:secret(name, variable, value)
  local ours = self.profile[name]
  if value and is_taken(self, name) then return { env = variable } end
  if value and not (type(ours) == "table" and ours.env == variable) then note(self, variable, value) end
  if ours ~= nil and self.foreign then
    outcome.stop(outcome.usage, ("%s names another server than the profile '%s', whose secrets aren't sent there; take "
      .. "the profile with --profile %s, or unset %s"):format(self.foreign, self.name, self.name, self.foreign))
  end
  return ours
end

--- What is to be said of variables that don't count; nil: nothing.
---@return string?
function methods:message()
  if not self.unused[1] then return nil end
  table.sort(self.unused)
  return ("the profile '%s' goes before the environment, so there is no use made of %s"):format(self.name,
    table.concat(self.unused, ", "))
end

return precedence
