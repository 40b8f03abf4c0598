--- An authorization: a user's login, from its request (which is pushed first where the client does that, RFC 9126) to
--- its redirect (RFC 6749 section 4.1 and 4.2).

-- spec: spec/grant/user_authorization_spec.lua

local lazy = require "airlock.lazy"
local backchannel = lazy "airlock.backchannel"
local calls = lazy "airlock.call"
local core = require "airlock.core"
local failure = require "airlock.failure"
local form = require "airlock.form"
local id_token = lazy "airlock.id_token"
local options_of = require "airlock.options"
local wishes = require "airlock.grant.wishes"

local authorization = {}
local mistake, one_of = options_of.mistake, options_of.one_of

-- Fields of the authorization request that this library sets itself, and that `params` can't.
local own = {
  response_type = true, client_id = true, redirect_uri = true, scope = true, state = true, code_challenge = true,
  code_challenge_method = true, access_type = true, request_credentials = true, resource = true, request_uri = true,
  nonce = true, dpop_jkt = true,
}

-- What the server's profile wants in every authorization request, then what the program says.
local function more_fields(self, options, params, whose)
  local fields = {}
  for name, value in pairs((self:settings().provider or {}).params or {}) do fields[name] = value end
  fields.access_type = options.access_type or fields.access_type
  fields.request_credentials = options.request_credentials
  wishes.add(whose, options, fields)
  for name, value in pairs(params or {}) do
    if own[name] then mistake(whose, "params", ("can't have '%s', which is set already"):format(name)) end
    fields[name] = value
  end
  return form.encode(fields, whose, "params")
end

-- A few servers want something else than a space between the parts of a scope.
local function joined(settings, scope)
  local separator = settings.provider and settings.provider.scope_separator
  return scope and separator and scope:gsub(" +", separator) or scope
end

-- The implicit flow's response_type, which brings an ID token too where the program wants that (OpenID Connect Core
-- section 3.2.2.1); and the fields without it.
local function implicit_type(options, whose)
  local fields, wanted = {}, (options.params or {}).response_type
  if wanted == nil then return true, options.params end
  if wanted ~= "id_token token" and wanted ~= "token id_token" then
    mistake(whose, "params", 'can have no other \'response_type\' than "id_token token"')
  end
  for name, value in pairs(options.params) do fields[name] = name ~= "response_type" and value or nil end
  return "id_token token", fields
end

local function begin(self, options, whose, implicit)
  local params = options.params
  if implicit then implicit, params = implicit_type(options, whose) end
  one_of(whose, options, "access_type", "online", "offline")
  one_of(whose, options, "request_credentials", "default", "required")
  local settings = self:settings()
  local redirect_uri = options.redirect_uri or settings.redirect_uri
  if not redirect_uri then mistake(whose, "redirect_uri", "is missing") end
  local scope = joined(settings, options.scope or settings.scope)
  return core.authorize(self, implicit, scope, redirect_uri, more_fields(self, options, params, whose), whose,
    options_of.resource(whose, options.resource), wishes.checks(options))
end

local function malformed(client, why)
  return failure.malformed("the answer to the pushed authorization request", why,
    backchannel.place(client, "pushed_authorization_request_endpoint"))
end

-- RFC 9126 section 2.1: the same fields by POST, with the client's proof; the client's id once, whichever way that has
-- it.
local function push(self, pending)
  local settings, fields = self:settings(), pending:fields()
  if core.client_auth_methods()[settings.client_auth].in_header then
    fields = "client_id=" .. core.encode(settings.client_id) .. "&" .. fields
  end
  local function post()
    return backchannel.ask(self, "pushed_authorization_request_endpoint", fields, nil, nil, pending)
  end
  local told, message, detail = post()
  -- RFC 9449 section 8: the nonce came with the refusal, and is known now
  if not told and detail.code == "use_dpop_nonce" then told, message, detail = post() end
  if not told then return nil, message, detail end
  local uri = type(told) == "table" and told.request_uri
  if type(uri) ~= "string" or uri == "" or uri:find "[%c ]" then return malformed(self, "has no request_uri") end
  if not pending:refer(uri) then return malformed(self, "has a request_uri that is too long") end
  return pending
end

local code_options = {
  scope = "string", redirect_uri = "string", access_type = "string", request_credentials = "string", params = "table",
  resource = "string or table",
}
for name, kind in pairs(wishes.types) do code_options[name] = kind end

--- See client:authorization_code.
function authorization.code(self, options, whose)
  local pending = begin(self, options_of.read(options, whose, code_options), whose, false)
  if not self:settings().par then return pending end
  return push(self, pending)
end

--- See client:implicit; the options are read.
function authorization.implicit(self, options, whose)
  return begin(self, options, whose, true)
end

--- A user's login that waits for its redirect: send the browser to `.url`, and hand the redirect to `:finish`.
--- `tostring` shows no secret.
---@class airlock.authorization
---@field url string the URL for the user's browser
---@field state string 256 random bits that tell the login from others; spent with the first redirect that has them (RFC
--- 6749 section 10.12)
---@field scope? string the scope that is asked for (RFC 6749 section 3.3)
---@field redirect_uri? string the URL that the browser comes back to (RFC 6749 section 3.1.2)
---@field implicit boolean whether it is of the implicit flow
local methods = {}

-- A session that is like no other, or, by an account's name, the one that all who name it share.
local function session_of(self, account, params)
  local grant = self.implicit and "implicit" or "authorization_code"
  local alone, more = not account and self.state or nil, self.resource
  if params then more = more and more ~= "" and more .. "&" .. params or params end
  return core.session(self:settings().client, grant, self.scope, alone, account, "authorization:finish", more)
end

-- Opens a session (a new one, where none is given) with what the redirect brought.
function methods:_finish(redirect, session, account, params)
  if type(redirect) ~= "string" then
    core.mistake("authorization:finish: the redirect must be a string, not a " .. type(redirect))
  end
  local opened = session or session_of(self, account, params)
  local ok, message, detail = self:redeem(redirect, opened)
  if ok then ok, message, detail = opened:settle() end
  if ok then ok, message, detail = id_token.admit(opened, self) end
  if ok then return opened end
  if not session then opened:close() end
  return nil, message, detail
end

--- Reads the redirect that the browser came back with, and redeems what it brought. If the redirect isn't ours, the
--- token endpoint isn't asked.
---@param redirect string the whole URL, or from its path or "?" on
---@param options? airlock.finish_options
---@return airlock.session? session
---@return string? message
---@return airlock.failure? detail of kind "state" if the redirect isn't ours, "oauth" if the server or the user said no
--- ("access_denied" …), "network" or "store". The codes of kind "state" are "state_mismatch", "state_spent",
--- "issuer_mismatch", "repeated_parameter", "malformed_redirect" and "too_large".
---@see RFC 6749 section 4.1.2 to 4.1.4, RFC 9207
function methods:finish(redirect, options)
  local whose = "authorization:finish"
  options = options_of.read(options, whose, { account = "string", params = "table" })
  return self:_finish(redirect, nil, options.account, options_of.params(whose, options.params))
end

--- The authorization as text to keep between two web requests; `client:authorization(saved)` restores it. The text is
--- encrypted and sealed with a key made from the client's configuration and its `seal_key`, else its secret or private
--- key, and holds none of them. A client without any of these has only public data to seal with: this raises, unless
--- `public` says that the text is kept where only the program can read and write it.
---@param options? airlock.save_options
---@return string saved
---@see RFC 6749 section 10.12
function methods:save(options)
  options = options_of.read(options, "authorization:save", { public = "boolean" })
  return self:seal(calls.seal(self:settings()), options.public)
end

authorization.methods = methods

return setmetatable(authorization, { __index = methods }) -- client.lua takes them by name
