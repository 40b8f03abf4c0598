-- The emulator's part in DPoP (RFC 9449), with proofs that are made by hand: what it takes, and what it doesn't.

local curl = require "spec.support.curl"
local core = require "airlock.core"
local crypto = require("airlock.server").crypto
local emulator = require "airlock.emulator"
local keys = require "spec.support.keys"

describe("emulator DPoP", function()
  local space

  local function start(options)
    space = emulator.start(options)
  end

  after_each(function()
    if space then space:stop() end
    space = nil
  end)

  -- Fields in a fixed order aren't needed: whoever reads them decodes JSON.
  local function sign(header, claims)
    local text = crypto.base64url(core.json.encode(header)) .. "." .. crypto.base64url(core.json.encode(claims))
    return text .. "." .. crypto.base64url(crypto.sign("RS256", keys.pem "rsa-2048", text))
  end

  local drawn = 0

  -- A proof that is good for the token endpoint, but for these changes; false takes a member away.
  local function proof(claims, header)
    drawn = drawn + 1
    local made = { { jti = "proof-" .. drawn, htm = "POST", htu = space.url .. "/oauth/token", iat = os.time() },
      { typ = "dpop+jwt", alg = "RS256", jwk = keys.public "rsa-2048" } }
    for i, changes in ipairs { claims or {}, header or {} } do
      for name, value in pairs(changes) do made[i][name] = value or nil end
    end
    return sign(made[2], made[1])
  end

  local function ask(dpop, ...)
    local words = { space.url .. "/oauth/token", "-u", space.client_id .. ":" .. space.client_secret, "-d",
      "grant_type=client_credentials", ... }
    for _, each in ipairs(type(dpop) == "table" and dpop or { dpop }) do
      words[#words + 1] = "-H"
      words[#words + 1] = "DPoP: " .. each
    end
    local r = curl.run(words)
    r.json = core.json.decode(r.body)
    return r
  end

  local function get(token, scheme, dpop)
    local words = { space.url .. "/api/http/organization", "-H", ("Authorization: %s %s"):format(scheme, token) }
    if dpop then
      words[#words + 1] = "-H"
      words[#words + 1] = "DPoP: " .. dpop
    end
    return curl.run(words)
  end

  local function api_proof(token, claims, header)
    local all = { htm = "GET", htu = space.url .. "/api/http/organization",
      ath = crypto.base64url(crypto.sha256(token)) }
    for name, value in pairs(claims or {}) do all[name] = value end
    return proof(all, header)
  end

  it("binds the token to the key of a proof, and says so", function()
    start()
    local r = ask(proof())
    assert.same({ 200, "DPoP" }, { r.status, r.json.token_type })
    local claims = core.json.decode(core.decode(r.json.access_token:match "%.([^.]+)%."))
    assert.equal(crypto.thumbprint(core.json.encode(keys.public "rsa-2048")), claims.cnf.jkt)
    assert.equal("Bearer", ask(nil).json.token_type)
  end)

  it("refuses a proof that isn't one", function()
    start()
    local private = core.json.decode(core.json.encode(keys.public "rsa-2048"))
    private.d = "AQAB"
    local good = proof()
    for what, dpop in pairs {
      ["no JWT"] = "nonsense", ["two proofs"] = { proof(), proof() }, ["another typ"] = proof(nil, { typ = "JWT" }),
      ["no typ"] = proof(nil, { typ = false }), ["a MAC"] = proof(nil, { alg = "HS256" }),
        ["none"] = proof(nil, { alg = "none" }),
      ["another alg than it was made by"] = proof(nil, { alg = "PS256" }), ["no key"] = proof(nil, { jwk = false }),
      ["another key"] = proof(nil, { jwk = keys.public "P-256" }), ["a private key"] = proof(nil, { jwk = private }),
      ["another method"] = proof { htm = "GET" }, ["another URL"] = proof { htu = space.url .. "/oauth/revoke" },
      ["a URL with a query"] = proof { htu = space.url .. "/oauth/token?x" }, ["no URL"] = proof { htu = false },
      ["an old one"] = proof { iat = os.time() - 120 }, ["one of tomorrow"] = proof { iat = os.time() + 120 },
      ["no time"] = proof { iat = false }, ["no jti"] = proof { jti = false },
        ["the hash of a token"] = proof { ath = "x" },
      ["a changed signature"] = good:sub(1, -10) .. (good:sub(-9, -9) == "A" and "B" or "A") .. good:sub(-8),
    } do
      if type(dpop) == "table" then
        local r = ask(dpop)
        assert.same({ 400, "invalid_dpop_proof" }, { r.status, r.json.error }, what)
      else -- without a way over the wire for each
        local jkt, code = space.proofs:read({ headers = { dpop = dpop }, method = "POST", path = "/oauth/token" },
          "server")
        assert.same({ nil, "invalid_dpop_proof" }, { jkt, code }, what)
      end
    end
    assert.equal(43, #space.proofs:read({ headers = { dpop = proof() }, method = "POST", path = "/oauth/token" },
      "server"))
  end)

  it("takes each proof once", function()
    start()
    local one = proof()
    assert.equal(200, ask(one).status)
    assert.equal("invalid_dpop_proof", ask(one).json.error)
  end)

  it("lets a bound token in with its scheme, its key and a proof for this request alone", function()
    start()
    local token, free = ask(proof()).json.access_token, ask(nil).json.access_token
    assert.equal(200, get(token, "DPoP", api_proof(token)).status)
    assert.equal(200, get(free, "Bearer").status)
    for what, r in pairs {
      ["as Bearer"] = get(token, "Bearer", api_proof(token)),
      ["without a proof"] = get(token, "DPoP"), ["of another token"] = get(token, "DPoP", api_proof "other"),
      ["that isn't bound"] = get(free, "DPoP", api_proof(free)),
    } do
      assert.equal(401, r.status, what)
      assert.truthy(r.headers["www-authenticate"]:find '^DPoP error="', what)
    end
  end)

  it("wants its nonces where it is told to, and gives new ones when asked", function()
    start { dpop_nonce = true }
    local function nonce_of(r) return r.headers["dpop-nonce"] end
    local first = ask(proof())
    assert.same({ 400, "use_dpop_nonce" }, { first.status, first.json.error })
    local nonce = nonce_of(first)
    local r = ask(proof { nonce = nonce })
    assert.same({ 200, nonce }, { r.status, nonce_of(r) })
    local token = r.json.access_token
    local refused = get(token, "DPoP", api_proof(token, { nonce = nonce })) -- the API's is another
    assert.same({ 401, true }, { refused.status, refused.headers["www-authenticate"]:find('error="use_dpop_nonce"', 1,
      true) ~= nil })
    assert.equal(200, get(token, "DPoP", api_proof(token, { nonce = nonce_of(refused) })).status)
    space:change_nonces()
    assert.equal("use_dpop_nonce", ask(proof { nonce = nonce }).json.error)
  end)

  it("gives none without a proof where that is required, of all or of one application", function()
    start { dpop = "required" }
    assert.equal("invalid_dpop_proof", ask(nil).json.error)
    assert.equal(200, ask(proof()).status)
    space:stop()
    start { applications = { { client_id = "a", client_secret = "hush hush", dpop_bound_access_tokens = true } } }
    assert.equal("invalid_dpop_proof", ask(nil).json.error)
    space:stop()
    start { dpop = false }
    assert.equal("Bearer", ask(proof()).json.token_type)
  end)
end)
