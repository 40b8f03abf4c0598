--- `airlock.web` in nginx: `local web = require "airlock.web.ngx" { … }`, then `web:protect()` in `access_by_lua`.

-- spec: spec/hosts/nginx_web_spec.lua

local core = require "airlock.core"
local ngx = require "ngx"
local options = require "airlock.options"
local web = require "airlock.web"

--- The login of a web application's users in nginx and OpenResty.
---@class airlock.nginx_web
local methods = {}
local meta = { __index = methods, __name = "airlock.nginx_web" }

-- What all workers know of ended sessions.
local function shared(name)
  local dict = ngx.shared[name]
  if not dict then
    options.mistake("airlock.web.ngx", "dict", ("names no lua_shared_dict: %s"):format(core.printable(name)))
  end
  return {
    get = function(key) return dict:get(key) end,
    set = function(key, value, seconds) return dict:safe_set(key, value, seconds) end, -- throws out nothing,
  }
end

local function send(response)
  ngx.status = response.status
  for name, value in pairs(response.headers) do
    if type(value) ~= "table" or #value > 0 then ngx.header[name] = value end
  end
  if response.failure then
    ngx.log(ngx.WARN, "airlock.web: ", core.printable(response.failure.message))
  end
  ngx.print(response.body)
  return ngx.exit(response.status)
end

local function body_of(method)
  if method ~= "POST" then return nil end
  ngx.req.read_body()
  return ngx.req.get_body_data()
end

local function tell_upstream(self, user)
  for name in pairs(web.upstream) do ngx.req.clear_header(name) end
  for name, value in pairs(self.web:headers(user)) do ngx.req.set_header(name, value) end
end

--- Lets a request through that a user makes who has logged in, and answers any other: with a redirect to the login, or
--- 401 to what isn't a page load. `X-Forwarded-User` and its like tell upstream who it is; the client's own are gone.
---@return airlock.web_user user
---@see docs/web.md
function methods:protect()
  local method = ngx.req.get_method()
  local body = self.takes[ngx.var.uri] and body_of(method) or nil
  local response, user = self.web:handle { method = method, url = ngx.var.request_uri,
    headers = ngx.req.get_headers(200), body = body }
  if response then return send(response) end
  tell_upstream(self, user)
  if user.set_cookie then ngx.header["Set-Cookie"] = user.set_cookie end
  ngx.ctx.airlock_user = user
  return user
end

--- Makes the login of a web application. `dict` names a `lua_shared_dict`: in it all workers know which sessions were
--- ended. The other options are those of `airlock.web`.
---@param config airlock.web_config with `dict`
---@return airlock.nginx_web web
---@see docs/web.md
return function(config)
  if type(config) ~= "table" then
    core.mistake("airlock.web.ngx: a table of options was expected, not a " .. type(config))
  end
  local made = {}
  for name, value in pairs(config) do made[name] = value end
  if made.dict ~= nil then
    if type(made.dict) ~= "string" then options.mistake("airlock.web.ngx", "dict", "must be a name") end
    made.sessions, made.dict = shared(made.dict), nil
  end
  local self = setmetatable({ web = web.new(made) }, meta)
  self.takes = { [self.web.backchannel_path] = true, [self.web.logout_path] = true }
  return self
end
