--- Login through the browser and a redirect to this program (RFC 8252): for scripts and editors.

local calls = require "airlock.loop.wait"
local core = require "airlock.core"
local loops = require "airlock.loop"
local poll = require "airlock.loop.poll"
local progress = require "airlock.progress"
local resources = require "airlock.options"
local shield = require "airlock.compat"

local login = {}

local default_timeout = 300 -- seconds, AL_LOGIN_TIMEOUT_S
local default_redirect = "http://127.0.0.1/callback"

local headers = {
  ["Content-Type"] = "text/html; charset=utf-8", ["Cache-Control"] = "no-store", ["Referrer-Policy"] = "no-referrer",
  ["Content-Security-Policy"] = "default-src 'none'", ["X-Content-Type-Options"] = "nosniff",
}

-- Nothing of the request stands in it (RFC 9700 section 4.2.4).
local function page(title, text)
  return ('<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>%s</title><h1>%s</h1><p>%s</p></html>\n'):format(
    title, title, text)
end

local function failure(code, message, outcome)
  return nil, message, { kind = "cancelled", code = code, outcome = outcome or "interaction_required" }
end

-- Where to listen: what is registered, if it leads to this machine, else any free port.
local function place(redirect_uri, options, whose)
  local host, port, path = redirect_uri:match "^http://(%[[%x:]+%]):?(%d*)(/[^?#]*)$"
  if not host then host, port, path = redirect_uri:match "^http://([%w.-]+):?(%d*)(/[^?#]*)$" end
  local known = { ["127.0.0.1"] = "127.0.0.1", ["localhost"] = "127.0.0.1", ["[::1]"] = "::1" }
  if not host or not known[host] then
    core.mistake(("%s: the client's option 'redirect_uri' must be http://127.0.0.1, http://localhost or http://[::1] with a path, not another machine")
      :format(whose))
  end
  if options.host and not (options.host == "127.0.0.1" or options.host == "::1" or options.host == "localhost") then
    core.mistake(whose .. ": option 'host' must be 127.0.0.1, localhost or ::1")
  end
  if options.host then host = options.host == "::1" and "[::1]" or options.host end
  return { name = host, address = known[host], port = options.port or tonumber(port) or 0, path = path }
end

-- `state` of a request for our path; nil for anything else: favicons, scanners, prefetches and stale tabs don't end a
-- login.
local function state_of(exchange, path)
  if exchange.method ~= "GET" or exchange.path ~= path or not exchange.query then return nil end
  local purpose = exchange.headers.purpose or exchange.headers["sec-purpose"]
  if purpose and purpose:find "prefetch" then return nil end
  local state = ("&" .. exchange.query):match "&state=([^&]*)"
  return state and state:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
end

-- The redirect is here: whoever waits for it goes on.
local function came(self, redirect)
  self.redirect = redirect
  if self.bell then self.bell.ring() end
end

local function answer(self, exchange)
  local state = state_of(exchange, self.place.path)
  if not state or self.redirect or not self.authorization:matches(state) then
    return exchange:reply { status = 404, headers = headers,
      body = page("Nothing here", "A login is waiting for another page.") }
  end
  local failed = ("&" .. exchange.query):find "&error="
  exchange:reply {
    status = 200, headers = headers,
    body = failed and page("The login did not succeed", "Go back to the program to see why. You can close this page.")
      or page("You are logged in", "Go back to the program. You can close this page."),
  }
  came(self, exchange.target)
end

-- A build with SERVER=no has nothing to listen with, but logs users in all the same.
local unheard = "client:login needs the module airlock.server, which is left out where Airlock is built without "
  .. "libmicrohttpd. Without it, take client:authorization_code, have the address pasted that the browser ends at, and "
  .. "give it to authorization:finish. Lua says: "

local function listen(self)
  local ok, server = pcall(require, "airlock.server")
  if not ok then core.mistake(unheard .. tostring(server)) end
  local listener, why = server.listen {
    host = self.place.address, port = self.place.port, handler = function(exchange) answer(self, exchange) end,
  }
  self.listener = listener
  if listener and self.host == poll then self.terminal = server.terminal() end -- in a host standard input is the host's
  return listener, why
end

-- The platform's opener, where there is a screen to open something on.
local function browse(url)
  local screen = os.getenv "DISPLAY" or os.getenv "WAYLAND_DISPLAY" or os.getenv "BROWSER"
  local quoted = "'" .. url:gsub("'", "%%27") .. "'"
  local opener = screen and "xdg-open" or 'test "$(uname)" = Darwin && open'
  os.execute(("{ %s %s; } >/dev/null 2>&1 </dev/null &"):format(opener, quoted))
end

-- Takes an address that was pasted, if it is the redirect.
local function paste(self, address)
  local state = type(address) == "string" and address:match "[?&]state=([^&#%s]*)"
  if self.redirect or not state or not self.authorization:matches(state) then return false end
  came(self, address:match "^%s*(.-)%s*$")
  return true
end

local function tell(self, options)
  local url = self.authorization.url
  if not self.host.open then
    io.stderr:write("To log in, open this page in a browser:\n\n  ", url, "\n\n")
    if self.terminal then
      io.stderr:write "If that browser is on another machine, paste the address it ends at here:\n"
    end
    io.stderr:flush()
  end
  local open = options.open or self.host.open or browse
  open(url, function(address) return paste(self, address) end)
end

-- Lines that were pasted at the terminal.
local function read_terminal(self)
  local line = self.terminal and self.terminal:line()
  while line do
    if paste(self, line) then return end
    if line:find "%S" then io.stderr:write "That isn't the address this login waits for.\n" end
    line = self.terminal:line()
  end
end

local function close(self)
  if self.line then self.line:clear() end
  for _, pollable in pairs { self.door, self.terminal } do
    poll.remove(pollable)
    pollable:close()
  end
end

-- The listener as what stands beside the engine: where the host drops the coroutine that waits, it goes with the next
-- step.
local function door_of(self)
  local owner = setmetatable({ shield.running() }, { __mode = "v" })
  local listener, owned = self.listener, owner[1] ~= nil
  local door = { fd = function() return listener:fd() end, close = function() listener:close() end }
  function door.step()
    if not owned or owner[1] then return listener:step() end
    poll.remove(door)
    listener:close()
  end
  return door
end

-- Steps until the redirect has come or the time is over; at a terminal a line says how much is left.
local function watch(self, seconds)
  local function come()
    read_terminal(self)
    return self.redirect ~= nil
  end
  local deadline = core.now() + seconds
  self.line = self.host == poll and progress.line()
  if not self.line then return poll.run(seconds, come) end
  while not come() and core.now() < deadline do
    self.line:show(("Waiting for the browser (%s left) "):format(progress.span(deadline - core.now())))
    poll.run(math.min(0.5, deadline - core.now()), come)
  end
  self.line:clear()
end

-- Waits for the redirect; gives why it didn't come.
local function await(self, seconds)
  if self.bell then return select(2, self.bell.wait()) end
  watch(self, seconds)
end

-- So that the browser gets its page.
local function linger(self)
  if self.loop then calls.bell(self.loop, 0.05).wait() else poll.run(0.05) end
end

local function wait(self, options, session)
  local seconds = options.timeout or default_timeout
  self.door = door_of(self)
  poll.add(self.door)
  if self.terminal then poll.add(self.terminal) end
  self.bell = self.loop and calls.bell(self.loop, seconds)
  tell(self, options)
  if await(self, seconds) then return failure("cancelled", "the program cancelled this login", "transient") end
  if not self.redirect then
    return failure("timeout", ("nobody logged in within %g seconds (option timeout)"):format(seconds))
  end
  local opened, message, detail = self.authorization:_finish(self.redirect, session)
  linger(self)
  return opened, message, detail
end

local function authorize(self, client, options)
  local host = self.place.name
  return client:authorization_code {
    scope = options.scope, redirect_uri = ("http://%s:%d%s"):format(host, self.listener:port(), self.place.path),
    access_type = options.access_type or self.provider and self.provider.access_type, params = options.params,
    request_credentials = options.request_credentials, resource = options.resource,
  }
end

-- What is known of this account already: a session that still works.
local function known(client, options, whose)
  local session = core.session(client, "authorization_code", options.scope, nil, options.account, whose,
    resources.resource(whose, options.resource))
  local ok, message, detail = session:settle() -- asks nobody where nothing is known
  if ok then return session, true end
  if detail.outcome == "transient" then return nil, nil, message, detail end
  return session, false
end

--- Logs the user in, see client:login.
---@param client userdata
---@param options table
---@param whose string begins the messages of mistakes
---@return userdata? session
---@return string? message
---@return table? detail
function login.run(client, options, whose)
  local settings = client:settings()
  if options.port and (options.port < 0 or options.port > 65535 or options.port % 1 ~= 0) then
    core.mistake(whose .. ": option 'port' must be a whole number from 0 (any free one) to 65535")
  end
  if options.timeout and (options.timeout <= 0 or options.timeout ~= options.timeout) then
    core.mistake(whose .. ": option 'timeout' must be more than 0 seconds")
  end
  local self = {
    place = place(settings.redirect_uri or default_redirect, options, whose), provider = settings.provider,
    -- whose ways to open a page hold; which one waits, if one does
    host = loops.of(client), loop = loops.current(client),
  }
  local session, good, message, detail = known(client, options, whose)
  if good then return session end
  if not session then return nil, message, detail end
  local listener, why = listen(self)
  if not listener then
    return nil, "the login can't listen for its redirect: " .. why,
      { kind = "network", code = "port_taken", outcome = "misconfigured" }
  end
  self.authorization, message, detail = authorize(self, client, options)
  if not self.authorization then
    close(self)
    return nil, message, detail
  end
  local ok, opened
  ok, opened, message, detail = shield.pcall(wait, self, options, session)
  close(self)
  if not ok then error(opened, 0) end
  return opened, message, detail
end

return login
