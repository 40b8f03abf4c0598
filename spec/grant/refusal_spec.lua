-- What a token endpoint's no is about: a login to be made again, a client that is wrong, or neither; and what is said.

local airlock = require "airlock"
local expect = require "spec.support.expect"
local keys = require "spec.support.keys"
local stage = require "spec.support.stage"

describe("a refresh token that is over", function()
  after_each(stage.clear)

  -- A user's session at a server with these habits, whose refresh token the server no longer knows.
  local function over(habits, more)
    local space = stage.space { habits = habits }
    local text = space:issue { person = "alice.first", offline = true }.refresh_token
    local client = stage.client(space, more)
    space.tokens.refresh[text] = nil
    return client:refresh_token(text), space, client
  end

  for what, habits in pairs { ["an empty 400 (Glewlwyd)"] = { empty_refusals = true },
    ["invalid_request (LemonLDAP)"] = { refresh_error = "invalid_request" },
    ["invalid_token"] = { refresh_error = "invalid_token", refresh_status = 401 },
    ["invalid_token with status 400"] = { refresh_error = "invalid_token" },
    ["an error of the server's own"] = { refresh_error = "token_gone" } } do
    it("is a login to be made again where the server says so by " .. what, function()
      local session, space = over(habits)
      local detail = expect.failure({ kind = "oauth", code = "login_required", outcome = "revoked" }, session:token())
      assert.equal(habits.refresh_error, detail.error)
      expect.failure({ code = "login_required" }, session:token())
      assert.equal(1, space:count "/oauth/token")
    end)
  end

  it("is one for the store, too, and another process's newer one counts first", function()
    local folder = stage.folder() .. "/tokens"
    local session = over({ empty_refusals = true }, { store = folder })
    local detail = expect.failure({ code = "login_required", outcome = "revoked" }, session:token())
    assert.is_nil(detail.error)
    local record = require("airlock.store").list(folder)[1]
    assert.is_true(record.dead)
  end)

  it("is told apart from a client that is wrong, which costs no refresh token", function()
    local space = stage.space { habits = { empty_refusals = true } }
    local text = space:issue { person = "alice.first", offline = true }.refresh_token
    local wrong = stage.client(space, { client_secret = "wrong" }):refresh_token(text)
    local detail, message = expect.failure({ kind = "oauth", outcome = "misconfigured", status = 401 }, wrong:token())
    assert.equal("malformed_reply", detail.code)
    assert.truthy(message:find('check client_id, client_secret and client_auth ("client_secret_basic"), then', 1, true))
    assert.truthy(message:find(space.url .. "/oauth/token", 1, true), message)
    assert.is_true(wrong:info().renewable)
    expect.success(stage.client(space):refresh_token(text):token())
  end)

  it("isn't given up for a web page, which may be a proxy's, but the user may log in again", function()
    local session, space = over()
    space:fault { path = "/oauth/token", status = 400, body = "<html>Bad Request</html>" }
    local _, message = expect.failure({ code = "malformed_reply", outcome = "interaction_required" }, session:token())
    assert.truthy(message:find("log in again", 1, true), message)
    assert.is_true(session:info().renewable)
  end)

  it("is known by the words of the option invalid_grants, whatever the status", function()
    for _, words in ipairs { "token_gone", { "other_word", "token_gone" } } do
      local session, space = over(nil, { invalid_grants = words })
      space:fault { path = "/oauth/token", status = 200, body = '{"error":"token_gone"}' }
      expect.failure({ code = "login_required", error = "token_gone" }, session:token())
    end
    local session, space = over()
    space:fault { path = "/oauth/token", status = 200, body = '{"error":"token_gone"}' }
    expect.failure({ code = "token_gone", outcome = "misconfigured" }, session:token())
  end)

  it("keeps the words of a profile beside those of the option", function()
    local url = stage.server(function(x) x:reply { body = '{"error":"bad_refresh_token"}' } end)
    local client = airlock.provider("github", { url = url, client_id = "i", client_secret = "s",
      invalid_grants = "token_gone" })
    expect.failure({ code = "login_required", error = "bad_refresh_token" }, client:refresh_token("r"):token())
  end)

  it("refuses words that can't be codes", function()
    for _, words in ipairs { { "a b" }, { "" }, { 1 }, 1, true, "a b", { "a\0b" } } do
      expect.raise("'invalid_grants'", airlock.client, { invalid_grants = words })
    end
  end)
end)

describe("a secret with characters that Basic encodes", function()
  after_each(stage.clear)

  local secret = "aB+/c==%41 x"

  local function at(habit, more)
    local space = stage.space { habits = { basic = habit }, openid = true,
      applications = { { name = "A", client_secret = secret } } }
    local config = { token_endpoint = space.url .. "/oauth/token", introspection_endpoint = space.url
      .. "/oauth/introspect", revocation_endpoint = space.url .. "/oauth/revoke", client_id = space.client_id,
      client_secret = secret }
    for name, value in pairs(more or {}) do config[name] = value end
    return airlock.client(config), space
  end

  it("fits a server that decodes it, or one that doesn't by raw_basic", function()
    expect.success(at("decoded"):client_credentials():token())
    expect.success(at("raw", { raw_basic = true }):client_credentials():token())
    expect.failure({ code = "invalid_client" }, at("decoded", { raw_basic = true }):client_credentials():token())
  end)

  it("makes the message say so where the server refuses it, at each endpoint", function()
    local client, space = at "raw"
    for _, ask in ipairs { function() return client:client_credentials():token() end,
      function() return client:introspect "t" end, function() return client:revoke "t" end } do
      local _, message = expect.failure({ code = "invalid_client", outcome = "misconfigured" }, ask())
      assert.truthy(message:find("raw_basic", 1, true), message)
    end
    local wrong = airlock.client { token_endpoint = space.url .. "/oauth/token", client_id = space.client_id,
      client_secret = "plain" }
    local _, message = expect.failure({ code = "invalid_client" }, wrong:client_credentials():token())
    assert.is_nil(message:find("raw_basic", 1, true), message)
  end)

  it("says so of a secret from a function, and of an empty 401, too", function()
    local url = stage.server(function(x) x:reply { status = 401 } end)
    local client = airlock.client { token_endpoint = url .. "/token", client_id = "i",
      client_secret = function() return secret end }
    local _, message = expect.failure({ status = 401 }, client:client_credentials():token())
    assert.truthy(message:find("raw_basic", 1, true), message)
    assert.is_nil(message:find(secret, 1, true))
  end)

  it("is an option of discover, which profiles set, too, and the program may unset", function()
    local client, space = at("raw", nil)
    assert.truthy(client)
    expect.raise("'raw_basic'", airlock.client, { raw_basic = "yes" })
    local plain = airlock.space { url = space.url, client_id = space.client_id, client_secret = secret,
      raw_basic = false }
    expect.failure({ code = "invalid_client" }, plain:client_credentials():token())
    expect.success(airlock.space { url = space.url, client_id = space.client_id, client_secret = secret }
      :client_credentials():token())
    local url
    url = stage.server(function(x)
      x:reply { body = ('{"issuer":"%s","token_endpoint":"%s/oauth/token"}'):format(url, space.url) }
    end)
    expect.success(airlock.discover(url, { client_id = space.client_id, client_secret = secret, raw_basic = true })
      :client_credentials():token())
  end)
end)

describe("a refusal without a word", function()
  after_each(stage.clear)

  local function client(status, more)
    local url = stage.server(function(x) x:reply { status = status } end)
    local config = { token_endpoint = url .. "/token?tenant=a", introspection_endpoint = url .. "/introspect",
      revocation_endpoint = url .. "/revoke", client_id = "i" }
    for name, value in pairs(more or { client_secret = "s" }) do config[name] = value end
    return airlock.client(config), url
  end

  it("names client, proof and its way before the URL", function()
    for options, more in pairs { ["client_id, client_secret"] = { client_secret = "s", client_auth =
      "client_secret_post" }, ["client_id, private_key"] = { private_key = keys.pem "P-256" } } do
      for _, status in ipairs { 401, 403 } do
        local made, url = client(status, more)
        local _, message = expect.failure({ code = "malformed_reply", outcome = "misconfigured", status = status },
          made:jwt_bearer({ assertion = "a.b.c" }):token())
        local first, last = message:find(("check %s and client_auth (\"%s\")"):format(options,
          made:settings().client_auth), 1, true)
        assert.truthy(first and message:find(url .. "/token", last, true), message)
        assert.equal(1, (message:find(("POST %s/token (client i, "):format(url), 1, true)), message)
        assert.is_nil(message:find("tenant", 1, true), message)
      end
    end
  end)

  it("says which endpoint it was, and where", function()
    local made, url = client(404)
    local _, message = expect.failure({ status = 404 }, made:introspect "t")
    assert.truthy(message:find("POST " .. url .. "/introspect (client i, client_secret_basic): the introspection "
      .. "endpoint answered with status 404", 1, true), message)
    made, url = client(401)
    _, message = expect.failure({ status = 401 }, made:revoke "t")
    assert.truthy(message:find("POST " .. url .. "/revoke (client i, client_secret_basic): the revocation endpoint", 1,
      true), message)
    assert.truthy(message:find('check client_id, client_secret and client_auth ("client_secret_basic")', 1, true),
      message)
  end)
end)
