-- One token for another: JWT bearer (RFC 7523), token exchange (RFC 8693), and for which resource a token is (RFC
-- 8707).

local airlock = require "airlock"
local core = require "airlock.core"
local crypto = require("airlock.server").crypto
local emulator = require "airlock.emulator"
local expect = require "spec.support.expect"
local keys = require "spec.support.keys"
local stage = require "spec.support.stage"

local callback = "http://127.0.0.1/callback"

local function claims_of(token)
  return core.json.decode(crypto.base64url_decode(token:match "%.([^.]+)%."))
end

local function stand()
  local space = emulator.start { applications = { { client_id = "porter", client_secret = "hush",
    jwks = { keys = { keys.public "P-256" } },
    settings = { codeFlowEnabled = true, codeFlowRedirectURIs = callback } } }, rotate = true }
  stage.keep(function() space:stop() end)
  local function client(more)
    local config = { url = space.url, client_id = "porter", client_secret = "hush", timeout = 20 }
    for name, value in pairs(more or {}) do config[name] = value end
    return airlock.space(config)
  end
  return space, client
end

local function posted(space, n)
  local bodies = {}
  for _, entry in ipairs(space:journal()) do
    if entry.path == "/oauth/token" then bodies[#bodies + 1] = entry.body end
  end
  return bodies[n or #bodies], #bodies
end

describe("JWT bearer", function()
  local space, client
  before_each(function() space, client = stand() end)
  after_each(stage.clear)

  it("signs an assertion with a key: iss, sub, aud, exp, and a new jti each time [7523-01] [7523-02]", function()
    local user = client():jwt_bearer { private_key = keys.pem "P-256", claims = { sub = "alice.first", team = "doors" },
      scope = "**", lifetime = 30 }
    assert.equal("alice.first", expect.success(user:get "team-directory/profiles/me").username)
    expect.success(user:refresh())
    local seen = {}
    for n = 1, 2 do
      local body = posted(space, n)
      assert.truthy(body:find(
        "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&scope=%2A%2A&assertion=", 1, true))
      local claims = claims_of(body:match "assertion=([^&]+)")
      assert.same({ "porter", "alice.first", space.url, "doors", 35 }, -- 5 s of it are past
        { claims.iss, claims.sub, claims.aud, claims.team, claims.exp - claims.iat })
      assert.is_nil(seen[claims.jti])
      seen[claims.jti] = true
    end
    assert.same({ "jwt_bearer", true }, { user:info().grant, user:info().renewable })
    assert.is_nil(user:info().subject)
  end)

  it("takes the client's own key, a JWK, or a file", function()
    expect.success(client { private_key = keys.pem "P-256", client_auth = "client_secret_basic" }
      :jwt_bearer { claims = { sub = "bob.second" } }:token())
    expect.success(client():jwt_bearer { private_key_file = stage.file(keys.pem "P-256") }:token())
    expect.raise("'private_key' is missing", function() client():jwt_bearer {} end)
    expect.raise("'private_key' can't be read", function() client():jwt_bearer { private_key_file = "/no/such/file" }
      end)
    expect.raise("'private_key' is encrypted", function() client():jwt_bearer { private_key = keys.pem "encrypted" }
      end)
    expect.raise("of another kind than option 'alg'", function() client():jwt_bearer { private_key = keys.pem "P-256",
      alg = "RS256" } end)
  end)

  it("asks a function for an assertion each time a token is needed, and passes its failure on", function()
    local asked, jwt = 0, nil
    local user = client():jwt_bearer { assertion = function()
      asked = asked + 1
      if asked == 3 then
        return nil, "the vault is closed for today", { kind = "store", code = "closed", outcome = "transient" }
      end
      return jwt
    end }
    -- an assertion that was signed elsewhere
    client():jwt_bearer({ private_key = keys.pem "P-256", claims = { sub = "alice.first" } }):token()
    jwt = posted(space):match "assertion=([^&]+)"
    expect.success(user:token())
    assert.equal(1, asked)
    expect.success(user:refresh())
    expect.failure({ kind = "store", code = "closed" }, user:refresh())
    expect.success(user:get "organization") -- the old token still serves
    assert.equal(3, asked)
    expect.raise("'assertion' is a function that must give a string", function()
      client():jwt_bearer({ assertion = function() return 1 end }):token()
    end)
  end)

  it("works with an assertion that was handed in, until that is refused; then nobody is asked again", function()
    client():jwt_bearer({ private_key = keys.pem "P-256", claims = { sub = "alice.first" } }):token()
    local jwt = posted(space):match "assertion=([^&]+)"
    local user = client():jwt_bearer { assertion = jwt }
    expect.success(user:token())
    space:advance(700)
    core.advance(700)
    expect.failure({ kind = "oauth", code = "invalid_grant", outcome = "interaction_required" }, user:token())
    local _, before = posted(space)
    expect.failure({ code = "invalid_grant" }, user:token())
    assert.equal(before, select(2, posted(space)))
  end)

  it("keeps assertions of different people apart", function()
    local function who(name)
      return expect.success(client():jwt_bearer({ private_key = keys.pem "P-256",
        claims = { sub = name } }):get "team-directory/profiles/me").username
    end
    assert.same({ "alice.first", "bob.second", "alice.first" },
      { who "alice.first", who "bob.second", who "alice.first" })
    assert.equal(2, select(2, posted(space)))
  end)

  it("refuses mistakes", function()
    expect.raise("unknown option 'asertion'", function() client():jwt_bearer { asertion = "x" } end)
    expect.raise("'claims' can't have 'exp'", function() client():jwt_bearer { private_key = keys.pem "P-256",
      claims = { exp = 1 } } end)
    expect.raise("'private_key' can't stand beside", function() client():jwt_bearer { assertion = "x",
      private_key = "y" } end)
    expect.raise("'lifetime'", function() client():jwt_bearer { private_key = keys.pem "P-256", lifetime = 3601 } end)
    expect.raise("'assertion' is empty", function() client():jwt_bearer { assertion = "" } end)
  end)
end)

describe("token exchange", function()
  local space, client, subject
  before_each(function()
    space, client = stand()
    subject = space:issue({ person = "alice.first", scope = "**" }).access_token
  end)
  after_each(stage.clear)

  it("gives a token for a token, with its type [8693-01] [8693-02]", function()
    local user = client():token_exchange { subject_token = subject, audience = { "a", "b" },
      resource = "https://api.example", scope = "global:Profile.View" }
    assert.equal("alice.first", expect.success(user:get "team-directory/profiles/me").username)
    local body = posted(space)
    for _, field in ipairs { "audience=a&audience=b&",
      "subject_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token",
      "&resource=https%3A%2F%2Fapi.example", "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange" } do
      assert.truthy(body:find(field, 1, true), field)
    end
    assert.is_nil(body:find("actor", 1, true))
    local info = user:info()
    assert.same({ "token_exchange", "urn:ietf:params:oauth:token-type:access_token", "global:Profile.View" },
      { info.grant, info.issued_token_type, info.scope })
    assert.same({ "https://api.example", "a", "b" }, claims_of(user:token()).aud)
  end)

  it("names an actor, always with its type [8693-01]", function()
    local app = client():client_credentials()
    local user = client():token_exchange { subject_token = subject, actor_token = app }
    assert.equal(space.applications[1].id, claims_of(expect.success(user:token())).act.sub)
    assert.truthy(posted(space):find("actor_token_type=urn%3Aietf%3Aparams%3Aoauth%3Atoken-type%3Aaccess_token", 1,
      true))
  end)

  it("takes a session, whose token is renewed when it must be", function()
    local app = client():client_credentials()
    local other = client():token_exchange { subject_token = app }
    expect.success(other:token())
    app:logout()
    expect.failure({ code = "login_required" }, other:refresh())
  end)

  it("asks a function once, however many calls want the token", function()
    local asked = 0
    local user = client():token_exchange { subject_token = function() asked = asked + 1 return subject end }
    local responses = expect.success(user:all { "organization", "organization", "organization" })
    assert.equal(200, responses[3].status)
    assert.equal(1, select(2, posted(space)))
    assert.is_true(asked >= 1 and asked <= 3)
  end)

  it("doesn't send what isn't an access token to an API, but tells it [8693-03]", function()
    local user = client():token_exchange { subject_token = subject, requested_token_type = "id_token" }
    expect.failure({ kind = "oauth", code = "not_an_access_token", outcome = "misconfigured" }, user:get "organization")
    assert.equal("urn:ietf:params:oauth:token-type:id_token", user:info().issued_token_type)
    expect.success(user:token())
    assert.equal(0, space:count "/api/http/organization")
  end)

  it("discards an answer without issued_token_type, and N_A where nothing was exchanged [8693-02] [8693-03]", function()
    space:fault { path = "/oauth/token", token = { issued_token_type = emulator.absent } }
    expect.failure({ kind = "oauth", code = "malformed_reply" },
      client():token_exchange({ subject_token = subject }):token())
    space:fault { path = "/oauth/token", token = { token_type = "N_A" } }
    expect.failure({ kind = "oauth", code = "unsupported_token_type" },
      client():client_credentials({ resource = "https://x.example" }):token())
  end)

  it("refuses mistakes", function()
    local function refuse(why, given) expect.raise(why, function() client():token_exchange(given) end) end
    refuse("'subject_token' is missing", {})
    refuse("'subject_token' is empty", { subject_token = "" })
    refuse("'subject_token' must be a string", { subject_token = client() })
    refuse("'actor_token' is missing", { subject_token = "x", actor_token_type = "jwt" })
    refuse("'subject_token_type' must be a URI", { subject_token = "x", subject_token_type = "token" })
    refuse("'resource' must be", { subject_token = "x", resource = "/relative" })
  end)
end)

describe("a resource", function()
  local space, client
  before_each(function() space, client = stand() end)
  after_each(stage.clear)

  it("is named to the token endpoint, and keeps tokens apart [8707-01]", function()
    local one = client():client_credentials { resource = "https://one.example/api" }
    local two = client():client_credentials { resource = { "https://one.example/api", "https://two.example/" } }
    local none, again = client():client_credentials(), client():client_credentials {
      resource = "https://one.example/api" }
    assert.equal("https://one.example/api", claims_of(expect.success(one:token())).aud)
    assert.same({ "https://one.example/api", "https://two.example/" }, claims_of(expect.success(two:token())).aud)
    assert.equal("porter", claims_of(expect.success(none:token())).aud)
    assert.equal(one:token(), again:token())
    assert.equal(3, select(2, posted(space)))
    assert.truthy(posted(space,
      2):find("resource=https%3A%2F%2Fone.example%2Fapi&resource=https%3A%2F%2Ftwo.example%2F", 1, true))
  end)

  it("goes along from the authorization to the refresh, also through a saved one [8707-01]", function()
    local login = client():authorization_code { scope = "**", redirect_uri = callback, access_type = "offline",
      resource = "https://one.example" }
    assert.truthy(login.url:find("&resource=https%3A%2F%2Fone.example", 1, true))
    local restored = expect.success(client():authorization(login:save()))
    local user = expect.success(restored:finish(space:approve(login.url)))
    assert.equal("https://one.example", claims_of(user:token()).aud)
    expect.success(user:refresh())
    assert.equal("https://one.example", claims_of(user:token()).aud)
    for n = 1, 2 do assert.truthy(posted(space, n):find("resource=https%3A%2F%2Fone.example", 1, true)) end
  end)

  it("goes along with every other grant", function()
    local resource = "https://one.example"
    local tokens = space:issue { person = "alice.first", offline = true }
    expect.success(client():refresh_token(tokens.refresh_token, { resource = resource }):token())
    expect.success(client():password { username = "alice.first", password = "password-of-alice.first", scope = "**",
      resource = resource })
    local device = expect.success(client { device_authorization_endpoint = space.url
      .. "/oauth/device" }:device_code { scope = "**", resource = resource })
    local begun = space:journal()[#space:journal()]
    assert.truthy(begun.body:find("resource=https%3A%2F%2Fone.example", 1, true) and device.user_code)
    for n = 1, 2 do assert.truthy(posted(space, n):find("resource=https%3A%2F%2Fone.example", 1, true)) end
  end)

  it("that the server doesn't have is its failure; one that can't be is a mistake [8707-01]", function()
    space:fault { path = "/oauth/token", status = 400, body = '{"error":"invalid_target"}' }
    expect.failure({ kind = "oauth", code = "invalid_target", outcome = "misconfigured" },
      client():client_credentials({ resource = "https://no.example" }):token())
    for _, bad in ipairs { "no-uri", "https://x.example/#fragment", "https://x example", "", {}, { 1 } } do
      expect.raise("'resource'", function() client():client_credentials { resource = bad } end)
    end
    expect.raise("'resource'", function() client():client_credentials { resource = 1 } end)
  end)
end)
