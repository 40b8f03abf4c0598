--- Proofs of the key that a token is bound to (RFC 9449), which Space never had: read strictly, each good once.

local crypto = require("airlock.server").crypto
local id = require "airlock.emulator.space.id"
local json = require "airlock.emulator.http.json"
local jwt = require "airlock.emulator.oauth.jwt"
local reply = require "airlock.emulator.http.reply"

local dpop = {}
dpop.__index = dpop

-- seconds that a proof may be away from now, by the machine's clock: `advance` doesn't move its client's
local window = 60
local algs = "ES256 ES384 ES512 RS256 RS384 RS512 PS256 PS384 PS512 EdDSA"
local private = { "d", "p", "q", "dp", "dq", "qi", "oth", "k" }

--- What an emulator keeps of proofs.
---@param emulator table
---@param wants boolean|string whose proofs must have a nonce: true, "server" or "api"
---@return table
function dpop.new(emulator, wants)
  local self = setmetatable({ emulator = emulator, wants = wants, seen = {} }, dpop)
  self:draw()
  return self
end

--- Draws new nonces; those of before are no good from now on.
function dpop:draw()
  self.nonces = { server = id.token(), api = id.token() }
end

local function needs_nonce(self, whose)
  return self.wants == true or self.wants == whose
end

-- RFC 9449 section 4.3, items 2 to 7; the public key, or nil and why not.
local function read_key(parsed)
  local header = parsed.header
  if header.typ ~= "dpop+jwt" then return nil, "typ isn't dpop+jwt" end
  if type(header.alg) ~= "string" or not (" " .. algs .. " "):find(" " .. header.alg .. " ", 1, true) then
    return nil, "alg isn't an asymmetric one"
  end
  if type(header.jwk) ~= "table" then return nil, "jwk is missing" end
  for _, name in ipairs(private) do
    if header.jwk[name] ~= nil then return nil, "jwk has a private half" end
  end
  local key = json.encode(header.jwk)
  if not crypto.verify_jwk(header.alg, key, parsed.signed, parsed.signature) then
    return nil, "the signature is wrong"
  end
  return key
end

-- RFC 3986 section 6.2.2.1
local function normalized(path)
  return (path:gsub("%%%x%x", string.upper))
end

local function used_before(self, jti)
  local now = os.time()
  for seen, expires in pairs(self.seen) do
    if expires < now then self.seen[seen] = nil end
  end
  if self.seen[jti] then return true end
  self.seen[jti] = now + 2 * window
  return false
end

-- Items 8 to 11; nil: all is well.
local function judge(self, call, claims, jkt, ath)
  if type(claims.jti) ~= "string" or claims.jti == "" then return "jti is missing" end
  if claims.htm ~= call.method then return "htm isn't the request's method" end
  if type(claims.htu) ~= "string" or normalized(claims.htu) ~= self.emulator.url .. normalized(call.path) then
    return "htu isn't the request's URL"
  end
  if type(claims.iat) ~= "number" or math.abs(claims.iat - os.time()) > window then
    return "iat is too far away from now"
  end
  if claims.ath ~= ath then return ath and "ath isn't that of the token" or "ath has no meaning here" end
  if used_before(self, jkt .. " " .. claims.jti) then return "it was used before" end
end

--- Reads the proof that came with a call.
---@param call table
---@param whose string "server" or "api"
---@param token string? the access token that came along
---@return string? jkt the thumbprint of its key; nil without error: there is no proof
---@return string? error
---@return string? description
function dpop:read(call, whose, token)
  local text = call.headers.dpop
  if not text then return nil end
  local parsed = jwt.parse(text)
  if not parsed then return nil, "invalid_dpop_proof", "the proof isn't one JWT" end
  local key, why = read_key(parsed)
  if not key then return nil, "invalid_dpop_proof", "the proof is no good: " .. why end
  if needs_nonce(self, whose) and parsed.claims.nonce ~= self.nonces[whose] then
    return nil, "use_dpop_nonce", "the proof must have the nonce that is given with this"
  end
  local jkt = crypto.thumbprint(key)
  why = judge(self, call, parsed.claims, jkt, token and crypto.base64url(crypto.sha256(token)))
  if why then return nil, "invalid_dpop_proof", "the proof is no good: " .. why end
  return jkt
end

--- The same at an endpoint for applications, where one may have to come with a proof; notes the key in the call.
---@param call table
---@param app table
---@return table? refusal a reply
function dpop:admit(call, app)
  if not self.emulator.dpop then return nil end
  local jkt, code, description = self:read(call, "server")
  if not jkt and not code and (self.emulator.dpop == "required" or app.dpop_bound_access_tokens) then
    code, description = "invalid_dpop_proof", "the proof is missing"
  end
  if code then return self:add_nonce(reply.oauth_failure(code, description), "server") end
  call.jkt = jkt
end

--- Adds the newest nonce to a reply, where nonces are wanted.
---@param r table
---@param whose string
---@return table r
function dpop:add_nonce(r, whose)
  if not self.emulator.dpop or not needs_nonce(self, whose) then return r end
  return reply.add(r, "DPoP-Nonce", self.nonces[whose])
end

-- RFC 9449 section 7.1
local function challenge(self, code, description)
  local r = reply.failure("authentication-required", description)
  return self:add_nonce(reply.add(r, "WWW-Authenticate", ('DPoP error="%s", algs="%s"'):format(code, algs)), "api")
end

--- Whether a token may be used as it was: a bound one under its scheme and with a proof of its key, another one
--- without.
---@param call table
---@param scheme string in lower case
---@param token table
---@return table? refusal a reply
function dpop:check(call, scheme, token)
  if scheme == "bearer" and not token.jkt then return nil end
  if scheme == "bearer" then
    return challenge(self, "invalid_token", "The token is bound to a key, and isn't for Bearer")
  end
  if not token.jkt then return challenge(self, "invalid_token", "The token isn't bound to a key") end
  local jkt, code, why = self:read(call, "api", token.text)
  if code then return challenge(self, code, why) end
  if not jkt then return challenge(self, "invalid_dpop_proof", "the proof is missing") end
  if jkt ~= token.jkt then return challenge(self, "invalid_token", "The token is bound to another key") end
end

return dpop
