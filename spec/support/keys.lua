--- Private keys to sign with, as PEM, made by openssl once a run.

local core = require "airlock.core"
local crypto = require("airlock.server").crypto
local stage = require "spec.support.stage"

local keys = {}
local made = {}

local recipes = {
  ["rsa-2048"] = "-algorithm rsa -pkeyopt rsa_keygen_bits:2048",
    ["rsa-1024"] = "-algorithm rsa -pkeyopt rsa_keygen_bits:1024",
  ["P-256"] = "-algorithm ec -pkeyopt ec_paramgen_curve:P-256",
    ["P-384"] = "-algorithm ec -pkeyopt ec_paramgen_curve:P-384",
  ["P-521"] = "-algorithm ec -pkeyopt ec_paramgen_curve:P-521", Ed25519 = "-algorithm ed25519",
    X25519 = "-algorithm x25519",
  encrypted = "-algorithm ed25519 -aes256 -pass pass:secret",
}

--- The PEM of a key of that kind; the same each time.
function keys.pem(kind)
  made[kind] = made[kind] or stage.shell("openssl genpkey " .. recipes[kind] .. " 2>/dev/null")
  assert(made[kind]:find "BEGIN", "openssl made no key: " .. kind)
  return made[kind]
end

--- Its public half as a JWK, with these members beside.
function keys.public(kind, more)
  local jwk = core.json.decode(crypto.public_jwk(keys.pem(kind)))
  for name, value in pairs(more or {}) do jwk[name] = value end
  return jwk
end

--- The DER of a certificate of its public half, in base64, as a JWK's `x5c` has it.
function keys.certificate(kind)
  local name = stage.file(keys.pem(kind), "certified.pem")
  local text = stage.shell(("openssl req -x509 -new -key '%s' -subj /CN=spec -days 2 2>/dev/null"):format(name))
  return (assert(text:match "CERTIFICATE%-+%s+(.-)%-", text):gsub("%s", ""))
end

return keys
