--- Who asks at the token endpoint: HTTP Basic, credentials in the body, both if they are equal, an assertion, or a
--- public client's id alone.

local assertion = require "airlock.emulator.oauth.assertion"
local crypto = require("airlock.server").crypto
local form = require "airlock.emulator.http.form"

local clientauth = {}

local function decode_base64(text)
  if text:find "[^%w+/=]" then return nil end
  local body = text:match "^([^=]*)=?=?$"
  return body and crypto.base64url_decode((body:gsub("%+", "-"):gsub("/", "_")))
end

-- The ways in which a header can be meant: as it is (Space, its SDKs), or form-encoded first (RFC 6749 section 2.3.1).
local function read_basic(header, habit)
  local scheme, rest = header:match "^(%a+) +(%S+)$"
  if not scheme or scheme:lower() ~= "basic" then return nil end
  local id, secret = (decode_base64(rest) or ""):match "^([^:]*):(.*)$"
  if not id then return nil end
  local readings = { { id = id, secret = secret } }
  local plain_id, plain_secret = form.unescape(id), form.unescape(secret)
  if habit == "raw" or not (plain_id and plain_secret) then return readings end
  local decoded = { id = plain_id, secret = plain_secret }
  return habit == "decoded" and { decoded } or { readings[1], decoded }
end

local function find(call, id)
  for _, app in ipairs(call.emulator.applications) do
    if app.client_id == id then return app end
  end
end

local function authenticate(call, credentials)
  local app = find(call, credentials.id)
  return app and crypto.equal(app.client_secret, credentials.secret) and app or nil
end

local function among(readings, fields)
  for _, reading in ipairs(readings) do
    if reading.id == fields.client_id and (not fields.client_secret or reading.secret == fields.client_secret) then
      return reading
    end
  end
end

local function by_header(call, header, fields)
  local readings = read_basic(header, call.emulator.habits.basic)
  if not readings then return nil, "invalid_client", "the Authorization header is not Basic" end
  if fields.client_id or fields.client_secret then
    readings = { among(readings, { client_id = fields.client_id or readings[1].id,
      client_secret = fields.client_secret }) }
    if #readings == 0 then return nil, "invalid_request", "header and body name different clients" end
  end
  for _, reading in ipairs(readings) do
    local app = authenticate(call, reading)
    if app then return app end
  end
  return nil, "invalid_client", "unknown client, or a wrong secret"
end

local function by_body(call, fields)
  if not fields.client_id then return nil, "invalid_client", "no client authentication" end
  if fields.client_secret then
    local app = authenticate(call, { id = fields.client_id, secret = fields.client_secret })
    if app then return app end
    return nil, "invalid_client", "unknown client, or a wrong secret"
  end
  local app = find(call, fields.client_id)
  if app and app.settings.publicClientsAllowed then return app, nil, nil, true end
  return nil, "invalid_client", app and "this client has to authenticate" or "unknown client"
end

-- RFC 7521 section 4.2: beside an assertion there is no other proof.
local function by_assertion(call, header, fields)
  if header or fields.client_secret then return nil, "invalid_request", "more than one client authentication" end
  local app, why = assertion.identify(call, fields, function(client_id) return find(call, client_id) end)
  if not app then return nil, "invalid_client", why end
  return app, why
end

-- Gives the application and the method it used; or nil, error and description; and whether it gave no proof.
local function identify(call, fields)
  local header = call.headers.authorization
  if fields.client_assertion or fields.client_assertion_type then return by_assertion(call, header, fields) end
  local app, code, description, public
  if header then app, code, description = by_header(call, header, fields)
  else app, code, description, public = by_body(call, fields) end
  if not app then return nil, code, description end
  return app, header and "client_secret_basic" or public and "none" or "client_secret_post", nil, public
end

--- Tells the application that asks.
---@param call table
---@param fields table<string, string> of the body
---@return table? application
---@return string? error
---@return string? description
---@return boolean? public it gave no secret, and may
function clientauth.identify(call, fields)
  local app, method, description, public = identify(call, fields)
  if not app then return nil, method, description end
  local registered = app.token_endpoint_auth_method
  if registered and registered ~= method then
    return nil, "invalid_client", ("this client is registered for %s, not %s"):format(registered, method)
  end
  return app, nil, nil, public
end

return clientauth
