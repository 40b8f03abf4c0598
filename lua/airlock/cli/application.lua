--- From settings to a client and a session of the library's.

local airlock = require "airlock"
local core = require "airlock.core"
local outcome = require "airlock.cli.outcome"
local progress = require "airlock.progress"
local words = require "airlock.cli.words"

local application = {}

-- grants by which a user logs in
local by_users = { login = "authorization_code", device_code = "device_code", password = "password" }
local not_for_clients = { access_type = true, port = true, params = true }

local function config_of(made)
  local config = { client_id = made.client_id, scope = made.scope, ca_file = made.ca_file, timeout = made.timeout,
    base_url = made.base_url, client_secret = made.client_secret, raw_basic = made.raw_basic, url = made.url,
      tenant = made.tenant, realm = made.realm,
      on_event = made.given.trace and require("airlock.cli.trace").on_event or nil,
      store = made.store or nil }
  for name, value in pairs(made.passed) do
    if not not_for_clients[name] then config[name] = value end
  end
  return config
end

--- Where the endpoints are, as far as the settings say.
---@param made table
---@return table
function application.endpoints(made)
  local name = made.provider or made.url and "space"
  return name and (require("airlock.providers").configure(name, config_of(made), "airlock")) or made.passed
end

--- Calls a function that waits for a server. At a terminal a line says so after a while; most answers come sooner.
---@param line table? of application.client
---@param f function
---@param ... any its arguments
---@return any ... its results
function application.wait(line, f, ...)
  if not line then return f(...) end
  local began = os.time()
  return progress.during(function()
    if os.time() - began >= 2 then line:show(line.text or "Waiting for the server") end
  end, f, ...)
end

--- What the library calls the grant by which a user logs in; nil for the others.
---@param grant string
---@return string?
function application.of_users(grant)
  return by_users[grant]
end

--- Makes the client that the settings describe.
---@param made table of settings.read
---@return userdata client
---@return table? line where what is waited for can be shown
function application.client(made)
  local line = progress.line()
  local config = config_of(made)
  if made.issuer and not made.provider then
    return outcome.need(application.wait(line, airlock.discover, made.issuer, config)), line
  end
  config.issuer = made.issuer
  if made.provider == "space" and not made.url then
    outcome.stop(outcome.usage, "which organization? Give --url, AIRLOCK_URL or a profile with 'url'")
  end
  if made.provider then return airlock.provider(made.provider, config), line end
  if made.url then return airlock.space(config), line end
  if not (made.passed.token_endpoint or made.base_url) then
    outcome.stop(outcome.usage,
      "which server? Give --profile, --url, --provider or --issuer, or write a profile (man airlock)")
  end
  return airlock.client(config), line
end

local function need(made, name, how)
  if not made[name] then outcome.stop(outcome.usage, ("the grant '%s' needs %s"):format(made.grant, how)) end
  return made[name]
end

local sessions = {}

function sessions.client_credentials(client, made)
  local other_proof = made.passed.private_key_file or made.passed.cert_file
  if not other_proof then
    need(made, "client_secret", "a secret: put it into AIRLOCK_CLIENT_SECRET, or say in the profile where it is")
  end
  return client:client_credentials { scope = made.scope }
end

function sessions.permanent_token(client, made)
  return client:permanent_token(
    need(made, "token", "a token: put it into AIRLOCK_TOKEN, or say in the profile where it is")())
end

function sessions.refresh_token(client, made)
  local token = need(made, "refresh_token",
    "a refresh token: put it into AIRLOCK_REFRESH_TOKEN, or say in the profile where it is")
  return client:refresh_token(token(), { scope = made.scope, account = made.account })
end

function sessions.password(client, made)
  return client:session { grant = "password", account = made.account, scope = made.scope }
end

function sessions.login(client, made)
  return client:session { account = made.account, scope = made.scope }
end

function sessions.device_code(client, made)
  return client:session { grant = "device_code", account = made.account, scope = made.scope }
end

--- A failure's message, with what the user can do about a login that isn't there, or is of no use.
---@param message string
---@param detail table
---@param made table of settings.read
---@return string message
function application.hint(message, detail, made)
  if detail.outcome ~= "revoked" and detail.outcome ~= "interaction_required" then return message end
  return message .. "; run: " .. words.login(made) .. (detail.code == "login_required" and "" or " --again")
end

--- The session that the settings describe, as far as it can be had without the user.
---@param client userdata
---@param made table
---@param line table?
---@return userdata session
function application.session(client, made, line)
  local session, message, detail = application.wait(line, sessions[made.grant], client, made)
  if line then line:clear() end
  return outcome.need(session, session == nil and application.hint(message, detail, made) or nil, detail)
end

--- The session that the settings describe as it is in memory and store, whatever it is worth; nobody is asked.
---@param client userdata
---@param made table
---@return userdata session
function application.handle(client, made)
  local name = by_users[made.grant]
  if not name then return sessions[made.grant](client, made) end
  return core.session(client, name, made.scope, nil, made.account, "airlock")
end

--- Both at once, from the parsed flags.
---@param made table of settings.read
---@return userdata session
---@return table? line
function application.open(made)
  local client, line = application.client(made)
  return application.session(client, made, line), line
end

return application
