-- Proofs of the key that a token is bound to (RFC 9449), and certificates (RFC 8705), as an API checks them.

local airlock = require "airlock"
local core = require "airlock.core"
local crypto = require("airlock.server").crypto
local expect = require "spec.support.expect"
local issuer = require "spec.support.issuer"
local keys = require "spec.support.keys"
local stage = require "spec.support.stage"
local url = require "airlock.guard.url"

local null = core.json.null
local here = issuer.audience .. "/things"

local function jkt(kind) return crypto.thumbprint(crypto.public_jwk(keys.pem(kind))) end

local function changed(base, more)
  for name, value in pairs(more or {}) do
    if value == null then base[name] = nil else base[name] = value end
  end
  return base
end

-- A good proof for a token, with changes in claims and header.
local function prove(token, claims, header, by)
  by = by or "P-256"
  local head = changed({ typ = "dpop+jwt", alg = "ES256", jwk = core.json.decode(crypto.public_jwk(keys.pem(by))) },
    header)
  local said = changed({ jti = crypto.base64url(crypto.random(12)), htm = "GET", htu = here, iat = os.time(),
    ath = core.hash(token) }, claims)
  return issuer.jwt(head, said, by)
end

local function asked(token, proof, more)
  return changed({ method = "GET", url = here .. "?page=2",
    headers = { Authorization = "DPoP " .. token, DPoP = proof } }, more)
end

describe("a guard and a bound token", function()
  after_each(stage.clear)

  local function stand(more)
    local server = issuer.start()
    return airlock.guard(server:config(more)), server:token { cnf = { jkt = jkt "P-256" } }, server
  end

  it("takes it with a proof of its key, each proof once [9449-20] [9449-21] [9449-22]", function()
    local guard, token = stand()
    local proof = prove(token)
    assert.equal("alice", expect.success(guard:check(asked(token, proof))).sub)
    local detail = expect.failure({ code = "invalid_dpop_proof", status = 401 }, guard:check(asked(token, proof)))
    assert.truthy(detail.www_authenticate:find('^DPoP error="invalid_dpop_proof"'), detail.www_authenticate)
    assert.truthy(detail.www_authenticate:find('algs="ES256 ', 1, true))
    for _ = 1, 3 do expect.success(guard:check(asked(token, prove(token)))) end
  end)

  it("takes proofs by keys of each kind", function()
    local guard, _, server = stand { dpop = true }
    for alg, kind in pairs { RS256 = "rsa-2048", PS512 = "rsa-2048", EdDSA = "Ed25519", ES384 = "P-384" } do
      local token = server:token { cnf = { jkt = jkt(kind) } }
      expect.success(guard:check(asked(token, prove(token, nil, { alg = alg }, kind))))
    end
  end)

  it("never takes it as a bearer token, nor another one with a proof [9449-23]", function()
    local guard, token, server = stand()
    local detail = expect.failure({ code = "invalid_token", status = 401 }, guard:check(issuer.request(token)))
    assert.truthy(detail.www_authenticate:find('^DPoP error="invalid_token"'), detail.www_authenticate)
    local plain = server:token()
    expect.failure({ code = "invalid_token" }, guard:check(asked(plain, prove(plain))))
    expect.success(guard:check(issuer.request(plain)))
    local strict = airlock.guard(server:config { dpop = true })
    detail = expect.failure({ code = "invalid_token" }, strict:check(issuer.request(plain)))
    assert.truthy(detail.www_authenticate:find "^DPoP ")
    detail = expect.failure({ code = "no_token" }, strict:check(issuer.request()))
    assert.truthy(detail.www_authenticate:find "^DPoP algs=")
    local both = airlock.guard(server:config { dpop = { required = false } })
    detail = expect.failure({ code = "no_token" }, both:check(issuer.request()))
    assert.truthy(detail.www_authenticate:find "^Bearer, DPoP algs=")
    local off = airlock.guard(server:config { dpop = false })
    expect.failure({ code = "invalid_token" }, off:check(asked(token, prove(token))))
  end)

  local far = 61
  local wrong = {
    ["typ JWT"] = { nil, { typ = "JWT" } }, ["no typ"] = { nil, { typ = null } },
    ["typ of an access token"] = { nil, { typ = "at+jwt" } },
    ["no key"] = { nil, { jwk = null } }, ["a key that is text"] = { nil, { jwk = "x" } },
    ["a key for encryption"] = { nil, { jwk = keys.public("P-256", { use = "enc" }) } },
    ["a key that may not verify"] = { nil, { jwk = keys.public("P-256", { key_ops = { "sign" } }) } },
    ["a private half"] = { nil, { jwk = keys.public("P-256", { d = "AA" }) } },
    ["a secret"] = { nil, { jwk = keys.public("P-256", { k = "AA" }) } },
    ["another key's signature"] = { nil, { jwk = keys.public "P-256", alg = "ES384" }, "P-384" },
    ["critical headers"] = { nil, { crit = { "x" } } }, ["b64"] = { nil, { b64 = false } },
    ["no jti"] = { { jti = null } }, ["an empty jti"] = { { jti = "" } }, ["a jti that is a number"] = { { jti = 1 } },
    ["a huge jti"] = { { jti = ("x"):rep(513) } },
    ["another method"] = { { htm = "POST" } }, ["the method in small"] = { { htm = "get" } },
    ["no method"] = { { htm = null } }, ["another path"] = { { htu = here .. "/x" } },
    ["another host"] = { { htu = "https://other.test/things" } },
    ["plain http"] = { { htu = "http://api.example.test/things" } },
    ["another port"] = { { htu = "https://api.example.test:444/things" } }, ["no URL"] = { { htu = null } },
    ["a path alone"] = { { htu = "/things" } }, ["a user"] = { { htu = "https://api.example.test@other.test/things" } },
    ["a URL in a list"] = { { htu = { here } } }, ["an encoded slash"] = { { htu = issuer.audience .. "%2Fthings" } },
    ["an old iat"] = { { iat = os.time() - far } }, ["a late iat"] = { { iat = os.time() + 3600 } },
    ["no iat"] = { { iat = null } }, ["an iat of text"] = { { iat = tostring(os.time()) } },
    ["an exp that is over"] = { { exp = os.time() - 3600 } }, ["an nbf to come"] = { { nbf = os.time() + 3600 } },
    ["no ath"] = { { ath = null } }, ["the ath of another token"] = { { ath = core.hash "x" } },
    ["an ath in hexadecimal"] = { { ath = core.digest "x" } },
  }
  for name, case in pairs(wrong) do
    it("refuses a proof with " .. name .. " [9449-20]", function()
      local guard, token = stand()
      expect.failure({ code = "invalid_dpop_proof", status = 401 },
        guard:check(asked(token, prove(token, case[1], case[2], case[3]))))
    end)
  end

  it("refuses what is no proof, or several", function()
    local guard, token = stand()
    local good = prove(token)
    for _, bad in ipairs { "", "x", "a.b.c", good .. "x", good .. ".", good .. ", " .. good, ("x"):rep(9000),
      good:gsub("%.[^.]*$", "."), { good, prove(token) } } do
      expect.failure({ code = "invalid_dpop_proof", status = 401 }, guard:check(asked(token, bad)))
    end
    local detail = expect.failure({ code = "invalid_dpop_proof" }, guard:check(asked(token)))
    assert.truthy(detail.description:find("there is none", 1, true))
  end)

  it("says so where the proof is another key's than the token's [9449-24]", function()
    local guard, token = stand()
    local detail = expect.failure({ code = "invalid_token", status = 401 },
      guard:check(asked(token, prove(token, nil, { alg = "ES384" }, "P-384"))))
    assert.truthy(detail.www_authenticate:find('^DPoP error="invalid_token"'))
  end)

  it("asks for a nonce where it was told to, and takes none but its own [9449-25]", function()
    local guard, token, server = stand { dpop = { nonce = "a secret of all workers" } }
    local detail = expect.failure({ code = "use_dpop_nonce", status = 401 }, guard:check(asked(token, prove(token))))
    assert.truthy(detail.www_authenticate:find('error="use_dpop_nonce"', 1, true))
    local nonce = detail.headers["DPoP-Nonce"]
    assert.equal(43, #nonce)
    expect.success(guard:check(asked(token, prove(token, { nonce = nonce }))))
    expect.failure({ code = "use_dpop_nonce" }, guard:check(asked(token, prove(token, { nonce = nonce .. "x" }))))
    -- another worker with the same secret knows it; one with a secret of its own doesn't
    local twin = airlock.guard(server:config { dpop = { nonce = "a secret of all workers" } })
    expect.success(twin:check(asked(token, prove(token, { nonce = nonce }))))
    local other = airlock.guard(server:config { dpop = { nonce = true } })
    expect.failure({ code = "use_dpop_nonce" }, other:check(asked(token, prove(token, { nonce = nonce }))))
  end)

  it("remembers proofs where the program does, and refuses what can't be remembered", function()
    local seen, full = {}, false
    local guard, token = stand { dpop = { seen = function(id, seconds)
      if full then return nil end
      assert.truthy(#id == 43 and seconds > 100)
      local new = not seen[id]
      seen[id] = true
      return new
    end } }
    local proof = prove(token)
    expect.success(guard:check(asked(token, proof)))
    expect.failure({ code = "invalid_dpop_proof" }, guard:check(asked(token, proof)))
    full = true
    local detail = expect.failure({ code = "too_many_proofs", status = 503 }, guard:check(asked(token, prove(token))))
    assert.truthy(detail.headers["Retry-After"])
  end)

  it("checks the proof of a token that it has seen, too", function()
    local guard, token = stand()
    expect.success(guard:check(asked(token, prove(token))))
    expect.failure({ code = "invalid_dpop_proof" }, guard:check(asked(token, prove(token, { htm = "POST" }))))
  end)

  it("completes a path by the resource's origin", function()
    local guard, token = stand { resource = issuer.audience .. "/v1" }
    expect.success(guard:check(asked(token, prove(token), { url = "/things?x" })))
  end)
end)

describe("a guard and a certificate", function()
  after_each(stage.clear)

  it("takes a token with the certificate that it is bound to alone [8705-20]", function()
    local folder = stage.folder()
    stage.shell(("cd '%s' && for n in a b; do openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
      .. "-keyout $n.key -out $n.pem -subj /CN=$n 2>/dev/null; openssl x509 -in $n.pem -outform DER -out $n.der; done")
      :format(folder))
    local function read(name) return assert(stage.read(folder .. "/" .. name)) end
    local server = issuer.start()
    local token = server:token { cnf = { ["x5t#S256"] = core.hash(read "a.der") } }
    local guard = airlock.guard(server:config())
    for _, name in ipairs { "a.pem", "a.der" } do
      expect.success(guard:check(issuer.request(token, { certificate = read(name) })))
    end
    for _, bad in ipairs { false, "", "x", read "b.pem", read "b.der" } do
      expect.failure({ code = "invalid_token", status = 401 },
        guard:check(issuer.request(token, { certificate = bad or nil })))
    end
    local strict = airlock.guard(server:config { certificate_bound = true })
    expect.success(strict:check(issuer.request(token, { certificate = read "a.pem" })))
    expect.failure({ code = "invalid_token" },
      strict:check(issuer.request(server:token(), { certificate = read "a.pem" })))
  end)

  it("takes no token that is bound in a way it doesn't know", function()
    local server = issuer.start()
    local guard = airlock.guard(server:config())
    for _, cnf in ipairs { { kid = "x" }, { jwk = {} }, { jkt = 1 }, { ["x5t#S256"] = false },
      { jkt = jkt "P-256", x = "y" } } do
      expect.failure({ code = "invalid_token" }, guard:check(issuer.request(server:token { cnf = cnf })))
    end
  end)
end)

describe("URLs of proofs", function()
  it("that mean the same are the same [9449-20]", function()
    local same = "https://api.example.test/a~b/c%2F"
    for _, other in ipairs { "HTTPS://API.example.test/a~b/c%2F", "https://api.example.test:443/a%7eb/c%2f?x#y",
      "https://api.example.test/a~b/./x/../c%2F", "https://api.example.test:/a~b/c%2F#?" } do
      assert.equal(same, url.plain(other))
    end
    assert.equal("https://a/", url.plain "https://a")
    assert.equal("http://[::1]:8080/", url.plain "http://[::1]:8080")
    assert.equal("https://a/b/", url.plain "https://a/b/c/..")
    for _, bad in ipairs { "ftp://a/", "https:///x", "https://u@a/", "https://a\\b/", "https://a/ b", "https://:1/",
      "", 1 } do
      assert.is_nil(url.plain(bad))
    end
  end)
end)
