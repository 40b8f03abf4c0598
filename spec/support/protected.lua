--- A protected resource as RFC 9728 has it, and its authorization server: the emulator behind metadata of its own.

local core = require "airlock.core"
local emulator = require "airlock.emulator"
local stage = require "spec.support.stage"

local protected = {}

local function json(x, value, status, headers)
  headers = headers or {}
  headers["Content-Type"] = "application/json"
  x:reply { status = status or 200, headers = headers, body = core.json.encode(value) }
end

--- The authorization server: an emulator, and metadata that say where its endpoints are.
---@param change table? members of the metadata; false: left out
---@param options table? of the emulator
---@return table server `{ space, issuer, metadata, asked }`
function protected.server(change, options)
  local self = { asked = {} }
  self.space = emulator.start(options)
  stage.keep(function() self.space:stop() end)
  local url = self.space.url
  self.issuer = stage.server(function(x)
    self.asked[#self.asked + 1] = x.path
    if x.path ~= (self.path or "/.well-known/oauth-authorization-server") then return x:reply { status = 404 } end
    json(x, self.metadata)
  end)
  self.metadata = { issuer = self.issuer, authorization_endpoint = url .. "/oauth/auth",
    token_endpoint = url .. "/oauth/token", registration_endpoint = url .. "/oauth/register",
    device_authorization_endpoint = url .. "/oauth/device", response_types_supported = { "code" },
    code_challenge_methods_supported = { "S256" }, token_endpoint_auth_methods_supported = { "none",
      "client_secret_basic" }, grant_types_supported = { "authorization_code", "refresh_token" } }
  for name, value in pairs(change or {}) do self.metadata[name] = value ~= false and value or nil end
  return self
end

-- The claims of a token, unchecked: who checks them is another spec's matter.
local function claims(x)
  local token = (x.headers.authorization or ""):match "^Bearer ([^ ]+)$"
  local part = token and token:match "^[^.]+%.([^.]+)%."
  return part and core.json.decode(core.decode(part))
end

--- The resource.
---@param server table of protected.server
---@param given table? `path` of it, `document` members, `challenge` text in place of its own, `scope` wanted, `answer`
---@return table resource `{ url, document, requests }`
function protected.resource(server, given)
  given = given or {}
  local self = { path = given.path or "/mcp", requests = {}, seen = {}, scope = given.scope,
    challenge = given.challenge }
  local function refuse(x)
    local text = self.challenge or ('Bearer resource_metadata="%s"%s'):format(self.place,
      self.scope and (', scope="%s"'):format(self.scope) or "")
    x:reply { status = 401, headers = { ["WWW-Authenticate"] = text }, body = "" }
  end
  self.origin = stage.server(function(x)
    self.requests[#self.requests + 1] = x.method .. " " .. x.path
    if x.path:find("/.well-known/oauth-protected-resource", 1, true) then
      if x.path ~= self.document_path then return x:reply { status = 404 } end
      return json(x, self.document)
    end
    local who = claims(x)
    if not who then return refuse(x) end
    self.seen[#self.seen + 1] = who
    if given.answer then return given.answer(x, who, self) end
    json(x, { path = x.path, body = x.body, aud = who.aud, scope = who.scope })
  end)
  self.url = self.origin .. self.path
  self.document_path = "/.well-known/oauth-protected-resource" .. self.path
  self.place = self.origin .. self.document_path
  self.document = { resource = self.url, authorization_servers = { server.issuer },
    scopes_supported = { "global:Profile.View" } }
  for name, value in pairs(given.document or {}) do self.document[name] = value end
  return self
end

--- A login without a browser: the emulator's person accepts. Counts in `server.logins`.
---@param server table
---@return function
function protected.login(server)
  server.logins = 0
  return function(client, options)
    server.logins = server.logins + 1
    server.last = options
    local login, message, detail = client:authorization_code { scope = options.scope, resource = options.resource }
    if not login then return nil, message, detail end
    return login:finish(assert(server.space:approve(login.url)), { account = options.account })
  end
end

return protected
