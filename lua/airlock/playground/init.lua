--- The playground: a page on this machine to try every way to authorize on, against an emulator or a real server.
-- See docs/playground.md.

local breakages = require "airlock.playground.faults"
local browser = require "airlock.browser"
local choice = require "airlock.playground.choice"
local router = require "airlock.playground.router"
local drawn = require "airlock.playground.drawn"
local emulator = require "airlock.emulator"
local gate = require "airlock.playground.origin_check"
local json = require "airlock.emulator.http.json"
local options = require "airlock.emulator.options"
local place = require "airlock.playground.server"
local poll = require "airlock.loop.poll"
local rights = require "airlock.playground.scopes"
local run = require "airlock.playground.run"
local server = require "airlock.server"
local tap = require "airlock.trace.tap"
local trace = require "airlock.trace"
local ways = require "airlock.playground.grants"
require "airlock.playground.person" -- gives a run the person's part

local playground = {}

--- A playground that is served whenever this Lua state waits.
---@class airlock.playground.page
---@field url string the page's, with its key
---@field space airlock.emulator.space the emulated Space in it
local object = {}
object.__index = object

function object:__tostring()
  return ("airlock.playground (%s)"):format(self.gate.origin)
end

local function check(given)
  options.check("airlock.playground", given, "port", "number")
  local open = type(given.open)
  if open ~= "function" and open ~= "boolean" and open ~= "nil" then
    error(("airlock.playground: option 'open' must be a function or a boolean, not a %s"):format(open), 3)
  end
end

--- Starts the playground in this Lua state, beside the engine, and comes back; one at a time in a Lua state.
---@param given? airlock.playground_options `open` isn't used
---@return airlock.playground.page? playground nil: the port is taken
---@return string? why
---@see docs/playground.md
function playground.start(given)
  given = options.read("airlock.playground", given, { "port", "open", "choices", "trace" })
  check(given)
  options.check("airlock.playground", given, "choices", "table")
  options.check("airlock.playground", given, "trace", "string")
  local trace_of, wrong_trace
  if given.trace then
    trace_of, wrong_trace = drawn.read(given.trace)
    if not trace_of then return nil, "the trace can't be drawn: " .. wrong_trace end
  end
  local self = setmetatable({ choice = choice.new() }, object)
  local listening, why = server.listen { port = given.port, max_body = 1024 * 1024, connections = 64,
    handler = function(exchange) router.take(self, exchange) end }
  if not listening then return nil, why end
  self.server = listening
  self.gate = gate.new("127.0.0.1:" .. listening:port())
  self.url, self.redirect_uri = self.gate:url(), self.gate.origin .. "/callback"
  self.space = emulator.start { device_interval = 1, on_call = function(...) self.run:visited(...) end }
  trace.off() -- there is one record of what goes over the wire
  self.home, self.tap = place.embedded(self.space), tap.open()
  self:reset()
  if given.choices then
    local ok, wrong = self:choose(given.choices)
    if not ok then
      self:stop()
      return nil, "the link's choices can't be taken: " .. wrong
    end
  end
  self.drawn = trace_of
  poll.add(listening)
  return self
end

--- Ends it; may be called again.
---@see docs/playground.md
function object:stop()
  if not self.server then return end
  self.run:drop()
  poll.remove(self.server)
  self.server:close()
  self.space:stop()
  self.tap:close()
  self.server = nil
end

object.__close = object.stop

--- Begins anew with what is chosen.
---@package
function object:reset()
  self.drawn = nil
  if self.run then self.run:drop() end
  local where = self.place or self.home
  if not breakages[self.choice.breakage].fits(self.choice, where, ways[self.choice.way]) then
    self.choice.breakage = "none"
  end
  self.space:clear_faults()
  self.runs = (self.runs or 0) + 1
  self.run = run.new { number = self.runs, choice = self.choice, place = where, redirect_uri = self.redirect_uri,
    tap = self.tap }
end

--- What tells the page whether something changed since it looked.
---@package
function object:pulse()
  self.run:collect()
  return { runs = self.runs, version = self.run.picture.version }
end

local keeps = { path = true, person = true } -- what may change while a run goes on

--- Takes over what was chosen; a run of another choice ends.
---@param given table
---@return true? ok
---@return string? why
---@package
function object:choose(given)
  local trial = {}
  for name, value in pairs(self.choice) do trial[name] = value end
  local ok, why = choice.update(trial, given)
  if not ok then return nil, why end
  local where
  where, why = place.of(trial, self.home)
  if not where then return nil, why end
  local anew = false
  for name in pairs(given) do anew = anew or not keeps[name] end
  choice.update(self.choice, given)
  if anew then
    self.place = where
    self:reset()
  end
  return true
end

--- Goes on with the run, or begins another one.
---@param steps number how many steps; math.huge: all
---@package
function object:go(steps)
  if self.drawn or self.run.status == "done" or self.run.status == "failed" then self:reset() end
  self.run:go(steps)
end

local function applications(space)
  local out = json.list()
  for i, app in ipairs(space.applications) do
    local s = app.settings
    out[i] = { name = app.name, client_id = app.client_id, public = s.publicClientsAllowed, pkce = s.pkceRequired,
      client_credentials = s.clientCredentialsFlowEnabled, code = s.codeFlowEnabled, implicit = s.implicitFlowEnabled }
  end
  return out
end

local function people(space)
  local out = json.list()
  for i, person in ipairs(space.people) do out[i] = { username = person.username, password = person.password } end
  return out
end

local function projects(space)
  local out = json.list()
  for i, project in ipairs(space.projects) do out[i] = project.key end
  return out
end

--- All that the page shows.
---@return table
---@package
function object:view()
  local where = self.place or self.home
  return { choice = choice.view(self.choice), redirect_uri = self.redirect_uri,
    run = self.drawn and self.drawn:view(self.runs) or self.run:view(),
    place = { kind = where.kind, name = where.name, url = where.url, offline = where.access_type ~= nil,
      lacks = where:lacks(), ends = where.revoke ~= nil },
    breakages = breakages.fitting(self.choice, where, ways[self.choice.way]),
    emulator = { url = self.space.url, applications = applications(self.space), people = people(self.space),
      projects = projects(self.space) },
    scope_why = rights.judge(self.choice.scope) }
end

-- The page's address has its key in it; gives what is to be closed in the end.
local function show(self, open)
  if open == false then return nil end
  if open and open ~= true then
    open(self.url)
    return nil
  end
  local leaf = browser.leaf(self.url)
  if leaf then browser.open(leaf.uri) end
  return leaf
end

--- Serves the playground until it is interrupted. Prints where it is, and opens a browser.
---@param given? airlock.playground_options
---@return true? done nil, and why, where it can't listen
---@return string? why
---@see docs/playground.md
function playground.serve(given)
  local self, why = playground.start(given)
  if not self then return nil, why end
  io.stdout:write("The playground is at ", self.url, "\n")
  io.stdout:flush()
  local leaf = show(self, given and given.open)
  local ok, raised = pcall(poll.run)
  if leaf then leaf.close() end
  self:stop()
  if not ok and not tostring(raised):find "interrupted!" then error(raised, 0) end
  return true
end

return playground
