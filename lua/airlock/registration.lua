--- Dynamic registration: clients that register themselves (RFC 7591) and look after that (RFC 7592).

-- spec: spec/client/registration_spec.lua

local backchannel = require "airlock.backchannel"
local client = require "airlock.client"
local core = require "airlock.core"
local failure = require "airlock.failure"

local copy = client.copy
local methods = core.client_auth_methods()
local registration = {}

-- What the server decides, and the configuration therefore can't.
local decided = { "client_id", "client_secret", "client_auth" }

-- Endpoints in a server's metadata that the configuration needn't repeat.
local taken = {
  "authorization_endpoint", "token_endpoint", "revocation_endpoint", "introspection_endpoint",
    "device_authorization_endpoint", "jwks_uri",
  "pushed_authorization_request_endpoint",
  "mtls_endpoint_aliases", "authorization_response_iss_parameter_supported", "issuer",
}

local function check_table(value, whose, what)
  if type(value) ~= "table" then core.mistake(("%s: %s must be a table, not a %s"):format(whose, what, type(value))) end
end

-- JSON of metadata, none of whose members of RFC 7591 may be an empty object: an empty table is an empty list.
local function encode(metadata, whose)
  local made = {}
  for name, value in pairs(metadata) do
    local empty = type(value) == "table" and next(value) == nil
    made[name] = empty and core.json.array() or value
  end
  return core.json.encode(made, true, whose .. ": the metadata")
end

local function check_config(config, whose)
  for _, name in ipairs(decided) do
    if config[name] ~= nil then
      core.mistake(("%s: option '%s' can't be given: the server decides it"):format(whose, name))
    end
  end
  return config
end

-- Raises now for what would be wrong with the client later; it also knows how to reach servers.
local function probe_of(config, method, whose)
  local probe = copy(config)
  probe.client_id = "not registered yet"
  local needs = methods[method] and methods[method].needs
  if needs and needs ~= "client_secret" then probe.client_auth = method end -- a secret is still to come
  return client.new(probe, whose)
end

local function malformed(why)
  return failure.malformed("the registration endpoint's answer", why)
end

-- Where that was; `told` is what came of it.
local function placed(method, url, told, message, detail)
  if told == nil and not detail.method then
    message, detail = failure.at({ method = method, url = url }, message, detail)
  end
  return told, message, detail
end

-- What was given is kept in the failure's detail: the server has made the client, and may say its secrets once only.
local function unusable(told, why)
  local _, message, detail = malformed(why)
  detail.registration = told
  return nil, message, detail
end

local function needs_secret(method)
  return methods[method] ~= nil and methods[method].needs == "client_secret"
end

--- A client of a registration.
---@param kept table
---@param config table?
---@param whose string
---@return userdata client
function registration.restore(kept, config, whose)
  check_table(kept, whose, "the registration")
  if type(kept.client_id) ~= "string" then core.mistake(whose .. ": the registration has no client_id") end
  local made = copy(check_config(copy(config), whose))
  made.client_id = kept.client_id
  made.client_auth = kept.token_endpoint_auth_method or (kept.client_secret and "client_secret_basic" or nil)
  if needs_secret(made.client_auth) then made.client_secret = kept.client_secret end
  if made.dpop == nil and kept.dpop_bound_access_tokens == true then made.dpop = true end -- RFC 9449 section 5.2
  local uris = kept.redirect_uris
  if made.redirect_uri == nil and type(uris) == "table" and uris[1] ~= core.json.null then
    made.redirect_uri = uris[1]
  end
  local way = methods[made.client_auth]
  if way and way.asserts and made.token_endpoint_auth_signing_alg == nil then
    made.token_endpoint_auth_signing_alg = kept.token_endpoint_auth_signing_alg
  end
  local found = client.new(made, whose)
  local settings = found:settings()
  settings.registration, settings.registered_with = kept, config
  return found
end

-- A client of it. The program's own options were judged before anything was sent, so what raises now is the server's.
local function judged(told, kept, config, whose)
  local uri = config.redirect_uri == nil and type(kept.redirect_uris) == "table" and kept.redirect_uris[1]
  if type(uri) == "string" and (core.printable(uri) ~= uri or not uri:find "^%a[%w+.-]*:[^%s#]+$") then
    return unusable(told, "names redirect_uris of which the first can't be one")
  end
  local ok, made = pcall(registration.restore, kept, config, whose)
  if ok then return made end
  if type(made) ~= "string" or made:find("not enough memory", 1, true) then error(made, 0) end
  local _, behind = made:find(whose .. ": ", 1, true)
  return unusable(told, "makes no client that can be used: " .. core.printable(made:sub((behind or 0) + 1)))
end

-- The answer to a request that registers: its members, over those that were asked for (RFC 7591 section 3.2.1 lets the
-- server leave them out).
local function accept(told, asked, config, whose)
  if type(told) ~= "table" then return malformed "is no JSON object" end
  for name, value in pairs(told) do
    if value == core.json.null then told[name] = nil end
  end
  if type(told.client_id) ~= "string" or told.client_id == "" then return unusable(told, "has no client_id") end
  local kept = copy(told, copy(asked))
  local method = kept.token_endpoint_auth_method or "client_secret_basic"
  if type(method) ~= "string" then return unusable(told, "names a token_endpoint_auth_method that is no string") end
  if not methods[method] then
    return unusable(told, "names a token_endpoint_auth_method that isn't known: " .. core.printable(method:sub(1, 64)))
  end
  kept.token_endpoint_auth_method = method
  if needs_secret(method) and type(kept.client_secret) ~= "string" then
    return unusable(told, "has no client_secret, which " .. method .. " needs")
  end
  return judged(told, kept, config, whose)
end

-- Who says all that, where it's metadata.
local function issuer_of(where)
  return type(where) == "table" and type(where.issuer) == "string" and where.issuer or nil
end

local function place_of(where, whose, config)
  local url = where
  if type(where) == "table" then url = where.registration_endpoint end
  if type(url) ~= "string" then
    core.mistake(whose .. (type(where) == "table" and ": the metadata names no registration_endpoint"
      or ": the registration endpoint must be a string"))
  end
  local why = core.url_fault(url, issuer_of(where), config and config.plain_http)
  if why then core.mistake(("%s: the registration endpoint %s"):format(whose, why)) end
  return url
end

-- What the program says, and the server's metadata where it doesn't.
local function settle(where, config, whose)
  local made = copy(config)
  made.initial_access_token = nil
  for _, name in ipairs(type(where) == "table" and taken or {}) do
    if made[name] == nil then
      made[name] = where[name]
      local why = type(where[name]) == "string" and core.url_fault(where[name], issuer_of(where),
        made.plain_http)
      if why then core.mistake(("%s: the metadata's %s %s"):format(whose, name, why)) end
    end
  end
  if type(where) == "table" and made.par == nil then
    made.par = where.require_pushed_authorization_requests == true and made.pushed_authorization_request_endpoint ~= nil
  end
  return made
end

--- See airlock.register.
function registration.register(where, metadata, config)
  local whose = "airlock.register"
  if config ~= nil then check_table(config, whose, "the configuration") end
  local url = place_of(where, whose, config)
  check_table(metadata, whose, "the client's metadata")
  local token = config and config.initial_access_token
  if token ~= nil and type(token) ~= "string" then
    core.mistake(whose .. ": option 'initial_access_token' must be a string, not a " .. type(token))
  end
  local made = check_config(settle(where, config, whose), whose)
  local probe = probe_of(made, metadata.token_endpoint_auth_method, whose)
  local told, message, detail = backchannel.fetch(probe, url, "POST", encode(metadata, whose), token)
  if not told then return nil, message, detail end
  return placed("POST", url, accept(told, metadata, made, whose))
end

-- RFC 7592 section 2.2: all of it, but for what only the server says.
local only_told = { registration_access_token = true, registration_client_uri = true, client_secret_expires_at = true,
  client_id_issued_at = true }

local function changed(kept, metadata, whose)
  local made = {}
  for name, value in pairs(kept) do
    if not only_told[name] then made[name] = value end
  end
  for name, value in pairs(metadata) do
    if only_told[name] or name == "client_id" then
      core.mistake(("%s: '%s' is the server's to say"):format(whose, tostring(name)))
    end
    made[name] = value ~= core.json.null and value or nil
  end
  return made
end

--- Reads, changes or ends a registration.
---@param self userdata client
---@param method string
---@param whose string
---@param metadata table?
function registration.manage(self, method, whose, metadata)
  local settings = self:settings()
  local kept = settings.registration
  if not kept or type(kept.registration_client_uri) ~= "string" or type(kept.registration_access_token) ~= "string" then
    core.mistake(whose .. ": this client has no registration that can be managed (registration_client_uri, "
      .. "registration_access_token)")
  end
  local why, body = core.url_fault(kept.registration_client_uri, self), nil
  if why then return malformed("named a registration_client_uri that " .. why) end
  if method == "PUT" then
    check_table(metadata, whose, "the client's metadata")
    body = changed(kept, metadata, whose)
  end
  local told, message, detail = backchannel.fetch(self, kept.registration_client_uri, method,
    body and encode(body, whose), kept.registration_access_token)
  if not told then return nil, message, detail end
  if method == "DELETE" then return true end
  local same = copy(body or kept) -- what stays as it was where the answer leaves it out
  for name in pairs(only_told) do same[name] = kept[name] end
  return placed(method, kept.registration_client_uri, accept(told, same, settings.registered_with, whose))
end

return registration
