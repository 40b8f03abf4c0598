-- ID tokens (OpenID Connect Core 1.0): what is checked before anyone is told who the user is.

local airlock = require "airlock"
local core = require "airlock.core"
local crypto = require("airlock.server").crypto
local emulator = require "airlock.emulator"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

local callback = "http://127.0.0.1/callback"
local pem, other_pem = crypto.new_rsa(2048), nil
local long_secret = "a secret of more than sixty-four bytes, so that it does for HS512 as well."

local function jwk(of, more)
  local public = crypto.rsa_public(of)
  local key = { kty = "RSA", n = public.n, e = public.e }
  for name, value in pairs(more or {}) do key[name] = value end
  return key
end

local function sign(claims, header, with)
  header = header or {}
  header.alg = header.alg or "RS256"
  local text = crypto.base64url(core.json.encode(header)) .. "." .. crypto.base64url(core.json.encode(claims))
  local signature
  if header.alg:find "^HS" then signature = crypto.hmac(header.alg, with, text)
  elseif header.alg == "none" then signature = "x"
  else signature = crypto.sign(header.alg, with or pem, text) end
  return text .. "." .. crypto.base64url(signature)
end

-- A server whose ID token the spec makes: `make(claims)` changes what would be right.
local function stand(make, more)
  local seen = { keys = 0 }
  local url, nonce
  url = stage.server(function(x)
    if x.path == "/jwks" then
      seen.keys = seen.keys + 1
      return x:reply { body = core.json.encode { keys = seen.set or { jwk(pem, { kid = "k" }) } } }
    end
    seen.tokens = (seen.tokens or 0) + 1
    local claims = { iss = url, sub = "alice", aud = "porter", exp = os.time() + 300, iat = os.time(), nonce = nonce,
      at_hash = crypto.base64url(crypto.sha256("token"):sub(1, 16)) }
    local id_token = make(claims, seen.tokens) or sign(claims, { kid = "k" })
    x:reply { body = core.json.encode { access_token = "token", token_type = "Bearer", expires_in = 300,
      refresh_token = "r", id_token = id_token ~= "none" and id_token or nil } }
  end)
  local config = { token_endpoint = url .. "/token", authorization_endpoint = url .. "/auth", jwks_uri = url .. "/jwks",
    issuer = url, client_id = "porter",
    client_secret = long_secret, redirect_uri = callback, timeout = 20, base_url = url }
  for name, value in pairs(more or {}) do config[name] = value ~= "absent" and value or nil end
  local client = airlock.client(config)
  local function login(scope)
    local authorization = client:authorization_code { scope = scope or "openid" }
    nonce = authorization.url:match "[?&]nonce=([^&]+)"
    seen.nonce = nonce
    return authorization:finish(callback .. "?code=c&state=" .. authorization.state)
  end
  return login, seen, client
end

local function refuses(why, make, more)
  local login = stand(make, more)
  local detail = expect.failure({ kind = "oauth", code = "invalid_id_token" }, login())
  assert.truthy(detail.description:find(why, 1, true), detail.description)
end

describe("an ID token", function()
  after_each(stage.clear)

  it("is asked for with a nonce, checked at the login, and its claims are given [OIDC-01]", function()
    local login, seen = stand(function() end)
    local user = expect.success(login())
    assert.is_true(#seen.nonce == 43)
    local claims = expect.success(user:id_token())
    assert.same({ "alice", "porter", seen.nonce }, { claims.sub, claims.aud, claims.nonce })
    claims.sub = "changed"
    assert.equal("alice", user:id_token().sub)
    assert.equal(1, seen.keys)
  end)

  it("isn't asked for without the scope, and then there is none", function()
    local login, seen = stand(function() return "none" end)
    local user = expect.success(login "profile openidx")
    assert.is_nil(seen.nonce)
    expect.failure({ kind = "oauth", code = "no_id_token" }, user:id_token())
  end)

  it("that doesn't come although it was asked for ends the login", function()
    refuses("gave none", function() return "none" end)
  end)

  it("needn't come with a password, a device code or a refresh token", function()
    local space = stage.space { openid = true, habits = { id_tokens = "code" } }
    local client = stage.client(space, { issuer = space.url, redirect_uri = callback,
      device_authorization_endpoint = space.url .. "/oauth/device" })
    local user = expect.success(client:password { username = "alice.first", password = "password-of-alice.first",
      scope = "openid **", access_type = "offline" })
    expect.failure({ code = "no_id_token" }, user:id_token())
    expect.success(user:refresh())
    local device = expect.success(client:device_code { scope = "openid **" })
    space:enter_device_code(device.user_code, { person = "alice.first" })
    core.advance(5)
    space:advance(5)
    expect.success(device:wait())
  end)

  it("is taken from an implicit redirect, with its nonce and at_hash, where the client asks for one", function()
    local space = stage.space { openid = true, applications = { { name = "A", settings = {
      implicitFlowEnabled = true, implicitFlowRedirectURIs = callback } } } }
    local client = stage.client(space, { issuer = space.url, redirect_uri = callback })
    local function login(wanted)
      return client:implicit { scope = "openid **", params = wanted and { response_type = wanted } }
    end
    local plain = login()
    assert.truthy(plain.url:find("response_type=token&", 1, true))
    assert.equal(43, #plain.url:match "[?&]nonce=([^&]+)")
    expect.success(plain:finish(space:approve(plain.url)))
    for _, wanted in ipairs { "id_token token", "token id_token" } do
      local asked = login(wanted)
      assert.truthy(asked.url:find("response_type=id_token%%20token&")
        or asked.url:find "response_type=id_token%+token&")
      local restored = expect.success(client:authorization(asked:save()))
      local redirect = space:approve(asked.url)
      local user = expect.success(restored:finish(redirect))
      assert.equal(asked.url:match "[?&]nonce=([^&]+)", user:id_token().nonce)
    end
    local one, other = login "id_token token", login "id_token token"
    local swapped = space:approve(one.url):gsub("state=[^&]*", "state=" .. other.state)
    expect.failure({ code = "invalid_id_token" }, other:finish(swapped))
    local missing = login "id_token token"
    expect.failure({ code = "invalid_id_token" },
      missing:finish((space:approve(missing.url):gsub("&id_token=[^&]*", ""))))
    expect.raise("response_type", login, "code")
  end)

  it("of another issuer or audience is refused with both values", function()
    local client
    local login, _, made = stand(function(claims) claims.iss = "https://evil.example\n" end)
    client = made
    local _, message = expect.failure({ code = "invalid_id_token" }, login())
    assert.truthy(message:find("https://evil.example?", 1, true), message)
    assert.truthy(message:find(client:settings().issuer, 1, true), message)
    login = stand(function(claims) claims.aud = { "somebody", "else" } end)
    _, message = expect.failure({ code = "invalid_id_token" }, login())
    assert.truthy(message:find("somebody, else", 1, true) and message:find("porter", 1, true), message)
  end)

  local wrong = {
    { "issuer", "another issuer", function(c) c.iss = c.iss .. "/" end },
    { "missing issuer", "another issuer", function(c) c.iss = nil end },
    { "audience", "another audience", function(c) c.aud = "somebody" end },
    { "list of others as audience", "another audience", function(c) c.aud = { "a", "b" } end },
    { "several audiences and no azp", "azp", function(c) c.aud = { "porter", "b" } end },
    { "azp of another client", "azp", function(c) c.azp = "somebody" end },
    { "time that is over", "expired", function(c) c.exp = os.time() - 1 end },
    { "missing exp", "exp or iat", function(c) c.exp = nil end },
    { "missing iat", "exp or iat", function(c) c.iat = nil end },
    { "exp as text", "exp or nbf", function(c) c.exp = "soon" end },
    { "iat in the future", "future", function(c) c.iat = os.time() + 120 end },
    { "wrong nonce", "nonce", function(c) c.nonce = "another" end },
    { "missing nonce", "nonce", function(c) c.nonce = nil end },
    { "at_hash of another token", "at_hash", function(c) c.at_hash = crypto.base64url(
      crypto.sha256("other"):sub(1, 16)) end },
    { "missing subject", "sub", function(c) c.sub = nil end },
    { "subject that is a number", "sub", function(c) c.sub = 1 end },
  }
  for _, case in ipairs(wrong) do
    it("with a wrong or missing part isn't taken: " .. case[1] .. " [OIDC-01]",
      function() refuses(case[2], case[3]) end)
  end

  it("for several is taken where azp names us [OIDC-01]", function()
    local login = stand(function(c) c.aud, c.azp = { "b", "porter" }, "porter" end)
    expect.success(login())
  end)

  it("without at_hash is taken, and one that expired just now within clock_skew [OIDC-01]", function()
    local login = stand(function(c) c.at_hash, c.exp = nil, os.time() - 5 end, { clock_skew = 30 })
    expect.success(login())
  end)

  describe("is signed", function()
    it("by a key of the server, never by 'none', another key or an unknown way [OIDC-01] [8725-01]", function()
      other_pem = other_pem or crypto.new_rsa(2048)
      refuses("algorithm", function(c) return sign(c, { alg = "none", kid = "k" }) end)
      refuses("signature", function(c) return sign(c, { kid = "k" }, other_pem) end)
      refuses("no key", function(c) return sign(c, { kid = "unknown" }) end)
      refuses("critical", function(c) return sign(c, { kid = "k", crit = { "x" } }) end)
      refuses("signed JWT", function() return "a.b" end)
      refuses("can't be read", function() return "e30.W10x.AAAA" end)
      -- the public key's text as a MAC's secret, the old trick
      refuses("algorithm", function(c) return sign(c, { alg = "HS256", kid = "k" }, crypto.rsa_public(pem).pem) end)
    end)

    it("by a key that can be read; else the message says which can't", function()
      local login, seen = stand(function() end)
      seen.set = { { kty = "RSA", kid = "k", x5c = { "MIIB" } } }
      local detail = expect.failure({ code = "invalid_id_token" }, login())
      local said = "the key 'k' of the server's set can't be read"
      assert.truthy(detail.description:find(said, 1, true), detail.description)
      login, seen = stand(function(claims) return sign(claims) end)
      seen.set = { { kty = "RSA", x5c = { "MIIB" } }, jwk(pem) } -- one that can't be read is in nobody's way
      expect.success(login())
    end)

    it("by one of the algorithms that the program allows, where it says so [8725-01]", function()
      refuses("algorithm", function() end, { id_token_signed_response_alg = "PS256" })
      expect.success((stand(function() end, { id_token_signed_response_alg = { "PS256", "RS256" } })()))
      for _, bad in ipairs { "none", "RS128", {}, { 1 }, 1, true } do
        expect.raise("'id_token_signed_response_alg'", airlock.client,
          { client_id = "i", id_token_signed_response_alg = bad })
      end
    end)

    it("by the client's secret only where the program chose that [OIDC-01]", function()
      local function mac(c) return sign(c, { alg = "HS256" }, long_secret) end
      refuses("algorithm", mac)
      expect.success((stand(mac, { id_token_signed_response_alg = "HS256" })()))
      expect.success((stand(mac, { id_token_signed_response_alg = "HS256",
        client_secret = function() return long_secret end })()))
      refuses("signature", function(c) return sign(c, { alg = "HS256" }, "another secret") end,
        { id_token_signed_response_alg = "HS256" })
      refuses("signature", function(c) return sign(c, { alg = "HS256" }, "short") end,
        { id_token_signed_response_alg = "HS256", client_secret = "short" })
    end)

    it("by a key made since: the set is fetched once more, and not again and again", function()
      other_pem = other_pem or crypto.new_rsa(2048)
      local login, seen, client = stand(function(c, n) return n > 1 and sign(c, { kid = "new" }, other_pem) or nil end)
      expect.success(login())
      seen.set = { jwk(other_pem, { kid = "new" }) }
      expect.failure({ code = "invalid_id_token" }, login()) -- within ten seconds of the last fetch nobody is asked
      client:settings().keys.at = client:settings().keys.at - 11
      expect.success(login())
      assert.equal(2, seen.keys)
    end)

    it("by a key without a name, also after that was changed", function()
      other_pem = other_pem or crypto.new_rsa(2048)
      local login, seen, client = stand(function(c, n) return sign(c, {}, n > 1 and other_pem or pem) end)
      expect.success(login())
      seen.set = { jwk(other_pem) }
      client:settings().keys.at = client:settings().keys.at - 11
      expect.success(login())
    end)
  end)

  it("that can't be trusted leaves no session and no token behind", function()
    local login, _, client = stand(function(c) c.nonce = "another" end)
    local authorization = client:authorization_code { scope = "openid" }
    expect.failure({ code = "invalid_id_token" }, authorization:finish(callback .. "?code=c&state="
      .. authorization.state))
    expect.failure({ code = "invalid_id_token" }, login())
  end)

  it("that can't be trusted leaves nothing in the store", function()
    local login, _, client = stand(function(c) c.aud = "somebody" end, { store = stage.folder() })
    assert.truthy(login)
    local authorization = client:authorization_code { scope = "openid" }
    expect.failure({ code = "invalid_id_token" },
      authorization:finish(callback .. "?code=c&state=" .. authorization.state, { account = "alice" }))
    expect.failure({ code = "login_required" }, client:session { account = "alice", scope = "openid" })
  end)

  it("after a refresh is checked again, and is still of the same user [OIDC-02]", function()
    local login = stand(function(c, n)
      if n > 1 then c.nonce = nil end
      if n > 2 then c.sub = "mallory" end
    end)
    local user = expect.success(login())
    expect.success(user:refresh())
    assert.equal("alice", expect.success(user:id_token()).sub)
    expect.success(user:refresh())
    expect.failure({ code = "invalid_id_token", outcome = "interaction_required" }, user:id_token())
  end)

  it("survives a saved authorization: the nonce goes along", function()
    local login, seen, client = stand(function() end)
    assert.truthy(login and seen)
    local authorization = client:authorization_code { scope = "openid" }
    local again = expect.success(client:authorization(authorization:save()))
    assert.equal(authorization.nonce, again.nonce)
    assert.equal(43, #again.nonce)
  end)

  it("isn't looked at by a client that doesn't know whose it must be; asking for it then raises", function()
    for _, option in ipairs { "issuer", "jwks_uri" } do
      local login = stand(function() return "x.y.z" end, { [option] = "absent" })
      local user = expect.success(login())
      expect.raise("'" .. option .. "' is missing", user.id_token, user)
    end
  end)

  it("comes from the emulator, too, where that gives them", function()
    local space = emulator.start { openid = true, device = true }
    stage.keep(function() space:stop() end)
    local app = space.applications.service
    local client = airlock.space { url = space.url, client_id = app.client_id, client_secret = app.client_secret,
      redirect_uri = callback, device_authorization_endpoint = space.url .. "/oauth/device" }
    local login = client:authorization_code { scope = "openid **", access_type = "offline" }
    local user = expect.success(login:finish(space:approve(login.url, { person = "chen.third" })))
    assert.equal("chen.third", user:id_token().name)
    expect.success(user:refresh())
    assert.equal("chen.third", expect.success(user:id_token()).name)
    assert.equal("openid **", user:info().scope)
    local by_password = expect.success(client:password { username = "bob.second", password = "password-of-bob.second",
      scope = "openid **", access_type = "offline" })
    assert.equal("bob.second", by_password:id_token().name)
    space.signer:rotate()
    client:settings().keys.at = client:settings().keys.at - 11
    local again = client:authorization_code { scope = "openid **" }
    expect.success(again:finish(space:approve(again.url, { person = "chen.third" })))
  end)
end)
