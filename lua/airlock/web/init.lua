--- The login of a web application's users, as one object that knows no host (OpenID Connect, RFC 6749 section 4.1).

-- spec: spec/web/web_spec.lua

local calls = require "airlock.loop.callback"
local cookies = require "airlock.web.cookies"
local core = require "airlock.core"
local ended = require "airlock.web.ended"
local logout = require "airlock.web.logout"
local options = require "airlock.options"
local reading = require "airlock.web.request"

local web = {}
local whose = "airlock.web"

--- A web application's login. `tostring(web)` gives "airlock.web".
---@class airlock.web
local methods = {}
local meta = { __index = methods, __name = "airlock.web", __tostring = function() return "airlock.web" end }

local known = { client = "userdata", scope = "string", cookie = "table", sessions = "table", after_login = "string",
  after_logout = "string", logout = "string", backchannel = "string", params = "table" }
local known_cookie = { name = "string", key = "string", old_key = "string", same_site = "string", life = "number",
  idle = "number" }
local least_key = 32 -- bytes
local login_life, most_logins = 600, 5 -- s that a login may take; how many a browser has under way
local same_sites = { Lax = true, Strict = true, None = true }

-- ---- options

local function read_cookie(given)
  local made = options.read(given, whose, known_cookie)
  if not made.key then options.mistake(whose, "cookie.key", "is missing: 32 random, secret bytes or more") end
  for _, name in ipairs { "key", "old_key" } do
    if made[name] and #made[name] < least_key then
      options.mistake(whose, "cookie." .. name, ("is shorter than %d bytes"):format(least_key))
    end
  end
  local same_site, name = made.same_site or "Lax", made.name or "__Host-airlock"
  if not same_sites[same_site] then options.mistake(whose, "cookie.same_site", "must be Lax, Strict or None") end
  if not name:find "^[%w_-]+$" then options.mistake(whose, "cookie.name", "must be letters, digits, - and _") end
  for _, each in ipairs { "life", "idle" } do
    if made[each] and not (made[each] >= 60 and made[each] < math.huge) then
      options.mistake(whose, "cookie." .. each, "must be seconds, 60 or more")
    end
  end
  return { name = name, key = made.key, old_key = made.old_key, same_site = same_site, life = made.life or 8 * 3600,
    idle = made.idle or 3600 }
end

local function check_path(given, name, default)
  local path = given[name] or default
  if path and not (path:find "^/[%w%-._~/]*$" and not path:find "^//") then
    options.mistake(whose, name, "must be a path of this application")
  end
  return path
end

local function check_sessions(sessions)
  if sessions == nil then return nil end
  if type(sessions.get) ~= "function" or type(sessions.set) ~= "function" then
    options.mistake(whose, "sessions", "must have two functions: get(key) and set(key, value, seconds)")
  end
  return sessions
end

--- See airlock.web.
---@param config table
---@return airlock.web
function web.new(config)
  config = options.read(config, whose, known)
  if not config.client then options.mistake(whose, "client", "is missing") end
  local settings = config.client:settings()
  if not settings.redirect_uri then
    options.mistake(whose, "client", "needs option redirect_uri: the callback of this application")
  end
  local cookie = read_cookie(config.cookie or {})
  return setmetatable({ client = config.client, scope = config.scope or settings.scope or "openid", cookie = cookie,
    params = config.params, access_type = settings.provider and settings.provider.access_type, -- it is to last
    origin = settings.redirect_uri:match "^%a+://[^/?#]*",
    ended = ended.new(check_sessions(config.sessions)),
    callback = settings.redirect_uri:gsub("^%a+://[^/]*", ""):match "^[^?#]+" or "/",
    logout_path = check_path(config, "logout", "/logout"),
    backchannel_path = check_path(config, "backchannel", "/backchannel-logout"),
    after_login = check_path(config, "after_login"), after_logout = config.after_logout or "/" }, meta)
end

-- ---- answers

local function respond(status, headers, body)
  headers = headers or {}
  headers["Cache-Control"] = "no-store"
  if body then headers["Content-Type"] = headers["Content-Type"] or "text/plain; charset=utf-8" end
  return { status = status, headers = headers, body = body or "" }
end

web.respond = respond

local function redirect(url, lines)
  return respond(302, { Location = url, ["Set-Cookie"] = lines })
end

local function refuse(status, text, lines)
  return respond(status, { ["Set-Cookie"] = lines }, text .. "\n")
end

-- RFC 9110 section 11.6.1: a script learns what is missing, and isn't led to a page that it can't show.
local function challenge(lines)
  return respond(401, { ["WWW-Authenticate"] = 'Session realm="login"', ["Content-Type"] = "application/json",
    ["Set-Cookie"] = lines }, '{"error":"login_required"}')
end

-- ---- logins under way: one cookie each, so that several tabs don't disturb one another

local function login_cookie(self, state)
  return ("%s-login-%s"):format(self.cookie.name, core.digest(state):sub(1, 16))
end

-- Those beyond a few are given up, oldest first, so that a browser that is sent here again and again isn't filled.
local function tidy(self, had, lines)
  local found, prefix = {}, self.cookie.name .. "-login-"
  for name in pairs(had) do
    if name:sub(1, #prefix) == prefix and not name:find(".", 1, true) then
      local data = cookies.open(name, self.cookie, had)
      found[#found + 1] = { name = name, at = data and tonumber(data.at) or 0 }
    end
  end
  table.sort(found, function(a, b) return a.at > b.at end)
  for i, each in ipairs(found) do
    if i >= most_logins or each.at < core.wall() - login_life then
      lines[#lines + 1] = cookies.line(each.name, "", self.cookie, 0)
    end
  end
end

local function begin(self, asked, lines)
  local login, message, detail = self.client:authorization_code { scope = self.scope, params = self.params,
    access_type = self.access_type }
  if not login then return web.failed(message, detail, lines) end
  lines = lines or {}
  tidy(self, asked.cookies, lines)
  local data = { at = core.wall(), saved = login:save { public = true }, back = self.after_login or asked.back }
  local made = cookies.write(login_cookie(self, login.state), data, self.cookie, login_life, {})
  if not made then return refuse(500, "The login can't be kept in a cookie.") end
  for _, line in ipairs(made) do lines[#lines + 1] = line end
  return redirect(login.url, lines)
end

--- What a user sees of a login that failed; why it did is for the program's log.
---@param message string
---@param detail table
---@param lines string[]?
function web.failed(message, detail, lines)
  local transient = detail and detail.outcome == "transient"
  local response = refuse(transient and 503 or 403, transient and "The login can't be had now. Try again later."
    or "The login failed. Go back, and try again.", lines)
  if transient then response.headers["Retry-After"] = tostring(math.ceil(detail.retry_after or 5)) end
  response.failure = { message = message, detail = detail }
  return response
end

-- The account under which the user's tokens are kept: it doesn't tell the cookie.
local function account_of(id)
  return "web:" .. core.digest(id)
end

local function session_under(self, id)
  return core.session(self.client, "authorization_code", self.scope, nil, account_of(id), whose)
end

-- Of a cookie that is ours and still counts; or nil, and that of a session which was ended before its time.
local function session_of(self, asked)
  local data = cookies.open(self.cookie.name, self.cookie, asked.cookies)
  if not data or type(data.id) ~= "string" or type(data.at) ~= "number" or type(data.seen) ~= "number" then
    return nil
  end
  local now = core.wall()
  if now - data.at >= self.cookie.life or now - data.seen >= self.cookie.idle or now < data.at - 60 then return nil end
  if self.ended:is(data) then return nil, data end
  return data
end

-- Ends the session that the browser had until it logged in anew: a copy of its cookie is worth nothing from now on.
local function replace(self, asked)
  local data = session_of(self, asked)
  if not data then return end
  self.ended:one(data.id, self.cookie.life)
  session_under(self, data.id):logout()
end

local function finish(self, asked, login, data, lines)
  local id = core.random() -- a new name for each login
  local session, message, detail = login:finish(asked.target, { account = account_of(id) })
  if not session then return web.failed(message, detail, lines) end
  local claims = {}
  if (" " .. self.scope .. " "):find(" openid ", 1, true) then
    claims, message, detail = session:id_token()
    if not claims then return web.failed(message, detail, lines) end
  end
  local now = core.wall()
  local kept = { id = id, at = now, seen = now, claims = claims, sub = claims.sub, sid = claims.sid,
    csrf = core.random() }
  local made = cookies.write(self.cookie.name, kept, self.cookie, self.cookie.life, asked.cookies)
  if not made then return refuse(500, "The user's claims don't fit into cookies: ask for fewer scopes.", lines) end
  replace(self, asked)
  for _, line in ipairs(made) do lines[#lines + 1] = line end
  return redirect(data.back, lines)
end

local function callback(self, asked)
  local fields = core.form(asked.query) or {}
  local state = fields.state
  local name = type(state) == "string" and state ~= "" and login_cookie(self, state)
  local data = name and cookies.open(name, self.cookie, asked.cookies)
  local fresh = data and tonumber(data.at) and core.wall() - data.at < login_life and core.wall() >= data.at - 60
  if not fresh then
    return refuse(400, "This isn't the answer to a login of this browser, or it took too long. Go back, and try again.")
  end
  local lines = cookies.clear(name, self.cookie, asked.cookies)
  local login, message, detail = self.client:authorization(data.saved)
  if not login then return web.failed(message, detail, lines) end
  return finish(self, asked, login, data, lines)
end

-- ---- sessions

local function user_of(self, asked, data)
  local user = { claims = data.claims, id = core.digest(data.id), csrf = data.csrf, data = data,
    session = session_under(self, data.id) }
  local now = core.wall()
  if now - data.seen > self.cookie.idle / 10 then
    data.seen = now
    local left = math.max(1, math.floor(self.cookie.life - (now - data.at)))
    user.set_cookie = cookies.write(self.cookie.name, data, self.cookie, left, asked.cookies)
  end
  return user
end

local function check_request(self, request)
  if type(request) ~= "table" or type(request.url) ~= "string" then
    core.mistake "web:handle: a request was expected: { method, url, headers, body }"
  end
  return reading.read(request, self.origin)
end

--- Takes a request: a login, its callback and a logout are answered; with a user's session it goes on.
---
--- A page load without a session is sent to the login, and comes back to the page that it asked for. Any other request
--- without one gets 401. A POST to `backchannel` ends sessions, as the server says (OpenID Connect Back-Channel
--- Logout).
---@param request { method: string, url: string, headers: table<string, string>, body: string? } `url`: the whole URL,
--- or from its path on
---@return airlock.web_response? response to be sent; nil: go on, with the user
---@return airlock.web_user? user
---@see docs/web.md
function methods:handle(request)
  local asked = check_request(self, request)
  if asked.path == self.callback then return callback(self, asked) end
  if asked.path == self.backchannel_path then return logout.from_server(self, asked, respond) end
  local data, over = session_of(self, asked)
  if over then session_under(self, over.id):logout() end -- the server may have ended it; its tokens are known by now
  if asked.path == self.logout_path then
    return logout.here(self, asked, data and user_of(self, asked, data), respond)
  end
  if data then return nil, user_of(self, asked, data) end
  local lines = asked.cookies[self.cookie.name] and cookies.clear(self.cookie.name, self.cookie, asked.cookies) or {}
  if not asked.page then return challenge(lines) end
  return begin(self, asked, lines)
end

-- The texts of a list; what else a server puts into one tells nobody who the user is.
local function list_of(values)
  local out = {}
  for _, each in ipairs(values) do
    if type(each) == "string" or type(each) == "number" then out[#out + 1] = tostring(each) end
  end
  return table.concat(out, ",")
end

--- The headers that tell another server who the user is. The program removes those of the same names that the client
--- sent: `web.upstream` has them.
---@param user airlock.web_user
---@return table<string, string> headers
---@see docs/web.md
function methods:headers(user) -- luacheck: ignore 212
  local claims, out = user.claims, {}
  for name, claim in pairs(web.upstream) do
    local value = claims[claim]
    if type(value) == "table" then value = list_of(value) end
    if value ~= nil then out[name] = core.printable(tostring(value)):gsub("[\r\n]", " ") end
  end
  return out
end

web.upstream = { ["X-Forwarded-User"] = "sub", ["X-Forwarded-Email"] = "email",
  ["X-Forwarded-Preferred-Username"] = "preferred_username", ["X-Forwarded-Groups"] = "groups" }
methods.upstream = web.upstream

--- Whether a request that changes something comes from a page of this application: its header `X-CSRF-Token`, or the
--- field `csrf_token` of its form, has the user's `csrf`.
---@param request table as of `web:handle`
---@param user airlock.web_user
---@return boolean
---@see docs/web.md
function methods:from_own_page(request, user)
  local asked = check_request(self, request)
  local shown = asked.headers["x-csrf-token"]
  if shown == nil and type(asked.body) == "string" then shown = (core.form(asked.body) or {}).csrf_token end
  return type(shown) == "string" and core.equal(shown, user.csrf)
end

methods.handle = calls.taking(methods.handle, function(self) return self.client:settings() end, true)

return web
