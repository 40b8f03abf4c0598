--- One run of a flow, and what is done with its token afterwards. It goes in a coroutine, and draws what happens as it
--- happens.

local breakages = require "airlock.playground.faults"
local core = require "airlock.core"
local flows = require "airlock.playground.flows"
local json = require "airlock.emulator.http.json"
local life = require "airlock.playground.life"
local loop = require "airlock.playground.loop"
local picture = require "airlock.playground.sequence"
local token = require "airlock.playground.token"
local ways = require "airlock.playground.grants"
local written = require "airlock.playground.written"

local run = {}
run.__index = run

local over = {} -- raised where a run is to end; what went wrong was told

--- A run that hasn't begun.
---@param given table `{ number, choice, place, redirect_uri, tap }`
---@return table run
function run.new(given)
  local self = setmetatable({ choice = given.choice, place = given.place, redirect_uri = given.redirect_uri,
    tap = given.tap, number = given.number, picture = picture.new(), status = "idle", permits = 0, acts = {},
    life = life.new(), breakage = breakages[given.choice.breakage] }, run)
  self.way = ways[self.choice.way]
  self.loop = loop.new(function(ok, why) self:ended(ok, why) end)
  return self
end

-- ---- what is drawn

--- Takes over what the wire brought meanwhile.
function run:collect()
  self.tap:take(function()
    local m = self.picture:message("app", "server")
    m.crowd = self.crowded
    return m
  end, function() self.picture:touch() end)
end

--- Says something in the application's column.
function run:note(tone, text, detail, value)
  self:collect()
  self.picture:note(tone, text, detail, value)
end

--- Draws a failure that the library returned.
function run:failure(text, detail)
  self:collect()
  self.failing = true
  if type(detail) == "table" then
    self.code = self.code or not self.session and detail.code or nil
    local last = self.acts[#self.acts]
    if last then last.code = detail.code end
  end
  if type(detail) == "table" then self.picture:failure(text, detail) else self.picture:note("bad", text) end
end

local events = {
  token_dropped = "401: Airlock drops exactly this token, and gets another one.",
  token_retry = "The token endpoint said %s: Airlock waits %s s, and asks again.",
  retry = "The API said %s: Airlock waits %s s, and repeats the request.",
  deprecated = "on_event: this way is deprecated; the program is told so once.",
  warning = "on_event: something is odd, but works: %s",
}

local function hear(self, event)
  local text = events[event.event]
  if not text then return end
  local wait = event.wait and ("%.3g"):format(event.wait)
  self:note("info", text:format(tostring(event.status or event.code), tostring(wait)))
end

-- ---- how it goes on

--- The next step begins, once it may.
function run:step(title)
  self:collect()
  self.next_step = title
  while self.permits <= 0 do
    self.status = "paused"
    self.picture:touch()
    self.loop.park()
  end
  self.permits = self.permits - 1
  self.status, self.next_step = "running", nil
  self.picture:step(title)
end

--- Ends the run where something went wrong; else gives what it was given.
function run:must(value, text, detail)
  if value then return value end
  self:failure(text, detail)
  error(over, 0)
end

--- Ends the run where all was told.
function run.stop()
  error(over, 0)
end

function run:ended(ok, why)
  self.wait, self.crowded = nil, nil
  self:collect()
  if not ok and why ~= over then self.picture:note("bad", (tostring(why):gsub("^[^ ]+:%d+: ", ""))) end
  self.failing = self.failing or not ok and why ~= over
  self.status = ok and "done" or "failed"
  self.picture:touch()
end

-- How it ended, for whoever reads one word: what was to be broken counts in the run itself, not in what follows.
local function outcome(self)
  if self.status ~= "done" and self.status ~= "failed" then return nil end
  local wished = self.breakage.name ~= "none" and not self.acting
  if self.failing then return wished and self.broke and "broken" or "failed" end
  return wished and (self.broke and "withstood" or "unbroken") or "good"
end

local function spawn(self, f)
  self.status = "running"
  self.picture:touch()
  self.loop.run(function()
    self.thread = coroutine.running()
    f()
  end)
end

--- Who the application says it is: `client_id`, and `client_secret` unless it is a public one.
function run:credentials()
  local client_id, client_secret = self.place:credentials(self.choice)
  if client_secret and self.breakage.secret then
    client_secret, self.broke = self.breakage.secret(client_secret), true
  end
  return client_id, client_secret
end

--- The token that the way begins with: pasted, or made by the emulator, once; nil: there is none.
function run:given()
  if self.choice.token ~= "" then return self.choice.token end
  local make = self.place[self.way.name]
  self.taken = self.taken or make and make(self.place, self)
  return self.taken
end

--- What was done with the token, for whoever writes it as code; before the run, what will be. Each is a name and what
--- it was done with.
function run:acted()
  return #self.acts > 0 and self.acts or { { "call", self.choice.path } }
end

--- Remembers what was done.
function run:remember(what, with)
  self.acts[#self.acts + 1] = { what, with }
end

--- What a way calls when it finishes a login in a broken way.
function run:broken(...)
  self.broke = true
  return self.breakage.finish(self, ...)
end

--- The configuration of this run's client, with more.
function run:client_with(more)
  local client_id, client_secret = self:credentials()
  local config = { client_id = client_id, loop = self.loop, redirect_uri = self.redirect_uri,
    client_secret = client_secret and function() return client_secret end or nil,
      on_event = function(event) hear(self, event) end }
  for name, value in pairs(more or {}) do config[name] = value end
  return self:must(self.place:client(config))
end

--- The scope to ask for; nil: none.
function run:scope()
  local scope = self.breakage.scope or self.choice.scope
  return scope ~= "" and scope or nil
end

--- Checks the token's signature, and tells what came of it.
function run:check()
  local good = self.token:check(self.client, self.place:now())
  self:note(good and "good" or "bad", self.token.verdict.message)
end

local function look(self)
  self:step "Look at the token"
  self:must(self.session:token())
  self:look_again()
  if not self.token.claims then
    return self:note("info", "The token is opaque: only the server knows what is in it.")
  end
  if self.client:has "jwks_uri" then self:check() end
end

local function whole(self)
  self.client = self:client_with()
  self.session = flows[self.way.name](self)
  self.wait = nil
  look(self)
  if self.breakage.after then
    self:step("Break it: " .. self.breakage.title)
    self.broke = true
    return self.breakage.after(self)
  end
  self:step "Call the API"
  self:call(self.session, self.choice.path)
end

--- Goes on: one step, or all that are left.
---@param steps number
function run:go(steps)
  self.permits = steps
  if self.status == "idle" then return spawn(self, function() whole(self) end) end
  if self.status == "paused" then self.loop.unpark(self.thread) end
end

--- Lets it go: nothing of it is heard again.
function run:drop()
  self.loop.abandon(self.thread)
  if self.session then self.session:forget() end
  self.session, self.client, self.thread = nil, nil, nil
end

--- Does something with the token of a run that is over.
---@param f fun(run: table)
---@return boolean begun
function run:act(f)
  if not self.session or self.status == "running" or self.status == "waiting" or self.status == "paused" then
    return false
  end
  self.acting, self.failing = true, false
  spawn(self, function() f(self) end)
  return true
end

--- Forgets the session: it was logged out.
function run:leave()
  self.session:forget()
  self.life:ends("logged out", self.place:now())
  self.session, self.token, self.left = nil, nil, true
end

-- ---- what is done with a session

-- What the program gets, in words.
local function got(self, value)
  local n = type(value) == "table" and type(value.data) == "table" and #value.data
  self:note("good", n and ("The program gets a table with a list of %d:"):format(n) or "The program gets:", nil,
    written.of(value))
end

--- GETs a path; says what the program gets.
function run:call(session, path)
  self:collect()
  self:remember("call", path)
  local value, message, detail = session:get(path)
  if value == nil then return self:failure(message, detail) end
  got(self, value)
end

--- GETs the path several times at once.
---@param n integer how many callers there are
function run:crowd(n)
  local paths, before = {}, #self.picture.entries
  for i = 1, n do paths[i] = self.choice.path end
  self:remember("crowd", { self.choice.path, n })
  self.crowded = before
  local responses, message, detail = self.session:all(paths)
  self:collect()
  self.crowded = nil
  if message then return self:failure(message, detail) end
  if responses[1].status >= 400 then return self:failure(select(2, responses[1]:failure())) end
  local renewed = 0
  for i = before + 1, #self.picture.entries do
    local m = self.picture.entries[i]
    if m.kind == "message" and m.out:find "^POST " then renewed = renewed + 1 end
  end
  self:note("good", renewed > 0 and ("%d callers waited for one renewal, and each got its answer."):format(n)
    or ("%d callers got their answers with the token that was there."):format(n))
end

--- Pushes the server's clock beyond the token's life.
---@param both boolean Airlock's clock too
function run:expire(both)
  self:must(self.place.advance, "Only the emulator's clock can be pushed.")
  local now = self.place:now()
  local view = self.token and self.token:view(now, self.session:info())
  if not (view and view.expires_in) then
    return self:note("info", "This token doesn't expire: it is good until somebody revokes it.")
  end
  local seconds = math.ceil(math.max(view.expires_in, 0)) + 1
  self.place:advance(seconds)
  if both then core.advance(seconds) end
  self:remember("expire", { seconds, both })
  self:note("info", both
    and ("The server's clock and Airlock's were pushed by %d s: the token has expired, and Airlock knows."):format(
    seconds)
    or ("The server's clock was pushed by %d s: the token has expired there, and Airlock doesn't know yet."):format(
      seconds))
end

--- Looks at the token that the session has now, if it is fresh: a look renews nothing.
function run:look_again()
  if not self.session then return end
  local text = self.session:fresh_token()
  if not text or self.token and text == self.token.text then return end
  self.token = token.read(text)
  local now = self.place:now()
  self.life:begins(self.token:view(now, self.session:info()), now)
end

--- As the page gets it.
---@return table
function run:view()
  self:collect()
  local wait = self.wait
  return {
    number = self.number, version = self.picture.version, status = self.status, way = self.way.name,
    breakage = self.breakage.name, next_step = self.next_step, outcome = outcome(self), left = self.left or false,
    acts = #self.acts, entries = json.list(self.picture:view(self.place.endpoints)), actable = self.session ~= nil,
    life = self.life:view(self.place:now()),
    wait = wait and { url = wait.url, user_code = wait.user_code, person = wait.person },
    token = self.token and self.session and self.token:view(self.place:now(), self.session:info()) or nil,
  }
end

return run
