--- The servers that Airlock knows by name, as the page lets them be chosen: what each needs to be told.

local json = require "airlock.emulator.http.json"
local providers = require "airlock.providers"

local profiles = {}

-- option of a profile → the choice that holds it
local fields = { url = "url", realm = "realm", tenant = "tenant", server = "authorization_server",
  audience = "audience" }

local function profile_of(name)
  local config = setmetatable({}, { __index = function() return "https://x" end })
  local _, profile = providers.configure(name, config, "airlock.playground")
  return profile
end

--- Whether a profile is called so.
---@param name any
---@return boolean
function profiles.known(name)
  for _, each in ipairs(providers.names()) do
    if each == name then return true end
  end
  return false
end

--- As the page gets them.
---@return table[]
function profiles.view()
  local out = json.list()
  for i, name in ipairs(providers.names()) do
    local options = json.list()
    for option, default in pairs(profile_of(name).options or {}) do
      options[#options + 1] = { name = option, field = fields[option], needed = default == true,
        default = type(default) == "string" and default or nil }
    end
    table.sort(options, function(a, b) return a.name > b.name end) -- the url first
    out[i] = { name = name, options = options }
  end
  return out
end

-- The ways that a provider's own pages don't have.
local lacks = {
  github = "client_credentials implicit password", gitea = "client_credentials device_code implicit password",
  forgejo = "client_credentials device_code implicit password", bitbucket = "device_code",
  google = "client_credentials password", slack = "client_credentials device_code implicit password",
  space = "device_code", hub = "device_code", youtrack = "device_code",
}

--- The ways that a provider doesn't offer.
---@param name string? nil: not known, so none
---@return string[]
function profiles.lacks(name)
  local out = json.list()
  for way in (lacks[name] or ""):gmatch "%S+" do out[#out + 1] = way end
  return out
end

--- What a choice tells a profile: its own options.
---@param choice table
---@return table<string, string>
function profiles.given(choice)
  local given = {}
  for option in pairs(profile_of(choice.provider).options or {}) do
    local value = fields[option] and choice[fields[option]]
    if value and value ~= "" then given[option] = value end
  end
  return given
end

--- Whether something is missing that the profile needs.
---@param choice table
---@return boolean
function profiles.incomplete(choice)
  local given = profiles.given(choice)
  for option, default in pairs(profile_of(choice.provider).options or {}) do
    if default == true and not given[option] then return true end
  end
  return false
end

--- The configuration of a client.
---@param name string
---@param given table
---@return table? config nil: something in it is no good
---@return table|string profile or why
function profiles.configure(name, given)
  local ok, config, profile = pcall(providers.configure, name, given, "provider")
  if ok then return config, profile end
  return nil, (tostring(config):gsub("^.-provider: ", ""))
end

return profiles
