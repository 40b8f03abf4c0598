--- What an authorization server says about itself (RFC 8414, OpenID Connect Discovery 1.0): where it is found, and
--- whether it can
-- be believed. Nothing of a document is used before all of it has been checked.

-- spec: spec/client/discovery_spec.lua

local core = require "airlock.core"

local metadata = {}

local max_named = 300 -- bytes of a server's own words in a message

--- Whether a list of such a document names something.
---@param list any[]? nil: the document has no such list
---@param wanted any
---@return boolean
function metadata.has(list, wanted)
  for _, each in ipairs(list or {}) do
    if each == wanted then return true end
  end
  return false
end

local function kind_of(value)
  if value == core.json.null then return "null" end
  if type(value) ~= "table" then return type(value) end
  return next(value) ~= nil and value[1] == nil and "object" or "list"
end

-- Members that are looked at, and what they must be; all others are ignored (RFC 8414 section 2).
local types = {
  authorization_endpoint = "url", token_endpoint = "url", registration_endpoint = "url", revocation_endpoint = "url",
  introspection_endpoint = "url", device_authorization_endpoint = "url", pushed_authorization_request_endpoint = "url",
  userinfo_endpoint = "url", end_session_endpoint = "url", jwks_uri = "url",
  scopes_supported = "list", response_types_supported = "list", response_modes_supported = "list",
    grant_types_supported = "list",
  token_endpoint_auth_methods_supported = "list", token_endpoint_auth_signing_alg_values_supported = "list",
  revocation_endpoint_auth_methods_supported = "list", introspection_endpoint_auth_methods_supported = "list",
  code_challenge_methods_supported = "list", dpop_signing_alg_values_supported = "list",
  id_token_signing_alg_values_supported = "list",
  authorization_response_iss_parameter_supported = "boolean", require_pushed_authorization_requests = "boolean",
  tls_client_certificate_bound_access_tokens = "boolean", mtls_endpoint_aliases = "endpoints",
}

-- RFC 8414 section 2: what a member means that isn't there.
local defaults = {
  response_modes_supported = { "query", "fragment" },
  grant_types_supported = { "authorization_code", "implicit" },
  token_endpoint_auth_methods_supported = { "client_secret_basic" },
  revocation_endpoint_auth_methods_supported = { "client_secret_basic" },
}

local check = {}

function check.string(value)
  return type(value) ~= "string" and "is a " .. kind_of(value) .. ", not a string" or nil
end

function check.boolean(value)
  return type(value) ~= "boolean" and "is a " .. kind_of(value) .. ", not true or false" or nil
end

function check.url(value, issuer, plain)
  return check.string(value) or core.url_fault(value, issuer, plain)
end

function check.list(value)
  if kind_of(value) ~= "list" then return "is a " .. kind_of(value) .. ", not a list" end
  for _, each in ipairs(value) do
    if type(each) ~= "string" then return "has a " .. kind_of(each) .. " in it, not only strings" end
  end
end

function check.endpoints(value, issuer, plain)
  if type(value) ~= "table" or value[1] ~= nil then return "is a " .. kind_of(value) .. ", not an object" end
  for name, each in pairs(value) do
    local why = types[name] == "url" and check.url(each, issuer, plain)
    if why then return ("has a %s that %s"):format(name, why) end
  end
end

--- Where the documents of an issuer may be, in the order to ask: RFC 8414 section 3.1 puts its path between host and
--- path of the issuer, OpenID Connect Discovery section 4.1 behind all of it; RFC 8414 section 5 has a third for both.
---@param issuer string
---@return string[] urls
function metadata.places(issuer)
  local origin, path = issuer:match "^(%a+://[^/]*)(.*)$"
  path = path:gsub("/$", "")
  local places = { origin .. "/.well-known/oauth-authorization-server" .. path,
    origin .. path .. "/.well-known/openid-configuration" }
  if path ~= "" then places[3] = origin .. "/.well-known/openid-configuration" .. path end
  return places
end

--- A server's words, fit for a message.
---@param words string|table
---@return string
function metadata.quote(words)
  if type(words) == "table" then words = table.concat(words, ", ") end
  return (words:sub(1, max_named):gsub("[%c\127-\255]", "?"))
end

--- Whether an issuer is one for all tenants, as Microsoft's (`https://login.example/{tenantid}/v2.0`), and the other is
--- that of such a tenant, or stands for all of them.
---@param template string
---@param issuer string
---@return boolean
function metadata.stands_for(template, issuer)
  local before, after = template:match "^(https?://[^/{}]+/[^{}]*){tenantid}([^{}]*)$"
  if not before then return false end
  local tenant = issuer:sub(#before + 1, #issuer - #after)
  return issuer == before .. tenant .. after and tenant:find "^[%w._-]+$" ~= nil
end

--- Reads a document. JSON's null is as good as nothing; what is left out gets the RFC's default.
---@param body string
---@param issuer string who is asked; the document must name exactly that (RFC 8414 section 3.3)
---@param plain string[]? hosts that may be spoken to without TLS
---@return table? document
---@return string? why not, as a sentence
---@return string? code "malformed_metadata" or "issuer_mismatch"; nil: it isn't JSON at all, and so not a document
function metadata.read(body, issuer, plain)
  local document = core.json.decode(body)
  if type(document) ~= "table" or kind_of(document) == "list" and next(document) ~= nil then
    return nil, "what is there isn't a JSON object"
  end
  for name, value in pairs(document) do
    if value == core.json.null then document[name] = nil end
  end
  if type(document.issuer) ~= "string" then
    return nil, "the server's metadata names no issuer", "malformed_metadata"
  end
  if document.issuer ~= issuer and not metadata.stands_for(document.issuer, issuer) then
    return nil, ("the metadata found for issuer %s is that of %s, and isn't used; if the second is right, give it to "
      .. "airlock.discover, sign by sign")
      :format(issuer, metadata.quote(document.issuer)), "issuer_mismatch"
  end
  for name, kind in pairs(types) do
    local value = document[name]
    local why = value ~= nil and check[kind](value, issuer, plain)
    if why then
      return nil, ("the server's metadata can't be used: its %s %s"):format(name, why), "malformed_metadata"
    end
  end
  if not document.token_endpoint then
    return nil, "the server's metadata names no token_endpoint", "malformed_metadata"
  end
  for name, value in pairs(defaults) do
    if document[name] == nil then document[name] = { (table.unpack or unpack)(value) } end -- luacheck: ignore 143
  end
  return document
end

return metadata
