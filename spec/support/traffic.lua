--- Mixed traffic for as long as one likes: calls of every flow, across renewals of short-lived rotating tokens, before
--- a server in a process of
-- its own that breaks what it can. Counts what came of it, and measures what the process holds at quiet moments.

local airlock = require "airlock"
local core = require "airlock.core"
local crowd = require "spec.support.crowd"
local nginx = require "spec.support.nginx"
local poll = require "airlock.loop.poll"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

local traffic = {}

traffic.lifetime = 3 -- seconds of a token

-- The server: a Space by HTTPS whose faults come by chance, and a door beside it by which the people of the traffic do
-- their part.
local server = [[
  local emulator, poll = require "airlock.emulator", require "airlock.loop.poll"
  local function text(path) local file = assert(io.open(path)); local all = file:read "*a"; file:close(); return all end
  local counts = { tokens = 0, calls = 0, faults = 0, refused = 0 }
  local api, token, space = "^/api/http/", "^/oauth/token$", nil
  local faults = {
    { path = api, status = 503, headers = { { "Retry-After", 0 } } },
      { path = api, status = 503, headers = { { "Retry-After", 1 } } },
    { path = api, rate_limited = true, retry_after = 0 }, { path = api, rate_limited = true, retry_after = 1 },
    { path = api, status = 401, headers = { { "WWW-Authenticate", 'Bearer error="invalid_token"' } } },
    { path = api, drop = true }, { path = api, drop = "reply" }, { path = api, truncate = 10 },
      { path = api, delay = 0.2 }, { path = api, delay = 4 },
    { path = api, malformed = true }, { path = api, html = true, status = 502 },
      { path = api, dribble = { bytes = 40, every = 0.02 } },
    { path = api, status = 200, body = ("x"):rep(65536), endless = true },
    { path = token, status = 503, headers = { { "Retry-After", 0 } } },
      { path = token, status = 503, headers = { { "Retry-After", 1 } } },
    { path = token, rate_limited = true, retry_after = 1 }, { path = token, drop = true },
      { path = token, drop = "reply" },
    { path = token, truncate = 10 }, { path = token, delay = 0.2 }, { path = token, delay = 4 },
      { path = token, malformed = true },
    { path = token, html = true, status = 502 }, { path = token, error_in_200 = "temporarily_unavailable" },
    { token = { expires_in = "2" } }, { token = { expires_in = emulator.absent } },
  }
  local breaking = true
  local function on_call(entry)
    local asks = entry.path == "/oauth/token"
    counts.tokens, counts.calls = counts.tokens + (asks and 1 or 0), counts.calls + (asks and 0 or 1)
    if entry.n % 100 == 0 then space:forget_journal() end
    if not breaking or math.random() > 0.1 then return end
    local fault = {}
    for name, value in pairs(faults[math.random(#faults)]) do fault[name] = value end
    counts.faults, counts.refused = counts.faults + 1, counts.refused + (fault.status == 401 and 1 or 0)
    space:fault(fault)
  end
  space = emulator.start { token_lifetime = LIFETIME, rotate = true, grace = 86400, device_interval = 1,
    on_call = on_call,
    cert = text "FOLDER/server.pem", key = text "FOLDER/server.key" }
  local people = { "alice.first", "bob.second", "chen.third", "dora.fourth" }
  local function person() return people[math.random(#people)] end
  local doors = {
    issue = function() return space:issue { application = space.applications.web, person = person(), offline = true,
      scope = "**" }.refresh_token end,
    approve = function(url) return (space:approve(url, { person = person() })) end,
    enter = function(code) return tostring(space:enter_device_code(code, { person = person() })) end,
    calm = function()
      breaking = false
      space:clear_faults()
      return "calm"
    end,
    counts = function() return core.json.encode(counts) end,
  }
  local door = assert(require "airlock.server".listen { handler = function(x)
    x:reply { body = tostring(doors[x.path:sub(2)](x.body)) }
  end })
  poll.add(door)
  local web = space.applications.web
  touch("where", table.concat({ space.url, door:url(), space.client_id, space.client_secret, web.client_id,
    web.client_secret }, "\n"))
  poll.run()
]]

local function count(counts, name)
  counts[name] = (counts[name] or 0) + 1
end

local object = {}
object.__index = object

-- A person's part, or what the server counted; never broken, and done again where the traffic cancels it.
function object:knock(name, body)
  local response, message, detail
  repeat
    response, message, detail = self.door:request { method = "POST", url = name, body = body or "" }
  until response or detail.kind ~= "cancelled"
  assert(response, message)
  assert(response.status == 200, "the server's door is shut")
  return response.body
end

-- Notes how a call ended. None may end a login: what the traffic meets is trouble, and a refusal only of what was
-- closed or never was.
local function note(self, what, value, message, detail)
  count(self.calls, what)
  if value ~= nil then return value end
  assert(type(message) == "string" and #message > 10 and not message:find "%c", what .. ": no sentence")
  assert(type(detail) == "table" and detail.kind and detail.code and detail.outcome, what .. ": " .. message)
  assert(detail.code ~= "network", what .. ": nobody knows what this is: " .. message)
  assert(detail.outcome ~= "revoked", what .. ": a login was given up: " .. message)
  local code = detail.kind .. "/" .. detail.code
  count(self.failures, code)
  self.said[code] = self.said[code] or what .. ": " .. message
  return nil
end

local me, few = "team-directory/profiles/me", { ["$top"] = 5, ["$fields"] = "name" }

local actions = {}

local function any(list) return list[math.random(#list)] end

function actions.get(self) note(self, "get", any(self.sessions):get(any { me, "organization", "projects" })) end

function actions.missing(self)
  note(self, "missing", any(self.sessions):get "projects/nothing-here")
end

function actions.list(self)
  local session = any(self.sessions)
  local ok, why = pcall(function()
    for _ in session:each("projects", few) do count(self.calls, "item") end
  end)
  if ok then return count(self.calls, "list") end
  assert(type(why) == "table", why)
  note(self, "list", nil, why.message, why)
end

function actions.many(self)
  local responses = any(self.sessions):all { me, "organization", { url = "projects", query = few }, "absences" }
  for i = 1, responses.n do
    local failed = (responses.failures or {})[i] or {}
    note(self, "one of many", responses[i], failed.message, failed.detail)
  end
end

function actions.post(self)
  note(self, "post", any(self.users):post("permissions/check-permission",
    { principal = "profile:me", uniqueRightCode = "Profile.View", target = { className = "GlobalPermissionTarget" } }))
end

function actions.upload(self)
  local left = 5
  note(self, "upload", any(self.sessions):request { method = "POST", url = "permissions/check-permission",
    body = function()
    left = left - 1
    return left >= 0 and ("x"):rep(4096) or nil
  end })
end

function actions.download(self)
  note(self, "download", any(self.sessions):request { url = "projects", sink = function() return true end })
end

function actions.refresh(self) note(self, "refresh", any(self.users):refresh()) end
function actions.token(self) note(self, "token", any(self.sessions):token()) end
function actions.introspect(self) note(self, "introspect", any(self.users):introspect()) end

-- Each login is used, and then logged out of, closed, or just dropped.
local function leave(self, session)
  if not session then return end
  self.logins = self.logins + 1
  note(self, "new get", session:get(me))
  local how = math.random(3)
  if how == 1 then note(self, "logout", session:logout()) elseif how == 2 then session:close() end
end

function actions.code(self)
  local login = self.web:authorization_code { scope = "**", access_type = "offline" }
  if math.random(2) == 1 then login = self.web:authorization(login:save()) end
  leave(self, note(self, "code", login:finish(self:knock("approve", login.url))))
end

function actions.device(self)
  local device = note(self, "device", self.web:device_code { scope = "**" })
  if not device then return end
  self:knock("enter", device.user_code)
  leave(self, note(self, "device wait", device:wait()))
end

function actions.password(self)
  leave(self, note(self, "password", self.web:password { username = "emil.fifth", password = "password-of-emil.fifth",
    scope = "**" }))
end

function actions.exchange(self)
  local session = self.service:token_exchange { subject_token = any(self.users), scope = "**",
    audience = "a" .. math.random(1000) }
  leave(self, note(self, "exchange", session:token()) and session)
end

function actions.application(self) -- a scope of its own each time, and so a token of its own
  leave(self, self.service:client_credentials { scope = "global:Profile.View"
    .. (" global:Project.View"):rep(math.random(0, 1)), resource = nil })
end

-- Clients that come and go: another configuration each, never closed.
function actions.stranger(self)
  local client = self:client(self.names.service, { user_agent = "stranger/" .. math.random(1000000) })
  note(self, "stranger", client:permanent_token("nobody"):get(me))
end

function actions.no_name(self)
  local client = airlock.client { base_url = "https://nowhere.invalid/", timeout = 1, retries = 0 }
  note(self, "no name", client:permanent_token("x"):get "x")
end

function actions.no_server(self)
  local client = airlock.client { base_url = self.refusing, timeout = 1, retries = 0 }
  note(self, "no server", client:permanent_token("x"):get "x")
end

-- A session that is closed while its call is under way; and a call that nobody holds any more.
function actions.close(self)
  local session = self:client(self.names.service):permanent_token("closing")
  poll.spawn(function() note(self, "closed", session:get(me)) end)
  session:close()
end

function actions.drop(self)
  core.start(self:client(self.names.service):permanent_token("dropped"), "GET", me)
  count(self.calls, "dropped")
end

local names = {}
for name, weight in pairs { get = 30, missing = 2, list = 4, many = 4, post = 6, upload = 3, download = 4, refresh = 2,
  token = 4, introspect = 2, code = 2,
  device = 1, password = 1, exchange = 1, application = 1, stranger = 1, no_name = 1, no_server = 1, close = 2,
    drop = 2 } do
  for _ = 1, weight do names[#names + 1] = name end
end

function object:client(name, more)
  local config = { url = self.url, client_id = name.id, client_secret = name.secret, ca_file = self.ca, timeout = 2,
    connect_timeout = 1, retries = 2,
    max_body = 1024 * 1024, redirect_uri = "http://localhost/callback",
      device_authorization_endpoint = self.url .. "/oauth/device",
    introspection_endpoint = self.url .. "/oauth/introspect", revocation_endpoint = self.url .. "/oauth/revoke" }
  for option, value in pairs(more or {}) do config[option] = value end
  return airlock.space(config)
end

local function lines_of(text)
  local lines = {}
  for line in text:gmatch "[^\n]+" do lines[#lines + 1] = line end
  return lines
end

--- Starts the server and the sessions that live as long as the traffic does.
---@return table
function traffic.start()
  local self = setmetatable({ calls = {}, failures = {}, said = {}, active = 0, tasks = {}, logins = 0 }, object)
  local folder = nginx.certificate(stage.folder())
  local process = crowd.start(1, (server:gsub("LIFETIME", tostring(traffic.lifetime)):gsub("FOLDER", folder)))
  process:go()
  local stop = core.now() + 60
  while not stage.read(process.folder .. "/where") do
    assert(core.now() < stop and not process:said(1), process:said(1) or "the server didn't start")
    poll.run(0.01)
  end
  local where = lines_of(stage.read(process.folder .. "/where"))
  self.url, self.ca, self.refusing = where[1], folder .. "/ca.pem", ("http://127.0.0.1:%d/"):format(raw.free_port())
  self.names = { service = { id = where[3], secret = where[4] }, web = { id = where[5], secret = where[6] } }
  self.door = airlock.client({ base_url = where[2] }):permanent_token "door"
  local store = stage.folder() .. "/tokens"
  self.service, self.web = self:client(self.names.service), self:client(self.names.web)
  local stored = self:client(self.names.web, { store = store })
  self.users = {}
  for i = 1, 4 do self.users[i] = self.web:refresh_token(self:knock "issue", { scope = "**" }) end
  for i = 5, 6 do
    self.users[i] = stored:refresh_token(self:knock "issue", { scope = "**", account = "account " .. i })
  end
  self.sessions = { self.service:client_credentials { scope = "**" },
    self:client(self.names.service, { store = store }):client_credentials { scope = "**" } }
  for _, user in ipairs(self.users) do self.sessions[#self.sessions + 1] = user end
  return self
end

local function act(self)
  local name = any(names)
  self.active = self.active + 1
  local over, task = false, nil
  task = poll.spawn(function()
    actions[name](self)
    self.active, over = self.active - 1, true
    if task then self.tasks[task] = nil end
  end)
  if not over then self.tasks[task] = true end
end

local function cancel_one(self)
  local task = next(self.tasks)
  if task and task:cancel() then count(self.calls, "cancelled") end
end

--- Lets it go on for so long, `width` tasks at a time and `rate` a second at most; then waits until all have ended.
function object:run(seconds, width, rate)
  local began, begun = core.now(), 0
  while core.now() < began + seconds do
    while self.active < width and begun < (core.now() - began) * rate do
      act(self)
      begun = begun + 1
      if math.random(25) == 1 then cancel_one(self) end
    end
    poll.run(0.01)
  end
  local stop = core.now() + 60
  poll.run(60, function() return self.active == 0 end)
  assert(core.now() < stop, "tasks that never end")
  return begun
end

local function open_files()
  return tonumber((stage.shell "ls /proc/$PPID/fd | wc -l"))
end

--- What this process holds now: resident KiB, Lua's KiB, descriptors.
---@return table
function object:measure()
  for _ = 1, 3 do collectgarbage() end
  local status = assert(stage.read "/proc/self/status", "this needs Linux's /proc")
  return { rss = tonumber(status:match "VmRSS:%s*(%d+)"), lua = collectgarbage "count", files = open_files() }
end

--- All calls, all failures.
function object:totals()
  local calls, failures = 0, 0
  for name, n in pairs(self.calls) do
    if name ~= "item" and name ~= "cancelled" then calls = calls + n end
  end
  for _, n in pairs(self.failures) do failures = failures + n end
  return calls, failures
end

--- How many token requests are plausible: each login has its own, a token is renewed at the end of its life or after a
--- 401, some are asked for by the program, and what a fault spoils is asked for once more or twice.
---@param counts table the server's
---@param seconds number that it all took
---@return integer
function object:plausible(counts, seconds)
  local lives = math.ceil(seconds / traffic.lifetime * 2) + 1 -- half a life is the shortest that a fault gives
  local asked = (self.calls.refresh or 0) + (self.calls["device wait"] or 0) * 5 + (self.calls.code
    or 0) + (self.calls.password or 0)
  return #self.sessions * lives + 2 * self.logins + asked + counts.refused + 3 * counts.faults + 20
end

--- Ends the faults; every login must serve as if nothing had been. Gives the server's counts.
function object:settle()
  self:knock "calm"
  poll.run(2.5) -- longer than a Retry-After that still holds
  for i, session in ipairs(self.sessions) do
    local ok, message = session:get(i <= 2 and "organization" or me)
    assert(ok, ("session %d was lost: %s"):format(i, tostring(message)))
    if i > 2 then assert(session:refresh()) end
  end
  return core.json.decode(self:knock "counts")
end

return traffic
