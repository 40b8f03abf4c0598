--- What flags, environment and profile say together: a flag goes before the environment, and that before the profile.
--- A profile that a flag names goes before the environment.

local core = require "airlock.core"
local outcome = require "airlock.cli.outcome"
local output = require "airlock.cli.output"
local precedence = require "airlock.cli.precedence"
local profile = require "airlock.cli.profile"
local secret = require "airlock.cli.secret"

local settings = {}

local function option(name, value, help, more)
  local made = { "--" .. name:gsub("_", "-"), target = name, value = value, help = help,
    env = "AIRLOCK_" .. name:upper() }
  for key, each in pairs(more or {}) do made[key] = each end
  return made
end

local grants = { "client_credentials", "login", "device_code", "password", "refresh_token", "permanent_token" }

--- The flags that every command has which speaks for an application.
settings.options = {
  { "-p", "--profile", target = "profile", value = "NAME", env = "AIRLOCK_PROFILE", complete = "profiles",
    help = "the profile to take from the configuration file" },
  option("provider", "NAME", "a server whose endpoints are known, such as space (airlock providers lists them)",
    { complete = "providers" }),
  option("url", "URL", "the address of a Space organization, or of another provider's server"),
  option("tenant", "NAME", "the directory, with a provider that has these (microsoft)"),
  option("realm", "NAME", "the realm, with a provider that has these (keycloak)"),
  option("issuer", "URL", "a server to be asked where its endpoints are (RFC 8414)"),
  option("client_id", "ID", "the application's id"),
  option("grant", "NAME", "the way to a token: " .. table.concat(grants, ", "),
    { complete = grants, choices = grants }),
  option("raw_basic", nil, "the server doesn't form-decode id and secret of HTTP Basic", { boolean = true }),
  option("scope", "SCOPE", "what the token is for"),
  option("account", "NAME", "which of several logins (\"default\")"),
  option("store", "FOLDER", "where tokens are kept; \"memory\" for nowhere", { complete = "folders" }),
  option("base_url", "URL", "what relative paths of requests begin with"),
  option("ca_file", "FILE", "certificate authorities to trust in place of the system's", { complete = "files" }),
  option("timeout", "SECONDS", "the longest that a request takes", { number = true }),
  { "--option", target = "option", value = "NAME=VALUE", repeats = true,
    help = "any other option of a profile or of the provider, but no secret" },
  { "--trace", target = "trace", help = "show each request and each answer on standard error, without secrets" },
}

--- Adds these options to a command's own, in its description.
---@param command table
---@return table command
function settings.with(command)
  command.own, command.common, command.options = command.options, settings.options, {}
  for _, list in ipairs { command.own, command.common } do
    for _, each in ipairs(list) do command.options[#command.options + 1] = each end
  end
  return command
end

local flagged = {}
for _, each in ipairs(settings.options) do
  if each.env then flagged[each.target] = each end
end

-- What else the library's configuration takes, from a profile only.
local passed = {
  authorization_endpoint = "string", token_endpoint = "string", revocation_endpoint = "string",
    introspection_endpoint = "string",
  device_authorization_endpoint = "string", jwks_uri = "string", redirect_uri = "string", client_auth = "string",
    proxy = "string",
  user_agent = "string", retries = "number", clock_skew = "number", connect_timeout = "number", max_body = "number",
    params = "table", plain_http = "table", stall_timeout = "number", max_connections = "number",
    max_redirects = "number",
    http_version = "string",
  private_key_file = "string", cert_file = "string", key_file = "string", kid = "string",
    token_endpoint_auth_signing_alg = "string",
  authorization_response_iss_parameter_supported = "boolean", access_type = "string", port = "number",
  dpop = "boolean", invalid_grants = "string",
}

local secrets = { client_secret = "AIRLOCK_CLIENT_SECRET", token = "AIRLOCK_TOKEN", password = "AIRLOCK_PASSWORD",
  refresh_token = "AIRLOCK_REFRESH_TOKEN" }

local function environment(name)
  local value = name and os.getenv(name)
  return value ~= "" and value or nil
end

local function kind_of(each)
  return each.number and "number" or each.boolean and "boolean" or "string"
end

-- What was meant by an option that no profile has.
local function meant(key)
  local names = { "username" }
  for _, list in ipairs { passed, secrets, flagged } do
    for name in pairs(list) do names[#names + 1] = name end
  end
  return core.meant(key, names)
end

-- What isn't known here may be an option of the provider's, such as `tenant`; else the library refuses it.
local function is_providers(found, key)
  return type(found.provider) == "string" and type(key) == "string" and not flagged[key]
end

local function check_profile(found, name)
  for key, value in pairs(found) do
    local kind = passed[key] or key == "username" and "string" or flagged[key] and kind_of(flagged[key])
    if not kind and not secrets[key] and not is_providers(found, key) or key == "profile" then
      outcome.stop(outcome.usage, ("the profile '%s' has an unknown option '%s'%s"):format(name, tostring(key),
        meant(key)))
    end
    if key == "store" and type(value) == "boolean" then kind = "boolean" end
    if (key == "dpop" or key == "invalid_grants") and type(value) == "table" then kind = "table" end
    if kind and type(value) ~= kind then
      outcome.stop(outcome.usage, ("the profile '%s': option '%s' must be a %s, not a %s"):format(name, key, kind,
        type(value)))
    end
  end
end

local truths = { ["1"] = true, ["true"] = true, ["0"] = false, ["false"] = false }

-- What a flag or a variable of the environment says, as the type that it must have.
local function value_of(text, each)
  if each.boolean then
    local value = text == true or truths[text]
    if value == nil then outcome.stop(outcome.usage, ("%s must be 1 or 0, not '%s'"):format(each.env, text)) end
    return value
  end
  local value = tonumber(text)
  if each.number and not value then
    outcome.stop(outcome.usage, ("%s must be a number, not '%s'"):format(each[1], text))
  end
  return each.number and value or text
end

local function choose(made, given, found, rule)
  for name, each in pairs(flagged) do
    local value = given[name]
    if value == nil then value = rule:option(name, each.env, environment(each.env)) end
    if value ~= nil then value = value_of(value, each) else value = found[name] end
    made[name] = value
  end
  for name, value in pairs(found) do
    if passed[name] or not flagged[name] and not secrets[name] and name ~= "username" then made.passed[name] = value end
  end
  made.username = rule:option("username", "AIRLOCK_USERNAME", environment "AIRLOCK_USERNAME") or found.username
end

local written = { number = tonumber, boolean = function(text) return truths[text] end,
  string = function(text) return text end }

-- One --option: what a profile says, said for this once.
local function take_option(made, word)
  local name, text = word:match "^([%l_][%w_]*)=(.*)$"
  if not name then outcome.stop(outcome.usage, "--option takes NAME=VALUE, with the name as a profile has it") end
  secret.refuse_option(name)
  if flagged[name] then
    outcome.stop(outcome.usage, ("the option '%s' has a flag of its own: %s"):format(name, flagged[name][1]))
  end
  if not passed[name] and not made.provider and name ~= "username" then
    outcome.stop(outcome.usage, ("--option: there is no option '%s'%s"):format(name, meant(name)))
  end
  local kind = passed[name] or "string"
  local value
  if written[kind] then value = written[kind](text) end
  if value == nil then
    outcome.stop(outcome.usage, written[kind] and ("--option %s: the value must be a %s"):format(name, kind)
      or ("--option %s: such a table can only stand in a profile"):format(name))
  end
  if name == "username" then made.username = value else made.passed[name] = value end
end

local function choose_secrets(made, rule)
  for name, variable in pairs(secrets) do
    local source = rule:secret(name, variable, environment(variable))
    if source ~= nil then made[name], made.places[name] = secret.reader(source, name) end
  end
end

local function known_grant(name)
  for _, each in ipairs(grants) do
    if each == name then return name end
  end
  if name == "authorization_code" then return "login" end
  outcome.stop(outcome.usage, ("there is no grant '%s'; it is one of %s"):format(tostring(name),
    table.concat(grants, ", ")))
end

local function usual_grant(made)
  if made.token then return "permanent_token" end
  if made.refresh_token then return "refresh_token" end
  return (made.client_secret or made.passed.private_key_file) and "client_credentials" or "login"
end

--- Reads them.
---@param given table the parsed flags
---@param usual string? the grant, where nothing names one; else what is there says which
---@return table settings by name; secrets as functions, and in `places` where each is; `name`, the profile's; `given`
function settings.read(given, usual)
  local found, name = profile.named(given.profile or environment "AIRLOCK_PROFILE")
  check_profile(found, name)
  local made = { name = name, passed = {}, places = {}, given = given }
  local rule = precedence.new(found, name, given)
  choose(made, given, found, rule)
  for _, word in ipairs(given.option or {}) do take_option(made, word) end
  choose_secrets(made, rule)
  if rule:message() then output.tell(rule:message()) end
  made.profile = nil
  if made.store == nil then made.store = true end
  if made.store == "memory" then made.store = false end
  made.grant = known_grant(made.grant or usual or usual_grant(made))
  return made
end

return settings
