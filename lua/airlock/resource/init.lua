--- A protected resource of which only the address is known (RFC 9728): it says itself who gives tokens for it.

-- spec: spec/resource/resource_spec.lua

local callback = require "airlock.loop.callback"
local client = require "airlock.client"
local compat = require "airlock.compat"
local core = require "airlock.core"
local entry = require "airlock.resource.entry"
local failure = require "airlock.failure"
local events = require "airlock.resource.events"
local multipart = require("airlock.lazy") "airlock.body.multipart"

local copy = client.copy
local pack, unpack = compat.pack, compat.unpack
local resource = {}

--- A protected resource: requests to it, with a token that is got when it asks for one. `tostring(resource)` gives
--- "airlock.resource (<url>)".
---@class airlock.resource
---@field url string its address
local methods = {}
local meta = { __index = methods, __name = "airlock.resource",
  __tostring = function(self) return ("airlock.resource (%s)"):format(self.url) end }

local whose = "airlock.resource"

-- Options that are the resource's own; all others are a client's.
local own = { scope = "string", account = "string", resource = "string", issuer = "string", client_metadata = "string",
  client_name = "string", registration = "table", initial_access_token = "string", login_options = "table" }

local function bad(name, why)
  core.mistake(("%s: option '%s' %s"):format(whose, name, why))
end

local function check_login(login)
  if login == nil or login == "browser" or login == "device" or type(login) == "function" then return login end
  bad("login", "must be \"browser\", \"device\" or a function")
end

-- The program's options, parted into the resource's and the client's.
local function part(config)
  if config == nil then return {}, {} end
  if type(config) ~= "table" then
    core.mistake(("%s: a table of options was expected, not a %s"):format(whose, type(config)))
  end
  local ours, made = {}, {}
  for name, value in pairs(config) do
    local wanted = own[name]
    if name == "login" then ours.login = check_login(value)
    elseif not wanted then made[name] = value
    elseif type(value) ~= wanted then bad(name, ("must be a %s, not a %s"):format(wanted, type(value)))
    else ours[name] = value end
  end
  if ours.client_metadata and not ours.client_metadata:find "^https://[^/]+/." then
    bad("client_metadata", "must be an https:// URL with a path, where the document about this program is")
  end
  return ours, made
end

local function check_url(url)
  if type(url) ~= "string" then
    core.mistake(("%s: the address must be a string, not a %s"):format(whose, type(url)))
  end
  local why = core.url_fault(url)
  if why then core.mistake(("%s: the address %s"):format(whose, why)) end
  return url
end

--- See airlock.resource.
---@param url string
---@param config table?
---@return airlock.resource
function resource.new(url, config)
  local ours, made = part(config)
  local self = { url = check_url(url), own = ours, config = made }
  made.base_url = made.base_url or url:match "^%a+://[^/?]*" .. "/"
  made.resource = nil
  local probe = copy(made)
  probe.store = nil -- asks for no token
  self.probe = client.new(probe, whose)
  self.anonymous = self.probe:anonymous()
  self.asked = ours.scope -- what the next login is for
  return setmetatable(self, meta)
end

-- An address below the resource's own; a whole URL and one that begins with "/" are of its origin.
local function address(self, path, called)
  if path == nil or path == "" then return self.url end
  if type(path) ~= "string" then
    core.mistake(("%s: the path must be a string, not a %s"):format(called, type(path)))
  end
  if path:find "^%a[%w+.-]*://" then return path end
  if path:sub(1, 1) == "/" then return self.url:match "^%a+://[^/?]*" .. path end
  if path:sub(1, 1) == "?" then return self.url:gsub("%?.*$", "") .. path end
  local base = self.url:gsub("%?.*$", "")
  return base .. (base:sub(-1) == "/" and "" or "/") .. path
end

-- What the answer to a request says of the token: the status, and the challenges.
local function said(results)
  local value, _, detail = results[1], results[2], results[3]
  if value == nil then return detail and detail.status, detail and detail.challenges, detail end
  if type(value) == "table" and getmetatable(value) and value.status and value.url then
    return value.status, value.challenges
  end
end

local function wanted_scope(challenges)
  for _, challenge in ipairs(challenges or {}) do
    if challenge.error == "insufficient_scope" then return challenge.scope or "", true end
  end
end

-- A login that is over, or a client that the server has forgotten, is made anew, once.
local function is_over(detail)
  if type(detail) ~= "table" or detail.kind ~= "oauth" then return false end
  return detail.code == "login_required" or detail.outcome == "revoked" or detail.code == "invalid_grant"
    or detail.code == "invalid_client"
end

local function looping(self, scope)
  return failure.oauth("insufficient_scope",
    ("%s asks for more scope again and again: it was granted '%s', and wants '%s'; asking once more would end the same "
    .. "way"):format(self.url, self.asked or "", core.printable(scope)), { outcome = "misconfigured", status = 403 })
end

-- Sends a request: without a token first, where none is there; then with one, and with a wider one where it is asked
-- for. Each of these happens once. `once`: what was sent can't be sent again, so its first answer counts.
local function attempt(self, send, once)
  local results = pack(send(self.session or self.anonymous))
  local status, challenges, why = said(results)
  if not self.session and status == 401 and not once or self.session and is_over(why) then
    local ok, message, detail = entry.enter(self, challenges, why)
    if not ok then return nil, message, detail end
    results = pack(send(self.session))
    status, challenges = said(results)
  end
  local scope, more = wanted_scope(challenges)
  if once or not (more and status == 403 and self.session) then return unpack(results, 1, results.n) end
  if not entry.widens(self, scope) then return looping(self, scope) end
  local ok, message, detail = entry.widen(self, scope)
  if not ok then return nil, message, detail end
  results = pack(send(self.session))
  status, challenges = said(results)
  scope, more = wanted_scope(challenges)
  if more and status == 403 then return looping(self, scope) end
  return unpack(results, 1, results.n)
end

resource.attempt, resource.address = attempt, address

-- A body that can be read once only isn't spent on finding out that a token is needed.
local function find_out(self)
  if self.session then return true end
  local results = pack(self.anonymous:request { url = self.url, max_body = 64 * 1024 })
  local status, challenges = said(results)
  if status ~= 401 then return true end
  return entry.enter(self, challenges)
end

--- Makes a request, as `session:request` does. `url` is relative to the resource's address; left out, it is that.
---@param options airlock.request_options
---@return airlock.response? response whatever its status, but a 401 that a login could mend, and a 403 that more scope
--- could
---@return string? message
---@return airlock.failure? detail as of `session:request`, or of the login: of kind "oauth" with
--- "resource_metadata_not_found", "resource_mismatch", "no_authorization_server", "unregistered_client",
--- "unsupported_pkce", "insufficient_scope" …
---@see RFC 9728, RFC 6750
function methods:request(options)
  if type(options) ~= "table" then
    core.mistake("resource:request: a table of options was expected, not a " .. type(options))
  end
  local made = copy(options)
  made.url = address(self, made.url, "resource:request")
  local once = multipart.prepare(made, "resource:request")
  if once then
    local ok, message, detail = find_out(self)
    if not ok then return nil, message, detail end
  end
  return attempt(self, function(session) return session:request(made) end, once)
end

local function without_body(name)
  return function(self, path, query, options)
    local url = address(self, path, "resource:" .. name)
    return attempt(self, function(session) return session[name](session, url, query, options) end)
  end
end

local function with_body(name)
  return function(self, path, value, options)
    local url = address(self, path, "resource:" .. name)
    return attempt(self, function(session) return session[name](session, url, value, options) end)
  end
end

--- GETs a path and decodes its JSON, as `session:get` does.
---@param path? string relative to the resource's address; nil or "": that itself
---@param query? table<string, any>|string
---@param options? airlock.method_options
---@return any value the decoded body; true if it is empty
---@return string? message
---@return airlock.failure? detail as of `session:get`, or of the login, as of `resource:request`
---@see RFC 9728
methods.get = without_body "get"

--- DELETEs a path and decodes the JSON that comes back, as `session:delete` does.
---@param path? string relative to the resource's address; nil or "": that itself
---@param query? table<string, any>|string
---@param options? airlock.method_options
---@return any value the decoded body; true if it is empty
---@return string? message
---@return airlock.failure? detail as of `resource:get`
---@see RFC 9728
methods.delete = without_body "delete"

--- POSTs a value as JSON and decodes the JSON that comes back, as `session:post` does.
---@param path? string relative to the resource's address; nil or "": that itself
---@param value? any nil: no body
---@param options? airlock.body_method_options
---@return any value the decoded body; true if it is empty
---@return string? message
---@return airlock.failure? detail as of `resource:get`
---@see RFC 9728
methods.post = with_body "post"

--- PUTs a value as JSON and decodes the JSON that comes back, as `session:put` does.
---@param path? string relative to the resource's address; nil or "": that itself
---@param value? any nil: no body
---@param options? airlock.body_method_options
---@return any value the decoded body; true if it is empty
---@return string? message
---@return airlock.failure? detail as of `resource:get`
---@see RFC 9728
methods.put = with_body "put"

--- PATCHes with a value as JSON and decodes the JSON that comes back, as `session:patch` does.
---@param path? string relative to the resource's address; nil or "": that itself
---@param value? any nil: no body
---@param options? airlock.body_method_options
---@return any value the decoded body; true if it is empty
---@return string? message
---@return airlock.failure? detail as of `resource:get`
---@see RFC 9728
methods.patch = with_body "patch"

--- Logs in now, in place of at the first request that needs it. The resource is asked for its challenge.
---@return true? done also if the resource wants no token
---@return string? message
---@return airlock.failure? detail as of `resource:request`
---@see RFC 9728 section 5
function methods:login()
  return find_out(self)
end

--- Ends the login, as `session:logout` does. A registration is kept.
---@return true? done also if there was none
---@return string? message
---@return airlock.failure? detail as of `session:logout`
---@see RFC 7009
function methods:logout()
  local session = self.session
  self.session = nil
  if not session then return true end
  return session:logout()
end

--- Iterates over server-sent events. With a value it is POSTed as JSON; else the path is GET. An answer that is JSON in
--- place of a stream is one event. In a host's loop the iteration waits like any call; a `break` ends the request.
---
--- A stream of a GET that ends is asked for again, after as long as its `retry` says (3 s without one), with the
--- `Last-Event-ID` of its newest event. That goes on until a 204 comes, or five attempts in a row have failed. A
--- failure is raised, as of `session:each`.
---@param path? string relative to the resource's address; nil or "": that itself
---@param value? any what is POSTed; nil: a GET
---@param options? airlock.event_options
---@return fun(): airlock.stream_event? iterator
---@see WHATWG HTML section 9.2, RFC 9728
function methods:events(path, value, options)
  return events.open(self, address(self, path, "resource:events"), value, options)
end

local function settings(self)
  return self.probe:settings()
end

for _, name in ipairs { "request", "get", "delete", "post", "put", "patch", "login", "logout" } do
  methods[name] = callback.taking(methods[name], settings, name ~= "login" and name ~= "logout")
end

events.attempt = attempt
resource.methods = methods

return resource
