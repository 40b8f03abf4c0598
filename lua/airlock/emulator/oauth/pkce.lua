--- Proof Key for Code Exchange (RFC 7636): what a request promised, and whether the exchange keeps it.

local crypto = require("airlock.server").crypto

local pkce = {}

local function is_verifier(text)
  return #text >= 43 and #text <= 128 and not text:find "[^%w%-%._~]"
end

local sound = { plain = is_verifier, S256 = function(text) return #text == 43 and not text:find "[^%w%-_]" end }

--- Reads the challenge of an authorization request.
---@param fields table<string, string>
---@param needed boolean
---@return table|false|nil challenge `{ method, text }`; false: none, and none is needed; nil: it is no good
---@return string? why
function pkce.read(fields, needed)
  local text, method = fields.code_challenge, fields.code_challenge_method
  if not text then
    if method then return nil, "parameter 'code_challenge' is missing" end
    if needed then return nil, "this application has to use PKCE: parameter 'code_challenge' is missing" end
    return false
  end
  method = method or "plain"
  if not sound[method] then return nil, "parameter 'code_challenge_method' must be S256 or plain" end
  if not sound[method](text) then return nil, "parameter 'code_challenge' is malformed" end
  return { method = method, text = text }
end

--- Whether a verifier is the one that the challenge was made from. Where there was no challenge there must be no
--- verifier (RFC 9700 section 2.1.1).
---@param challenge table|false
---@param verifier string?
---@return boolean
function pkce.proves(challenge, verifier)
  if not challenge then return verifier == nil end
  if not verifier or not is_verifier(verifier) then return false end
  local shown = challenge.method == "S256" and crypto.base64url(crypto.sha256(verifier)) or verifier
  return crypto.equal(shown, challenge.text)
end

return pkce
