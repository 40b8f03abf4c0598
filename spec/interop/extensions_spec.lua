-- What came after RFC 6749, against oidc-provider: resource indicators, introspection, revocation,
-- registration, pushed authorization requests, ID tokens.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local oidc = require "spec.support.oidc"

describe("oidc-provider", function()
  local server, test = oidc.beside(function(why) pending(why) end)

  local function claims_of(token)
    return core.json.decode(core.decode(token:match "%.([^.]+)%."))
  end

  describe("resource indicators", function()
    test("name the API that a token is for, with client credentials [8707-01]", function()
      local client = server:client "basic"
      local one = client:client_credentials { scope = "api:read", resource = "https://api1.example.test" }
      local two = client:client_credentials { scope = "api:read", resource = "https://api2.example.test" }
      assert.equal("https://api1.example.test", claims_of(expect.success(one:token())).aud)
      assert.equal("https://api2.example.test", claims_of(expect.success(two:token())).aud)
      expect.failure({ kind = "oauth", code = "invalid_target", outcome = "misconfigured" },
        client:client_credentials({ resource = "https://elsewhere.example" }):token())
    end)

    test("go along with a login and each refresh [8707-01]", function()
      local login = server:client "web":authorization_code { scope = "openid offline_access api:read",
        params = { prompt = "consent" }, resource = "https://api.example.test" }
      local user = expect.success(login:finish(server:approve(login.url)))
      assert.equal("https://api.example.test", claims_of(user:token()).aud)
      expect.success(user:refresh())
      assert.equal("https://api.example.test", claims_of(user:token()).aud)
    end)
  end)

  describe("introspection and revocation", function()
    test("tell of a token while it lives, and end it [7662-01] [7662-02] [7009-01] [7009-02]", function()
      local client = server:client "basic"
      local app = client:client_credentials { scope = "api:read" }
      local told = expect.success(app:introspect())
      assert.same({ true, "basic", "api:read" }, { told.active, told.client_id, told.scope })
      local token = app:token()
      expect.success(client:revoke(token, { token_type_hint = "access_token" }))
      assert.same({ active = false }, client:introspect(token))
      expect.success(client:revoke "never known")
    end)
  end)

  describe("registration", function()
    local function register(metadata, config)
      config = config or {}
      config.token_endpoint, config.base_url = server.issuer .. "/token", server.issuer
      return airlock.register(server.issuer .. "/reg", metadata, config)
    end

    test("makes a client that works, and can be read, changed and deleted", function()
      local client = expect.success(register { client_name = "Robot", grant_types = { "client_credentials" },
        redirect_uris = {}, response_types = {} })
      expect.success(client:client_credentials():token())
      local read = expect.success(client:read_registration())
      assert.equal("Robot", read:registration().client_name)
      local changed = expect.success(read:update_registration { client_name = "Other" })
      assert.equal("Other", changed:registration().client_name)
      expect.success(changed:client_credentials():refresh())
      assert.is_true(expect.success(changed:delete_registration()))
      expect.failure({ kind = "oauth", code = "invalid_client" }, changed:client_credentials():refresh())
    end)

    test("of a key makes a client that signs", function()
      local there = server.clients.key_ES256
      local public = { kty = "EC", crv = there.jwk.crv, x = there.jwk.x, y = there.jwk.y, kid = "mine", use = "sig" }
      local client = expect.success(register({ grant_types = { "client_credentials" }, redirect_uris = {},
        response_types = {},
        token_endpoint_auth_method = "private_key_jwt", jwks = { keys = { public } } },
          { private_key = there.pem, kid = "mine" }))
      expect.success(client:client_credentials():token())
    end)

    test("says no with a reason", function()
      local detail = expect.failure({ kind = "oauth", outcome = "misconfigured", status = 400 },
        register { redirect_uris = { "relative" } })
      assert.truthy(detail.code:find "^invalid_")
    end)
  end)

  describe("pushed authorization requests", function()
    local function pushed(name, more)
      more = more or {}
      more.pushed_authorization_request_endpoint = server.issuer .. "/request"
      return server:client(name, more)
    end

    test("are taken from a client that must push, and from one that may [9126-01] [9126-02] [9126-03]", function()
      for _, name in ipairs { "pushed", "web" } do
        local login = expect.success(pushed(name):authorization_code { scope = "openid offline_access api:read",
          params = { prompt = "consent" } })
        assert.truthy(login.url:find("?client_id=" .. name .. "&request_uri=", 1, true))
        local user = expect.success(login:finish(server:approve(login.url)))
        assert.is_true(server:about(user:token()).active)
      end
    end)

    test("are taken from a public client", function()
      local login = expect.success(
        pushed("native", { redirect_uri = "http://127.0.0.1:9/callback" }):authorization_code { scope = "openid" })
      expect.success(login:finish(server:approve(login.url)))
    end)

    test("are refused with a reason", function()
      expect.failure({ kind = "oauth", code = "invalid_client", status = 401 },
        pushed("web", { client_secret = "wrong" }):authorization_code { scope = "openid" })
      expect.failure({ kind = "oauth", status = 400 }, pushed("web",
        { redirect_uri = "http://127.0.0.1:9/other" }):authorization_code { scope = "openid" })
    end)
  end)

  describe("ID tokens", function()
    local function login(more)
      local authorization = server:client("web", more):authorization_code { scope = "openid offline_access",
        params = { prompt = "consent" } }
      return authorization:finish(server:approve(authorization.url, "alice"))
    end

    test("say who logged in, and go on saying it after a refresh [OIDC-01] [OIDC-02]", function()
      local user = expect.success(login())
      local claims = expect.success(user:id_token())
      assert.same({ "alice", "web", server.issuer, 43 }, { claims.sub, claims.aud, claims.iss, #claims.nonce })
      expect.success(user:refresh())
      assert.equal("alice", expect.success(user:id_token()).sub)
      assert.equal("alice", expect.success(user:get "me").sub) -- userinfo
    end)

    test("are refused by whoever expects another algorithm [OIDC-01] [8725-01]", function()
      expect.failure({ kind = "oauth", code = "invalid_id_token" }, login { id_token_signed_response_alg = "PS512" })
    end)
  end)
end)
