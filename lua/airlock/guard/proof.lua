--- Proofs of the key that a token is bound to, as a resource server checks them (RFC 9449 sections 4.3 and 7).

-- spec: spec/tokens/proof_spec.lua

local core = require "airlock.core"
local jwt = require "airlock.jwt"
local keys = require "airlock.keys"
local refusal = require "airlock.guard.refusal"
local request = require "airlock.guard.request"
local url = require "airlock.guard.url"

local proof = {}
proof.__index = proof

local most = 8 * 1024 -- bytes of a proof
local most_jti = 512 -- bytes
local window = 60 -- seconds that `iat` may be away from now; what is remembered of a proof lasts twice as long
local most_seen = 131072 -- proofs that are remembered in this Lua state
local nonce_life = 300 -- seconds after which there is a new nonce; the one before it serves as long
local private = { "d", "p", "q", "dp", "dq", "qi", "oth", "k" }

-- Remembers for a while which proofs came, in two generations; nil: there are too many.
local function memory(seconds, room)
  local young, old, count, turn = {}, {}, 0, core.moment()
  return function(id)
    local now = core.moment()
    if now - turn >= seconds then
      old, young, count = now - turn < 2 * seconds and young or {}, {}, 0
      turn = now
    end
    if young[id] or old[id] then return false end
    if count >= room then return nil end
    young[id], count = true, count + 1
    return true
  end
end

--- What a guard needs for proofs.
---@param options table `{ nonce, seen, window, algs }`, of the guard's option `dpop`
---@return table
function proof.new(options)
  local self = setmetatable({ window = options.window or window, nonce = options.nonce }, proof)
  self.algs = options.algs and table.concat(options.algs, " ") or refusal.algs
  self.seen = options.seen or memory(2 * self.window + 1, options.most or most_seen)
  if self.nonce == true then self.nonce = core.boundary() end
  return self
end

-- A nonce that any guard with the same secret finds good, without keeping it.
local function nonce_of(self, turn)
  return core.hash(("%s %d %s"):format(self.nonce, turn, self.nonce))
end

--- The nonce that proofs must have from now on; nil: they need none.
---@return string?
function proof:newest()
  if not self.nonce then return nil end
  return nonce_of(self, math.floor(os.time() / nonce_life))
end

local function nonce_fits(self, given)
  local turn = math.floor(os.time() / nonce_life)
  return given == nonce_of(self, turn) or given == nonce_of(self, turn - 1)
end

local function word_in(list, word)
  return not word:find " " and (" " .. list .. " "):find(" " .. word .. " ", 1, true) ~= nil
end

-- Items 2 to 7 of section 4.3: the thumbprint of the key that signed it, or nil and why not.
local function signer(self, parsed)
  local header = parsed.header
  if header.typ ~= "dpop+jwt" then return nil, "its typ isn't dpop+jwt" end
  local why = jwt.header_fault(header)
  if why then return nil, why end
  if not word_in(self.algs, header.alg) then return nil, "its algorithm isn't one that may be used" end
  local jwk = header.jwk
  if type(jwk) ~= "table" then return nil, "it has no key (jwk)" end
  for _, name in ipairs(private) do
    if jwk[name] ~= nil then return nil, "its key has a private half" end
  end
  if not keys.fits(jwk, { alg = header.alg }) then return nil, "its key isn't one for its algorithm" end
  local text = keys.text(jwk)
  local ok, unusable = core.signed(header.alg, text, parsed.text, parsed.signature)
  if not ok then return nil, unusable and "its key can't be used: it " .. unusable or "its signature is wrong" end
  return core.thumbprint(text)
end

local function is_number(value)
  return type(value) == "number" and value == value and math.abs(value) < 2 ^ 53
end

-- Items 8 to 11.
local function claims_fault(self, claims, asked, token)
  if type(claims.jti) ~= "string" or claims.jti == "" or #claims.jti > most_jti then return "its jti is missing" end
  if claims.htm ~= asked.method then return "it is for another method (htm)" end
  local here, there = url.plain(asked.url), url.plain(claims.htu)
  if not here or here ~= there then return "it is for another URL (htu)" end
  local now = os.time()
  if not is_number(claims.iat) or math.abs(claims.iat - now) > self.window then
    return "it was made too long ago, or in the future (iat)"
  end
  if claims.exp ~= nil and not (is_number(claims.exp) and claims.exp > now - self.window) then
    return "it has expired (exp)"
  end
  if claims.nbf ~= nil and not (is_number(claims.nbf) and claims.nbf <= now + self.window) then
    return "it isn't valid yet (nbf)"
  end
  if claims.ath ~= core.hash(token) then return "it is for another token (ath)" end
end

local function bad(why, more)
  local said = more or {}
  said.code, said.scheme = said.code or "invalid_dpop_proof", "DPoP"
  said.why = "the proof can't be used: " .. why
  return said
end

-- Last of all, so that only the owner of a good token can fill the memory.
local function repeated(self, jkt, jti)
  local new = self.seen(core.hash(jkt .. " " .. jti), 2 * self.window + 1)
  if new then return nil end
  if new == false then return bad "it was used before (jti)" end
  return { full = true, scheme = "DPoP" }
end

--- Checks the proof of a request.
---@param asked table `{ method, url, headers }`
---@param token string
---@param jkt string the key that the token is bound to
---@return table? said what is wrong; `full`: too many proofs came to remember one more
function proof:fault(asked, token, jkt)
  local lines = request.header(asked.headers, "dpop")
  if #lines ~= 1 then return bad(#lines == 0 and "there is none" or "there are several") end
  local parsed = #lines[1] <= most and jwt.parse(lines[1]) or nil
  if not parsed then return bad "it isn't a signed JWT" end
  local key, why = signer(self, parsed)
  why = why or claims_fault(self, parsed.claims, asked, token)
  if not key or why then return bad(why or "its key can't be used") end
  if key ~= jkt then
    return { code = "invalid_token", scheme = "DPoP", why = "the token is bound to another key than the proof's" }
  end
  if self.nonce and not nonce_fits(self, parsed.claims.nonce) then
    return bad("it hasn't the nonce that is given with this", { code = "use_dpop_nonce", nonce = self:newest() })
  end
  return repeated(self, key, parsed.claims.jti)
end

return proof
