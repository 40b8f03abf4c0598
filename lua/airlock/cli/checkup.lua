--- What airlock doctor looks at. A check gives how it stands ("good", "note" or "bad"), what was seen, and for "bad"
--- the next step in
-- words and an exit code; nothing, where it doesn't apply.

local airlock = require "airlock"
local application = require "airlock.cli.application"
local calls = require "airlock.call"
local command = require "airlock.command"
local core = require "airlock.core"
local outcome = require "airlock.cli.outcome"
local profile = require "airlock.cli.profile"
local store = require "airlock.store"
local words = require "airlock.cli.words"

local checkup = {}

local endpoints = { "authorization_endpoint", "token_endpoint", "revocation_endpoint", "introspection_endpoint",
  "device_authorization_endpoint", "jwks_uri" }

local steps = {
  resolve = "Check the address, and that this machine's DNS answers.",
  connect = "Check that the server runs, the port, and what stands between (a firewall; a proxy, 'proxy' in the "
    .. "profile).",
  proxy = "Mend the proxy's URL ('proxy' in the profile, or the environment), or have its keeper allow the way.",
  timeout = "Check what stands between, such as a firewall or a proxy; or allow more with --timeout.",
  tls = "If its certificate is of an authority of your own, name that with --ca-file; else the server's certificate "
    .. "must be mended.",
}

local function step_of(detail)
  return steps[detail.code] or "Try again later; if it stays so, ask whoever runs the server."
end

function checkup.configuration(state)
  local path = profile.place()
  local name = state.made.name and ("profile '%s' of %s"):format(state.made.name, path)
  local there = path and command.permissions(path)
  return "good", name or there and "no profile; options and environment alone"
    or "no file of profiles; options and environment alone"
end

local places = { env = "the environment (%s)", file = "the file '%s'", command = "the command '%s'" }

-- Gets a secret, to see that it is there; it is never shown. A file that others can read is no place for one.
local function try_secret(state, name, where)
  local found = where.kind == "file" and command.permissions(where.place)
  if found and found.readable then
    return ("others can read the file of the %s"):format(name:gsub("_", " ")),
      ("Run: chmod go-r '%s'"):format(where.place)
  end
  local ok, why = pcall(state.made[name])
  if not ok then return tostring(why), "Put it there, or say in the profile where else it is." end
end

function checkup.secrets(state)
  local seen = {}
  for _, name in ipairs { "client_secret", "token", "refresh_token", "password" } do
    local where = state.made.places[name]
    local why, step
    if where then why, step = try_secret(state, name, where) end
    if why then return "bad", why, step, outcome.usage end
    if where then
      seen[#seen + 1] = ("%s from %s"):format(name:gsub("_", " "), places[where.kind]:format(where.place))
    end
  end
  return "good", #seen > 0 and table.concat(seen, ", ") or "none is given"
end

function checkup.client(state)
  local ok, client, line = pcall(application.client, state.made)
  if ok then
    state.client, state.line, state.endpoints = client, line, application.endpoints(state.made)
    return "good", tostring(client)
  end
  local code, message, detail = outcome.caught(client)
  if code == outcome.interrupted then outcome.stop(code) end
  return "bad", message, code == outcome.usage and "Mend what it names; man airlock tells what a profile takes."
    or step_of(detail or {}), code
end

-- What a profile lets go without TLS, and so in everybody's sight.
function checkup.plain(state)
  local hosts = state.client:settings().plain_http
  if not hosts or #hosts == 0 then return nil end
  return "note", ("%s may be spoken to without TLS (plain_http): whoever is on the way can read the tokens")
    :format(table.concat(hosts, ", "))
end

local function fetch(state, url)
  return application.wait(state.line, calls.serve, core.fetch(state.client, url, false), nil, state.client)
end

-- Where the server is asked something that costs nothing.
local function place(state)
  local theirs = state.client:metadata() or {}
  for _, name in ipairs { "jwks_uri", "token_endpoint", "authorization_endpoint" } do
    local url = state.endpoints[name] or theirs[name]
    if url then return url end
  end
  return state.made.base_url
end

function checkup.server(state)
  local url = place(state)
  if not url then return "note", "no endpoint is known, so nobody is asked" end
  local began, wall = core.now(), os.time()
  local status, body, head = fetch(state, url)
  local origin = url:match "^%a+://[^/?]+"
  if not status then return "bad", words.of(body), step_of(head), outcome.of(head) end
  state.head, state.asked_at = head, wall + math.floor((core.now() - began) / 2)
  if status >= 500 then
    return "bad", ("%s answered with status %d"):format(origin, status), step_of {}, outcome.refused
  end
  local here = not core.url_fault(url) -- whatever plain_http says
  local how = url:find "^https:" and "over TLS, with a certificate that is trusted"
    or here and "on this machine, without TLS" or "without TLS"
  return "good", ("%s answers %s (%d ms)"):format(origin, how, math.floor((core.now() - began) * 1000))
end

local months = { Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6, Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11,
  Dec = 12 }

-- Seconds since 1970 of an HTTP date (RFC 9110 section 5.6.7), its usual form.
local function seconds_of(text)
  local day, month, year, hour, minute, second = text:match "(%d%d) (%a%a%a) (%d%d%d%d) (%d%d):(%d%d):(%d%d) GMT"
  if not day or not months[month] then return nil end
  local y, m = tonumber(year), months[month]
  if m <= 2 then y, m = y - 1, m + 12 end -- days by the formula of the Julian day
  local days = math.floor(365.25 * y) - math.floor(y / 100) + math.floor(y / 400) + math.floor(
    30.6001 * (m + 1)) + tonumber(day) - 719591
  return ((days * 24 + tonumber(hour)) * 60 + tonumber(minute)) * 60 + tonumber(second)
end

function checkup.clock(state)
  local date = state.head and ("\n" .. state.head):match "\n[Dd]ate:%s*([^\r\n]+)"
  local theirs = date and seconds_of(date)
  if not theirs then return state.head and "note" or nil, "the server's answer has no Date to compare with" end
  local off = state.asked_at - theirs
  if math.abs(off) <= 5 then return "good", "it agrees with the server's, give or take a few seconds" end
  local text = ("it is %d s %s the server's"):format(math.abs(off), off > 0 and "ahead of" or "behind")
  if math.abs(off) <= 60 then return "note", text end
  return "bad", text, "Set this machine's clock (timedatectl set-ntp true). Until then signed tokens look expired, or "
    .. "not valid yet.", outcome.refused
end

-- Endpoints that the server names otherwise than the configuration does.
local function differing(state, found)
  local theirs, names = found:metadata() or {}, {}
  for _, name in ipairs(endpoints) do
    local ours = state.endpoints[name]
    if ours and theirs[name] and ours ~= theirs[name] then names[#names + 1] = name end
  end
  return names
end

function checkup.discovery(state)
  local issuer = state.client:settings().issuer
  if not issuer or not state.head then return nil end
  local found, message, detail = application.wait(state.line, airlock.discover, issuer,
    { client_id = "doctor", ca_file = state.made.ca_file,
    timeout = state.made.timeout, proxy = state.made.passed.proxy })
  if not found then
    if detail.code == "metadata_not_found" then
      return "note", ("%s publishes no metadata; the endpoints are as configured"):format(issuer)
    end
    return "bad", words.of(message), detail.kind == "network" and step_of(detail)
      or "Check the issuer; or give the endpoints in the profile.", outcome.of(detail)
  end
  local names = differing(state, found)
  if #names > 0 then
    return "bad", ("%s names another %s than the configuration"):format(issuer, table.concat(names, " and another ")),
      "Take the server's: leave these out of the profile, and give 'issuer'.", outcome.usage
  end
  return "good", issuer .. " says where its endpoints are, and they are the ones in use"
end

function checkup.redirect(state)
  if state.made.grant ~= "login" then return nil end
  local uri = state.made.passed.redirect_uri or "http://127.0.0.1/callback"
  local host, port = uri:match "^http://([%w.-]+):?(%d*)/"
  if not host then host, port = uri:match "^http://(%[::1%]):?(%d*)/" end
  if not (host == "127.0.0.1" or host == "localhost" or host == "[::1]") then
    return "bad", ("%s doesn't lead to this machine"):format(uri),
      "Register http://127.0.0.1/callback, or the same with a port, for this application.", outcome.usage
  end
  port = tonumber(state.made.passed.port or port) or 0
  local there, server = pcall(require, "airlock.server")
  if not there then
    return "bad", "this build of Airlock has no airlock.server, so a login can't wait for its redirect",
      "Build it where libmicrohttpd is installed.", outcome.usage
  end
  local listening, why = server.listen { host = host == "[::1]" and "::1" or "127.0.0.1",
    port = port, handler = function() end }
  if not listening then
    return "bad", ("%s can't be listened on: %s"):format(uri, why),
      "End the program that has the port, or register another one.", outcome.network
  end
  listening:close()
  return "good", port > 0 and uri .. " is free to be listened on"
    or uri .. " with any free port; the server must take any port for it (RFC 8252)"
end

function checkup.browser(state)
  if state.made.grant ~= "login" then return nil end
  if os.getenv "DISPLAY" or os.getenv "WAYLAND_DISPLAY" or os.getenv "BROWSER" then
    return "good", "there is a screen to open one on"
  end
  return "note", "no screen here: a login prints its URL; open it elsewhere, and paste the address that it ends at"
end

function checkup.store(state)
  if not state.made.store then return "note", "no tokens are kept; each command asks for its own" end
  local named = state.made.store
  local folder = type(named) == "string" and named or store.folder()
  local there = command.permissions(folder)
  if there and (not there.ours or there.readable or there.writable) then
    return "bad", ("others can look into %s"):format(folder), ("Run: chmod 700 '%s' (as its owner)"):format(folder),
      outcome.store
  end
  local records, message = store.list(folder)
  if not records then return "bad", message, "Mend that, or name another folder with --store.", outcome.store end
  local broken = 0
  for _, each in ipairs(records) do broken = broken + (each.unreadable and 1 or 0) end
  if broken > 0 then
    return "bad", ("%d of %d records in %s can't be read"):format(broken, #records, folder),
      "Remove them (airlock status --all names them), and log in again.", outcome.store
  end
  return "good", ("%s, which holds %d record%s"):format(folder, #records, #records == 1 and "" or "s")
end

--- All checks, in the order in which they make sense.
checkup.order = { "configuration", "secrets", "client", "plain", "server", "clock", "discovery", "redirect", "browser",
  "store" }

return checkup
