--- JWTs that others signed: taken apart, and checked with keys that are trusted already (RFC 7519, RFC 8725).

local crypto = require("airlock.server").crypto
local json = require "airlock.emulator.http.json"

local jwt = {}

local function part(text)
  local plain = crypto.base64url_decode(text)
  local value = plain and json.decode(plain)
  return type(value) == "table" and value or nil
end

--- Takes one apart.
---@param text string
---@return table? parsed `{ header, claims, signed, signature }`
function jwt.parse(text)
  local head, body, signature = text:match "^([%w_-]+)%.([%w_-]+)%.([%w_-]+)$"
  if not head then return nil end
  local parsed = { header = part(head), claims = part(body), signed = head .. "." .. body,
    signature = crypto.base64url_decode(signature) }
  return parsed.header and parsed.claims and parsed.signature and parsed or nil
end

--- Whether one of these public keys signed it.
---@param parsed table
---@param keys table[] JWKs
---@return boolean
function jwt.signed_by(parsed, keys)
  local alg, kid = parsed.header.alg, parsed.header.kid
  for _, key in ipairs(keys) do
    local named = kid == nil or key.kid == nil or key.kid == kid
    if named and type(alg) == "string" and crypto.verify_jwk(alg, json.encode(key), parsed.signed,
      parsed.signature) then
      return true
    end
  end
  return false
end

--- Whether it was made with this secret.
---@param parsed table
---@param secret string
---@return boolean
function jwt.made_with(parsed, secret)
  local mac = type(parsed.header.alg) == "string" and crypto.hmac(parsed.header.alg, secret, parsed.signed)
  return mac ~= nil and mac ~= false and crypto.equal(mac, parsed.signature)
end

--- Whether its times are sound: it has an `exp` to come, not further away than `most` seconds.
---@param claims table
---@param now number
---@param most number
---@return string? why not
function jwt.untimely(claims, now, most)
  if type(claims.exp) ~= "number" then return "exp is missing" end
  if claims.exp <= now then return "it has expired" end
  if claims.exp > now + most then return "exp is too far away" end
  if type(claims.nbf) == "number" and claims.nbf > now + 5 then return "it isn't valid yet" end
  if type(claims.iat) == "number" and claims.iat > now + 5 then return "it was issued in the future" end
end

--- Whether `aud` names one of these.
---@param claims table
---@param wanted string[]
---@return boolean
function jwt.meant_for(claims, wanted)
  for _, each in ipairs(type(claims.aud) == "table" and claims.aud or { claims.aud }) do
    for _, name in ipairs(wanted) do
      if each == name then return true end
    end
  end
  return false
end

return jwt
