-- Tokens that are bound to a key (RFC 9449): proofs, nonces, and downgrades.

local airlock = require "airlock"
local core = require "airlock.core"
local crypto = require("airlock.server").crypto
local emulator = require "airlock.emulator"
local expect = require "spec.support.expect"
local keys = require "spec.support.keys"
local stage = require "spec.support.stage"

local callback = "http://127.0.0.1/callback"

local function part(text) return core.json.decode(core.decode(text)) end

-- A proof taken apart: its header, its claims, and whether its key has signed it.
local function read(proof)
  local head, body, signature = proof:match "^([%w_-]+)%.([%w_-]+)%.([%w_-]+)$"
  local header = part(head)
  return header, part(body), core.signed(header.alg, core.json.encode(header.jwk), head .. "." .. body, signature)
end

describe("DPoP", function()
  after_each(stage.clear)

  -- An authorization server and API made by hand that notes the proofs it gets; `answer(x, n)` may say something else.
  local function server(answer, more)
    local seen = {}
    local url = stage.server(function(x)
      local n = #seen + 1
      seen[n] = { path = x.path, proof = x.headers.dpop, authorization = x.headers.authorization, body = x.body }
      if answer and answer(x, n) then return end
      if x.path ~= "/token" then return x:reply { body = '{"ok":true}' } end
      return stage.grant { access_token = "bound-token", token_type = "DPoP", expires_in = 600 } (x)
    end)
    local config = { token_endpoint = url .. "/token", base_url = url .. "/api/", client_id = "porter",
      client_secret = "hush", dpop = true }
    for name, value in pairs(more or {}) do config[name] = value end
    local client = airlock.client(config)
    return client:client_credentials(), seen, url, client
  end

  local function claims_of(entry)
    local _, claims = read(entry.proof)
    return claims
  end

  describe("a proof", function()
    it("has typ dpop+jwt, an asymmetric alg, and the public key alone [9449-01]", function()
      local jwk = keys.public "P-256"
      jwk.d = ("A"):rep(42) .. "E" -- 1: not its own, so it isn't taken below
      for _, row in ipairs {
        { true, "ES256", { crv = "P-256", kty = "EC" }, 2 },
        { { private_key = keys.pem "P-256" }, "ES256", { crv = "P-256", kty = "EC" }, 2 },
        { { private_key = keys.pem "P-384" }, "ES384", { crv = "P-384", kty = "EC" }, 2 },
        { { private_key_file = stage.file(keys.pem "rsa-2048") }, "RS256", { kty = "RSA" }, 2 },
        { { private_key = keys.pem "rsa-2048", alg = "PS256" }, "PS256", { kty = "RSA" }, 2 },
        { { private_key = keys.pem "Ed25519" }, "EdDSA", { crv = "Ed25519", kty = "OKP" }, 1 },
        { { private_key = { kty = "OKP", crv = "Ed25519", d = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
          x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", kid = "k" } }, "EdDSA", { crv = "Ed25519", kty = "OKP" },
            1 },
      } do
        local session, seen = server(nil, { dpop = row[1] })
        expect.success(session:get "x")
        for _, entry in ipairs(seen) do
          local header, _, signed = read(entry.proof)
          assert.is_true(signed)
          assert.same({ "dpop+jwt", row[2] }, { header.typ, header.alg })
          local members = 0
          for name, value in pairs(header.jwk) do
            members = members + 1
            assert.truthy(("crv kty x y n e"):find(name, 1, true), name)
            if row[3][name] then assert.equal(row[3][name], value) end
          end
          assert.equal(members, row[4] + (row[3].crv and 2 or 1))
        end
      end
      expect.raise("don't belong together", server, nil, { dpop = { private_key = jwk } })
    end)

    it("says which method and URL it is for, without query and fragment, and when it was made [9449-02]", function()
      local session, seen, url = server()
      expect.success(session:request { url = "a%2fb/c", query = { q = "1" }, method = "PATCH", body = "x" })
      assert.same({ "POST", url .. "/token" }, { claims_of(seen[1]).htm, claims_of(seen[1]).htu })
      local claims = claims_of(seen[2])
      assert.same({ "PATCH", url .. "/api/a%2fb/c" }, { claims.htm, claims.htu })
      assert.is_true(math.abs(claims.iat - os.time()) < 30)
      assert.equal(math.floor(claims.iat), claims.iat)
    end)

    it("is for the very path that goes out, in normal form where there are two [9449-02]", function()
      local session, seen, url = server()
      expect.success(session:request { url = "a%2Fb" })
      assert.equal(url .. seen[2].path, claims_of(seen[2]).htu)
      local root = server(nil, { base_url = url })
      expect.success(root:request { url = url:gsub("http", "HTTP") })
      assert.equal(url .. "/", claims_of(seen[#seen]).htu)
    end)

    it("is another one for each request, repeat and redirect, and stays behind where the token does [9449-02]",
      function()
      local foreign = {}
      local elsewhere = stage.server(function(x)
        foreign[#foreign + 1] = x.headers
        x:reply { body = '{"ok":true}' }
      end)
      local session, seen, url = server(function(x, n)
        if x.path == "/api/busy" and n == 2 then x:reply { status = 503, headers = { ["Retry-After"] = "0" } }
        elseif x.path == "/api/there" then x:reply { status = 302, headers = { Location = "/api/here?x=1" } }
        elseif x.path == "/api/away" then x:reply { status = 302, headers = { Location = elsewhere .. "/api" } }
        else return false end
        return true
      end)
      for _, path in ipairs { "busy", "there", "away" } do expect.success(session:get(path)) end
      local jtis, count = {}, 0
      for _, entry in ipairs(seen) do
        local claims = claims_of(entry)
        assert.is_true(#claims.jti >= 22)
        assert.is_nil(jtis[claims.jti])
        jtis[claims.jti], count = true, count + 1
      end
      assert.equal(6, count)
      assert.equal(url .. "/api/here", claims_of(seen[5]).htu)
      assert.same({ nil, nil }, { foreign[1].dpop, foreign[1].authorization })
      assert.equal(1, #foreign)
    end)

    it("is made anew with the new token after a 401 [9449-02]", function()
      local tokens = 0
      local session, seen = server(function(x)
        if x.path == "/token" then
          tokens = tokens + 1
          stage.grant { access_token = "token-" .. tokens, token_type = "dpop" } (x)
        elseif x.headers.authorization == "DPoP token-1" then
          x:reply { status = 401, headers = { ["WWW-Authenticate"] = 'DPoP error="invalid_token"' } }
        else return false end
        return true
      end)
      expect.success(session:get "x")
      assert.equal(4, #seen)
      assert.not_equal(claims_of(seen[2]).ath, claims_of(seen[4]).ath)
    end)

    it("has the hash of the access token, whose scheme is DPoP [9449-03]", function()
      local session, seen = server()
      expect.success(session:get "x")
      assert.equal("DPoP bound-token", seen[2].authorization)
      assert.equal(crypto.base64url(crypto.sha256 "bound-token"), claims_of(seen[2]).ath)
      assert.is_nil(claims_of(seen[1]).ath)
      assert.equal("bound-token", session:token())
      assert.equal("DPoP", session:info().token_type)
    end)

    it("isn't asked for again with a new token, where the API finds fault with it", function()
      local session, seen = server(function(x)
        if x.path == "/token" then return false end
        x:reply { status = 401, headers = { ["WWW-Authenticate"] = 'DPoP error="invalid_dpop_proof"' } }
        return true
      end)
      assert.equal(401, session:request { url = "x" }.status)
      assert.equal(2, #seen)
    end)

    it("goes out with what a host carries, too [9449-03]", function()
      local session = server()
      expect.success(session:token())
      local call = core.carry(session, "GET", "x")
      local _, _, _, text = call:outgoing()
      assert.truthy(text:find "\r\nAuthorization: DPoP bound%-token\r\nDPoP: [%w_-]+%.[%w_-]+%.[%w_-]+\r\n")
    end)
  end)

  describe("a nonce", function()
    it("is sent again once with the same request, at the token endpoint and at the API [9449-04]", function()
      local space = stage.space { dpop_nonce = true }
      local events = {}
      local app = stage.app(space, { dpop = true, on_event = function(e)
        if not e.id then events[#events + 1] = e.event .. " " .. tostring(e.code) end
      end })
      expect.success(app:get "organization")
      local statuses = {}
      for i, entry in ipairs(space:journal()) do statuses[i] = entry.status end
      assert.same({ 400, 200, 401, 200 }, statuses)
      assert.same({ "token_requested nil", "token_retry use_dpop_nonce", "token_requested nil", "token_received nil",
        "retry use_dpop_nonce" }, events)
    end)

    it("is the newest of each origin, the server's and the API's apart [9449-04]", function()
      local asked = { token = 0, api = 0 }
      local session, seen = server(function(x)
        local whose = x.path == "/token" and "token" or "api"
        asked[whose] = asked[whose] + 1
        local headers = { ["DPoP-Nonce"] = whose .. "-" .. asked[whose], ["Content-Type"] = "application/json" }
        x:reply { headers = headers, body = '{"access_token":"t","token_type":"DPoP","expires_in":600}' }
        return true
      end)
      expect.success(session:get "x")
      expect.success(session:get "x")
      expect.success(session:refresh())
      expect.success(session:get "x")
      local nonces = {}
      for i, entry in ipairs(seen) do nonces[i] = claims_of(entry).nonce or "none" end
      assert.same({ "none", "none", "api-1", "token-1", "api-2" }, nonces)
    end)

    it("that is old is replaced on the way, also while a device waits for its user [9449-04]", function()
      local space = stage.space { dpop_nonce = true, device_interval = 0.05 }
      local app = stage.app(space, { dpop = true })
      expect.success(app:get "organization")
      for _ = 1, 2 do
        space:change_nonces()
        expect.success(app:get "organization")
        space:change_nonces()
        expect.success(app:refresh())
      end
      local native = space.applications.native
      local device = expect.success(airlock.space({ url = space.url, client_id = native.client_id, dpop = true,
        device_authorization_endpoint = space.url .. "/oauth/device" }):device_code { scope = "**" })
      local polls = 0
      space.on_call = function(entry)
        if entry.path ~= "/oauth/token" then return end
        polls = polls + 1
        if polls % 2 == 0 then space:change_nonces() end
        if polls == 4 then space:enter_device_code(device.user_code) end
      end
      local user = expect.success(device:wait())
      expect.success(user:get "organization")
      assert.equal("DPoP", user:info().token_type)
    end)

    it("isn't sent for ever: a second refusal is the answer [9449-04]", function()
      local session, seen = server(function(x, n)
        local headers = { ["DPoP-Nonce"] = "n" .. n, ["WWW-Authenticate"] = 'DPoP error="use_dpop_nonce"' }
        if x.path ~= "/token" then x:reply { status = 401, headers = headers } end
        return x.path ~= "/token"
      end)
      assert.equal(401, session:request { url = "x" }.status)
      assert.equal(3, #seen)
      local never, asked = server(function(x)
        x:reply { status = 400, headers = { ["DPoP-Nonce"] = "n" }, body = '{"error":"use_dpop_nonce"}' }
        return true
      end)
      expect.failure({ kind = "oauth", code = "use_dpop_nonce", outcome = "transient", status = 400 }, never:get "x")
      assert.equal(2, #asked)
    end)

    it("that is missing, or has a character that none may have, leads to no repeat [9449-04]", function()
      for _, nonce in ipairs { false, 'quo"te', ("x"):rep(1025) } do
        local session, seen = server(function(x)
          x:reply { status = 400, headers = { ["DPoP-Nonce"] = nonce or nil }, body = '{"error":"use_dpop_nonce"}' }
          return true
        end)
        expect.failure({ code = "use_dpop_nonce" }, session:get "x")
        assert.equal(1, #seen)
      end
    end)

    it("doesn't repeat a body that a reader has begun to give; the next request has it [9449-04]", function()
      local space = stage.space { dpop_nonce = "api" }
      local app = stage.app(space, { dpop = true })
      local given = 0
      local response = expect.success(app:request { method = "POST", url = "projects/some/planning/issues",
        body = function()
        given = given + 1
        return given == 1 and "{}" or nil
      end })
      assert.equal(401, response.status)
      expect.success(app:get "organization")
      assert.equal(3, space:count())
    end)

    it("doesn't cost a code its one use [9449-04]", function()
      local space = stage.space { dpop_nonce = true }
      local client = airlock.space { url = space.url, client_id = space.applications.native.client_id, dpop = true,
        redirect_uri = callback }
      local login = client:authorization_code { scope = "**" }
      expect.success(login:finish(space:approve(login.url)))
      assert.equal(2, space:count "/oauth/token")
    end)
  end)

  describe("a downgrade", function()
    it("isn't used: DPoP asked for, Bearer given [9449-05]", function()
      local space = stage.space { dpop = false }
      local app = stage.app(space, { dpop = true })
      expect.failure({ kind = "oauth", code = "unbound_token", outcome = "misconfigured", status = 200 },
        app:get "organization")
      assert.equal(1, space:count())
      assert.is_nil(app:info().token_type)
      local untyped = server(function(x)
        return x.path == "/token" and (stage.grant { access_token = "t" } (x) or true)
      end)
      expect.failure({ code = "unbound_token" }, untyped:get "x")
    end)

    it("is used where the program allows it [9449-05]", function()
      local space = stage.space { dpop = false }
      local app = stage.app(space, { dpop = { allow_bearer = true } })
      expect.success(app:get "organization")
      assert.is_nil(app:info().token_type)
      local last = space:journal()[2]
      assert.truthy(last.authorization:find "^Bearer ")
      assert.is_nil(last.headers.dpop)
    end)

    it("has a counterpart: a token that is bound to a key, and nobody asked for it", function()
      local session = server(nil, { dpop = false })
      expect.failure({ kind = "oauth", code = "unsupported_token_type", outcome = "misconfigured" }, session:get "x")
    end)

    it("can't be by a redirect: the implicit flow gives nothing that is bound", function()
      local space = stage.space()
      local web = space.applications.web
      local config = { client_id = web.client_id, client_secret = web.client_secret, redirect_uri = callback,
        dpop = true }
      expect.raise("can't be bound to a key", function() stage.client(space, config):implicit { scope = "**" } end)
      config.dpop = { allow_bearer = true }
      assert.is_nil(stage.client(space, config):implicit { scope = "**" }.url:find "dpop_jkt")
    end)
  end)

  it("is compared with what a discovered server takes, before anything is asked of it", function()
    local function discover(algs, dpop)
      local url = stage.server(function(x)
        local here = "http://" .. x.headers.host
        x:reply { body = core.json.encode { issuer = here, token_endpoint = here .. "/t",
          dpop_signing_alg_values_supported = algs } }
      end)
      return airlock.discover(url, { client_id = "i", dpop = dpop })
    end
    for _, row in ipairs { { { "ES256", "RS256" }, true }, { nil, true },
      { { "EdDSA" }, { private_key = keys.pem "Ed25519" } },
      { { "PS256" }, { private_key = keys.pem "rsa-2048", alg = "PS256" } }, { { "RS256" }, false } } do
      expect.success(discover(row[1], row[2]))
    end
    for _, row in ipairs { { { "RS256" }, true }, { { "ES256" }, { private_key = keys.pem "Ed25519" } } } do
      local _, message = expect.failure({ kind = "oauth", code = "unsupported_dpop_alg", outcome = "misconfigured" },
        discover(row[1], row[2]))
      assert.truthy(message:find(row[1][1], 1, true))
    end
  end)

  it("is what a client does that has registered for it, unless its configuration says no", function()
    local space = stage.space()
    local metadata = { grant_types = { "client_credentials" }, dpop_bound_access_tokens = true }
    local config = { token_endpoint = space.url .. "/oauth/token", base_url = space.url .. "/api/http/" }
    local app = expect.success(airlock.register(space.url .. "/oauth/register", metadata, config)):client_credentials()
    expect.success(app:get "organization")
    assert.equal("DPoP", app:info().token_type)
    config.dpop = false
    app = expect.success(airlock.register(space.url .. "/oauth/register", metadata, config)):client_credentials()
    expect.failure({ code = "invalid_dpop_proof" }, app:get "organization")
  end)

  it("shares no token between clients that differ in it", function()
    local space = stage.space()
    local tokens = {}
    for _, dpop in ipairs { false, true, { private_key = keys.pem "P-256" }, { private_key = keys.pem "Ed25519" },
      { allow_bearer = true } } do
      local token = expect.success(stage.app(space, { dpop = dpop }):token())
      assert.is_nil(tokens[token])
      tokens[token] = true
    end
  end)

  it("raises for what can't work, and names it", function()
    local function with(dpop)
      return function() airlock.client { token_endpoint = "https://id.example/token", client_id = "i", dpop = dpop } end
    end
    expect.raise("option 'dpop' must be a boolean or a table", with "yes")
    expect.raise("option 'dpop': unknown option 'key'", with { key = "x" })
    expect.raise("option 'dpop': option 'private_key'", with { private_key = "no key" })
    expect.raise("option 'dpop': option 'private_key'", with { private_key = keys.pem "rsa-1024" })
    expect.raise("option 'dpop': option 'private_key' is a public JWK", with { private_key = keys.public "P-256" })
    expect.raise("option 'dpop': option 'private_key_file' can't be read", with { private_key_file = "/nowhere" })
    expect.raise("can't stand beside", with { private_key_file = "/nowhere", private_key = keys.pem "P-256" })
    expect.raise("option 'dpop': option 'alg' isn't one", with { private_key = keys.pem "P-256", alg = "RS256" })
    expect.raise("option 'dpop': option 'alg' isn't one", with { private_key = keys.pem "P-256", alg = "HS256" })
    expect.raise("option 'dpop': option 'alg' needs a key", with { alg = "EdDSA" })
    expect.raise("option 'dpop': option 'allow_bearer'", with { allow_bearer = 1 })
    local api = stage.api(function(x) x:reply { body = "{}" } end)
    expect.raise("'DPoP'", api.request, api, { url = "x", headers = { DPoP = "x" } })
    expect.raise("'dpop'", emulator.start, { dpop = "yes" })
  end)
end)
