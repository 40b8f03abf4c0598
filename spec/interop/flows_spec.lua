-- The flows of RFC 6749, 7636, 8628, 7009 and 9207 against oidc-provider, a certified server that we did not write.

local airlock = require "airlock"
local core = require "airlock.core"
local curl = require "spec.support.curl"
local expect = require "spec.support.expect"
local oidc = require "spec.support.oidc"
local stage = require "spec.support.stage"

describe("oidc-provider", function()
  local server, test = oidc.beside(function(why) pending(why) end)

  -- A user's session, by code. Without prompt=consent oidc-provider gives no refresh token.
  local function login(more)
    local client = server:client("web", more)
    local authorization = client:authorization_code { scope = "openid offline_access api:read",
      params = { prompt = "consent" } }
    return expect.success(authorization:finish(server:approve(authorization.url)))
  end

  describe("client credentials", function()
    test("give a token by Basic and by post, which the server knows", function()
      for _, name in ipairs { "basic", "post" } do
        local app = server:client(name, { client_auth = "client_secret_" .. name }):client_credentials {
          scope = "api:read" }
        local about = server:about(expect.success(app:token()))
        assert.same({ true, name, "api:read" }, { about.active, about.client_id, about.scope })
        assert.is_true(math.abs(app:info().expires_at - about.exp) <= 2)
      end
    end)

    test("arrive right with every odd sign in id and secret [6749-09]", function()
      expect.success(server:client("odd :id"):client_credentials():token())
      expect.success(server:client("odd :id", { client_secret = function()
        return server.clients["odd :id"].client_secret end })
        :client_credentials():token())
    end)

    test("are refused with the server's words where the secret is wrong [6749-27]", function()
      local app = server:client("basic", { client_secret = "another" }):client_credentials()
      local detail = expect.failure({ kind = "oauth", code = "invalid_client", outcome = "misconfigured",
        status = 401 }, app:token())
      assert.is_truthy(detail.description)
    end)

    test("are refused where the server wants another way of proof, and no other is tried [6749-08]", function()
      local app = server:client("secret_jwt", { client_auth = "client_secret_basic" }):client_credentials()
      expect.failure({ kind = "oauth", code = "invalid_client" }, app:token())
    end)

    test("are told when less was granted than asked for, which is no failure [6749-20]", function()
      local app = server:client("basic"):client_credentials { scope = "api:read no:such" }
      expect.success(app:token())
      assert.equal("api:read", app:info().scope)
    end)
  end)

  describe("authorization code", function()
    test("ends in a user's session after login and consent [7636-03] [6749-12]", function()
      local user = login()
      assert.equal("alice", user:get("me").sub)
      assert.same({ "user", "openid offline_access api:read", true },
        { user:info().subject, user:info().scope, user:info().renewable })
      assert.equal("web", server:about(user:token()).client_id)
    end)

    test("works for a public client on any loopback port [6749-11]", function()
      local client = server:client "native"
      local authorization = client:authorization_code { scope = "openid", redirect_uri = "http://127.0.0.1:7/callback" }
      assert.equal("alice", expect.success(authorization:finish(server:approve(authorization.url))):get("me").sub)
    end)

    test("works through client:login and its own listener", function()
      local shown
      local user = expect.success(server:client("native", { redirect_uri = false }):login { scope = "openid",
        timeout = 20, open = function(url)
        shown = select(2, server:arrive(url, "bob"))
      end })
      assert.equal("bob", user:get("me").sub)
      assert.is_truthy(shown:find "<html")
    end)

    test("outlives the process that began it", function()
      local authorization = server:client("web"):authorization_code { scope = "openid" }
      local redirect = server:approve(authorization.url)
      local restored = expect.success(server:client("web"):authorization(authorization:save()))
      assert.equal("alice", expect.success(restored:finish(redirect)):get("me").sub)
    end)

    test("checks the iss of the redirect before the code goes anywhere [9207-01] [9207-02]", function()
      local authorization = server:client("web"):authorization_code { scope = "openid" }
      local redirect = server:approve(authorization.url)
      local iss = redirect:match "&iss=[^&]*"
      assert.equal("&iss=" .. core.encode(server.issuer), iss)
      local elsewhere = redirect:gsub("(&iss=[^&]*)", "%1.evil")
      expect.failure({ kind = "state", code = "issuer_mismatch" }, authorization:finish(elsewhere))
      authorization = server:client("web"):authorization_code { scope = "openid" }
      local without = server:approve(authorization.url):gsub("&iss=[^&]*", "")
      expect.failure({ kind = "state", code = "issuer_mismatch" }, authorization:finish(without))
      authorization = server:client("web", { issuer = "https://other.example" }):authorization_code { scope = "openid" }
      expect.failure({ kind = "state", code = "issuer_mismatch" },
        authorization:finish(server:approve(authorization.url)))
    end)

    test("reports what the user or the server said no to [6749-16] [9207-01]", function()
      local authorization = server:client("web"):authorization_code { scope = "openid" }
      expect.failure({ kind = "oauth", code = "access_denied", outcome = "interaction_required",
        description = "End-User aborted interaction" },
        authorization:finish(server:approve(authorization.url, "nobody")))
      authorization = server:client("web"):authorization_code { scope = "openid", params = { prompt = "none" } }
      expect.failure({ kind = "oauth", code = "login_required", outcome = "interaction_required" },
        authorization:finish(server:approve(authorization.url)))
    end)

    test("sends the code once; sent again from elsewhere, it ends what it brought [6749-13]", function()
      local user, saved, redirect
      local authorization = server:client("web"):authorization_code { scope = "openid offline_access",
        params = { prompt = "consent" } }
      saved, redirect = authorization:save(), server:approve(authorization.url)
      user = expect.success(authorization:finish(redirect))
      expect.failure({ kind = "state", code = "state_spent" }, authorization:finish(redirect))
      local file = stage.file(saved)
      local code = ([[
        local core, oidc, airlock = require "airlock.core", require "spec.support.oidc", require "airlock"
        local server = oidc.at(core.json.decode(io.read "*a"))
        local saved = assert(io.open(%q)):read "*a"
        print(select(3, server:client("web"):authorization(saved):finish(%q)).code)]]):format(file, redirect)
      local job = stage.file(core.json.encode { issuer = server.issuer, clients = { web = server.clients.web } })
      assert.equal("invalid_grant\n", stage.shell(("%s %s -e %s <%s 2>&1"):format(
        os.getenv "AIRLOCK_UNDER" or "", os.getenv "AIRLOCK_LUA" or "lua5.4", curl.quote(code), job)))
      expect.failure({ kind = "oauth", error = "invalid_grant", outcome = "revoked" }, user:refresh())
    end)
  end)

  describe("refresh", function()
    test("follows the rotation: each new refresh token replaces the old [6749-22] [9700-08]", function()
      local user = login()
      local before = user:token()
      for _ = 1, 3 do expect.success(user:refresh()) end
      assert.not_equal(before, user:token())
      assert.equal("alice", user:get("me").sub)
    end)

    test("is one, however many calls find the token stale: a second would end the whole family", function()
      local user = login()
      core.advance(601)
      local jobs = {}
      for i = 1, 12 do jobs[i] = function() return user:get "me" end end
      local results = airlock.gather((table.unpack or unpack)(jobs))
      for i = 1, 12 do assert.equal("alice", results[i][1].sub) end
      expect.success(user:refresh())
    end)

    test("is tried once where the API refuses the token; a login that was ended elsewhere is over [6750-05]", function()
      local user = login()
      -- to oidc-provider that is the end of the whole grant
      server:ask("/token/revocation", "web", { token = user:token() })
      expect.failure({ kind = "oauth", error = "invalid_grant", outcome = "revoked" }, user:get "me")
    end)

    test("says that the login is over once the server has seen a refresh token twice [9700-08]", function()
      local tokens = server:tokens()
      local user = server:client("web"):refresh_token(tokens.refresh_token)
      expect.success(user:token())
      local thief = server:client("web"):refresh_token(tokens.refresh_token, { account = "thief" })
      expect.failure({ kind = "oauth", error = "invalid_grant", outcome = "revoked" }, thief:token())
      expect.failure({ kind = "oauth", error = "invalid_grant", outcome = "revoked" }, user:refresh())
      -- and that is remembered: nobody asks again
      expect.failure({ kind = "oauth", outcome = "revoked" }, user:refresh())
    end)

    test("narrows the scope where it is told to, and sends none otherwise [6749-21]", function()
      local tokens = server:tokens "openid offline_access api:read api:write"
      local user = server:client("web", { scope = "openid" }):refresh_token(tokens.refresh_token,
        { scope = "openid api:read" })
      assert.equal("openid api:read", server:about(expect.success(user:token())).scope)
      local whole = server:client("web", { scope = "openid" }):refresh_token(
        server:tokens("openid offline_access api:write").refresh_token)
      assert.equal("openid offline_access api:write", server:about(expect.success(whole:token())).scope)
    end)
  end)

  describe("device code", function()
    -- Waits while our clock runs ahead, one interval a step; oidc-provider doesn't ask how fast it is polled.
    local function wait(device, after)
      local session, message, detail, over
      airlock.gather(function()
        session, message, detail = device:wait()
        over = true
      end, function()
        for i = 1, 200 do
          if over then return end
          if i == 3 then after() end
          core.advance(device.interval)
          server:client("web"):permanent_token("x"):request { url = server.issuer .. "/jwks" } -- lets the other go on
        end
      end)
      return session, message, detail
    end

    test("ends in a session once the code is entered elsewhere [8628-01] [8628-04]", function()
      local device = expect.success(server:client("device"):device_code { scope = "openid offline_access" })
      assert.same({ 5, server.issuer .. "/device" }, { device.interval, device.verification_uri })
      local user = expect.success(wait(device, function() server:enter(device) end))
      assert.same({ "alice", true }, { user:get("me").sub, user:info().renewable })
      expect.success(user:refresh())
    end)

    test("ends where the user says no [8628-04]", function()
      local device = expect.success(server:client("device"):device_code { scope = "openid" })
      expect.failure({ kind = "oauth", code = "access_denied", outcome = "interaction_required" },
        wait(device, function() server:enter(device, "nobody") end))
    end)
  end)

  describe("revocation", function()
    test("ends the login at the server: its tokens are dead there [7009-01] [7009-02]", function()
      local user = login()
      local token = user:token()
      assert.is_true(server:about(token).active)
      expect.success(user:logout())
      assert.is_false(server:about(token).active)
      expect.failure({ kind = "oauth", code = "login_required" }, user:token())
    end)

    test("of a token that the server doesn't know any more is no failure [7009-02]", function()
      local tokens = server:tokens()
      local user = server:client("web"):refresh_token(tokens.refresh_token)
      expect.success(user:token())
      server:ask("/token/revocation", "web", { token = user:token() })
      expect.success(user:logout())
    end)

    test("by a public client names it in the body [6749-11] [7009-01]", function()
      local client = server:client "native"
      local authorization = client:authorization_code { scope = "openid offline_access",
        params = { prompt = "consent" } }
      local user = expect.success(authorization:finish(server:approve(authorization.url)))
      local token = user:token()
      expect.success(user:logout())
      assert.is_false(server:about(token).active)
    end)
  end)

  test("has its signed tokens verified offline by the keys that it publishes", function()
    local r = server:ask("/token", "basic", { grant_type = "client_credentials", scope = "api:read",
      resource = "https://api.example.test" })
    local claims = expect.success(server:client("basic"):verify(r.json.access_token,
      { audience = "https://api.example.test" }))
    assert.same({ server.issuer, "api:read" }, { claims.iss, claims.scope })
    expect.failure({ code = "invalid_token" }, server:client("basic"):verify(r.json.access_token))
  end)
end)
