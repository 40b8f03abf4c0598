-- OpenID beyond the code: UserInfo, the server's own logout, issuers for all tenants.

local airlock = require "airlock"
local core = require "airlock.core"
local crypto = require("airlock.server").crypto
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

local callback = "http://127.0.0.1/callback"
local pem = crypto.new_rsa(2048)

-- A server of many tenants: `seen.claims` go into its ID tokens, `seen.user` is what UserInfo says.
local function stand(more)
  local seen, url, nonce = { claims = {}, user = { sub = "alice", name = "Alice" } }, nil, nil
  url = stage.server(function(x)
    if x.path == "/jwks" then
      local key = crypto.rsa_public(pem)
      return x:reply { body = core.json.encode { keys = { { kty = "RSA", n = key.n, e = key.e, kid = "k" } } } }
    elseif x.path:find "well%-known" then
      if not x.path:find "openid" then return x:reply { status = 404 } end
      local document = { issuer = url .. "/{tenantid}/v2.0", token_endpoint = url .. "/token",
        authorization_endpoint = url .. "/auth", jwks_uri = url .. "/jwks", userinfo_endpoint = url .. "/me",
        end_session_endpoint = url .. "/bye?a=b" }
      for name, value in pairs(seen.document or {}) do document[name] = value end
      return x:reply { body = core.json.encode(document) }
    elseif x.path == "/me" then
      seen.authorization = x.headers.authorization
      return x:reply { body = core.json.encode(seen.user) }
    end
    local claims = { iss = url .. "/t-1/v2.0", tid = "t-1", sub = "alice", aud = "porter", exp = os.time() + 300,
      iat = os.time(), nonce = nonce }
    for name, value in pairs(seen.claims) do claims[name] = value or nil end
    local text = crypto.base64url '{"alg":"RS256","kid":"k"}' .. "." .. crypto.base64url(core.json.encode(claims))
    seen.id_token = text .. "." .. crypto.base64url(crypto.sign("RS256", pem, text))
    x:reply { body = core.json.encode { access_token = "t", token_type = "Bearer", expires_in = 300,
      refresh_token = "r", id_token = seen.id_token } }
  end)
  local function client()
    local config = { client_id = "porter", client_secret = "s", redirect_uri = callback, scope = "openid" }
    for name, value in pairs(more or {}) do config[name] = value end
    return airlock.discover(url .. "/common/v2.0", config)
  end
  local function login(iss)
    local pending = expect.success(client()):authorization_code()
    nonce = pending.url:match "[?&]nonce=([^&]+)"
    return pending:finish(callback .. "?code=c&state=" .. pending.state .. (iss and "&iss=" .. core.encode(iss) or ""))
  end
  return login, seen, client, url
end

describe("an issuer for all tenants", function()
  after_each(stage.clear)

  it("is found by any of them, and its ID tokens name theirs", function()
    local login, seen, _, url = stand()
    local user = expect.success(login())
    assert.equal("t-1", user:id_token().tid)
    assert.equal(url .. "/{tenantid}/v2.0", user:settings().issuer)
    expect.success(login(url .. "/t-1/v2.0"))
    expect.failure({ kind = "state", code = "issuer_mismatch" }, login(url .. "/a/b/v2.0"))
    expect.failure({ kind = "state", code = "issuer_mismatch" }, login("https://evil.example/t-1/v2.0"))
    for _, claims in ipairs { { iss = url .. "/t-2/v2.0" }, { tid = "t-2" }, { tid = false }, { tid = "t-1/v2.0/.." },
      { iss = url .. "/{tenantid}/v2.0", tid = false }, { iss = "https://evil.example/t-1/v2.0" } } do
      seen.claims = claims
      expect.failure({ kind = "oauth", code = "invalid_id_token" }, login())
    end
  end)

  it("isn't one of another origin, or with more than one gap", function()
    local _, seen, client, url = stand()
    for _, issuer in ipairs { "https://evil.example/{tenantid}/v2.0", url .. "/{tenantid}/{tenantid}", "{tenantid}",
      url .. "/{tenantid}/v1.0", url .. "/{tenant}/v2.0" } do
      seen.document = { issuer = issuer }
      expect.failure({ kind = "oauth", code = "issuer_mismatch" }, client())
      collectgarbage()
    end
  end)
end)

describe("UserInfo", function()
  after_each(stage.clear)

  it("is told where its sub is that of the ID token [OIDC-03]", function()
    local login, seen = stand { base_url = "http://127.0.0.1:1/api" }
    local user = expect.success(login())
    assert.equal("Alice", expect.success(user:userinfo()).name)
    assert.equal("Bearer t", seen.authorization)
    for _, said in ipairs { { sub = "bob" }, { name = "Alice" }, { sub = "" }, { sub = 1 } } do
      seen.user = said
      expect.failure({ kind = "oauth", code = "invalid_userinfo" }, user:userinfo())
    end
  end)

  it("is the only place of another origin that a session's token goes to", function()
    local login, _, _, url = stand { base_url = "http://127.0.0.1:1/api" }
    local user = expect.success(login())
    expect.raise("another origin", user.get, user, url .. "/me/more")
    expect.raise("another origin", user.get, user, url .. "/")
  end)

  it("raises where the client has no such endpoint", function()
    local session = airlock.client { base_url = "http://127.0.0.1:1/" }:permanent_token "t"
    expect.raise("userinfo_endpoint", session.userinfo, session)
    expect.raise("end_session_endpoint", session.logout_url, session)
  end)
end)

describe("session:logout_url", function()
  after_each(stage.clear)

  it("has the ID token as hint, the client, and what the program says", function()
    local login, seen, _, url = stand()
    local user = expect.success(login())
    local made = user:logout_url { post_logout_redirect_uri = "https://app.example/bye?x=1", state = "a b&c" }
    assert.equal(url .. "/bye?a=b&", made:sub(1, #url + 9))
    assert.same({ a = "b", id_token_hint = seen.id_token, client_id = "porter", state = "a b&c",
      post_logout_redirect_uri = "https://app.example/bye?x=1" }, core.form(made:match "%?(.*)"))
    user:logout()
    assert.is_nil(core.form(user:logout_url():match "%?(.*)").id_token_hint)
  end)

  it("raises for what can't stand", function()
    local user = expect.success((stand())())
    expect.raise("post_logout_redirect_uri", user.logout_url, user, { post_logout_redirect_uri = "/bye" })
    expect.raise("post_logout_redirect_uri", user.logout_url, user, { post_logout_redirect_uri = "https://a/#b" })
    expect.raise("unknown option", user.logout_url, user, { redirect = "https://a/" })
  end)
end)
