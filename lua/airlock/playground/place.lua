--- Where a run goes: the embedded emulator, or a server somewhere else. One place gives the client and says what can be done there.

local airlock = require "airlock"
local consent = require "airlock.emulator.consent"
local form = require "airlock.emulator.form"

local place = {}

-- ---- the emulator in this program

local embedded = {}
embedded.__index = embedded

--- The emulator as a place.
---@param space table of `airlock.emulator`
---@return table place
function place.embedded(space)
  return setmetatable({ kind = "emulator", name = "Embedded Space", space = space, url = space.url, access_type = "offline",
    token_endpoint = space.url .. "/oauth/token", device_authorization_endpoint = space.url .. "/oauth/device" }, embedded)
end

--- The application that a choice names.
function embedded:application(choice)
  return self.space.applications[choice.application] or self.space.applications[1]
end

--- Whose client it is: `client_id`, and `client_secret` unless it is a public one.
function embedded:credentials(choice)
  local app = self:application(choice)
  return app.client_id, not app.settings.publicClientsAllowed and app.client_secret or nil
end

function embedded:client(config)
  config.url, config.device_authorization_endpoint = self.url, self.device_authorization_endpoint
  return airlock.space(config)
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
  return self.space:issue { application = self:application(run.choice), person = run.choice.person ~= "" and run.choice.person or "alice.first",
    scope = run:scope() or "**", offline = true }.refresh_token
end

--- Does a person's part: where the browser would end; nil and what a page said.
function embedded:approve(url, person, accept)
  return self.space:approve(url, { person = person, accept = accept })
end

--- Lets the next person be asked again, whatever was accepted before.
function embedded:forget_consents()
  self.space.consents = consent.new()
end

--- Enters a device's code for a person.
function embedded:pair(user_code, person, accept)
  return self.space:enter_device_code(user_code, { person = person, accept = accept })
end

-- ---- any other server

local remote = {}
remote.__index = remote

function remote:credentials(choice)
  return choice.client_id, choice.client_secret ~= "" and choice.client_secret or nil
end

function remote:client(config)
  config.url = self.url
  return airlock.space(config)
end

function remote.now()
  return os.time()
end

function remote.permanent_token() end
function remote.refresh_token() end

--- A Space organization.
---@param url string
---@return table? place nil, why: it can't be one
---@return string? why
function place.space(url)
  url = url:gsub("/+$", "")
  local ok, why = pcall(airlock.space, { url = url, client_id = "any" })
  if not ok then return nil, (tostring(why):gsub("^.-airlock%.space: ", "")) end
  return setmetatable({ kind = "space", name = form.unescape(url:match "^%a+://([^/]*)" or url), url = url, access_type = "offline",
    token_endpoint = url .. "/oauth/token" }, remote)
end

--- The place of a choice.
---@param choice table
---@param home table the emulator's place
---@return table? place
---@return string? why
function place.of(choice, home)
  if choice.server == "emulator" then return home end
  return place[choice.server](choice.url)
end

return place
