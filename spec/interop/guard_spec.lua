-- airlock.guard for tokens of oidc-provider, and of the emulator: JWTs, opaque tokens, DPoP.

local airlock = require "airlock"
local core = require "airlock.core"
local emulator = require "airlock.emulator"
local expect = require "spec.support.expect"
local issuer = require "spec.support.issuer"
local oidc = require "spec.support.oidc"
local stage = require "spec.support.stage"

local api = "https://api.example.test"

describe("a guard of oidc-provider's tokens", function()
  local server, test = oidc.beside(function(why) pending(why) end)

  local function token(name, options)
    return expect.success(server:client(name):client_credentials(options or { scope = "api:read" }):token())
  end

  local function by_introspection(more)
    local there = server.clients.basic
    local config = { issuer = server.issuer, client_id = there.client_id, client_secret = there.client_secret,
      audience = api }
    for name, value in pairs(more or {}) do config[name] = value end
    return airlock.guard(config)
  end

  test("takes a JWT for its API, whose issuer tells where its keys are [9068-01] [9068-02]", function()
    local guard = airlock.guard { issuer = server.issuer, audience = api, scope = "api:read" }
    local jwt = token("basic", { scope = "api:read", resource = api })
    local who = expect.success(guard:check(issuer.request(jwt)))
    assert.same({ api, "basic", "api:read", server.issuer }, { who.aud, who.client_id, who.scope, who.iss })
    expect.failure({ code = "insufficient_scope", status = 403 }, guard:require(who, "api:write"))
    for _, wrong in ipairs { token("basic", { scope = "api:read", resource = "https://api2.example.test" }),
      jwt .. "x", token "basic" } do
      expect.failure({ code = "invalid_token", status = 401 }, guard:check(issuer.request(wrong)))
    end
  end)

  test("takes neither the server's ID tokens nor its refresh tokens [8725-02]", function()
    local reply = server:tokens()
    local guard = airlock.guard { issuer = server.issuer, audience = "web" }
    for _, wrong in ipairs { reply.id_token, reply.refresh_token, reply.access_token } do
      expect.failure({ code = "invalid_token", status = 401 }, guard:check(issuer.request(wrong)))
    end
    local client = server:client "web"
    expect.failure({ code = "invalid_token" }, client:verify(reply.id_token))
    local asking = by_introspection()
    expect.failure({ code = "invalid_token", status = 401 }, asking:check(issuer.request(reply.id_token)))
  end)

  test("asks about an opaque token, and about one that was revoked or made up [7662-01] [7662-06]", function()
    local guard, opaque = by_introspection(), token "basic"
    local who = expect.success(guard:check(issuer.request(opaque)))
    assert.same({ "basic", "api:read" }, { who.client_id, who.scope })
    expect.success(server:client "basic":revoke(opaque))
    expect.success(guard:check(issuer.request(opaque))) -- it is kept for a minute
    core.advance(61)
    expect.failure({ code = "invalid_token", status = 401 }, guard:check(issuer.request(opaque)))
    expect.failure({ code = "invalid_token", status = 401 }, guard:check(issuer.request "made-up"))
  end)

  test("says 503 where it can't ask", function()
    local detail = expect.failure({ status = 503, code = "invalid_client" },
      by_introspection { client_secret = "another" }:check(issuer.request "made-up"))
    assert.truthy(tonumber(detail.headers["Retry-After"]))
  end)

  test("takes a token that is bound to a key from a client that has it, once a proof [9449-21] [9449-22]", function()
    local guard, seen = nil, {}
    local url
    url = stage.server(function(x)
      local who, message, detail = guard:check { method = x.method, url = url .. x.path, headers = x.headers }
      seen[#seen + 1] = x.headers
      x:reply { status = who and 200 or detail.status, headers = detail and detail.headers,
        body = core.json.encode(who or { error = message }) }
    end)
    guard = airlock.guard { issuer = server.issuer, audience = api, dpop = { nonce = true } }
    local client = server:client("basic", { dpop = true, base_url = url })
    local app = client:client_credentials { scope = "api:read", resource = api }
    local who = expect.success(app:get "things")
    assert.equal("basic", who.client_id)
    assert.equal(2, #seen) -- the first was asked for a nonce
    expect.success(app:get "things")
    -- what was sent is no good to anybody else
    expect.failure({ code = "invalid_dpop_proof" },
      guard:check { method = "GET", url = url .. "/things", headers = seen[#seen] })
    expect.failure({ code = "invalid_token" }, guard:check(issuer.request(app:token())))
  end)
end)

describe("a guard of the emulator's tokens", function()
  after_each(stage.clear)

  it("takes them by their signature, by introspection, and with DPoP", function()
    local space = emulator.start { dpop = true }
    stage.keep(function() space:stop() end)
    local app = space.applications.service
    local config = { url = space.url, client_id = app.client_id, client_secret = app.client_secret }
    local client = airlock.space(config)
    local token = expect.success(client:client_credentials { scope = "**" }:token())
    local signed = airlock.guard { client = client, audience = app.client_id }
    local asked = airlock.guard { audience = app.client_id, introspection_endpoint = space.url .. "/oauth/introspect",
      client_id = app.client_id, client_secret = app.client_secret }
    for _, guard in ipairs { signed, asked } do
      assert.equal("**", expect.success(guard:check(issuer.request(token))).scope)
      expect.failure({ code = "invalid_token" }, guard:check(issuer.request(token .. "x")))
    end
    config.dpop = true
    local bound = expect.success(airlock.space(config):client_credentials { scope = "**" }:token())
    for _, guard in ipairs { signed, asked } do
      local detail = expect.failure({ code = "invalid_token", status = 401 }, guard:check(issuer.request(bound)))
      assert.truthy(detail.www_authenticate:find "^DPoP ")
    end
  end)
end)
