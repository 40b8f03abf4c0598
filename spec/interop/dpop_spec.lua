-- DPoP (RFC 9449) against oidc-provider, which wants a nonce for each proof: token endpoint, pushed requests, and
-- userinfo as the API.

local core = require "airlock.core"
local crowd = require "spec.support.crowd"
local crypto = require("airlock.server").crypto
local expect = require "spec.support.expect"
local keys = require "spec.support.keys"
local oidc = require "spec.support.oidc"
local stage = require "spec.support.stage"

describe("oidc-provider with DPoP nonces", function()
  local server, test = oidc.beside(function(why) pending(why) end, nil, { nonce = true })
  local callback = "http://127.0.0.1:9/callback"

  local function client(name, more)
    local config = { dpop = true, redirect_uri = callback }
    for option, value in pairs(more or {}) do config[option] = value end
    return server:client(name, config)
  end

  local function log_in(of, account)
    local login = expect.success(of:authorization_code { scope = "openid offline_access",
      params = { prompt = "consent" } })
    return expect.success(login:finish(server:approve(login.url, "alice"), account and { account = account })), login
  end

  test("binds a login's tokens to its key, which userinfo asks for [9449-01] [9449-02] [9449-03] [9449-04]", function()
    local user, login = log_in(client "dpop")
    assert.equal("DPoP", user:info().token_type)
    assert.equal("alice", expect.success(user:get "me").sub)
    local told = server:about(user:token())
    assert.same({ "DPoP", login.url:match "dpop_jkt=([%w_-]+)" }, { told.token_type, told.cnf.jkt })
    -- another program with that token, and without its key
    local thief = server:client("native", { redirect_uri = callback }):permanent_token(user:token())
    assert.equal(401, thief:request { url = "me" }.status)
  end)

  test("refreshes with rotation by the same key [9449-06]", function()
    local user = log_in(client "dpop")
    local before = server:about(user:token()).cnf.jkt
    for _ = 1, 2 do
      expect.success(user:refresh())
      assert.equal(before, server:about(user:token()).cnf.jkt)
      assert.equal("alice", expect.success(user:get "me").sub)
    end
  end)

  test("lets another process refresh, which has the key from the store [9449-06]", function()
    local folder = stage.folder() .. "/tokens"
    local user = log_in(client("dpop", { store = folder }), "alice")
    local there = server.clients.dpop
    local code = ([[
      local client = airlock.client { issuer = %q, token_endpoint = %q, base_url = %q, client_id = %q, dpop = true,
        store = %q }
      local user = assert(client:session { account = "alice", scope = "openid offline_access" })
      assert(user:refresh())
      return assert(user:get "me").sub
    ]]):format(server.issuer, server.issuer .. "/token", server.issuer .. "/", there.client_id, folder)
    assert.equal("alice", crowd.run(1, code)[1])
    assert.equal("alice", expect.success(user:refresh() and user:get "me").sub)
    -- whoever has the refresh token alone can't
    local path = stage.shell("ls -d '" .. folder .. "'/* | grep -E '/[0-9a-f]{64}$'"):match "%S+"
    local stolen = core.json.decode(stage.read(path)).refresh_token
    expect.failure({ code = "login_required", error = "invalid_grant" }, client "dpop":refresh_token(stolen):token())
  end)

  test("takes a pushed request with a proof, and the code is for that key alone [9126-01] [9449-04]", function()
    local pushed = client("dpop", { pushed_authorization_request_endpoint = server.issuer .. "/request" })
    local user, login = log_in(pushed)
    assert.is_nil(login.url:find "dpop_jkt")
    assert.equal("alice", expect.success(user:get "me").sub)
  end)

  test("takes the program's own key, of each kind [9449-01]", function()
    for _, key in ipairs { { private_key = keys.pem "P-256" }, { private_key = keys.pem "Ed25519" },
      { private_key = keys.pem "rsa-2048", alg = "PS256" } } do
      local app = client("basic", { dpop = key }):client_credentials { scope = "api:read" }
      local told = server:about(expect.success(app:token()))
      assert.equal(crypto.thumbprint(crypto.public_jwk(key.private_key)), told.cnf.jkt)
    end
  end)

  test("binds a device's tokens, which are asked for again and again", function()
    local device = expect.success(client("device", { redirect_uri = false }):device_code { scope = "openid" })
    server:enter(device)
    local user = expect.success(device:wait())
    assert.equal("DPoP", user:info().token_type)
    assert.equal("alice", expect.success(user:get "me").sub)
  end)

  test("gives no token for a proof that is missing, to a client that is registered for DPoP", function()
    local login = client("dpop", { dpop = false }):authorization_code { scope = "openid" }
    expect.failure({ kind = "oauth", code = "invalid_grant", status = 400 }, login:finish(server:approve(login.url)))
  end)
end)
