--- Signs access tokens (JWT, RS512) and shows the key that verifies them.

local crypto = require("airlock.server").crypto
local json = require "airlock.emulator.http.json"

local signer = {}
signer.__index = signer

local own_key -- made once, when it is first needed: it costs tens of milliseconds

--- A signer with a key of its own or the given one.
---@param pem string? an RSA private key
---@return table signer
function signer.new(pem)
  return setmetatable({ pem = pem }, signer)
end

local function ready(self)
  if self.kid then return end
  if not self.pem then own_key = own_key or crypto.new_rsa(2048) end
  self.pem = self.pem or own_key
  self.public = crypto.rsa_public(self.pem)
  self.kid = crypto.base64url(crypto.sha256(self.public.n)):sub(1, 16)
end

--- A compact JWS over the claims.
---@param claims table
---@return string jwt
function signer:sign(claims)
  ready(self)
  local head = json.encode { alg = "RS512", kid = self.kid }
  local text = crypto.base64url(head) .. "." .. crypto.base64url(json.encode(claims))
  return text .. "." .. crypto.base64url(crypto.sign("RS512", self.pem, text))
end

--- An ID token: by RS256, or by the application's secret where it is registered for that.
---@param claims table
---@param application table
---@return string jwt
function signer:sign_id(claims, application)
  ready(self)
  local alg = application.id_token_signed_response_alg or "RS256"
  local secret = alg:find "^HS" and application.client_secret
  local head = json.encode { alg = alg, kid = not secret and self.kid .. "-256" or nil }
  local text = crypto.base64url(head) .. "." .. crypto.base64url(json.encode(claims))
  return text .. "." .. crypto.base64url(secret and crypto.hmac(alg, secret, text) or crypto.sign(alg, self.pem, text))
end

--- The document of /oauth/jwks.json.
---@param openid boolean? with the name that the key has for ID tokens
---@return table
function signer:jwks(openid)
  ready(self)
  local function key(alg, kid)
    return { kty = "RSA", use = "sig", alg = alg, kid = kid, n = self.public.n, e = self.public.e }
  end
  return { keys = json.list { key("RS512", self.kid), openid and key("RS256", self.kid .. "-256") or nil } }
end

--- Signs with another key from now on; the old one is no longer shown.
function signer:rotate()
  self.pem, self.kid = crypto.new_rsa(2048), nil
end

return signer
