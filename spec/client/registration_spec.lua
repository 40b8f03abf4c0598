-- Clients that register themselves (RFC 7591) and look after that (RFC 7592).

local airlock = require "airlock"
local core = require "airlock.core"
local crypto = require("airlock.server").crypto
local emulator = require "airlock.emulator"
local expect = require "spec.support.expect"
local keys = require "spec.support.keys"
local stage = require "spec.support.stage"

describe("dynamic registration", function()
  local space, endpoint, config
  after_each(stage.clear)

  local function start(options)
    space = emulator.start(options)
    stage.keep(function() space:stop() end)
    endpoint = space.url .. "/oauth/register"
    config = { token_endpoint = space.url .. "/oauth/token", authorization_endpoint = space.url .. "/oauth/auth",
      base_url = space.url .. "/api/http/" }
  end

  local apart = { client_name = "Robot", grant_types = { "client_credentials" }, redirect_uris = {},
    response_types = {} }

  it("makes a client, whose registration can be kept and used again", function()
    start()
    local client = expect.success(airlock.register(endpoint, apart, config))
    expect.success(client:client_credentials():get "organization")
    local kept = client:registration()
    assert.same({ "Robot", "client_secret_basic", "string" },
      { kept.client_name, kept.token_endpoint_auth_method, type(kept.client_secret) })
    expect.success(airlock.registered(kept, config):client_credentials():refresh())
    assert.is_nil(tostring(client):find(kept.client_secret, 1, true))
    assert.truthy(space:journal()[1].body:find('"redirect_uris":[]', 1, true))
    kept.client_id = "changed"
    assert.not_equal("changed", client:registration().client_id)
  end)

  it("raises for text that isn't UTF-8, and sends nothing", function()
    start()
    local before = #space:journal()
    expect.raise("airlock.register: the metadata can't be made JSON of: $.client_name is text that isn't UTF-8",
      airlock.register, endpoint, { client_name = "R\255" }, config)
    expect.raise("$.contacts[2] is text that isn't UTF-8", airlock.register, endpoint,
      { contacts = { "a", "\200" } }, config)
    assert.equal(before, #space:journal())
    local client = expect.success(airlock.register(endpoint, apart, config))
    before = #space:journal()
    expect.raise("client:update_registration: the metadata can't be made JSON of: $.client_name is text that isn't",
      client.update_registration, client, { client_name = "\237\160\128" })
    assert.equal(before, #space:journal())
  end)

  it("takes the endpoint, and all others, from the server's metadata", function()
    start()
    config.registration_endpoint, config.issuer = endpoint, space.url
    local client = expect.success(airlock.register(config,
      { redirect_uris = { "http://127.0.0.1/callback" }, token_endpoint_auth_method = "none" },
      { base_url = config.base_url }))
    local login = client:authorization_code { scope = "**" } -- to the redirect URI that was registered
    local user = expect.success(login:finish(space:approve(login.url)))
    expect.success(user:get "organization")
    assert.is_nil(client:registration().client_secret)
  end)

  it("keeps what a server gave that makes no client", function()
    start()
    local odd = {
      { '"token_endpoint_auth_method":"magic"', "magic" },
      { '"token_endpoint_auth_method":["none"]', "token_endpoint_auth_method" },
      { '"token_endpoint_auth_method":7', "token_endpoint_auth_method" },
      { '"token_endpoint_auth_method":"client_secret_jwt","client_secret":"short"', "client_secret" },
      { '"redirect_uris":["/relative"],"client_secret":"s"', "redirect_uri" },
      { '"redirect_uris":[7],"client_secret":"s"', "redirect_uri" },
      { '"redirect_uris":["http://127.0.0.1/\\u001b[1m"],"client_secret":"s"', "redirect_uri" },
      { '"client_secret":7', "client_secret" },
    }
    for _, case in ipairs(odd) do
      space:fault { path = "/oauth/register", status = 201, body = '{"client_id":"a",' .. case[1] .. "}" }
      local value, message, detail = airlock.register(endpoint, { client_name = "Robot" }, config)
      assert.is_nil(value, case[1])
      assert.equal("malformed_reply", detail.code)
      assert.truthy(message:find(case[2], 1, true), message)
      assert.equal("a", detail.registration.client_id, case[1])
    end
    space:fault { path = "/oauth/register", status = 201,
      body = '{"client_id":"a\\u0000b\\u0007","client_secret":"s"}' }
    local client, message, detail = airlock.register(endpoint, { client_name = "Robot" }, config)
    assert.truthy(client or detail.registration.client_secret == "s" and not message:find "%c")
  end)

  it("works with every way of proof", function()
    start()
    for _, method in ipairs { "client_secret_basic", "client_secret_post", "private_key_jwt" } do
      local metadata = { grant_types = { "client_credentials" }, token_endpoint_auth_method = method }
      local made = { token_endpoint = config.token_endpoint, base_url = config.base_url, issuer = space.url }
      if method == "private_key_jwt" then
        expect.raise("'private_key' is missing", airlock.register, endpoint, metadata, made)
        metadata.jwks, made.private_key = { keys = { keys.public "P-256" } }, keys.pem "P-256"
      end
      expect.success(expect.success(airlock.register(endpoint, metadata, made)):client_credentials():token())
    end
  end)

  describe("restored", function()
    for _, method in ipairs(core.client_auth_methods()) do
      it("proves itself by " .. method.name .. " as it did", function()
        start()
        local alg = method.needs == "private_key" and "ES256" or "HS512"
        if method.needs == "private_key" then config.private_key = keys.pem "P-256" end
        if method.needs == "cert_file" then config.cert_file = "none.pem" end
        if method.needs == "client_assertion" then config.client_assertion = "a.b.c" end
        local client = airlock.registered({ client_id = "kept", client_secret = ("s"):rep(64),
          token_endpoint_auth_method = method.name, token_endpoint_auth_signing_alg = alg }, config)
        assert.equal(method.name, client:settings().client_auth)
        -- refused, as the emulator knows nobody of that name
        if method.needs then client:client_credentials():token() end
        local asked = method.needs and space:journal()[1] or { headers = {}, body = "" }
        local assertion = asked.body:match "client_assertion=([^.&]+)"
        local made = assertion and method.name ~= "client_assertion" -- that one is somebody else's text
        local header = made and core.json.decode(crypto.base64url_decode(assertion)) or nil
        assert.equal(method.asserts and alg or nil, header and header.alg)
        assert.equal(method.needs == "client_secret" and not method.asserts,
          (asked.headers.authorization or asked.body):find("^Basic ") ~= nil
            or asked.body:find "client_secret=s" ~= nil)
      end)
    end
  end)

  it("shows the initial access token where the server asks for one, in the header alone", function()
    start { registration = "initial" }
    expect.failure({ kind = "oauth", code = "invalid_token", status = 401 }, airlock.register(endpoint, apart, config))
    config.initial_access_token = "initial"
    expect.success(airlock.register(endpoint, apart, config))
    local entry = space:journal()[#space:journal()]
    assert.equal("Bearer initial", entry.headers.authorization)
    assert.is_nil(entry.body:find("initial", 1, true))
  end)

  it("is read, changed and ended with its own token, which may change each time", function()
    start()
    local client = expect.success(airlock.register(endpoint, apart, config))
    local same = expect.success(client:read_registration())
    assert.equal(client:registration().client_id, same:registration().client_id)
    local changed = expect.success(client:update_registration { client_name = "Another", contacts = { "a@b.example" },
      grant_types = apart.grant_types })
    assert.equal("Another", changed:registration().client_name)
    assert.not_equal(client:registration().registration_access_token, changed:registration().registration_access_token)
    expect.failure({ kind = "oauth", code = "invalid_token" }, client:read_registration()) -- with the old token
    expect.success(changed:client_credentials():refresh())
    assert.is_nil(expect.success(changed:update_registration { contacts = airlock.null }):registration().contacts)
    expect.raise("is the server's to say", function() changed:update_registration { client_id = "x" } end)
  end)

  it("is over once it is deleted", function()
    start()
    local client = expect.success(airlock.register(endpoint, apart, config))
    assert.is_true(expect.success(client:delete_registration()))
    expect.failure({ kind = "oauth", code = "invalid_client" }, client:client_credentials():token())
  end)

  it("fails with the server's words, or where its answer makes no sense", function()
    start()
    expect.failure({ kind = "oauth", code = "invalid_redirect_uri", outcome = "misconfigured", status = 400 },
      airlock.register(endpoint, { redirect_uris = { "no uri" } }, config))
    for _, body in ipairs { "[]", "{}", '{"client_id":1}', '{"client_id":""}', '{"client_id":"x","client_secret":null}',
      "" } do
      space:fault { path = "/oauth/register", status = 201, body = body }
      expect.failure({ kind = "oauth", code = "malformed_reply" }, airlock.register(endpoint, apart, config))
    end
    space:fault { path = "/oauth/register", status = 302, headers = { Location = space.url } }
    expect.failure({ kind = "oauth", code = "unexpected_redirect" }, airlock.register(endpoint, apart, config))
    space:fault { path = "/oauth/register", drop = true }
    expect.failure({ kind = "network" }, airlock.register(endpoint, apart, config))
  end)

  it("raises for mistakes, before anything is sent", function()
    start()
    expect.raise("must be a string", airlock.register, 1, apart, config)
    expect.raise("names no registration_endpoint", airlock.register, {}, apart, config)
    expect.raise("https://", airlock.register, "http://door.example/register", apart, config)
    expect.raise("must be a table", airlock.register, endpoint, "x", config)
    expect.raise("'client_secret' can't be given", airlock.register, endpoint, apart, { client_secret = "x" })
    expect.raise("unknown option 'x'", airlock.register, endpoint, apart, { x = 1 })
    expect.raise("can't be made JSON", airlock.register, endpoint, { x = print }, config)
    expect.raise("no registration", function() airlock.client { client_id = "i" }:read_registration() end)
    expect.raise("no client_id", airlock.registered, {}, config)
    assert.is_nil(airlock.client { client_id = "i" }:registration())
    assert.equal(0, space:count())
  end)
end)

describe("introspection", function()
  local space, client
  before_each(function()
    space = stage.space()
    client = airlock.client { token_endpoint = space.url .. "/oauth/token",
      introspection_endpoint = space.url .. "/oauth/introspect",
      revocation_endpoint = space.url .. "/oauth/revoke", client_id = space.client_id,
        client_secret = space.client_secret }
  end)
  after_each(stage.clear)

  it("asks about a token by POST, with the client's proof and never in a URL [7662-01]", function()
    local token = space:issue({ person = "alice.first", scope = "global:Profile.View" }).access_token
    local told = expect.success(client:introspect(token, { token_type_hint = "access_token" }))
    assert.same({ true, "global:Profile.View", "alice.first" }, { told.active, told.scope, told.username })
    local entry = space:journal()[1]
    assert.same({ "POST", "/oauth/introspect" }, { entry.method, entry.path })
    assert.truthy(entry.headers.authorization:find "^Basic "
      and entry.body:find("token_type_hint=access_token", 1, true))
    assert.is_nil(next(entry.query))
  end)

  it("gives active = false and nothing else for a token that isn't, whatever else is said [7662-02]", function()
    assert.same({ active = false }, client:introspect "unknown")
    space:fault { path = "/oauth/introspect", status = 200, body = '{"active":false,"sub":"alice","scope":"**"}' }
    assert.same({ active = false }, client:introspect "expired")
  end)

  it("fails where `active` isn't a boolean [7662-02]", function()
    for _, body in ipairs { "{}", '{"active":"true"}', '{"active":1}', '{"active":null}', "[]", "", "<html>" } do
      space:fault { path = "/oauth/introspect", status = 200, body = body }
      expect.failure({ kind = "oauth", code = "malformed_reply" }, client:introspect "x")
    end
  end)

  it("asks each time, so that no answer outlives its token [7662-03]", function()
    local token = space:issue().access_token
    assert.is_true(client:introspect(token).active)
    space:revoke(token)
    assert.is_false(client:introspect(token).active)
  end)

  it("asks about a session's own access token, without making text of it, also beside a refresh token", function()
    local app = client:client_credentials()
    assert.equal(space.client_id, expect.success(app:introspect()).client_id)
    local user = client:refresh_token(space:issue({ person = "alice.first", offline = true }).refresh_token)
    local told = expect.success(user:introspect())
    assert.same({ "alice.first", "Bearer" }, { told.username, told.token_type })
  end)

  it("fails with the server's words", function()
    local other = airlock.client { introspection_endpoint = space.url .. "/oauth/introspect", client_id = "x",
      client_secret = "y" }
    expect.failure({ kind = "oauth", code = "invalid_client", status = 401 }, other:introspect "t")
    expect.raise("'introspection_endpoint' is missing",
      function() airlock.client { client_id = "i" }:introspect "t" end)
    expect.raise("must be a string", function() client:introspect(1) end)
  end)

  it("has revocation beside it: known or not, a token is gone; other answers are told [7009-01] [7009-02]", function()
    local token = space:issue().access_token
    expect.success(client:revoke(token, { token_type_hint = "access_token" }))
    assert.is_false(client:introspect(token).active)
    expect.success(client:revoke "unknown")
    space:fault { path = "/oauth/revoke", status = 400, body = '{"error":"unsupported_token_type"}' }
    expect.failure({ kind = "oauth", code = "unsupported_token_type", outcome = "misconfigured" }, client:revoke(token))
    space:fault { path = "/oauth/revoke", status = 503, headers = { ["Retry-After"] = 4000 }, times = 9 }
    expect.failure({ kind = "oauth", code = "server_error", outcome = "transient", status = 503, retry_after = 4000 },
      client:revoke(token))
  end)

  it("repeats a revocation after 503, as it is told [7009-03]", function()
    space:fault { path = "/oauth/revoke", status = 503, headers = { ["Retry-After"] = 0 } }
    expect.success(client:revoke "t")
    assert.equal(2, space:count "/oauth/revoke")
  end)
end)
