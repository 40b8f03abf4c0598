--- The other side of the counter: an API that checks the tokens which others show (RFC 6750, RFC 9068, RFC 7662,
--- RFC 9449).

-- spec: spec/tokens/guard_spec.lua

local cache = require "airlock.guard.cache"
local callback = require "airlock.loop.callback"
local config = require "airlock.guard.config"
local core = require "airlock.core"
local failure = require "airlock.failure"
local document = require("airlock.lazy") "airlock.resource.document"
local access_token = require "airlock.access_token"
local proof = require "airlock.guard.proof"
local refusal = require "airlock.guard.refusal"
local request = require "airlock.guard.request"
local source = require "airlock.guard.source"

local guard = {}

local usual_types = { "at+jwt" } -- RFC 9068 section 2.1
local most_cached = 8192 -- tokens that are remembered, and as many before them

--- A guard: checks the tokens that requests show. `tostring(guard)` gives "airlock.guard (<audience>)".
---@class airlock.guard
local methods = {}
local meta = { __index = methods, __name = "airlock.guard",
  __tostring = function(self) return ("airlock.guard (%s)"):format(table.concat(self.audience, ", ")) end }

-- The schemes of its challenges, best first.
local function schemes_of(dpop)
  if dpop.off then return { "Bearer" } end
  if dpop.required then return { "DPoP" } end
  return dpop.given and { "Bearer", "DPoP" } or { "Bearer" }
end

-- The `typ` of JWTs: as told, else as the server's profile says.
local function types_of(told)
  return function(client)
    local profile = client:settings().provider
    return told or type(profile) == "table" and profile.jwt_types or usual_types
  end
end

--- See airlock.guard.
---@param given table
---@return airlock.guard
function guard.new(given)
  local self, client, to_find = config.read(given)
  self.dpop.given = type(given.dpop) == "table"
  self.client, self.to_find = client, to_find
  local settings = client:settings()
  self.issuer = settings.issuer
  self.clock_skew = self.clock_skew or settings.clock_skew or 0
  self.types, self.schemes, self.proofs = types_of(self.token_types), schemes_of(self.dpop), proof.new(self.dpop)
  self.known, self.refused = cache.new(self.cached or most_cached), cache.new(1024)
  self.troubles, self.flights = {}, {}
  self.resource_metadata = self.resource and document.places(self.resource)[1]
  return setmetatable(self, meta)
end

-- What a program may change without changing what is remembered.
local function copy(value)
  if type(value) ~= "table" then return value end
  local made, class = {}, getmetatable(value)
  for name, each in next, value do made[name] = type(each) == "table" and copy(each) or each end
  return class and setmetatable(made, class) or made
end

local function keep(self, key, claims, seconds)
  if self.cached ~= 0 then self.known:put(key, { claims = claims, ends = core.moment() + seconds }) end
end

-- The claims of a token that was seen before; a no that was heard just now.
local function recall(self, key)
  local entry, now = self.known:get(key), core.moment()
  if entry and now < entry.ends then
    local ok, message, detail = access_token.check_times(entry.claims, os.time(), self.clock_skew)
    if ok then return entry.claims end
    return nil, message, detail
  end
  entry = self.refused:get(key)
  if entry and now < entry.ends then return access_token.bad(entry.why) end
end

local function claims_of(self, token)
  local key = token.key
  local claims, message, detail = recall(self, key)
  if claims or message then return claims, message, detail end
  local found, keep_or_message, why, keep_no = source.claims(self, token.text, key)
  if found then
    keep(self, key, found, keep_or_message)
    return found
  end
  if keep_no then self.refused:put(key, { why = why.description, ends = core.moment() + keep_no }) end
  return nil, keep_or_message, why
end

local function confirmation(claims, name)
  return type(claims.cnf) == "table" and claims.cnf[name] or nil
end

-- Ways of binding a token that are known here; with another one it can't be said whose the token is.
local none = {}
local confirmations = { jkt = true, ["x5t#S256"] = true }

local function binding_fault(self, claims, token)
  local jkt, x5t = confirmation(claims, "jkt"), confirmation(claims, "x5t#S256")
  for name, value in pairs(claims.cnf or none) do
    if not confirmations[name] or type(value) ~= "string" then return "it is bound in a way that isn't known here" end
  end
  if jkt and self.dpop.off then return "it is bound to a key, which this API takes no proofs of" end
  if jkt and token.scheme ~= "DPoP" then return "it is bound to a key, and came as a bearer token" end
  if not jkt and token.scheme == "DPoP" then return "it came with a proof, and is bound to no key" end
  if not jkt and self.dpop.required then return "it is bound to no key, which this API wants" end
  if not x5t and self.certificate_bound then return "it is bound to no certificate, which this API wants" end
end

local function check_certificate(claims, asked)
  local x5t = confirmation(claims, "x5t#S256")
  if x5t == nil or x5t == request.thumbprint(asked.certificate) then return nil end
  return asked.certificate and "it is bound to another certificate than the connection's"
    or "it is bound to a certificate, and came without one"
end

-- What is wrong with whose token it is, rather than with the token.
local function holder_fault(self, claims, token, asked)
  local why = binding_fault(self, claims, token) or check_certificate(claims, asked)
  if why then
    local scheme = confirmation(claims, "jkt") and not self.dpop.off and "DPoP" or token.scheme
    return { code = "invalid_token", scheme = scheme, why = "the token isn't valid: " .. why }
  end
  local jkt = confirmation(claims, "jkt")
  return jkt and self.proofs:fault(asked, token.text, jkt) or nil
end

local needed = { method = "string", url = "string", headers = "table" }

local function check_asked(self, asked)
  if type(asked) ~= "table" then
    core.mistake("guard:check: a table { method, url, headers } was expected, not a " .. type(asked))
  end
  for name, wanted in pairs(needed) do
    if type(asked[name]) ~= wanted then
      core.mistake(("guard:check: '%s' must be a %s, not a %s"):format(name, wanted, type(asked[name])))
    end
  end
  if not self.resource or asked.url:sub(1, 1) ~= "/" then return asked end
  local made = {}
  for name, value in pairs(asked) do made[name] = value end
  made.url = self.resource:match "^%a+://[^/?#]*" .. asked.url
  return made
end

local function refuse_failure(self, message, detail, scheme)
  if detail.code ~= "invalid_token" then return refusal.unavailable(message, detail) end
  return refusal.make(self, { code = "invalid_token", why = message, scheme = scheme, outcome = detail.outcome })
end

--- Checks the token of a request: that it is of this server, for this API, in time, and shown by the one whom it was
--- given to. A JWT is checked by its signature (RFC 9068), another token by asking the server (RFC 7662); a token that
--- was seen before costs neither.
---@param asked airlock.guard_request
---@return airlock.claims? who the claims, a table of the program's own
---@return string? message
---@return airlock.failure? detail with `status` (400, 401, 403, 503), `www_authenticate`, and all `headers` to be sent;
--- of kind "oauth" with "no_token", "invalid_request", "invalid_token", "insufficient_scope", "invalid_dpop_proof",
--- "use_dpop_nonce", or why the server can't be asked
---@see RFC 6750, RFC 9449 section 7, RFC 8705 section 3
function methods:check(asked)
  asked = check_asked(self, asked)
  local token, said = request.token(asked, self.token_in)
  if not token then return refusal.make(self, said or { nonce = self.proofs:newest() }) end
  local claims, message, detail = claims_of(self, token)
  if not claims then return refuse_failure(self, message, detail, token.scheme) end
  said = holder_fault(self, claims, token, asked)
  if said and said.full then
    return refusal.unavailable(select(2, failure.oauth("too_many_proofs", "more proofs came than can be remembered",
      { outcome = "transient" })))
  end
  if said then return refusal.make(self, said) end
  if self.scope then
    local ok, why, more = methods.require(self, claims, self.scope)
    if not ok then return nil, why, more end
  end
  return copy(claims)
end

local function add_words(set, value)
  if type(value) == "string" then
    for word in value:gmatch "%S+" do set[word] = true end
  elseif type(value) == "table" then
    for _, each in ipairs(value) do add_words(set, type(each) == "string" and each or nil) end
  end
end

--- Whether a token may do something.
---@param who airlock.claims of `guard:check`
---@param scope string the words that it must have, with spaces between them
---@return true? granted
---@return string? message
---@return airlock.failure? detail of kind "oauth" with "insufficient_scope", as of `guard:check`, with status 403
---@see RFC 6750 section 3.1
function methods:require(who, scope)
  if type(who) ~= "table" then core.mistake("guard:require: the claims must be a table, not a " .. type(who)) end
  if type(scope) ~= "string" then core.mistake("guard:require: the scope must be a string, not a " .. type(scope)) end
  local has = {}
  add_words(has, who.scope)
  add_words(has, who.scp) -- Entra and Okta
  for word in scope:gmatch "%S+" do
    if not has[word] then
      return refusal.make(self, { code = "insufficient_scope", scope = scope, why = "the token may not do that",
        scheme = confirmation(who, "jkt") and "DPoP" or "Bearer" })
    end
  end
  return true
end

local function words_of(text)
  local list = {}
  for word in (text or ""):gmatch "%S+" do list[#list + 1] = word end
  return #list > 0 and core.json.array(list) or nil
end

--- What this API says about itself, for clients that know no more than its address. It belongs, as JSON, at
--- `/.well-known/oauth-protected-resource`, followed by the path of `resource`. Needs `resource`.
---@return table<string, any> document
---@see RFC 9728 section 2
function methods:metadata()
  if not self.resource then core.mistake "guard:metadata: the guard's option 'resource' is missing" end
  local ways = {}
  for _, place in ipairs(self.token_in) do ways[#ways + 1] = place == "form" and "body" or place end
  local bound = not self.dpop.off and (self.dpop.required or self.dpop.given)
  local made = { resource = self.resource,
    authorization_servers = self.issuer and core.json.array { self.issuer } or nil,
    bearer_methods_supported = core.json.array(ways), scopes_supported = words_of(self.scope),
    dpop_signing_alg_values_supported = bound and words_of(self.proofs.algs) or nil,
    dpop_bound_access_tokens_required = self.dpop.required or nil,
    tls_client_certificate_bound_access_tokens = self.certificate_bound or nil }
  for name, value in pairs(copy(self.metadata_members) or {}) do made[name] = value end
  return made
end

methods.check = callback.taking(methods.check, function(self) return self.client:settings() end, true)

guard.methods = methods

return guard
