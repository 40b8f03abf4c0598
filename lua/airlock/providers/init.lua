--- Profiles of servers: where their endpoints are, and how they differ from the RFCs. A profile is data, in a file of
--- its own beside
-- this one or in the program; this room reads it, and fills in what a program says about its own server.

-- spec: spec/client/provider_spec.lua

local core = require "airlock.core"
local form = require "airlock.form"
local styles = require "airlock.paging.styles"

local providers = {}

-- Each is lua/airlock/providers/<file>.lua; some files have two names.
local files = {
  auth0 = "auth0", bitbucket = "bitbucket", forgejo = "gitea", gitea = "gitea", github = "github", gitlab = "gitlab",
    google = "google",
  hub = "hub", keycloak = "keycloak", microsoft = "microsoft", okta = "okta", slack = "slack", space = "space",
    youtrack = "youtrack",
}

-- What a profile may hold, and of which type. "words" is a list of strings, or one string.
local known = {
  name = "string", -- for messages
  source = "words", -- the pages that it was made from
  options = "table", -- option → default, or true: it must be given, or false: it may be left out
  config = "table", -- options of airlock.client, with {option} in them
  elsewhere = "table", -- the same, where an option isn't its default: the server is another one than the usual
  params = "table", -- fields of every authorization request that the program doesn't set itself
  device_params = "table", -- … of every device authorization request
  token_params = "table", -- … of every token request by client credentials
  access_type = "string", -- of a login that is to last
  logout = "string", -- a path of the API whose DELETE ends a login, in place of RFC 7009
  scope_separator = "string", -- between the parts of a scope in authorization requests, if not a space
  comma_scopes = "boolean", -- the scope in its token replies has commas
  raw_basic = "boolean", -- it doesn't form-decode Basic credentials
  token_member = "string", -- the member of its token replies that holds the token where they have none themselves
  user_token = "string", -- what token_member was called before 0.2.0
  token_types = "words", -- other names for Bearer in its token replies
  jwt_types = "table", -- `typ` of its access tokens that are JWTs; false: they have none
  invalid_grants = "words", -- other names for invalid_grant in its token replies
  api_error = "string", -- the member of its API's answers that is false where they are failures, whatever the status
  paging = "style", -- how its lists come in pages: one of airlock.paging.styles, or a function like theirs
}

local function mistake(whose, option, why)
  core.mistake(("%s: option '%s' %s"):format(whose, option, why))
end

local function check_type(whose, name, value)
  local wanted = known[name]
  if wanted == nil then
    local names = {}
    for each in pairs(known) do names[#names + 1] = each end
    core.mistake(("%s: the profile has an unknown field '%s'%s"):format(whose, tostring(name), core.meant(name, names)))
  end
  if wanted == "words" then wanted = type(value) == "table" and "table" or "string" end
  if wanted == "style" then wanted = type(value) == "function" and "function" or "string" end
  if type(value) ~= wanted then
    core.mistake(("%s: the profile's '%s' must be a %s, not a %s"):format(whose, name, wanted, type(value)))
  end
end

-- The profile of a name, or one of the program's own.
local function find(name, whose)
  if type(name) == "table" then
    for field, value in pairs(name) do check_type(whose, field, value) end
    if type(name.paging) == "string" and not styles.is_style(name.paging) then
      core.mistake(("%s: the profile's 'paging' must be a function or one of: %s"):format(whose,
        table.concat(styles.names, ", ")))
    end
    return name
  end
  if type(name) ~= "string" then
    core.mistake(whose .. ": the provider must be a name or a profile, not a " .. type(name))
  end
  if not files[name] then
    local names = providers.names()
    core.mistake(("%s: no provider is called '%s'%s (there are: %s; or give a profile of your own)"):format(whose, name,
      core.meant(name, names), table.concat(names, ", ")))
  end
  return require("airlock.providers." .. files[name])
end

--- The modules that the profiles are.
---@return string[]
function providers.modules()
  local names = {}
  for _, file in pairs(files) do names[#names + 1] = "airlock.providers." .. file end
  return names
end

--- The names of the profiles that come with Airlock, sorted.
---@return string[]
function providers.names()
  local names = {}
  for name in pairs(files) do names[#names + 1] = name end
  table.sort(names)
  return names
end

-- A server's address, without the slashes at its end.
local function check_url(whose, option, value, plain)
  value = value:gsub("/+$", "")
  local why = value:find("?", 1, true) and "has a query, which a server's address hasn't"
    or core.url_fault(value, nil, plain)
  if why then mistake(whose, option, why) end
  return value
end

-- What stands for {option} in the profile's texts. An address is taken as it is; all else is one part of a path, or a
-- value.
local function value_of(whose, option, value, default, plain)
  if value == nil then
    if default == true then mistake(whose, option, "is missing") end
    return default or nil
  end
  if type(value) ~= "string" then mistake(whose, option, "must be a string, not a " .. type(value)) end
  if option == "url" then return check_url(whose, option, value, plain) end
  if value == "" then mistake(whose, option, "is empty") end
  return value
end

-- Fills in a text; nil where an option in it was left out. In an address values can't add parts or change the host:
-- they are encoded.
local function fill(text, values, in_url)
  if type(text) ~= "string" then return text end
  local whole = true
  local filled = text:gsub("{([%w_]+)}", function(name)
    local value = values[name]
    if value == nil then whole = false end
    return value and (in_url and name ~= "url" and core.encode(value):gsub("%+", "%%20") or value) or ""
  end)
  return whole and filled or nil
end

local function fill_all(fields, values, in_url)
  local filled = {}
  for name, text in pairs(fields or {}) do filled[name] = fill(text, values, in_url) end
  return filled
end

local function words(value)
  return type(value) == "table" and table.concat(value, " ") or value
end

-- The profile as it is for one client: texts filled in, the rest as it stands.
local function instance(profile, values)
  local made = {}
  for field, value in pairs(profile) do made[field] = known[field] == "words" and words(value) or value end
  for _, field in ipairs { "params", "device_params", "token_params" } do
    made[field] = fill_all(profile[field], values)
  end
  made.token_member, made.user_token = profile.token_member or profile.user_token, nil
  made.token_form = next(made.token_params) and form.encode(made.token_params, "airlock.provider", "token_params")
    or nil
  return made
end

--- Reads a configuration with the help of a profile.
---@param name string|table a profile's name, or a profile
---@param config table the profile's own options, and what airlock.client takes; that wins
---@param whose string begins the messages of mistakes
---@return table config as airlock.client takes it
---@return table profile as it is for this client
function providers.configure(name, config, whose)
  local profile = find(name, whose)
  if type(config) ~= "table" then core.mistake(whose .. ": a table of options was expected, not a " .. type(config)) end
  local made, values, usual = {}, {}, true
  for option, value in pairs(config) do made[option] = value end
  for option, default in pairs(profile.options or {}) do
    values[option] = value_of(whose, option, config[option], default, config.plain_http)
    usual = usual and (type(default) ~= "string" or values[option] == default)
    made[option] = nil
  end
  local given = fill_all(profile.config, values, true)
  for option, value in pairs(usual and {} or fill_all(profile.elsewhere, values, true)) do given[option] = value end
  if config.client_secret == nil then given.client_auth = nil end -- it says how a secret is sent
  for option, value in pairs(given) do
    if made[option] == nil then made[option] = value end
  end
  return made, instance(profile, values)
end

return providers
