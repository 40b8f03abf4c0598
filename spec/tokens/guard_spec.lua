-- airlock.guard: tokens that others show, and what is said to those whose token is no good.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local issuer = require "spec.support.issuer"
local stage = require "spec.support.stage"

local request = issuer.request

describe("a guard", function()
  after_each(stage.clear)

  local function stand(more)
    local server = issuer.start()
    return airlock.guard(server:config(more)), server
  end

  it("gives the claims of a good token of each algorithm, and nothing else [9068-01]", function()
    local guard, server = stand()
    for _, alg in ipairs { "RS256", "PS384", "ES256", "EdDSA" } do
      local results = { guard:check(request(server:token(nil, { alg = alg }))) }
      assert.equal(1, #results, tostring(results[2]))
      assert.same({ "alice", "read write", server.url }, { results[1].sub, results[1].scope, results[1].iss })
    end
    assert.equal(1, server.seen["/jwks"])
  end)

  it("finds the issuer's metadata when the first token comes, once [9068-02]", function()
    local server = issuer.start()
    local guard = airlock.guard { issuer = server.url, audience = issuer.audience }
    assert.is_nil(next(server.seen))
    for _ = 1, 3 do expect.success(guard:check(request(server:token()))) end
    assert.equal(1, server.seen["/.well-known/oauth-authorization-server"])
  end)

  it("challenges without an error where there is no token at all [6750-07] [9728-02]", function()
    local guard = stand { realm = 'the "api"', scope = "read", resource = "https://api.example.test/v1" }
    for _, headers in ipairs { {}, { Authorization = "Basic YTpi" } } do
      local detail = expect.failure({ kind = "oauth", code = "no_token", status = 401 },
        guard:check(request(nil, { headers = headers })))
      assert.equal([[Bearer realm="the 'api'", scope="read", ]]
        .. [[resource_metadata="https://api.example.test/.well-known/oauth-protected-resource/v1"]],
        detail.www_authenticate)
      assert.equal(detail.www_authenticate, detail.headers["WWW-Authenticate"])
    end
  end)

  it("answers a bad token with invalid_token, and a request that is none with 400 [6750-08] [6750-09]", function()
    local guard, server = stand()
    local good = server:token()
    local detail = expect.failure({ code = "invalid_token", status = 401 }, guard:check(request(good .. "x")))
    assert.truthy(detail.www_authenticate:find('^Bearer error="invalid_token", error_description="'))
    local two = { Authorization = "Bearer " .. good, authorization = "Bearer " .. good }
    for _, headers in ipairs { two, { authorization = { "Bearer " .. good, "Bearer x" } },
      { Authorization = "Bearer" }, { Authorization = "Bearer a b" } } do
      detail = expect.failure({ code = "invalid_request", status = 400 },
        guard:check(request(nil, { headers = headers })))
      assert.truthy(detail.www_authenticate:find('error="invalid_request"', 1, true))
    end
    expect.success(guard:check(request(nil, { headers = { AUTHORIZATION = "bEARER  " .. good } })))
  end)

  it("takes a token from a form or a query only where it was told to, and one alone [6750-10]", function()
    local server = issuer.start()
    local token = server:token()
    local form = { method = "POST", url = issuer.audience .. "/", body = "a=1&access_token=" .. token,
      headers = { ["Content-Type"] = "application/x-www-form-urlencoded" } }
    local query = { method = "GET", url = issuer.audience .. "/?access_token=" .. token, headers = {} }
    local shut, open = airlock.guard(server:config()),
      airlock.guard(server:config { token_in = { "header", "form", "query" } })
    for _, asked in ipairs { form, query } do
      expect.failure({ code = "no_token" }, shut:check(asked))
      expect.success(open:check(asked))
    end
    query.headers.Authorization = "Bearer " .. token
    expect.failure({ code = "invalid_request", status = 400 }, open:check(query))
    form.method = "GET"
    expect.failure({ code = "no_token" }, open:check(form))
  end)

  it("asks for scope of each request, and for more where the program does [6750-11]", function()
    local guard, server = stand { scope = "read" }
    local who = expect.success(guard:check(request(server:token())))
    assert.is_true(guard:require(who, "write read"))
    local detail = expect.failure({ code = "insufficient_scope", status = 403 }, guard:require(who, "read admin"))
    assert.truthy(detail.www_authenticate:find('error="insufficient_scope"', 1, true))
    assert.truthy(detail.www_authenticate:find('scope="read admin"', 1, true))
    expect.failure({ code = "insufficient_scope", status = 403 },
      guard:check(request(server:token { scope = "reader" })))
    expect.success(guard:check(request(server:token { scope = core.json.null, scp = { "read" } })))
  end)

  it("says 503 and when to come again while the server is down, and asks it once [6750-12]", function()
    local guard, server = stand()
    server.answers["/jwks"] = function(x) x:reply { status = 503, headers = { ["Retry-After"] = "20" } } end
    for _ = 1, 5 do
      local detail = expect.failure({ kind = "oauth", status = 503, server_status = 503 },
        guard:check(request(server:token())))
      assert.truthy(tonumber(detail.headers["Retry-After"]) <= 20)
      assert.is_nil(detail.www_authenticate)
    end
    assert.is_true(server.seen["/jwks"] <= 3) -- one look, and its repeats
    server.answers["/jwks"] = nil
    core.advance(21)
    expect.success(guard:check(request(server:token())))
  end)

  it("knows a token that it has seen, until that ends; its claims are the program's own", function()
    local guard, server = stand()
    local token = server:token()
    expect.success(guard:check(request(token))).aud = "changed"
    server.keys, guard.client:settings().keys = {}, nil
    local who = expect.success(guard:check(request(token)))
    assert.equal(issuer.audience, who.aud)
    expect.failure({ code = "invalid_token" }, guard:check(request(server:token())))
    core.advance(301)
    expect.failure({ code = "invalid_token" }, guard:check(request(token)))
  end)

  it("remembers so many tokens and no more", function()
    local guard, server = stand { cached = 2 }
    local tokens = {}
    for i = 1, 9 do tokens[i] = server:token() end
    for _, token in ipairs(tokens) do expect.success(guard:check(request(token))) end
    local count = 0
    for _, generation in ipairs { guard.known.young, guard.known.old } do
      for _ in pairs(generation) do count = count + 1 end
    end
    assert.is_true(count <= 4)
  end)

  it("takes what other servers write as typ where it was told so", function()
    local server = issuer.start()
    local bare, named = server:token(nil, { typ = core.json.null }), server:token(nil, { typ = "JWT" })
    local whole = server:token(nil, { typ = "application/AT+JWT" })
    local function taken(types, token)
      return (airlock.guard(server:config { token_types = types }):check(request(token))) ~= nil
    end
    assert.same({ false, false, true }, { taken(nil, bare), taken(nil, named), taken(nil, whole) })
    assert.same({ true, false, false }, { taken({ false }, bare), taken({ false }, named), taken({ false }, whole) })
    assert.same({ false, true }, { taken({ "JWT" }, bare), taken({ "JWT" }, named) })
  end)

  it("takes the list of a server's profile", function()
    local space = stage.space()
    local app = space.applications.service
    local client = airlock.space { url = space.url, client_id = app.client_id, client_secret = app.client_secret }
    local token = expect.success(client:client_credentials { scope = "**" }:token())
    for _, config in ipairs { { client = client }, { provider = "space", url = space.url },
      { issuer = space.url, jwks_uri = space.url .. "/oauth/jwks.json", token_types = { false } } } do
      config.audience = app.client_id
      expect.success(airlock.guard(config):check(request(token)))
    end
    expect.failure({ code = "invalid_token" }, airlock.guard { issuer = space.url, audience = app.client_id,
      jwks_uri = space.url .. "/oauth/jwks.json" }:check(request(token)))
  end)

  it("tells what it is, for clients that know no more than its address [9728-01]", function()
    local guard, server = stand { resource = "https://api.example.test/v1", scope = "read",
      metadata = { resource_name = "The API" } }
    assert.same({ resource = "https://api.example.test/v1", authorization_servers = { server.url },
      bearer_methods_supported = { "header" }, scopes_supported = { "read" }, resource_name = "The API" },
      guard:metadata())
    local bound = stand { resource = "https://api.example.test", dpop = true }:metadata()
    assert.is_true(bound.dpop_bound_access_tokens_required)
    assert.equal("ES256", bound.dpop_signing_alg_values_supported[1])
    local plain = stand()
    expect.raise("'resource'", plain.metadata, plain)
  end)

  it("needs an audience and a server, and names what is wrong", function()
    local server = issuer.start()
    for option, more in pairs { audience = { audience = {} }, issuer = { issuer = "ftp://x" }, realm = { realm = 1 },
      token_types = { token_types = {} }, token_in = { token_in = { "cookie" } }, resource = { resource = "x" },
      ["dpop.nonec"] = { dpop = { nonec = true } }, ["dpop.nonce"] = { dpop = { nonce = "short" } },
      odd = { odd = 1 }, clock_skew = { clock_skew = -1 }, cached = { cached = -1 } } do
      expect.raise(option, airlock.guard, server:config(more))
    end
    expect.raise("'audience'", airlock.guard, { issuer = server.url })
    expect.raise("'issuer'", airlock.guard, { audience = "x" })
    expect.raise("table", airlock.guard, "x")
    local guard = airlock.guard(server:config())
    for option, more in pairs { method = { method = 1 }, url = { url = false }, headers = { headers = "x" } } do
      expect.raise("'" .. option .. "'", guard.check, guard, request("x", more))
    end
    expect.raise("claims", guard.require, guard, nil, "x")
    assert.equal("airlock.guard (https://api.example.test)", tostring(guard))
  end)

  it("calls back", function()
    local guard, server = stand()
    local who
    guard:check(request(server:token()), function(claims) who = claims end)
    assert.equal("alice", who.sub)
  end)
end)

describe("a guard that introspects", function()
  after_each(stage.clear)

  local function stand(more)
    local server = issuer.start()
    server.told = { active = true, sub = "bob", scope = "read", token_type = "Bearer" }
    server.answers["/introspect"] = function(x)
      server.fields = x.body
      x:reply { body = core.json.encode(server.told) }
    end
    local config = { issuer = server.url, introspection_endpoint = server.url .. "/introspect", client_id = "api",
      client_secret = "secret", audience = issuer.audience }
    for name, value in pairs(more or {}) do config[name] = value end
    return airlock.guard(config), server
  end

  it("asks about a token once in a while, and about one that is none, too [7662-06]", function()
    local guard, server = stand()
    for _ = 1, 3 do assert.equal("bob", expect.success(guard:check(request "opaque")).sub) end
    assert.equal(1, server.seen["/introspect"])
    assert.truthy(server.fields:find("token=opaque", 1, true))
    core.advance(61)
    server.told = { active = false }
    for _ = 1, 3 do expect.failure({ code = "invalid_token", status = 401 }, guard:check(request "opaque")) end
    assert.equal(2, server.seen["/introspect"])
    core.advance(11)
    server.told = { active = true, sub = "bob" }
    expect.success(guard:check(request "opaque"))
  end)

  it("takes no token whose answer says that it is another's, over, or no access token", function()
    local guard, server = stand()
    local now = os.time()
    for i, told in ipairs { { aud = "https://other.test" }, { aud = { "a", "b" } }, { iss = "https://other.test" },
      { exp = now - 1 }, { nbf = now + 60 }, { exp = "soon" }, { token_type = "refresh_token" }, { typ = "Refresh" },
      { token_use = "id" }, { active = false }, { cnf = { kid = "x" } }, { cnf = "x" }, { sub = 1 } } do
      if told.active == nil then told.active = true end
      server.told = told
      expect.failure({ code = "invalid_token", status = 401 }, guard:check(request("token-" .. i)))
    end
    for i, told in ipairs { { active = "true" }, { sub = "x" }, {} } do
      server.told = told
      expect.failure({ code = "malformed_reply", status = 503 }, guard:check(request("odd-" .. i)))
      guard.troubles.introspection = nil
    end
  end)

  it("lets no visitor's odd token shut out the others", function()
    local guard, server = stand()
    server.answers["/introspect"] = function(x)
      if x.body:find("token=odd", 1, true) then
        return x:reply { status = 400, body = '{"error":"invalid_request"}' }
      end
      x:reply { body = '{"active":true}' }
    end
    for i = 1, 5 do
      expect.failure({ status = 503, code = "invalid_request" }, guard:check(request("odd-" .. i)))
      expect.success(guard:check(request("good-" .. i)))
    end
    expect.failure({ status = 401, code = "invalid_token" }, guard:check(request(("x"):rep(20000))))
    assert.equal(10, server.seen["/introspect"])
  end)

  it("asks about tokens with dots in them that are no JWTs", function()
    local _, server = stand()
    local guard = airlock.guard(server:config { introspection_endpoint = server.url .. "/introspect", client_id = "api",
      client_secret = "s" })
    assert.equal("bob", expect.success(guard:check(request "v2.local.abc")).sub)
    assert.equal("alice", expect.success(guard:check(request(server:token()))).sub)
    expect.failure({ code = "invalid_token" }, guard:check(request "eyJhbGciOiJub25lIn0.e30."))
    assert.equal(1, server.seen["/introspect"])
  end)

  it("asks about JWTs only where it has no keys, or was told to", function()
    local guard, server = stand()
    local token = server:token()
    assert.equal("bob", expect.success(guard:check(request(token))).sub)
    local both = { jwks_uri = server.url .. "/jwks" }
    local more = { introspection_endpoint = server.url .. "/introspect", client_id = "api", client_secret = "s" }
    for name, value in pairs(more) do both[name] = value end
    assert.equal("alice", expect.success(airlock.guard(server:config(both)):check(request(token))).sub)
    both.introspect = true
    assert.equal("bob", expect.success(airlock.guard(server:config(both)):check(request(token))).sub)
    assert.equal(2, server.seen["/introspect"])
  end)

  it("is a client's, too", function()
    local _, server = stand()
    local client = airlock.client { introspection_endpoint = server.url .. "/introspect", client_id = "api",
      client_secret = "secret" }
    local guard = airlock.guard { client = client, audience = issuer.audience }
    assert.equal("bob", expect.success(guard:check(request "opaque")).sub)
    expect.raise("'client'", airlock.guard, { client = airlock.client { base_url = server.url }, audience = "x" })
    expect.raise("'timeout'", airlock.guard, { client = client, audience = "x", timeout = 1 })
  end)
end)
