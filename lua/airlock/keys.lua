--- The key set of a server (RFC 7517): fetched once for all who want it, kept, and served a while longer than that if
--- the server is down.

-- spec: spec/tokens/keys_spec.lua

local backchannel = require "airlock.backchannel"
local core = require "airlock.core"
local failure = require "airlock.failure"
local flight = require "airlock.flight"
local trouble = require "airlock.trouble"

local keys = {}

local keep, stale = 3600, 24 * 3600 -- seconds that a set is fresh; and how much longer it serves without the server
local ask_again = 10 -- seconds between two fetches for the sake of an unknown key
local most_keys = 16 -- that are tried for one token
local families = { RS = "RSA", PS = "RSA", ES = "EC", Ed = "OKP" }
local texts = setmetatable({}, { __mode = "k" }) -- key → the same as JSON text
local read = setmetatable({}, { __mode = "k" }) -- key → the same as OpenSSL has it

local function fetch(client)
  local settings = client:settings()
  local set, message, detail = backchannel.ask(client, "jwks_uri")
  if set and (type(set) ~= "table" or type(set.keys) ~= "table") then
    set, message, detail = failure.malformed("the key set at jwks_uri", "can't be read",
      backchannel.place(client, "jwks_uri"))
  end
  trouble.remember(settings, "key_trouble", message, detail)
  if not set then return nil, message, detail end
  settings.keys = { set = set.keys, at = core.moment() }
  return set.keys
end

-- Fetches it, unless that went wrong just now.
local function renew(client)
  local settings = client:settings()
  local message, detail = trouble.of(settings, "key_trouble")
  if message then return nil, message, detail end
  return flight.share(settings, "key_flight", client, function() return fetch(client) end)
end

--- The keys.
---@param client userdata with jwks_uri
---@param anew boolean? whether a fresh set won't do, as a key isn't in it
---@return table[]? keys
---@return string? message
---@return table? detail
function keys.of(client, anew)
  local kept, now = client:settings().keys, core.moment()
  local age = kept and now - kept.at
  if kept and (age < ask_again or not anew and age < keep) then return kept.set end
  local set, message, detail = renew(client)
  if set then return set end
  if kept and not anew and age < keep + stale then return kept.set end
  return nil, message, detail
end

-- Members that say what a key is for (RFC 7517 sections 4.2 and 4.3).
local function may_verify(key)
  if key.use ~= nil and key.use ~= "sig" then return false end
  if key.key_ops == nil then return true end
  if type(key.key_ops) ~= "table" then return false end
  for _, each in ipairs(key.key_ops) do
    if each == "verify" then return true end
  end
  return false
end

--- Whether a key may check what such a header names (RFC 8725 section 3.1).
---@param key any a JWK
---@param header table
---@return boolean
function keys.fits(key, header)
  if type(key) ~= "table" or key.kty ~= families[header.alg:sub(1, 2)] or not may_verify(key) then return false end
  if key.alg ~= nil and key.alg ~= header.alg then return false end
  return header.kid == nil or key.kid == header.kid
end

--- A key as text; one that can't be written again, such as one whose text isn't UTF-8, is none.
---@param key table
---@return string
function keys.text(key)
  if texts[key] then return texts[key] end
  local ok, text = pcall(core.json.encode, key)
  if not ok and tostring(text):find("not enough memory", 1, true) then error(text, 0) end
  texts[key] = ok and text or ""
  return texts[key]
end

-- Read once for all tokens: that takes longer than to check a signature.
local function ready(key)
  local found, why = read[key], nil
  if not found then found, why = core.public_key(keys.text(key)) end
  read[key] = found
  return found, why
end

local function name_of(key)
  return type(key.kid) == "string" and ("the key '%s'"):format(core.printable(key.kid:sub(1, 64))) or "the key"
end

-- Whether one of the keys signed it; else why not, and whether another look at the server's keys may help.
local function signed(set, parsed)
  local header, why, tried = parsed.header, nil, 0
  for _, key in ipairs(set) do
    if tried < most_keys and keys.fits(key, header) then
      tried = tried + 1
      local public, unusable = ready(key)
      local ok = public and core.signed(header.alg, public, parsed.text, parsed.signature)
      if ok then return true end
      if public then why = "its signature is wrong" end
      why = why or ("%s of the server's set can't be read: it %s"):format(name_of(key), unusable)
    end
  end
  return false, why or "no key of the server's set fits it", why == nil or header.kid == nil
end

--- Whether the server signed it.
---@param client userdata
---@param parsed table of jwt.parse
---@return boolean? ok nil: the keys can't be had
---@return string? why not, or the message
---@return table? detail
function keys.signed(client, parsed)
  local set, message, detail = keys.of(client)
  if not set then return nil, message, detail end
  local ok, why, more = signed(set, parsed)
  if not ok and more then -- a key that was made since: one more look
    set, message, detail = keys.of(client, true)
    if not set then return nil, message, detail end
    ok, why = signed(set, parsed)
  end
  return ok, why
end

return keys
