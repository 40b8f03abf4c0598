--- What a client asks its server about, besides tokens for itself: keys, tokens that somebody showed, its registration.

-- spec: spec/client/registration_spec.lua

local lazy = require "airlock.lazy"
local access_token = lazy "airlock.access_token"
local backchannel = lazy "airlock.backchannel"
local client = lazy "airlock.client"
local core = require "airlock.core"
local form = lazy "airlock.form"
local options_of = require "airlock.options"
local registration = lazy "airlock.registration"

local methods = {}
local read, need, check_token = options_of.read, options_of.need, options_of.token

-- What a JWT's `typ` may be where the program doesn't say so: RFC 9068, and servers that were there before it.
local usual_types = { "at+jwt", false }

-- The audience that a token must have: never any.
local function audience_of(self, whose, wanted)
  local audience = wanted.audience or self:settings().client_id
  if audience == nil or audience == "" then
    core.mistake(whose .. ": option 'audience' is missing, and the client has no client_id")
  end
  return type(audience) == "table" and audience or { audience }
end

--- Checks an access token that is a JWT against the server's key set, as `airlock.guard` does: signature, `typ`, `exp`,
--- which must be there, `nbf`, `aud`, and `iss` if it is known, give or take `clock_skew`. ID tokens, logout tokens and
--- other JWTs of the server aren't taken. The signature may be RS, PS or ES with 256, 384, 512, or EdDSA, and the key
--- is found by `kid`; RSA keys have 2048 bits or more.
---
--- Only the keys are fetched; they are kept for an hour, fetched once more for an unknown key, and served for a day
--- longer if the server is down. Needs `jwks_uri`, and an audience: the option's, or the `client_id`.
---@param token string
---@param wanted? airlock.verify_options
---@return table<string, any>? claims
---@return string? message
---@return airlock.failure? detail of kind "oauth" with "invalid_token"; or "network", if the keys can't be fetched
---@see RFC 9068, RFC 7519, RFC 8725; Space: "Offline validation"
function methods:verify(token, wanted)
  local whose = "client:verify"
  if type(token) ~= "string" then core.mistake(whose .. ": the token must be a string, not a " .. type(token)) end
  wanted = read(wanted, whose, { issuer = "string", audience = "string or table", token_types = "table" })
  need(self, whose, "jwks_uri")
  local settings = self:settings()
  local profile = settings.provider
  return access_token.check(self, token, { issuer = wanted.issuer or settings.issuer,
    audience = audience_of(self, whose, wanted), skew = settings.clock_skew,
    guess = wanted.token_types == nil,
    types = wanted.token_types or type(profile) == "table" and profile.jwt_types or usual_types })
end

--- The server's metadata, for a client of `airlock.discover`.
---@return table<string, any>? metadata a table of its own, with the defaults of the RFC for missing members
--- (`scopes_supported`, `code_challenge_methods_supported` …); nil for a client that was configured by hand
---@see RFC 8414 section 2
function methods:metadata()
  return self:settings().metadata
end

--- Asks the server about a token that somebody showed, anew each time. An API does so with a token that it can't read
--- itself. Needs `introspection_endpoint`.
---@param token string an access or refresh token
---@param options? airlock.token_options
---@return table<string, any>? told `active`, a boolean; if true, also what the server tells: `scope`, `client_id`,
--- `sub`, `exp`, `aud` …
---@return string? message
---@return airlock.failure? detail of kind "oauth", with "malformed_reply" if `active` isn't a boolean; or "network"
---@see RFC 7662
function methods:introspect(token, options)
  local whose = "client:introspect"
  options = read(options, whose, { token_type_hint = "string" })
  need(self, whose, "introspection_endpoint")
  return backchannel.introspect(self, check_token(token, whose), options.token_type_hint)
end

--- Ends a token that the program has as text; `session:logout` ends a session's. A 503 is repeated as told. Needs
--- `revocation_endpoint`.
---@param token string an access or refresh token
---@param options? airlock.token_options
---@return true? done also for a token that the server doesn't know
---@return string? message
---@return airlock.failure? detail of kind "oauth" or "network": the token still lives
---@see RFC 7009
function methods:revoke(token, options)
  local whose = "client:revoke"
  options = read(options, whose, { token_type_hint = "string" })
  need(self, whose, "revocation_endpoint")
  local fields = form.encode({ token = check_token(token, whose), token_type_hint = options.token_type_hint }, whose,
    "token")
  local done, message, detail = backchannel.ask(self, "revocation_endpoint", fields)
  if not done then return nil, message, detail end
  return true
end

--- The registration of a client of `airlock.register`: `client_id`, `client_secret`, `registration_access_token`,
--- `registration_client_uri` and the metadata. It holds secrets as text: keep it where only the program can read it.
--- `airlock.registered` makes the client of it again.
---@return table<string, any>? registration a copy; nil: the client was registered by hand
---@see RFC 7591 section 3.2.1
function methods:registration()
  local kept = self:settings().registration
  return kept and client.copy(kept)
end

--- Asks for the registration as it is now. Raises for a client whose registration can't be managed.
---@return airlock.client? client a new one, with the registration
---@return string? message
---@return airlock.failure? detail of kind "oauth", with "invalid_token" if the registration is gone, or "network"
---@see RFC 7592 section 2.1
function methods:read_registration()
  return registration.manage(self, "GET", "client:read_registration")
end

--- Changes the registration. Token and secret may be others from then on: keep the new client's registration, and
--- forget the old client.
---@param metadata table<string, any> the members to change; `airlock.null` takes a member away
---@return airlock.client? client a new one; the old one may be refused from now on
---@return string? message
---@return airlock.failure? detail of kind "oauth", with the server's code such as "invalid_client_metadata", or
--- "network"
---@see RFC 7592 section 2.2
function methods:update_registration(metadata)
  return registration.manage(self, "PUT", "client:update_registration", metadata)
end

--- Ends the registration.
---@return true? done the client is unknown to the server
---@return string? message
---@return airlock.failure? detail of kind "oauth" or "network"
---@see RFC 7592 section 2.3
function methods:delete_registration()
  return registration.manage(self, "DELETE", "client:delete_registration")
end

return methods
