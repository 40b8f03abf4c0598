--- Where a run goes: the embedded emulator, or a server somewhere else. One place gives the client and says what can be
--- done there.

local airlock = require "airlock"
local core = require "airlock.core"
local json = require "airlock.emulator.http.json"
local profiles = require "airlock.playground.profiles"

local place = {}

-- way → the name of its grant
local grants = { client_credentials = "client_credentials", authorization_code = "authorization_code",
  implicit = "implicit", password = "password", refresh_token = "refresh_token" }

local function holds(list, wanted)
  for _, each in ipairs(list) do
    if each == wanted then return true end
  end
  return false
end

-- ---- what all have in common

local any = {}
any.__index = any

--- The URL of an endpoint; nil: it has none, or none is known yet.
---@param name string such as "token_endpoint"
---@return string?
function any:endpoint(name)
  return self.endpoints[name]
end

--- The URL of an API path.
---@param path string
---@return string
function any:address(path)
  return path:find "^https?://" and path or (self.base_url or "") .. path
end

--- The ways that the server doesn't have, as far as that is known.
---@return string[]
function any:lacks()
  local out, known = json.list(), self.endpoints.grant_types_supported
  for way, grant in pairs(grants) do
    if type(known) == "table" and not holds(known, grant) then out[#out + 1] = way end
  end
  if next(self.endpoints) and not self:endpoint "device_authorization_endpoint" then out[#out + 1] = "device_code" end
  return out
end

--- The server's time, seconds since 1970.
function any.now()
  return os.time()
end

--- Whose client it is: `client_id`, and `client_secret` unless it is a public one.
function any.credentials(_, choice)
  return choice.client_id, choice.client_secret ~= "" and choice.client_secret or nil
end

local function new(class, fields)
  return setmetatable(fields, class)
end

local function derive(from)
  local class = setmetatable({}, { __index = from })
  class.__index = class
  return class
end

-- ---- a Space organization

local organization = derive(any)

local function organization_fields(url, kind, name)
  return { kind = kind, name = name, url = url, base_url = url .. "/api/http/", access_type = "offline",
    logout = "team-directory/profiles/oauth-consents/me/refresh-tokens/self",
    endpoints = { authorization_endpoint = url .. "/oauth/auth", token_endpoint = url .. "/oauth/token" } }
end

--- Makes a client; config is what `airlock.client` takes, without where the server is.
function organization:client(config)
  config.url = self.url
  return airlock.space(config)
end

--- How a program makes that client for a way: `call`, `first` argument, `fields` of the table.
function organization:made(_)
  return { call = "airlock.space", fields = { { "url", self.url } } }
end

local function why_unfit(url)
  return core.url_fault(url) and "the address " .. core.url_fault(url) or url:find "?" and "the address has a query"
end

--- A Space organization.
---@param choice table
---@return table? place nil, why: it can't be one
---@return string? why
function place.space(choice)
  local url = choice.url:gsub("/+$", "")
  local why = why_unfit(url)
  if why then return nil, why end
  return new(organization, organization_fields(url, "space", url:match "^%a+://([^/]*)"))
end

-- ---- the emulator in this program

local embedded = derive(organization)

--- The emulator as a place.
---@param space table of `airlock.emulator`
---@return table place
function place.embedded(space)
  local self = new(embedded, organization_fields(space.url, "emulator", "Embedded Space"))
  self.space, self.endpoints.device_authorization_endpoint = space, space.url .. "/oauth/device"
  return self
end

--- The application that a choice names.
function embedded:application(choice)
  return self.space.applications[choice.application] or self.space.applications[1]
end

function embedded:credentials(choice)
  local app = self:application(choice)
  return app.client_id, not app.settings.publicClientsAllowed and app.client_secret or nil
end

function embedded:client(config)
  config.device_authorization_endpoint = self.endpoints.device_authorization_endpoint
  return organization.client(self, config)
end

function embedded:made(way)
  local made = organization.made(self)
  if way == "device_code" then
    made.fields[2] = { "device_authorization_endpoint", self.endpoints.device_authorization_endpoint }
  end
  return made
end

function embedded:now()
  return self.space:now()
end

function embedded:advance(seconds)
  self.space:advance(seconds)
end

function embedded:fault(given)
  self.space:fault(given)
end

function embedded:revoke(token)
  return self.space:revoke(token)
end

--- A token made by hand, as an administrator would.
function embedded:permanent_token(run)
  return self.space:permanent_token { application = self:application(run.choice), scope = run:scope() or "**" }
end

--- A refresh token of a login that was some time ago.
function embedded:refresh_token(run)
  return self.space:issue { application = self:application(run.choice),
    person = run.choice.person ~= "" and run.choice.person or "alice.first",
    scope = not run.choice.narrow and run:scope() or "**", offline = true }.refresh_token
end

--- Does a person's part: where the browser would end; nil and what a page said.
function embedded:approve(url, person, accept)
  return self.space:approve(url, { person = person, accept = accept })
end

--- Lets the next person be asked again, whatever was accepted before.
function embedded:forget_consents()
  self.space:forget_consents()
end

--- Enters a device's code for a person.
function embedded:pair(user_code, person, accept)
  return self.space:enter_device_code(user_code, { person = person, accept = accept })
end

-- ---- a server that says itself where its endpoints are

local issuer = derive(any)

function issuer:client(config)
  config.base_url = self.base_url
  local client, message, detail = airlock.discover(self.url, config)
  if client then self.endpoints = client:metadata() end
  return client, message, detail
end

function issuer:made()
  return { call = "airlock.discover", first = self.url,
    fields = self.base_url and { { "base_url", self.base_url } } or {} }
end

--- An issuer to discover.
---@param choice table
---@return table? place
---@return string? why
function place.issuer(choice)
  local why = why_unfit(choice.url) or choice.base_url ~= "" and why_unfit(choice.base_url)
  if why then return nil, why end
  return new(issuer, { kind = "issuer", name = choice.url:match "^%a+://([^/]*)", url = choice.url, endpoints = {},
    base_url = choice.base_url ~= "" and (choice.base_url:gsub("/*$", "/")) or nil })
end

-- ---- a server that Airlock knows by name

local provider = derive(any)

function provider:client(config)
  for option, value in pairs(self.given) do config[option] = value end
  return airlock.provider(self.profile, config)
end

function provider:lacks()
  return profiles.lacks(self.profile)
end

function provider:made()
  local fields = {}
  for option, value in pairs(self.given) do fields[#fields + 1] = { option, value } end
  table.sort(fields, function(a, b) return a[1] < b[1] end)
  return { call = "airlock.provider", first = self.profile, fields = fields }
end

--- A provider's profile.
---@param choice table
---@return table? place
---@return string? why
function place.provider(choice)
  local given = profiles.given(choice)
  local config, profile = profiles.configure(choice.provider, given)
  if not config then return nil, profile end
  return new(provider, { kind = choice.provider == "space" and "space" or "provider", name = choice.provider,
    url = given.url or config.token_endpoint:match "^%a+://[^/]*", profile = choice.provider, given = given,
      endpoints = config,
    base_url = config.base_url, access_type = profile.access_type, logout = profile.logout })
end

-- ---- a server that wasn't named yet

local nowhere = derive(any)

function nowhere:lacks()
  return profiles.lacks(self.profile)
end

function nowhere.client()
  return nil, "The server's address is missing: say where it is first."
end

function nowhere.made()
  return { call = "airlock.client", fields = {} }
end

function nowhere.endpoint()
  return ""
end

--- The place of a choice.
---@param choice table
---@param home table the emulator's place
---@return table? place
---@return string? why
function place.of(choice, home)
  if choice.server == "emulator" then return home end
  local incomplete = choice.server == "provider" and profiles.incomplete(choice) or choice.server ~= "provider"
    and choice.url == ""
  if incomplete then
    return new(nowhere, { kind = choice.server, name = "no server yet", url = "", endpoints = {},
      profile = choice.server == "provider" and choice.provider or nil })
  end
  return place[choice.server](choice)
end

return place
