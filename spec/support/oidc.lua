--- oidc-provider beside the spec: a certified authorization server that we did not write (see spec/interop), and a
--- person at a browser who logs in and consents there.

local airlock = require "airlock"
local busted = require "busted"
local core = require "airlock.core"
local curl = require "spec.support.curl"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"
local visitor = require "spec.support.visitor"

local oidc = {}
local folder = "build/interop/node_modules"

--- Why it can't run here, or nil.
function oidc.obstacle()
  if os.getenv "AIRLOCK_INTEROP" == "no" then return "AIRLOCK_INTEROP=no" end
  if stage.read(folder .. "/oidc-provider/package.json") and io.open(folder .. "/.bin/node") then
    return nil
  end
  return "oidc-provider is missing (tools/npm spec/interop gets it)"
end

local function first_line(path, of)
  for _ = 1, 1500 do
    local line = (stage.read(path) or ""):match "^(.-)\n"
    if line then return line end
    raw.sleep(0.01)
  end
  error(of .. " doesn't start: " .. tostring(stage.read(path .. ".err")))
end

local methods = {}
methods.__index = methods

--- Starts one; `options` as spec/interop/server.mjs has them. Gives `issuer`, `pid`, `clients` (name → { client_id,
--- client_secret, redirect_uri, pem, jwk }). The caller stops it: one start serves a whole spec file.
---@param options table?
---@return table server
function oidc.start(options)
  local path = os.tmpname()
  local pipe = assert(io.popen(("unset LD_PRELOAD; exec %s/.bin/node spec/interop/server.mjs >'%s' 2>'%s.err'"):format(
    folder, path, path), "w"))
  pipe:write(next(options or {}) and core.json.encode(options) or "{}", "\n")
  pipe:flush()
  local self = setmetatable(core.json.decode(first_line(path, "oidc-provider")), methods)
  self.pipe, self.output = pipe, path
  return self
end

--- One for all specs of a `describe`, which is stopped after them.
---@param skip fun(why: string) calls `pending`, which is only there within a spec's own functions
---@param obstacle? fun(): string? why they can't run (oidc.obstacle)
---@param options? table as of oidc.start
---@return table server to be used within a test
---@return fun(name: string, run: function) test is `it`, and says why where it can't run
function oidc.beside(skip, obstacle, options)
  obstacle = obstacle or oidc.obstacle
  local server
  busted.setup(function()
    if not obstacle() then server = oidc.start(options) end
  end)
  busted.teardown(function()
    if server then server:stop() end
  end)
  busted.after_each(stage.clear)
  local function test(name, run)
    busted.it(name, function()
      if not server then skip(obstacle()) end
      run()
    end)
  end
  return setmetatable({}, { __index = function(_, name) return server[name] end }), test
end

--- One that was started by another process; it can't be stopped from here.
---@param told table { issuer, clients }
---@return table server
function oidc.at(told)
  return setmetatable(told, methods)
end

--- Ends it, and waits until it has ended.
function methods:stop()
  if not self.pipe then return end
  os.execute(("kill %d 2>/dev/null"):format(self.pid))
  self.pipe:close()
  self.pipe = nil
  os.remove(self.output)
  os.remove(self.output .. ".err")
end

local places = {
  authorization_endpoint = "/auth", token_endpoint = "/token", revocation_endpoint = "/token/revocation",
  introspection_endpoint = "/token/introspection", device_authorization_endpoint = "/device/auth", jwks_uri = "/jwks",
    base_url = "/",
}

--- A client of ours, for one of its clients by name.
---@param name string
---@param more table? changes of the configuration; false leaves an option out
---@return userdata client
function methods:client(name, more)
  local there = self.clients[name]
  local config = { issuer = self.issuer, client_id = there.client_id, client_secret = there.client_secret,
    redirect_uri = there.redirect_uri, authorization_response_iss_parameter_supported = true }
  for option, path in pairs(places) do config[option] = self.issuer .. path end
  for option, value in pairs(more or {}) do config[option] = value or nil end
  return airlock.client(config)
end

-- The page that a visit ends at: `url`, `body`, `fields` (of the form in it), `action`, and `over`: nobody answered
-- there.
local function visit(jar, url, fields)
  local words = { "-L", "-b", jar, "-c", jar, "-w", "%{url_effective}", url }
  for name, value in pairs(fields or {}) do
    words[#words + 1] = "--data-urlencode"
    words[#words + 1] = name .. "=" .. value
  end
  local r = curl.run(words)
  local page = { url = r.out, body = r.body, status = r.status, fields = {}, over = r.rc ~= 0 }
  local action, inside = r.body:match '<form[^>]*action="(.-)"[^>]*>(.-)</form>'
  page.action = action
  for input in (inside or ""):gmatch "<input(.-)>" do
    local name = input:match 'name="(.-)"'
    if name then page.fields[name] = input:match 'value="(.-)"' or "" end
  end
  return page
end

-- Answers one form after the other, until there is none, or it is another place's.
local function answer(self, jar, page, person)
  for _ = 1, 6 do
    if page.over or not page.action or page.url:find(self.issuer, 1, true) ~= 1 then return page end
    if person == "nobody" then return visit(jar, page.body:match 'href="([^"]-/abort)"') end
    if page.fields.login then page.fields.login, page.fields.password = person, "any" end
    page = visit(jar, page.action, page.fields)
  end
  error("the visitor doesn't get through: " .. page.url .. "\n" .. page.body)
end

--- Logs in and consents: what a person does at the URL of an authorization.
---@param url string
---@param person string? "alice"; "nobody": somebody who says no
---@param jar string? the browser's cookies, a file; by default a new browser
---@return string redirect the URL that the browser was sent to in the end
---@return string body of the page there, if there is one
function methods:arrive(url, person, jar)
  jar = jar or stage.file("", "jar")
  local page = answer(self, jar, visit(jar, url), person or "alice")
  assert(page.url:find "[?&#]state=", "no redirect came: " .. page.url .. "\n" .. page.body)
  return page.url, page.body
end

--- The same, but for the page.
---@return string redirect
function methods:approve(url, person, jar)
  return (self:arrive(url, person, jar))
end

--- Logs out at the server: what a person does at the URL of an RP-initiated logout.
---@param url string
---@param jar string the browser's cookies
---@return string url that the browser was sent to in the end
function methods:leave(url, jar)
  local page = visit(jar, url)
  assert(page.action, "no page asks whether to log out: " .. page.body)
  page.fields.logout = "yes"
  return visit(jar, page.action, page.fields).url
end

--- Enters a device's code, logs in and consents.
---@param device table of client:device_code
---@param person string? as above
function methods:enter(device, person)
  local jar = stage.file("", "jar")
  local page = visit(jar, device.verification_uri)
  page.fields.user_code = device.user_code
  page = visit(jar, page.action, page.fields)
  if person == "nobody" then
    page.fields.abort = "yes"
    page = visit(jar, page.action, page.fields)
  else
    page = answer(self, jar, page, person or "alice")
  end
  assert(page.body:find(person == "nobody" and "interrupted" or "[Ss]uccess"),
    "the code wasn't taken: " .. page.url .. "\n" .. page.body)
end

-- RFC 7636 appendix B
local verifier, challenge = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

--- Asks an endpoint as a client of the server, by curl and without Airlock.
---@param path string
---@param name string
---@param fields table
---@return table answer `json`, `status`
function methods:ask(path, name, fields)
  local there = self.clients[name]
  return visitor.ask({ url = self.issuer }, path, fields,
    there.client_secret and core.encode(there.client_id) .. ":" .. core.encode(there.client_secret))
end

--- Tokens that were got without Airlock: what the token endpoint answered.
---@param scope string?
---@return table reply access_token, refresh_token …
function methods:tokens(scope)
  local web = self.clients.web
  local url = ("%s/auth?response_type=code&client_id=web&redirect_uri=%s&scope=%s&state=s"
    .. "&prompt=consent&code_challenge=%s&code_challenge_method=S256")
    :format(self.issuer, core.encode(web.redirect_uri), core.encode(scope or "openid offline_access"), challenge)
  local code = visitor.answer(self:approve(url)).code
  local r = self:ask("/token", "web", { grant_type = "authorization_code", code = code, redirect_uri = web.redirect_uri,
    code_verifier = verifier })
  assert(r.json and r.json.refresh_token, r.body)
  return r.json
end

--- What the server says about a token (RFC 7662).
---@param token string
---@return table
function methods:about(token)
  return self:ask("/token/introspection", "web", { token = token }).json
end

return oidc
