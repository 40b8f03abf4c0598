--- A client: the application as registered at an authorization server. Each grant gives a session.

local core = require "airlock.core"
require "airlock.session" -- gives sessions their methods

local methods = core.classes.client
local client = {}

--- Makes a client; `whose` begins the messages of mistakes in the configuration.
---@param config table
---@param whose string
---@param provider table? one of airlock.providers
---@return table
function client.new(config, whose, provider)
  if type(config) ~= "table" then
    core.mistake(whose .. ": a table of options was expected, not a " .. type(config))
  end
  return core.client(config, whose, provider)
end

-- Options of the grants are few and simple; C judges the values.
local function read(options, whose, known)
  if options == nil then return {} end
  if type(options) ~= "table" then core.mistake(whose .. ": a table of options was expected, not a " .. type(options)) end
  for name, value in pairs(options) do
    if not known[name] then
      local names = {}
      for each in pairs(known) do names[#names + 1] = each end
      table.sort(names)
      core.mistake(("%s: unknown option '%s' (it takes: %s)"):format(whose, tostring(name), table.concat(names, ", ")))
    end
    if type(value) ~= "string" then
      core.mistake(("%s: option '%s' must be a string, not a %s"):format(whose, name, type(value)))
    end
  end
  return options
end

local function check_token(token, whose)
  if type(token) ~= "string" then core.mistake(whose .. ": a token must be a string, not a " .. type(token)) end
  return token
end

--- A session on behalf of the application itself (RFC 6749 section 4.4). The server is asked only when a token is first needed.
---@param options? { scope: string? }
---@return table session
function methods:client_credentials(options)
  local whose = "client:client_credentials"
  options = read(options, whose, { scope = true })
  return core.session(self, "client_credentials", options.scope, nil, nil, whose)
end

--- A session with a token that was made by hand and lasts until it is revoked; it is never renewed.
---@param token string
---@return table session
function methods:permanent_token(token)
  local whose = "client:permanent_token"
  return core.session(self, "permanent_token", nil, check_token(token, whose), nil, whose)
end

--- A session from a refresh token that the program kept itself (RFC 6749 section 6). A rotated one replaces it.
---@param refresh_token string
---@param options? { scope: string?, account: string? } `scope` narrows what was granted; `account` keeps users apart
---@return table session
function methods:refresh_token(refresh_token, options)
  local whose = "client:refresh_token"
  options = read(options, whose, { scope = true, account = true })
  return core.session(self, "refresh_token", options.scope or "", check_token(refresh_token, whose), options.account, whose)
end

client.methods = methods

return client
