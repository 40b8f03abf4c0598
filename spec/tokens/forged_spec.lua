-- Forged and odd tokens, of which none passes: algorithms, keys, kinds of JWT, times, audiences, encodings.

local airlock = require "airlock"
local core = require "airlock.core"
local crypto = require("airlock.server").crypto
local expect = require "spec.support.expect"
local issuer = require "spec.support.issuer"
local keys = require "spec.support.keys"
local stage = require "spec.support.stage"

local null, jwt, b64 = core.json.null, issuer.jwt, crypto.base64url
local now = os.time()
local table_of = {}
local function add(name, make) table_of[#table_of + 1] = { name, make } end

-- By claims and header, well signed.
local function add_claims(name, more, head) add(name, function(s) return s:token(more, head) end) end

-- The same header with another way of signing.
local function mac(s, alg, secret, head)
  local header = { typ = "at+jwt", alg = alg, kid = "key-RS" }
  for key, value in pairs(head or {}) do header[key] = value end
  local text = b64(core.json.encode(header)) .. "." .. b64(core.json.encode(s:claims()))
  return text .. "." .. b64(crypto.hmac(alg:upper():find "HS%d+" and alg:upper() or "HS256", secret, text))
end

local function parts(s) return s:token():match "^(.-)%.(.-)%.(.-)$" end

-- No signature at all, or none that is a key's.
for _, alg in ipairs { "none", "None", "NONE", "nOnE", "", "null", "0" } do
  for _, signature in ipairs { "", "AAAA" } do
    add(("alg %s with the signature '%s'"):format(alg, signature), function(s)
      return jwt({ typ = "at+jwt", alg = alg }, s:claims(), nil, signature)
    end)
  end
end
for _, alg in ipairs { null, 1, true, { "ES256" }, { alg = "ES256" } } do
  add("alg that is " .. type(alg) .. tostring(alg == null and " null" or ""), function(s)
    return jwt({ typ = "at+jwt", alg = alg }, s:claims(), nil, "AAAA")
  end)
end
add("no alg", function(s) return jwt({ typ = "at+jwt" }, s:claims(), nil, "AAAA") end)

-- The public key as a secret, the old trick.
for _, alg in ipairs { "HS256", "HS384", "HS512" } do
  add(alg .. " by the public key as PEM", function(s)
    return mac(s, alg, crypto.rsa_public(keys.pem "rsa-2048").pem)
  end)
  add(alg .. " by the public key as JWK", function(s)
    return mac(s, alg, core.json.encode(keys.public "rsa-2048"))
  end)
  add(alg .. " by n", function(s) return mac(s, alg, keys.public("rsa-2048").n) end)
  add(alg .. " by an empty secret", function(s) return mac(s, alg, ("\0"):rep(64)) end)
end

-- One algorithm's signature under another's name.
for _, case in ipairs { { "RS256", "PS256" }, { "PS256", "RS256" }, { "RS512", "RS256" }, { "RS256", "RS384" },
  { "ES256", "RS256" }, { "ES256", "ES384" }, { "ES256", "EdDSA" }, { "EdDSA", "ES256" }, { "ES256", "ES256K" },
  { "ES256", "es256" }, { "RS256", "RS1" }, { "RS256", "RSA-OAEP" }, { "ES256", "ES256 " }, { "ES256", "ES256\0" },
  { "EdDSA", "Ed448" } } do
  add(case[1] .. " called " .. case[2]:gsub("%z", "NUL"), function(s)
    local head, body = s:token(nil, { alg = case[1] }):match "^(.-)%.(.-)%."
    local good = core.json.decode(crypto.base64url_decode(head))
    local text = b64(core.json.encode { typ = "at+jwt", alg = case[2], kid = good.kid }) .. "." .. body
    local kinds = { RS = "rsa-2048", PS = "rsa-2048", ES = "P-256", Ed = "Ed25519" }
    return text .. "." .. b64(crypto.sign(case[1], keys.pem(kinds[case[1]:sub(1, 2)]), text))
  end)
end

-- Keys that aren't the server's.
for _, kind in ipairs { "P-256", "rsa-2048" } do
  local alg = kind == "P-256" and "ES256" or "RS256"
  local function strange() return kind == "P-256" and crypto.new_key() or crypto.new_rsa(2048) end
  add("another key of " .. kind, function(s) return s:token(nil, { alg = alg }, strange()) end)
  for _, name in ipairs { "jwk", "jku", "x5u", "x5c", "x5t" } do
    add(("another key of %s, told by %s"):format(kind, name), function(s)
      local pem = strange()
      local public = core.json.decode(crypto.public_jwk(pem))
      local told = { jwk = public, jku = s.url .. "/evil", x5u = s.url .. "/evil", x5c = { "AAAA" }, x5t = "AAAA" }
      return s:token(nil, { alg = alg, [name] = told[name] }, pem)
    end)
  end
end
for _, kid in ipairs { "", "unknown", "../../dev/null", "key-ES' OR 1=1", "key-RS", "KEY-ES", ("k"):rep(300) } do
  add("kid " .. kid:sub(1, 20), function(s) return s:token(nil, { kid = kid }) end)
end
for _, kid in ipairs { 1, true, { "key-ES" }, { kid = "key-ES" } } do
  add("kid that is a " .. type(kid), function(s) return s:token(nil, { kid = kid }) end)
end

-- Signatures that aren't.
add("no signature", function(s) local h, b = parts(s) return h .. "." .. b .. "." end)
add("two parts", function(s) local h, b = parts(s) return h .. "." .. b end)
add("four parts", function(s) return s:token() .. ".AAAA" end)
add("five parts, as an encrypted one", function(s) return s:token() .. ".AAAA.AAAA" end)
add("a part before", function(s) return "." .. s:token() end)
add("an empty header", function(s) local _, b, g = parts(s) return "." .. b .. "." .. g end)
add("an empty body", function(s) local h, _, g = parts(s) return h .. ".." .. g end)
add("a signature of zeros", function(s) local h, b = parts(s) return h .. "." .. b .. "." .. b64(("\0"):rep(64)) end)
add("r and s of the curve's order", function(s)
  local n = "\255\255\255\255\0\0\0\0\255\255\255\255\255\255\255\255\188\230\250\173\167\23\158\132"
    .. "\243\185\202\194\252\99\37\81"
  local h, b = parts(s)
  return h .. "." .. b .. "." .. b64(n .. n)
end)
add("a signature in DER", function(s) local h, b = parts(s) return h .. "." .. b .. "." .. b64("0\6\2\1\1\2\1\1") end)
add("half a signature", function(s) local h, b, g = parts(s) return h .. "." .. b .. "." .. g:sub(1, 43) end)
add("a longer signature", function(s) return s:token() .. "AA" end)
add("the signature backwards", function(s) local h, b, g = parts(s) return h .. "." .. b .. "." .. g:reverse() end)
add("the signature of another token", function(s)
  local h, b = parts(s)
  return h .. "." .. b .. "." .. select(3, parts(s))
end)
add("the body of another token", function(s)
  local h, _, g = parts(s)
  return h .. "." .. select(2, parts(s)) .. "." .. g
end)
add("another spelling of the signature", function(s) -- left-over bits
  local h, b, g = parts(s)
  return h .. "." .. b .. "." .. g:sub(1, -2) .. (g:sub(-1) == "A" and "B" or g:sub(-1) == "Q" and "R"
    or g:sub(-1) == "g" and "h" or "x")
end)

-- Encodings.
add("padding", function(s) return s:token() .. "==" end)
add("padding of the body", function(s) local h, b, g = parts(s) return h .. "." .. b .. "=." .. g end)
add("base64 of the other kind", function(s) return s:token():sub(1, -2) .. "+" end)
add("a slash", function(s) local h, b, g = parts(s) return h .. "." .. b .. "/." .. g end)
add("a percent escape", function(s) return (s:token():gsub("%.", "%%2E")) end)
add("an umlaut", function(s) return s:token() .. "\195\164" end)
add("a NUL", function(s) return s:token() .. "\0" end)
add("plain JSON", function(s) return core.json.encode(s:claims { scope = "read" }) end)
for name, header in pairs { ["a list"] = "[]", ["a text"] = '"ES256"', ["null"] = "null", ["a number"] = "1",
  ["broken"] = '{"alg":"ES256"', ["followed by more"] = '{"alg":"ES256","typ":"at+jwt"}x', ["nothing"] = " " } do
  add("a header that is " .. name, function(s) return jwt(header, s:claims(), nil, select(3, parts(s))) end)
end
for name, claims in pairs { ["a list"] = "[]", ["a text"] = '"x"', ["null"] = "null", ["broken"] = '{"iss":',
  ["empty"] = "{}", ["in UTF-16"] = "\255\254{\0}\0", ["nested without end"] = ("["):rep(3000) } do
  add("claims that are " .. name, function()
    return jwt({ typ = "at+jwt", alg = "ES256", kid = "key-ES" }, claims, "P-256")
  end)
end
add("a token of 70 000 bytes", function(s) return s:token { pad = ("x"):rep(70000) } end)
add("a token that is one letter", function() return "x" end)
add("dots", function() return ".." end)

-- Kinds of JWT.
for _, typ in ipairs { "JWT", "jwt", "id+jwt", "logout+jwt", "dpop+jwt", "secevent+jwt", "token-introspection+jwt",
  "oauth-authz-req+jwt", "JOSE", "at", "at+jwt ", "xat+jwt", "at+jwtx", "text/at+jwt", "application/application/at+jwt",
  "", "rt+jwt" } do
  add_claims("typ " .. typ, nil, { typ = typ })
end
for _, typ in ipairs { 1, true, { "at+jwt" } } do add_claims("typ that is a " .. type(typ), nil, { typ = typ }) end
add_claims("no typ", nil, { typ = null })
for name, claims in pairs {
  ["an ID token's nonce"] = { nonce = "n" }, ["its at_hash"] = { at_hash = "x" }, ["its c_hash"] = { c_hash = "x" },
  ["its s_hash"] = { s_hash = "x" }, ["a logout token's events"] = { events = {} },
  ["an introspection response"] = { token_introspection = { active = true } },
  ["an authorization response's code"] = { code = "c" }, ["its error"] = { error = "access_denied" },
  ["its access_token"] = { access_token = "x" }, ["a proof's htu"] = { htu = "https://x" },
  ["a request's redirect_uri"] = { redirect_uri = "https://x" }, ["Keycloak's ID"] = { typ = "ID" },
  ["Keycloak's refresh token"] = { typ = "Refresh" }, ["Cognito's ID token"] = { token_use = "id" },
} do
  add_claims(name, claims)
end
for name, head in pairs { ["crit"] = { crit = { "exp" } }, ["an empty crit"] = { crit = {} },
  ["crit as text"] = { crit = "x" }, ["crit and b64"] = { crit = { "b64" }, b64 = false },
  ["b64"] = { b64 = false } } do
  add_claims(name, nil, head)
end

-- Times.
for name, claims in pairs {
  ["over"] = { exp = now - 1 }, ["long over"] = { exp = 0 }, ["below zero"] = { exp = -1 },
  ["without exp"] = { exp = null },
  ["with an exp of text"] = { exp = "9999999999" }, ["with an exp that is true"] = { exp = true },
  ["with an exp that is a list"] = { exp = { now + 60 } }, ["with an exp in an object"] = { exp = { exp = now + 60 } },
  ["not valid yet"] = { nbf = now + 600 }, ["with an nbf of text"] = { nbf = "0" },
  ["with a list as nbf"] = { nbf = { 0 } },
  ["issued in the future"] = { iat = now + 3600 }, ["with an iat of text"] = { iat = "0" },
} do
  add_claims("a token " .. name, claims)
end

-- Audiences, issuers and what else must be.
local aud = issuer.audience
for name, claims in pairs {
  ["none"] = { aud = null }, ["another"] = { aud = "https://other.test" }, ["empty"] = { aud = "" },
  ["an empty list"] = { aud = {} }, ["a list of others"] = { aud = { "a", "b" } },
  ["with a slash"] = { aud = aud .. "/" },
  ["in capitals"] = { aud = aud:upper() }, ["a part of it"] = { aud = aud:sub(1, -2) },
  ["longer"] = { aud = aud .. ".evil" },
  ["with others in one text"] = { aud = "x " .. aud }, ["an object"] = { aud = { aud = aud } },
  ["a number"] = { aud = 1 }, ["true"] = { aud = true }, ["a list in a list"] = { aud = { { aud } } },
  ["a list with a number"] = { aud = { aud, 1 } }, ["the client"] = { aud = "app" },
} do
  add_claims("an audience that is " .. name, claims)
end
for name, iss in pairs { ["none"] = null, ["another"] = "https://evil.test", ["empty"] = "", ["a list"] = { "x" },
  ["a number"] = 1 } do
  add_claims("an issuer that is " .. name, { iss = iss })
end
add("an issuer with a slash", function(s) return s:token { iss = s.url .. "/" } end)
add("an issuer in a list", function(s) return s:token { iss = { s.url } } end)
add_claims("a subject that is a number", { sub = 1 })
add_claims("a subject that is empty", { sub = "" })
add_claims("a client_id that is a list", { client_id = { "app" } })
add_claims("a scope that is a number", { scope = 1 })
add_claims("a cnf that is a text", { cnf = "x" })
add_claims("a key to prove, and no proof", { cnf = { jkt = "x" } })
add_claims("a way of binding that isn't known", { cnf = { kid = "x" } })

describe("a guard and a forged or odd token", function()
  local server, guard
  setup(function()
    server = issuer.start()
    server.answers["/evil"] = function(x) x:reply { body = core.json.encode { keys = {} } } end
    guard = airlock.guard(server:config())
  end)
  teardown(stage.clear)

  it("has a table of at least 120 of them", function() assert.is_true(#table_of >= 120, #table_of) end)

  for _, case in ipairs(table_of) do
    it("refuses " .. case[1]:gsub("%c", "?") .. " [8725-01] [9068-03]", function()
      local token = case[2](server)
      expect.success(guard:check(issuer.request(server:token()))) -- one beside it is good
      local detail = expect.failure({ kind = "oauth", status = 401, code = "invalid_token" },
        guard:check(issuer.request(token)))
      assert.truthy(detail.www_authenticate:find('error="invalid_token"', 1, true))
      -- nor a second time, when it has been seen
      expect.failure({ status = 401, code = "invalid_token" }, guard:check(issuer.request(token)))
    end)
  end

  it("asks nobody whom a token names", function() assert.is_nil(server.seen["/evil"]) end)
end)
