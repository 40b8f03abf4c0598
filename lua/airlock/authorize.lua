--- Begins a user's login: reads the options of an authorization request, and pushes it where the client does that (RFC
--- 9126).

local core = require "airlock.core"
local endpoint = require "airlock.backchannel"
local options_of = require "airlock.options"
local query = require "airlock.form"

local authorize = {}
local mistake, one_of = options_of.mistake, options_of.one_of

-- Fields of the authorization request that this library sets itself, and that `params` can't.
local own = {
  response_type = true, client_id = true, redirect_uri = true, scope = true, state = true, code_challenge = true,
  code_challenge_method = true, access_type = true, request_credentials = true, resource = true, request_uri = true,
  nonce = true, dpop_jkt = true,
}

-- What the server's profile wants in every authorization request, then what the program says.
local function more_fields(self, options, whose)
  local fields = {}
  for name, value in pairs((self:settings().provider or {}).params or {}) do fields[name] = value end
  fields.access_type = options.access_type or fields.access_type
  fields.request_credentials = options.request_credentials
  for name, value in pairs(options.params or {}) do
    if own[name] then mistake(whose, "params", ("can't have '%s', which is set already"):format(name)) end
    fields[name] = value
  end
  return query.encode(fields, "params")
end

-- A few servers want something else than a space between the parts of a scope.
local function joined(settings, scope)
  local separator = settings.provider and settings.provider.scope_separator
  return scope and separator and scope:gsub(" +", separator) or scope
end

local function begin(self, options, whose, implicit)
  one_of(whose, options, "access_type", "online", "offline")
  one_of(whose, options, "request_credentials", "default", "required")
  local settings = self:settings()
  local redirect_uri = options.redirect_uri or settings.redirect_uri
  if not redirect_uri then mistake(whose, "redirect_uri", "is missing") end
  local scope = joined(settings, options.scope or settings.scope)
  return core.authorize(self, implicit, scope, redirect_uri, more_fields(self, options, whose), whose,
    options_of.resource(whose, options.resource))
end

local function malformed(why)
  return nil, "the answer to the pushed authorization request " .. why,
    { kind = "oauth", code = "malformed_reply", outcome = "misconfigured" }
end

-- RFC 9126 section 2.1: the same fields by POST, with the client's proof; the client's id once, whichever way that has
-- it.
local function push(self, authorization)
  local settings, form = self:settings(), authorization:fields()
  if core.client_auth_methods()[settings.client_auth].in_header then
    form = "client_id=" .. core.encode(settings.client_id) .. "&" .. form
  end
  local function post()
    return endpoint.ask(self, "pushed_authorization_request_endpoint", form, nil, nil, authorization)
  end
  local told, message, detail = post()
  -- RFC 9449 section 8: the nonce came with the refusal, and is known now
  if not told and detail.code == "use_dpop_nonce" then told, message, detail = post() end
  if not told then return nil, message, detail end
  local uri = type(told) == "table" and told.request_uri
  if type(uri) ~= "string" or uri == "" or uri:find "[%c ]" then return malformed "has no request_uri" end
  if not authorization:refer(uri) then return malformed "has a request_uri that is too long" end
  return authorization
end

local code_options = {
  scope = "string", redirect_uri = "string", access_type = "string", request_credentials = "string", params = "table",
  resource = "string or table",
}

--- See client:authorization_code.
function authorize.code(self, options, whose)
  local authorization = begin(self, options_of.read(options, whose, code_options), whose, false)
  if not self:settings().par then return authorization end
  return push(self, authorization)
end

--- See client:implicit; the options are read.
function authorize.implicit(self, options, whose)
  return begin(self, options, whose, true)
end

return authorize
