--- airlock login: a user logs in, through the browser, with a code on another device, or with a password.

local application = require "airlock.cli.application"
local core = require "airlock.core"
local outcome = require "airlock.cli.outcome"
local output = require "airlock.cli.output"
local secret = require "airlock.cli.secret"
local settings = require "airlock.cli.settings"
local span = require("airlock.progress").span
local words = require "airlock.cli.words"

local function number(text, flag)
  local value = text and tonumber(text)
  if text and not value then outcome.stop(outcome.usage, ("%s takes a number, not '%s'"):format(flag, text)) end
  return value
end

local ways = {}

function ways.login(client, made, given)
  return client:login {
    scope = made.scope, account = made.account, access_type = made.passed.access_type, params = made.passed.params,
    port = number(given.port, "--port") or made.passed.port, timeout = number(given.wait, "--wait"),
    open = given.no_open and function() end or nil, -- the URL is printed all the same
  }
end

-- What else there is for a user whose server has no device codes.
local function no_device(made)
  local server = made.provider or made.issuer or made.url or "this server"
  outcome.stop(outcome.usage, ("the profile's 'device_authorization_endpoint' is missing: '%s' is known to have no "
    .. "login with a code on another device.\nWith a browser on this machine run: %s\nWith one elsewhere add "
    .. "--no-open, open the address there, and paste the address that it ends at."):format(server,
    words.login(made, "grant")))
end

function ways.device_code(client, made)
  if not client:has "device_authorization_endpoint" then no_device(made) end
  local device, message, detail = client:device_code { scope = made.scope, account = made.account or "default" }
  if not device then return nil, message, detail end
  local where = device.verification_uri_complete or device.verification_uri
  io.stderr:write(("To log in, open this page in any browser:\n\n  %s\n\nand enter the code %s\n\n"):format(
    core.printable(where), core.printable(device.user_code)))
  return device:wait()
end

function ways.password(client, made)
  if not made.username then
    outcome.stop(outcome.usage,
      "the grant 'password' needs a user's name: AIRLOCK_USERNAME, or 'username' in the profile")
  end
  return client:password { username = made.username, password = secret.password(made.password, made.username),
    scope = made.scope, account = made.account or "default", access_type = made.passed.access_type }
end

local function tell(session, what)
  local info = session:info()
  local parts = { what }
  if info.scope then parts[#parts + 1] = "scope " .. info.scope end
  if info.expires_at then parts[#parts + 1] = ("the token lives for %s"):format(span(info.expires_at - os.time())) end
  parts[#parts + 1] = info.renewable and "renewed by itself" or "and can't be renewed"
  output.tell(table.concat(parts, ", "))
end

-- A login that is still good; nil where there is none, or none that can be gone on with: the user is here to make
-- another.
local function known(client, made, line)
  local session, message, detail = application.wait(line, client.session, client,
    { grant = application.of_users(made.grant), account = made.account, scope = made.scope })
  if line then line:clear() end
  if not session and (detail.kind ~= "oauth" or detail.outcome == "transient") then outcome.fail(message, detail) end
  return session
end

local function run(given)
  local made = settings.read(given, given.device and "device_code" or "login")
  if given.device then made.grant = "device_code" end
  if not ways[made.grant] then
    outcome.stop(outcome.usage, ("the grant '%s' needs no login; airlock token gets a token"):format(made.grant))
  end
  local client, line = application.client(made)
  local session = not given.again and known(client, made, line)
  if session then return tell(session, "already logged in") end
  if given.again then application.handle(client, made):logout() end
  local message, detail
  session, message, detail = ways[made.grant](client, made, given)
  if not session then outcome.fail(message, detail, detail.kind == "cancelled" and "client:login" or nil) end
  tell(session, "logged in")
end

return settings.with {
  name = "login",
  summary = "Log a user in",
  details = "Logs a user in: through the browser and a redirect to this machine; with --device by a code that is "
    .. "entered on another one; or by "
    .. "whatever the profile's grant says. The login is kept in the store, where the next command finds it. One that "
    .. "is still good needs no "
    .. "browser. The page's address is printed as well, for a browser elsewhere; the address that browser ends at can "
    .. "be pasted here.",
  options = {
    { "--device", target = "device", help = "show a code to be entered on another device" },
    { "--again", target = "again", help = "end a login that is still good first" },
    { "--no-open", target = "no_open", help = "print the page's address, and open no browser" },
    { "--port", target = "port", value = "N",
      help = "where the redirect is listened for (default: as registered, else a free port)" },
    { "--wait", target = "wait", value = "SECONDS", help = "how long the user may take (300)" },
  },
  examples = {
    { "airlock login --profile work", "opens the browser" },
    { "airlock login --profile work --account second", "another user's login, beside the first" },
    { "ssh -t host airlock login --device", "on a machine without a browser, if the server has device codes" },
  },
  run = run,
}
