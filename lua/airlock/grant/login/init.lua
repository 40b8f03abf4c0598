--- Login through the browser and a redirect to this program (RFC 8252): for scripts and editors.

-- spec: spec/grant/user_login_spec.lua

local browser = require "airlock.browser"
local compat = require "airlock.compat"
local core = require "airlock.core"
local failure = require "airlock.failure"
local listener = require "airlock.grant.login.listener"
local registry = require "airlock.loop.registry"
local preload = require "airlock.preload"
local options_of = require "airlock.options"
local page = require "airlock.grant.login.page"
local poll = require "airlock.loop.poll"
local progress = require "airlock.progress"
local terminal = require "airlock.grant.login.terminal"
local trim = require "airlock.trim"
local wait = require "airlock.loop.wait"
local wishes = require "airlock.grant.wishes"

local login = {}
login.__index = login

login.options = {
  scope = "string", account = "string", port = "number", open = "function", timeout = "number", access_type = "string",
  request_credentials = "string", params = "table", host = "string", resource = "string or table",
  token_params = "table", exact_scope = "boolean",
}
for name, kind in pairs(wishes.types) do login.options[name] = kind end

local default_timeout = 300 -- seconds, AL_LOGIN_TIMEOUT_S
local default_redirect = "http://127.0.0.1/callback"

--- Whether a redirect with this state is the one that is waited for.
function login:awaits(state)
  return not self.redirect and self.authorization:matches(state)
end

--- The browser gets its page: what failed in words that are none of the request's.
---@param opened any whether there is a session
---@param why string
function login:answer(opened, why)
  if not self.visitor then return end
  self.visitor:reply(opened and page.done() or page.failed(self.redirect:find "[?&]error=" and "" or why))
  self.visitor = nil
end

--- The redirect is here: whoever waits for it goes on.
---@param redirect string
---@param visitor? table the browser's exchange, to be answered once it is known what came of it
function login:came(redirect, visitor)
  self.redirect, self.visitor = redirect, visitor
  if self.telling then self:answer(not redirect:find "[?&]error=", "") end -- `open` may wait for the page itself
  if self.bell then self.bell.ring() end
end

-- Takes an address that was pasted, if it is the redirect.
local function paste(self, address)
  local state = type(address) == "string" and address:match "[?&]state=([^&#%s]*)"
  if not state or not self:awaits(state) then return false end
  self:came(trim(address))
  return true
end

local function tell(self, options)
  local url = self.authorization.url
  if not self.host.open then terminal.tell(url, self.terminal ~= nil) end
  local function pasted(address) return paste(self, address) end
  if options.open then return options.open(url, pasted) end
  self.leaf = browser.leaf(url)
  if self.host.open then self.host.open(url, pasted, self.leaf and self.leaf.uri)
  elseif self.leaf then browser.open(self.leaf.uri) end
end

local function close(self)
  if self.line then self.line:clear() end
  if self.leaf then self.leaf.close() end
  for _, pollable in pairs { self.door, self.terminal } do
    poll.remove(pollable)
    pollable:close()
  end
end

-- Waits for the redirect; gives why it didn't come.
local function await(self, seconds)
  if self.bell then return select(2, self.bell.wait()) end
  local function come()
    terminal.read(self.terminal, function(address) return paste(self, address) end)
    return self.redirect ~= nil
  end
  self.line = self.host == poll and progress.line()
  terminal.watch(self.line, seconds, come)
end

local outcomes = { server_error = "transient", temporarily_unavailable = "transient",
  access_denied = "interaction_required", login_required = "interaction_required",
  consent_required = "interaction_required", interaction_required = "interaction_required" }

-- Some servers leave the state out when they say no. Anybody could send that; but to wait on for a login that the user
-- has given up would help nobody.
local function unproved(redirect)
  local fields = core.form(redirect:match "%?([^#]*)" or "")
  if not fields or not fields.error or fields.state then return nil end
  local code, why = core.printable(fields.error), fields.error_description
  return code, ("the authorization server said no: %s%s (unproved: the redirect has no state, so anybody could have "
    .. "sent it)"):format(code, why and ": " .. core.printable(why) or ""),
    { outcome = outcomes[code] or "misconfigured", description = why and core.printable(why), unproved = true }
end

local function redeem(self, session)
  local code, message, more = unproved(self.redirect)
  if code then return failure.oauth(code, message, more) end
  return self.authorization:_finish(self.redirect, session)
end

-- So that the browser gets its page.
local function linger(self)
  if self.loop then wait.bell(self.loop, 0.05).wait() else poll.run(0.05) end
end

local function finish(self, options, session)
  local seconds = options.timeout or default_timeout
  poll.add(self.door)
  if self.terminal then poll.add(self.terminal) end
  self.bell = self.loop and wait.bell(self.loop, seconds)
  self.telling = true
  tell(self, options)
  self.telling = false
  if await(self, seconds) then
    return failure.cancelled("cancelled", "the program cancelled this login", { outcome = "transient" })
  end
  if not self.redirect then
    return failure.cancelled("timeout", ("nobody logged in within %g seconds (option timeout)"):format(seconds))
  end
  local opened, message, detail = redeem(self, session)
  self:answer(opened, message)
  linger(self)
  return opened, message, detail
end

local function authorize(self, client, options, port)
  local asked = {
    scope = options.scope, redirect_uri = ("http://%s:%d%s"):format(self.place.name, port, self.place.path),
    access_type = options.access_type or self.provider and self.provider.access_type, params = options.params,
    request_credentials = options.request_credentials, resource = options.resource,
  }
  for name in pairs(wishes.types) do asked[name] = options[name] end
  return client:authorization_code(asked)
end

-- What is known of this account already: a session that still works.
local function known(client, options, whose, session)
  options_of.params(whose, options.token_params, "token_params")
  session = session or core.session(client, "authorization_code", options.scope, nil, options.account, whose,
    options_of.more(whose, { resource = options.resource, params = options.token_params }))
  if wishes.anew(options) then return session, false end
  local ok, message, detail = session:settle() -- asks nobody where nothing is known
  if ok then return session, true end
  if detail.outcome == "transient" then return nil, nil, message, detail end
  if options.exact_scope then return session, false end
  local wider
  wider, message, detail = session:_find_wider()
  if message then return nil, nil, message, detail end
  return wider or session, wider ~= nil
end

local function check(options, whose)
  if options.port and (options.port < 0 or options.port > 65535 or options.port % 1 ~= 0) then
    core.mistake(whose .. ": option 'port' must be a whole number from 0 (any free one) to 65535")
  end
  if options.timeout and (options.timeout <= 0 or options.timeout ~= options.timeout) then
    core.mistake(whose .. ": option 'timeout' must be more than 0 seconds")
  end
end

local function listen(self)
  local port
  self.door, port = listener.open(self.place, self)
  if self.door and self.host == poll then self.terminal = terminal.open() end -- in a host standard input is the host's
  return self.door and port, port
end

--- Logs the user in, see client:login.
---@param client userdata
---@param options table
---@param whose string begins the messages of mistakes
---@param into? userdata the session to open; nil: one for these options
---@return userdata? session
---@return string? message
---@return table? detail
function login.run(client, options, whose, into)
  check(options, whose)
  local settings = client:settings()
  local self = setmetatable({
    place = listener.place(settings.redirect_uri or default_redirect, options, whose), provider = settings.provider,
    -- whose ways to open a page hold; which one waits, if one does
    host = registry.of(client), loop = registry.current(client),
  }, login)
  local session, good, message, detail = known(client, options, whose, into)
  if session then session:_opened_by(options) end
  if good then return session end
  if not session then return nil, message, detail end
  local ready
  ready, message, detail = preload.run() -- strangers at the listener may take the descriptors
  if not ready then return nil, message, detail end
  local port, why = listen(self)
  if not port then
    return failure.network("port_taken", "the login can't listen for its redirect: " .. why)
  end
  self.authorization, message, detail = authorize(self, client, options, port)
  if not self.authorization then
    close(self)
    return nil, message, detail
  end
  local ok, opened
  ok, opened, message, detail = compat.pcall(finish, self, options, session)
  close(self)
  if not ok then error(opened, 0) end
  return opened, message, detail
end

return login
