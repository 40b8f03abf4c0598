--- Tables of options that a program hands in with a grant: the one place in Lua that judges their names and types.

-- spec: spec/client/options_spec.lua

local lazy = require "airlock.lazy"
local core = require "airlock.core"
local form = lazy "airlock.form"

local options = {}

--- Raises a mistake that names the option.
---@param whose string begins the message
---@param option string
---@param why string
function options.mistake(whose, option, why)
  core.mistake(("%s: option '%s' %s"):format(whose, option, why))
end

local function names_of(known)
  local names = {}
  for each in pairs(known) do names[#names + 1] = each end
  table.sort(names)
  return names
end

local function has_type(value, wanted)
  for kind in wanted:gmatch "%a+" do
    if type(value) == kind then return true end
  end
  return false
end

--- Raises for an unknown name or a wrong type.
---@param given table?
---@param whose string
---@param known table<string, string> the type of each option, or several with " or " between
---@return table options
function options.read(given, whose, known)
  if given == nil then return {} end
  if type(given) ~= "table" then core.mistake(whose .. ": a table of options was expected, not a " .. type(given)) end
  for name, value in pairs(given) do
    local wanted = known[name]
    if not wanted then
      local names = names_of(known)
      core.mistake(("%s: unknown option '%s'%s (it takes: %s)"):format(whose, tostring(name), core.meant(name, names),
        table.concat(names, ", ")))
    end
    if not has_type(value, wanted) then
      options.mistake(whose, name, ("must be a %s, not a %s"):format(wanted, type(value)))
    end
  end
  return given
end

--- Raises unless it is a text.
---@param token any
---@param whose string
---@return string token
function options.token(token, whose)
  if type(token) ~= "string" then core.mistake(whose .. ": a token must be a string, not a " .. type(token)) end
  return token
end

--- Raises unless the client has this option.
---@param client airlock.client
---@param whose string
---@param option string
function options.need(client, whose, option)
  if not client:has(option) then core.mistake(("%s: the client's option '%s' is missing"):format(whose, option)) end
end

--- Raises unless the option is absent or one of these.
function options.one_of(whose, given, name, ...)
  local value = given[name]
  if value == nil then return end
  for i = 1, select("#", ...) do
    if value == (select(i, ...)) then return end
  end
  options.mistake(whose, name, ("must be %s"):format(table.concat({ ... }, " or ")))
end

local function check_uri(uri, whose, name)
  if type(uri) ~= "string" or not uri:find "^%a[%w+.-]*:[%w%-._~:/?%[%]@!$&'()*+,;=%%]+$" then
    options.mistake(whose, name, "must be an absolute URI without a fragment, or a list of these")
  end
end

--- Resource indicators (RFC 8707) as fields of a form.
---@param whose string
---@param resource string|string[]|nil absolute URIs without a fragment
---@return string? form nil: none
function options.resource(whose, resource)
  if resource == nil then return nil end
  local list = type(resource) == "table" and resource or { resource }
  for _, uri in ipairs(list) do check_uri(uri, whose, "resource") end
  if #list == 0 then options.mistake(whose, "resource", "is an empty list") end
  return form.encode({ resource = list }, whose, "resource")
end

-- What a token request says by itself, or what proves the client.
local flow_sets = {}
for name in ([[grant_type client_id client_secret client_assertion client_assertion_type scope resource code
  code_verifier redirect_uri refresh_token username password assertion device_code subject_token subject_token_type
  actor_token actor_token_type requested_token_type]]):gmatch "%S+" do flow_sets[name] = true end

--- Further fields of token requests, as the fields of a form.
---@param whose string
---@param params table?
---@param option? string what the option is called; by default "params"
---@return string? form nil: none
function options.params(whose, params, option)
  option = option or "params"
  if params == nil or next(params) == nil then return nil end
  for name in pairs(params) do
    if flow_sets[name] then
      options.mistake(whose, option, ("can't have '%s', which the flow sets itself"):format(name))
    end
  end
  return form.encode(params, whose, option)
end

--- Resource indicators and further fields, as the fields of a form that goes with each token request of a session.
---@param whose string
---@param given table options of a grant, with `resource` and `params`
---@return string? form nil: none
function options.more(whose, given)
  local resource, params = options.resource(whose, given.resource), options.params(whose, given.params)
  return resource and params and resource .. "&" .. params or resource or params
end

return options
