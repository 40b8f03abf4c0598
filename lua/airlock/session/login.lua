--- A session's login: who its user is, whether its token still counts, and its end.

-- spec: spec/grant/id_token_spec.lua

local lazy = require "airlock.lazy"
local backchannel = lazy "airlock.backchannel"
local id_token = lazy "airlock.id_token"
local failure = lazy "airlock.failure"
local form = lazy "airlock.form"
local options_of = require "airlock.options"

local methods = {}

--- The user as the server describes them: the claims of the newest ID token, once it was checked. Needs the client's
--- `issuer` and `jwks_uri`, and the scope `openid`.
---
--- A client that knows both checks the ID token before a login is a session:
---
--- - The signature must be right, by one of the algorithms in `id_token_signed_response_alg`. The key set is fetched
--- once more for a key that was made since.
--- - `iss`, `aud`, `azp`, `exp`, `iat` (at most a minute ahead) and the authorization's `nonce` must be right, give or
--- take `clock_skew`; also `at_hash` if it is there.
--- - If an ID token is wrong or missing, the login ends as `oauth/invalid_id_token`, and its tokens are forgotten.
--- - After a refresh the new ID token must have the `iss` and `sub` of before.
---
--- Other clients don't look at ID tokens.
---@param options? airlock.id_token_options
---@return table<string, any>|string|nil claims `sub`, `iss`, and what else the server tells; with `raw` the text
---@return string? message
---@return airlock.failure? detail of kind "oauth" with "invalid_id_token" or "no_id_token"; or "network"
---@see OpenID Connect Core section 3.1.3.7
function methods:id_token(options)
  options = options_of.read(options, "session:id_token", { raw = "boolean" })
  return id_token.claims(self, options.raw)
end

--- What the server tells of the user (UserInfo). Needs `userinfo_endpoint`, which `airlock.discover` finds, and the
--- scope `openid`. The answer must have a `sub`, and the same as the ID token, if there is one that can be checked.
---@return table<string, any>? claims `sub`, and what else the server tells
---@return string? message
---@return airlock.failure? detail of kind "oauth" with "invalid_userinfo" if the answer is of another user; else as of
--- `session:get`
---@see OpenID Connect Core section 5.3
function methods:userinfo()
  local settings = self:settings()
  options_of.need(settings.client, "session:userinfo", "userinfo_endpoint")
  local told, message, detail = self:get(settings.userinfo_endpoint)
  if told == nil then return nil, message, detail end
  if type(told) ~= "table" or type(told.sub) ~= "string" or told.sub == "" then
    return failure.oauth("invalid_userinfo", "the answer of UserInfo names no subject (sub)")
  end
  if not self:_id_token() or not id_token.possible(settings) then return told end
  local claims
  claims, message, detail = id_token.claims(self)
  if not claims then return nil, message, detail end
  if claims.sub == told.sub then return told end
  return failure.oauth("invalid_userinfo", "the answer of UserInfo is of another user (sub) than the ID token")
end

--- The URL to send the user's browser to, so that the server ends its own login, too. Needs `end_session_endpoint`,
--- which `airlock.discover` finds. Take the URL before `session:logout`, which forgets the ID token that is its hint.
--- An ID token isn't kept in a store; without one the server may ask the user.
---@param options? airlock.logout_url_options
---@return string url
---@see OpenID Connect RP-Initiated Logout section 2
function methods:logout_url(options)
  local whose = "session:logout_url"
  options = options_of.read(options, whose, { post_logout_redirect_uri = "string", state = "string",
    logout_hint = "string", ui_locales = "string" })
  local settings, back = self:settings(), options.post_logout_redirect_uri
  options_of.need(settings.client, whose, "end_session_endpoint")
  if back and not back:find "^%a[%w+.-]*:[^%s#]+$" then
    options_of.mistake(whose, "post_logout_redirect_uri", "must be an absolute URI without a fragment")
  end
  local fields = { id_token_hint = self:_id_token(), client_id = settings.client_id }
  for name, value in pairs(options) do fields[name] = value end
  return form.onto(settings.end_session_endpoint, fields, whose, "state")
end

--- Asks the server about this session's access token, which is renewed first if need be. The token isn't told to the
--- program. Needs `introspection_endpoint`.
---@return table<string, any>? told `active`, a boolean; if true, what else the server tells
---@return string? message
---@return airlock.failure? detail of kind "oauth", with "malformed_reply" if `active` isn't a boolean, "network" or
--- "store"
---@see RFC 7662
function methods:introspect()
  local client = self:settings().client
  options_of.need(client, "session:introspect", "introspection_endpoint")
  local ok, message, detail = self:settle()
  if not ok then return nil, message, detail end
  return backchannel.introspect(client, self)
end

-- How the server is told that a login is over; nil: it has no way, or nothing there is to end.
local function way(self)
  local settings, info = self:settings(), self:info()
  local provider = settings.provider
  -- made by hand, or by another program, and ended there
  if info.grant == "permanent_token" or info.grant == "token_source" then return nil end
  if provider and provider.logout then return info.subject == "user" and info.renewable and "api" or nil end
  return settings.client:has "revocation_endpoint" and "endpoint" or nil
end

-- Tells the server: Space by its HTTP API, others by RFC 7009. The fourth says that it may be tried again, as the token
-- lives on (section 2.2.1 of that RFC).
local function revoke(self, how)
  local settings = self:settings()
  if how == "api" then return self:delete(settings.provider.logout) end
  local ok, message, detail = backchannel.ask(settings.client, "revocation_endpoint", "", self)
  return ok, message, detail, not ok and detail.outcome == "transient"
end

-- A record in the store goes under its lock, like every change to it; then the session says that it was logged out.
local function remove(self)
  local _, message, detail = self:settle()
  if detail and detail.kind == "store" then return nil, message, detail end
  return true
end

--- Ends the login. The server is told if it can be: Space by `DELETE …/oauth-consents/me/refresh-tokens/self`, others
--- at `revocation_endpoint`. The tokens are forgotten either way, also by all sessions that share them and in the
--- store.
---
--- A failure says that the server couldn't be told, and the tokens live on there. If its outcome is "transient", the
--- server or the network was in trouble: log out again, after `retry_after` if it is given. Until then the token to be
--- revoked is kept in memory for that alone.
---@return true? done
---@return string? message
---@return airlock.failure? detail of kind "oauth", "http" or "network": the server couldn't be told, and may honour the
--- tokens until they expire. If it is done, a table with `known`, whether there was a token to end, and `told`, whether
--- the server was told; one without a way to end a login isn't.
---@see RFC 7009; Space: "Revoke a refresh token"
function methods:logout()
  return methods._logout(self)
end

-- The same, for the command.
function methods:_logout()
  local ok, message, detail, again = true, nil, nil, nil
  local stored = self:info().store ~= nil
  if stored then self:settle() end -- what is to be revoked may be known to the store alone
  local ready, pending = self:ready()
  local known = ready or pending or false
  local how = known and way(self)
  if how then ok, message, detail, again = revoke(self, how) end
  -- the server says itself that the login is over: its answer got lost before
  if not ok and detail.outcome == "revoked" then ok = true end
  self:forget(again)
  if stored and ok then ok, message, detail = remove(self)
  elseif stored then remove(self) end
  if not ok then return nil, message, detail end
  return true, nil, { known = known, told = how and true or false }
end

return methods
