--- A JetBrains Space that runs here: its authorization server and a slice of its HTTP API, on loopback, under a spec's
--- control.
-- See docs/emulator.md.

local clock = require "airlock.emulator.space.clock"
local code = require "airlock.emulator.oauth.code"
local consent = require "airlock.emulator.space.consent"
local dispatch = require "airlock.emulator.dispatch"
local device = require "airlock.emulator.oauth.device"
local dpop = require "airlock.emulator.oauth.dpop"
local fault = require "airlock.emulator.control.fault"
local habits = require "airlock.emulator.habits"
local journal = require "airlock.emulator.control.journal"
local options = require "airlock.emulator.options"
local organization = require "airlock.emulator.space.organization"
local person = require "airlock.emulator.space.person"
local poll = require "airlock.loop.poll"
local ratelimit = require "airlock.emulator.control.ratelimit"
local scope = require "airlock.emulator.oauth.scope"
local server = require "airlock.server"
local signer = require "airlock.emulator.oauth.signer"
local token = require "airlock.emulator.oauth.token"
local visitor = require "airlock.emulator.browser.browser_session"
local walk = require "airlock.emulator.browser.headless"

--- Starts emulated Spaces, for specs and for trying things out.
---@class airlock.emulator
---@field absent any in a fault's `token`: the member is left out of the token reply
local emulator = { absent = fault.absent }

--- A JetBrains Space that runs in this Lua state, beside the engine: a waiting Airlock call serves it, too.
---@class airlock.emulator.space
---@field url string where it is
---@field client_id string the first application's
---@field client_secret string the first application's
---@field applications table<integer|string, airlock.emulator.application> by number, and those that have a name by
--- name: `service`, `native`, `web`
---@field people airlock.emulator.person[]
---@field projects table[]
local object = {}
object.__index = object

function object:__tostring()
  return ("airlock.emulator (%s)"):format(self.url)
end

local names = { "port", "host", "cert", "key", "signing_key", "clock", "applications", "people", "projects", "issues",
  "absences",
  "organization", "token_lifetime", "rotate", "grace", "rate_limit", "on_call", "code_lifetime", "loopback_any_port",
    "iss",
  "revocation", "introspection", "registration", "par", "openid", "device", "device_lifetime", "device_interval",
    "dpop", "dpop_nonce", "habits" }

local types = { clock = "number", applications = "table", people = "table", projects = "table", issues = "table",
  absences = "table", organization = "table", habits = "table", signing_key = "string", on_call = "function" }

-- options that the emulator keeps as they are; their defaults say of which type they must be
local defaults = { token_lifetime = 600, rotate = false, grace = 0, code_lifetime = 60, loopback_any_port = true,
  iss = false,
  revocation = true, introspection = true, openid = false, device = true, device_lifetime = 600, device_interval = 5 }

local function check(given)
  for name, wanted in pairs(types) do options.check("airlock.emulator", given, name, wanted) end
  for name, default in pairs(defaults) do options.check("airlock.emulator", given, name, type(default)) end
end

-- A boolean, or one of these words.
local function one_of(given, name, ...)
  local words = {}
  for _, each in ipairs { ... } do
    if given[name] == each then return end
    words[#words + 1] = type(each) == "string" and ('"%s"'):format(each) or nil
  end
  if given[name] == nil then return end
  error(("airlock.emulator: option '%s' must be a boolean or %s"):format(name, table.concat(words, " or ")), 3)
end

local function listen(self, given)
  local listening, why = server.listen {
    host = given.host, port = given.port, cert = given.cert, key = given.key,
    handler = function(exchange) dispatch.take(self, exchange) end,
  }
  if not listening then error(why, 0) end
  self.server, self.url = listening, listening:url()
end

--- Starts a Space in this Lua state and puts it beside the engine, so that a waiting Airlock call serves it too. Raises
--- where it can't listen.
---@param given? airlock.emulator.options
---@return airlock.emulator.space space
function emulator.start(given)
  given = options.read("airlock.emulator", given, names)
  check(given)
  one_of(given, "par", true, false, "required")
  one_of(given, "dpop", true, false, "required")
  one_of(given, "dpop_nonce", true, false, "server", "api")
  if given.registration ~= nil and type(given.registration) ~= "boolean" and type(given.registration) ~= "string" then
    error("airlock.emulator: option 'registration' must be a boolean, or a string: the initial access token", 2)
  end
  local self = setmetatable({ time = clock.new(given.clock), log = journal.new(), faults = fault.new(),
    limit = ratelimit.new(given.rate_limit), signer = signer.new(given.signing_key), on_call = given.on_call,
    consents = consent.new(), visitors = visitor.book(), assertions = {}, pushed = {} }, object)
  for name, default in pairs(defaults) do
    self[name] = default
    if given[name] ~= nil then self[name] = given[name] end
  end
  self.par = given.par == nil or given.par
  self.dpop = given.dpop == nil or given.dpop
  self.proofs = dpop.new(self, given.dpop_nonce or false)
  self.habits = habits.read(given.habits)
  self.registration = given.registration == nil or given.registration
  self.routes = dispatch.routes(self)
  self.tokens, self.codes, self.devices = token.new(self), code.new(self), device.new(self)
  organization.fill(self, given)
  local first = self.applications[1] or {}
  self.client_id, self.client_secret = first.client_id, first.client_secret
  listen(self, given)
  poll.add(self.server)
  return self
end

--- Starts a Space as a process of its own, and returns when it listens; for programs that wait in another way than in
--- Airlock. It ends with the program that started it. Raises where it doesn't start.
---@param given? airlock.emulator.spawn_options
---@return airlock.emulator.process process
function emulator.spawn(given)
  return require("airlock.emulator.process").spawn(given)
end

--- Ends it; may be called again. In Lua 5.4 it may be a `<close>` variable.
function object:stop()
  poll.remove(self.server)
  self.server:close()
end

object.__close = object.stop

--- Its time: real time runs on, and `space:advance` adds to it.
---@return number now seconds since 1970
function object:now()
  return self.time:now()
end

--- Moves its time ahead.
---@param seconds number
function object:advance(seconds)
  self.time:advance(seconds)
end

--- The calls that it received, oldest first. It is a test tool: tokens and secrets are in it.
---@return airlock.emulator.entry[] entries
function object:journal()
  return self.log.entries
end

--- How many calls it received: to a path, of which a predicate says yes, or at all.
---@param what? string|fun(entry: airlock.emulator.entry): boolean?
---@return integer count
function object:count(what)
  return self.log:count(what)
end

--- Forgets what it received.
function object:forget_journal()
  self.log:forget()
end

--- Queues a fault for the next call that fits it.
---@param given airlock.emulator.fault
function object:fault(given)
  self.faults:add(given)
end

--- Forgets all faults that wait.
function object:clear_faults()
  self.faults:clear()
end

--- Draws new nonces for proofs (RFC 9449 section 8.2): those that were given out before are refused.
function object:change_nonces()
  self.proofs:draw()
end

--- Forgets what people have accepted: they are asked again.
function object:forget_consents()
  self.consents = consent.new()
end

--- Ends a token: an access token, a permanent one, or a refresh token with all that came from it.
---@param text string the token
---@return boolean known
function object:revoke(text)
  return self.tokens:revoke(text)
end

local function find_application(self, given)
  if given == nil then return self.applications[1] end
  if self.applications[given] then return self.applications[given] end
  for _, app in ipairs(self.applications) do
    if app == given or app.client_id == given or app.name == given then return app end
  end
  error("no such application: " .. tostring(given), 3)
end

local function find_person(self, given)
  if given == nil or type(given) == "table" then return given end
  return person.find(self.people, given) or person.find(self.people, "username:" .. given)
    or error("no such person: " .. tostring(given), 3)
end

local function read_scope(text)
  local parsed, why = scope.parse(text or "**")
  return parsed or error("scope: " .. why, 3)
end

--- Gives out tokens without a browser. Without `person` the application acts on its own behalf.
---@param given? airlock.emulator.issue_options
---@return { access_token: string, refresh_token: string? } tokens the latter for `offline` alone
function object:issue(given)
  given = options.read("emulator:issue", given, { "application", "person", "scope", "lifetime", "offline" })
  local granted = { application = find_application(self, given.application), person = find_person(self, given.person),
    scope = read_scope(given.scope), lifetime = given.lifetime }
  if given.offline and not granted.person then error("emulator:issue: option 'offline' needs a person", 2) end
  local refresh = given.offline and self.tokens:give_refresh(granted)
  granted.family = refresh and refresh.family
  return { access_token = self.tokens:give_access(granted).text, refresh_token = refresh and refresh.text or nil }
end

--- Gives out a permanent token, of a person or else of an application.
---@param given? airlock.emulator.permanent_options
---@return string token
function object:permanent_token(given)
  given = options.read("emulator:permanent_token", given, { "application", "person", "scope", "name", "expires" })
  local of_person = find_person(self, given.person)
  return self.tokens:give_permanent({ application = not of_person and find_application(self, given.application) or nil,
    person = of_person, scope = read_scope(given.scope), name = given.name or "token", expires = given.expires }).text
end

-- Who goes through the pages: the first person, with their own password, unless told otherwise.
local function read_visitor(self, whose, given)
  given = options.read(whose, given, { "person", "password", "accept" })
  given.person = find_person(self, given.person) or self.people[1]
  return given
end

--- Goes through the login and consent pages as a person would, without a browser: no HTTP, no journal, no faults.
---@param url string an authorization request: the whole URL, or from its path on
---@param given? airlock.emulator.visit_options
---@return string? redirect_url where a browser would end; nil where a page said no
---@return string? says what that page said
---@return integer? status of that page
function object:approve(url, given)
  given = read_visitor(self, "emulator:approve", given)
  local target = url:sub(1, #self.url) == self.url and url:sub(#self.url + 1) or url
  if target:sub(1, 1) ~= "/" then error("emulator:approve: the URL isn't this emulator's: " .. url, 2) end
  return walk.new(self, given):go(target)
end

--- Enters a device's code as a person would, and accepts or cancels.
---@param user_code string
---@param given? airlock.emulator.visit_options
---@return true? done nil where a page said no
---@return string says what the last page said
function object:enter_device_code(user_code, given)
  given = read_visitor(self, "emulator:enter_device_code", given)
  given.user_code = user_code
  local _, says, status = walk.new(self, given):go "/oauth/device"
  return status == 200 or nil, says
end

return emulator
