-- Every way in which a client proves who it is: what goes over the wire, with which key, and what can't work.

local airlock = require "airlock"
local core = require "airlock.core"
local crypto = require("airlock.server").crypto
local emulator = require "airlock.emulator"
local expect = require "spec.support.expect"
local keys = require "spec.support.keys"
local stage = require "spec.support.stage"

local long_secret = "a secret of more than sixty-four bytes, so that it does for HS512 as well."

describe("client authentication", function()
  after_each(stage.clear)

  -- A Space whose one application has these settings, and a client of it.
  local function stand(application, more)
    application.client_id, application.rights = "porter", "**"
    local space = emulator.start { applications = { application } }
    stage.keep(function() space:stop() end)
    local config = { url = space.url, client_id = "porter", timeout = 20 }
    for name, value in pairs(more) do config[name] = value end
    return space, config
  end

  local function forms(space)
    local out = {}
    for _, entry in ipairs(space:journal()) do
      if entry.path == "/oauth/token" then out[#out + 1] = entry end
    end
    return out
  end

  local function claims_of(entry)
    local jwt = entry.body:match "client_assertion=([^&]+)"
    local head, body = jwt:match "^([^.]+)%.([^.]+)%."
    return core.json.decode(crypto.base64url_decode(body)), core.json.decode(crypto.base64url_decode(head))
  end

  local algs = { RS256 = "rsa-2048", PS256 = "rsa-2048", RS512 = "rsa-2048", ES256 = "P-256", ES384 = "P-384",
    ES512 = "P-521", EdDSA = "Ed25519" }
  for alg, kind in pairs(algs) do
    it("private_key_jwt signs by " .. alg .. " [7523-01] [7523-02] [9700-09]", function()
      local space, config = stand({ jwks = { keys = { keys.public(kind, { kid = "k1" }) } },
        token_endpoint_auth_method = "private_key_jwt" },
        { private_key = keys.pem(kind), token_endpoint_auth_signing_alg = alg, kid = "k1" })
      expect.success(airlock.space(config):client_credentials():token())
      local claims, header = claims_of(forms(space)[1])
      assert.same({ alg = alg, kid = "k1", typ = "JWT" }, header)
      assert.same({ "porter", "porter", space.url }, { claims.iss, claims.sub, claims.aud })
      assert.equal(65, claims.exp - claims.iat) -- its beginning is set back by 5 s
    end)
  end

  for alg, least in pairs { HS256 = 32, HS384 = 48, HS512 = 64 } do
    it("client_secret_jwt makes a MAC by " .. alg .. ", with a secret that is long enough [7523-02]", function()
      local space, config = stand({ client_secret = long_secret, token_endpoint_auth_method = "client_secret_jwt" },
        { client_secret = long_secret, client_auth = "client_secret_jwt", token_endpoint_auth_signing_alg = alg })
      expect.success(airlock.space(config):client_credentials():token())
      assert.equal(alg, select(2, claims_of(forms(space)[1])).alg)
      assert.is_nil(forms(space)[1].body:find("secret=", 1, true))
      config.client_secret = ("x"):rep(least - 1)
      expect.raise("'client_secret' is too short", airlock.space, config)
    end)
  end

  it("is one method and no other: no secret beside an assertion, no Authorization [6749-08] [7523-03]", function()
    local space, config = stand({ jwks = { keys = { keys.public "P-256" } }, client_secret = long_secret },
      { private_key = keys.pem "P-256", client_secret = long_secret, client_auth = "private_key_jwt" })
    expect.success(airlock.space(config):client_credentials():token())
    local sent = forms(space)[1]
    assert.is_nil(sent.headers.authorization)
    assert.is_nil(sent.body:find("client_secret", 1, true))
    assert.truthy(sent.body:find(
      "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&", 1, true))
    config.client_auth = nil
    expect.raise("'client_auth' is missing", airlock.space, config)
  end)

  it("makes a new assertion for each attempt, also for a repeat after 503 [7523-04]", function()
    local space, config = stand({ jwks = { keys = { keys.public "P-256" } } }, { private_key = keys.pem "P-256" })
    space:fault { path = "/oauth/token", status = 503, headers = { ["Retry-After"] = 0 } }
    local app = airlock.space(config):client_credentials()
    expect.success(app:token())
    expect.success(app:refresh())
    local seen, sent = {}, forms(space)
    assert.equal(3, #sent)
    for _, entry in ipairs(sent) do
      local jti = claims_of(entry).jti
      assert.is_true(#jti >= 22 and not seen[jti])
      seen[jti] = true
    end
  end)

  it("proves it to every endpoint, not only the token endpoint [7009-01]", function()
    local space, config = stand({ jwks = { keys = { keys.public "P-256" } }, settings = { codeFlowEnabled = true,
      codeFlowRedirectURIs = "http://127.0.0.1/callback" } }, { private_key = keys.pem "P-256" })
    config.revocation_endpoint = space.url .. "/oauth/revoke"
    config.token_endpoint, config.authorization_endpoint, config.base_url = space.url .. "/oauth/token",
      space.url .. "/oauth/auth", space.url
    config.url, config.issuer = nil, space.url
    local login = airlock.client(config):authorization_code { scope = "**", redirect_uri = "http://127.0.0.1/callback",
      params = { access_type = nil } }
    local user = expect.success(login:finish(space:approve(login.url)))
    expect.success(user:logout())
    assert.equal(1, space:count "/oauth/revoke")
    assert.equal(200, space:journal()[#space:journal()].status)
  end)

  it("names the audience that the server wants: the issuer, the token endpoint, or any URL [7523-04]", function()
    local space, config = stand({ jwks = { keys = { keys.public "P-256" } } }, { private_key = keys.pem "P-256" })
    local function audience(more)
      for name, value in pairs(more) do config[name] = value end
      space:forget_journal()
      airlock.space(config):client_credentials():refresh()
      return claims_of(forms(space)[1]).aud
    end
    assert.equal(space.url, audience {})
    assert.equal(space.url .. "/oauth/token", audience { client_assertion_audience = "token_endpoint" })
    assert.equal(space.url, audience { client_assertion_audience = "issuer" })
    assert.equal("https://other.example/x", audience { client_assertion_audience = "https://other.example/x" })
    expect.raise("'client_assertion_audience' must be", airlock.space,
      { url = space.url, client_id = "i", private_key = keys.pem "P-256", client_assertion_audience = "isuer" })
  end)

  describe("takes its key", function()
    local kind, jwks = "P-256", nil
    before_each(function() jwks = { keys = { keys.public(kind) } } end)

    local function works(config)
      local space, made = stand({ jwks = jwks }, config)
      expect.success(airlock.space(made):client_credentials():token())
      return select(2, claims_of(forms(space)[1]))
    end

    local function private_jwk()
      local text = stage.shell("printf '%s' '" .. keys.pem(kind) .. "' | openssl pkey -text -noout 2>/dev/null")
      local hex = text:match("priv:%s*([%x:%s]-)pub:"):gsub("[:%s]", "")
      local d = hex:sub(-64):gsub("%x%x", function(two) return string.char(tonumber(two, 16)) end)
      local jwk = keys.public(kind, { kid = "from the jwk" })
      jwk.d = crypto.base64url(d)
      return jwk
    end

    it("from PEM", function() assert.is_nil(works({ private_key = keys.pem(kind) }).kid) end)
    it("from a JWK as text, with its kid", function() assert.equal("from the jwk",
      works({ private_key = core.json.encode(private_jwk()) }).kid) end)
    it("from a JWK as a table, which is left as it was", function()
      local jwk = private_jwk()
      assert.equal("from the jwk", works({ private_key = jwk }).kid)
      assert.equal("table", type(jwk))
      assert.equal("mine", works({ private_key = jwk, kid = "mine" }).kid)
    end)
    it("from a file", function() works { private_key_file = stage.file(keys.pem(kind)) } end)
    it("from a function, asked each time it is needed and told nowhere", function()
      local asked = 0
      local space, config = stand({ jwks = jwks }, { private_key = function()
        asked = asked + 1
        return asked == 1 and keys.pem(kind) or private_jwk()
      end })
      local app = airlock.space(config):client_credentials()
      expect.success(app:token())
      expect.success(app:refresh())
      assert.same({ 2, 2 }, { asked, #forms(space) })
    end)
  end)

  it("says of a key that can't be used what is wrong with it", function()
    local usual = { token_endpoint = "https://door.example/token", client_id = "i" }
    local function refuse(why, more)
      local config = {}
      for name, value in pairs(usual) do config[name] = value end
      for name, value in pairs(more) do config[name] = value end
      return expect.raise(why, airlock.client, config)
    end
    refuse("'private_key' is neither PEM", { private_key = "no key" })
    refuse("'private_key' is encrypted", { private_key = keys.pem "encrypted" })
    refuse("'private_key' is an RSA key of less than 2048 bits", { private_key = keys.pem "rsa-1024" })
    refuse("'private_key' is of a kind that can't be used", { private_key = keys.pem "X25519" })
    refuse("'private_key' is a public JWK", { private_key = keys.public "P-256" })
    refuse("'private_key' must be a string", { private_key = 1 })
    refuse("'private_key' is empty", { private_key = "" })
    refuse("'private_key_file' can't be read", { private_key_file = "/no/such/file" })
    refuse("'private_key_file' can't stand beside", { private_key_file = "/x", private_key = keys.pem "P-256" })
    refuse("'token_endpoint_auth_signing_alg' isn't one",
      { private_key = keys.pem "P-256", token_endpoint_auth_signing_alg = "RS256" })
    refuse("'token_endpoint_auth_signing_alg' isn't one",
      { private_key = keys.pem "P-256", token_endpoint_auth_signing_alg = "none" })
    refuse("'token_endpoint_auth_signing_alg' has no meaning",
      { client_secret = "s", token_endpoint_auth_signing_alg = "HS256" })
    refuse("'private_key' is missing", { client_auth = "private_key_jwt" })
    refuse("'cert_file' is missing", { client_auth = "tls_client_auth" })
    refuse("'cert_file' is missing", { key_file = "/x" })
    refuse("'issuer' is missing", { private_key = keys.pem "P-256", client_assertion_audience = "issuer" })
  end)

  it("fails, and asks nobody, where a function gives a key that can't be used", function()
    local space, config = stand({ jwks = { keys = { keys.public "P-256" } } },
      { private_key = function() return keys.pem "encrypted" end })
    local _, message = expect.failure({ kind = "oauth", code = "unusable_key", outcome = "misconfigured" },
      airlock.space(config):client_credentials():token())
    assert.truthy(message:find("encrypted", 1, true))
    assert.equal(0, #forms(space))
    expect.raise("private_key: the function must give a string", function()
      config.private_key = function() return 1 end
      airlock.space(config):client_credentials():token()
    end)
  end)

  it("is refused by the server with another key, and that is said", function()
    local _, config = stand({ jwks = { keys = { keys.public "P-256" } } }, { private_key = keys.pem "Ed25519" })
    expect.failure({ kind = "oauth", code = "invalid_client", outcome = "misconfigured" },
      airlock.space(config):client_credentials():token())
  end)

  it("shows no key anywhere, and restores an authorization that another worker with that key saved", function()
    local pem = keys.pem "P-256"
    local space, config = stand({ jwks = { keys = { keys.public "P-256" } }, settings = { codeFlowEnabled = true,
      codeFlowRedirectURIs = "http://127.0.0.1/callback" } }, { private_key = pem })
    local first, second = airlock.space(config), airlock.space(config)
    assert.is_nil(tostring(first):find("PRIVATE", 1, true))
    for _, value in pairs(first:settings()) do assert.is_nil(tostring(value):find("PRIVATE", 1, true)) end
    local login = first:authorization_code { scope = "**", redirect_uri = "http://127.0.0.1/callback" }
    local again = expect.success(second:authorization(login:save()))
    expect.success(again:finish(space:approve(login.url)))
    config.private_key = keys.pem "P-384"
    expect.failure({ kind = "state", code = "altered" }, airlock.space(config):authorization(login:save()))
  end)
end)
