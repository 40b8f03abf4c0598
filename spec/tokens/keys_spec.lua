-- Keys of a server: fetched once for all, kept, and served for a while without it; and what client:verify takes.

local airlock = require "airlock"
local core = require "airlock.core"
local crypto = require("airlock.server").crypto
local expect = require "spec.support.expect"
local issuer = require "spec.support.issuer"
local keys = require "spec.support.keys"
local stage = require "spec.support.stage"

local null = core.json.null

local function stand(more)
  local server = issuer.start()
  local config = { token_endpoint = server.url .. "/token", jwks_uri = server.url .. "/jwks", issuer = server.url,
    client_id = issuer.audience, retries = 0 }
  for name, value in pairs(more or {}) do config[name] = value ~= null and value or nil end
  return airlock.client(config), server
end

local function down(server, status, headers)
  server.answers["/jwks"] = function(x) x:reply { status = status or 500, headers = headers } end
end

-- Verifies so many tokens at the same time.
local function crowd(client, n, make)
  local results, jobs = {}, {}
  for i = 1, n do
    jobs[i] = function() results[i] = { client:verify(make(i)) } end
  end
  airlock.gather((table.unpack or unpack)(jobs)) -- luacheck: ignore 143
  return results
end

describe("the keys of a server", function()
  after_each(stage.clear)

  it("are fetched once for fifty tokens that come at the same time [7517-10]", function()
    local client, server = stand()
    for _, result in ipairs(crowd(client, 50, function() return server:token() end)) do
      assert.equal("alice", expect.success((table.unpack or unpack)(result)).sub) -- luacheck: ignore 143
    end
    assert.equal(1, server.seen["/jwks"])
  end)

  it("are fetched once more, not fifty times, for fifty unknown names, and not again for ten seconds", function()
    local client, server = stand()
    expect.success(client:verify(server:token()))
    core.advance(11)
    local function unknown(i) return server:token(nil, { kid = "unknown-" .. i }) end
    for _, result in ipairs(crowd(client, 50, unknown)) do assert.equal("invalid_token", result[3].code) end
    for i = 1, 20 do expect.failure({ code = "invalid_token" }, client:verify(unknown(i))) end
    assert.equal(2, server.seen["/jwks"])
  end)

  it("aren't asked for by each while the server is in trouble", function()
    local client, server = stand()
    down(server)
    for _, result in ipairs(crowd(client, 50, function() return server:token() end)) do
      assert.equal("server_error", result[3].code)
    end
    for _ = 1, 20 do
      local detail = expect.failure({ code = "server_error" }, client:verify(server:token()))
      assert.truthy(detail.retry_after >= 1 and detail.retry_after <= 10)
    end
    assert.equal(1, server.seen["/jwks"])
    server.answers["/jwks"] = nil
    core.advance(11)
    expect.success(client:verify(server:token()))
  end)

  it("aren't asked for before the server's Retry-After is over", function()
    local client, server = stand()
    down(server, 429, { ["Retry-After"] = "100" })
    expect.failure({ code = "server_error" }, client:verify(server:token()))
    core.advance(90)
    expect.failure({ code = "server_error" }, client:verify(server:token()))
    assert.equal(1, server.seen["/jwks"])
  end)

  it("serve a day longer than an hour where the server is down, and no longer", function()
    local client, server = stand()
    expect.success(client:verify(server:token()))
    down(server)
    core.advance(3601)
    for _ = 1, 5 do expect.success(client:verify(server:token())) end
    assert.equal(2, server.seen["/jwks"])
    core.advance(24 * 3600)
    expect.failure({ code = "server_error" }, client:verify(server:token()))
  end)

  it("are asked for anew after an hour, and one that is gone is good for nothing", function()
    local client, server = stand()
    local token = server:token()
    expect.success(client:verify(token))
    server.keys = { server.keys[1] }
    core.advance(3601)
    expect.failure({ code = "invalid_token" }, client:verify(token))
  end)

  it("are waited for by others, also where the one that asked is cancelled", function()
    local client, server = stand()
    local results = {}
    airlock.gather(function()
      results[1] = { client:verify(server:token()) }
    end, function()
      results[2] = { client:verify(server:token()) }
    end)
    assert.equal(1, #results[1])
    assert.equal(1, #results[2])
  end)
end)

describe("client:verify", function()
  after_each(stage.clear)

  it("gives the claims and nothing else", function()
    local client, server = stand()
    assert.equal(1, select("#", client:verify(server:token())))
    assert.equal(1, select("#", client:verify(server:token(nil, { typ = null }))))
  end)

  it("takes no other JWT of the server [8725-02]", function()
    local client, server = stand()
    local now = os.time()
    for name, case in pairs {
      ["an ID token"] = { { nonce = "n" } }, ["one after a refresh"] = { { at_hash = "x" } },
      ["a logout token"] = { { events = { ["http://schemas.openid.net/event/backchannel-logout"] = {} } } },
      ["a logout token by its typ"] = { nil, { typ = "logout+jwt" } },
      ["an authorization response"] = { { code = "c", state = "s", sub = null } },
      ["an introspection response"] = { { token_introspection = { active = true } } },
      ["the same by its typ"] = { nil, { typ = "token-introspection+jwt" } },
      ["an ID token without all that"] = { { scope = null, client_id = null, auth_time = now } },
      ["one that was given to this client"] = { { scope = null, client_id = null, azp = issuer.audience } },
      ["a JWT of any kind"] = { nil, { typ = "JWT" } },
      ["one without exp"] = { { exp = null } }, ["one with an exp of text"] = { { exp = tostring(now + 60) } },
    } do
      local head = case[2] or { typ = null }
      local detail = expect.failure({ kind = "oauth", code = "invalid_token" },
        client:verify(server:token(case[1], head)))
      assert.truthy(detail.description, name)
    end
    local bare = server:token({ scope = null, client_id = null, azp = "app" }, { typ = null })
    expect.success(client:verify(bare)) -- given to another client than its audience: no ID token
    expect.success(client:verify(server:token(nil, { typ = "JWT" }), { token_types = { "JWT" } }))
  end)

  it("wants an audience", function()
    local client, server = stand { client_id = null }
    expect.raise("'audience'", client.verify, client, server:token())
    expect.success(client:verify(server:token(), { audience = issuer.audience }))
    expect.success(client:verify(server:token(), { audience = { "other", issuer.audience } }))
    expect.failure({ code = "invalid_token" }, client:verify(server:token { aud = null }, { audience = "x" }))
    expect.raise("'audience'", client.verify, client, server:token(), { audience = "" })
  end)

  it("takes a key that is in a certificate alone, which agrees with what else is there [7517-12]", function()
    local certified = { RS = keys.certificate "rsa-2048", ES = keys.certificate "P-256",
      Ed = keys.certificate "Ed25519" }
    local algs, ktys = { RS = "RS256", ES = "ES256", Ed = "EdDSA" }, { RS = "RSA", ES = "EC", Ed = "OKP" }
    local function try(family, more, bare)
      local client, server = stand()
      for i, key in ipairs(server.keys) do
        if key.kid == "key-" .. family then
          if bare then server.keys[i] = { kty = key.kty, kid = key.kid } end
          for name, value in pairs(more) do server.keys[i][name] = value end
        end
      end
      return client:verify(server:token(nil, { alg = algs[family] }))
    end
    local function unreadable(...)
      local detail = expect.failure({ code = "invalid_token" }, try(...))
      assert.truthy(detail.description:find("can't be read", 1, true), detail.description)
    end
    local wrong = { RS = "ES", ES = "Ed", Ed = "RS" }
    for family, text in pairs(certified) do
      expect.success(try(family, { x5c = { text } }, true))
      expect.success(try(family, { x5c = { text, certified[wrong[family]] } }, true)) -- who signed it
      expect.success(try(family, { x5c = { text }, use = "sig", alg = algs[family] }, true))
      expect.success(try(family, { x5c = { text } }))
      unreadable(family, { x5c = { certified[wrong[family]] } })
      unreadable(family, { x5c = { certified[wrong[family]], text } }, true)
      unreadable(family, { x5c = { text:sub(1, -9) } }, true)
      unreadable(family, { x5c = {} }, true)
      unreadable(family, { x5c = { 1 } }, true)
      unreadable(family, { x5c = text }, true)
      expect.failure({ code = "invalid_token" }, try(family, { x5c = { text }, use = "enc" }, true))
      expect.failure({ code = "invalid_token" }, try(family, { x5c = { text }, alg = "PS512" }, true))
      expect.failure({ code = "invalid_token" }, try(family, { x5c = { text }, kty = ktys[wrong[family]] }, true))
    end
    unreadable("ES", { x5c = { certified.ES }, crv = "P-384" }, true)
  end)

  it("takes no key that isn't for that [7517-11]", function()
    local client, server = stand()
    local key = keys.public "P-256"
    for _, more in ipairs { { use = "enc" }, { key_ops = { "encrypt" } }, { key_ops = {} }, { key_ops = "verify" },
      { alg = "ES384" }, { kty = "RSA" }, { use = 1 }, { key_ops = { "sign", "deriveKey" } } } do
      server.keys = { keys.public("P-256", more) }
      client:settings().keys = nil
      expect.failure({ code = "invalid_token" }, client:verify(server:token(nil, { kid = null })))
    end
    server.keys, client:settings().keys = { { kty = "oct", k = "AA" }, key }, nil
    expect.success(client:verify(server:token(nil, { kid = null })))
    server.keys, client:settings().keys = { keys.public("P-256", { key_ops = { "verify" }, use = "sig" }) }, nil
    expect.success(client:verify(server:token(nil, { kid = null })))
  end)

  it("takes no RSA key of less than 2048 bits [7518-20]", function()
    local client, server = stand()
    local public = crypto.rsa_public(keys.pem "rsa-1024")
    server.keys = { { kty = "RSA", kid = "key-RS", n = public.n, e = public.e } }
    for _, alg in ipairs { "RS256", "PS256" } do
      local detail = expect.failure({ code = "invalid_token" },
        client:verify(server:token(nil, { alg = alg }, "rsa-1024")))
      assert.truthy(detail.description:find("2048", 1, true), detail.description)
    end
  end)
end)
