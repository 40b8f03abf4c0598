local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

describe("refresh token", function()
  after_each(stage.clear)

  local function login(options, more)
    local space = stage.space(options)
    local text = space:issue({ person = "alice.first", offline = true }).refresh_token
    return stage.client(space, more):refresh_token(text), space, text
  end

  -- The refresh tokens that were presented, in order.
  local function presented(space)
    local list = {}
    for _, entry in ipairs(space:journal()) do
      if entry.path == "/oauth/token" then list[#list + 1] = entry.form.refresh_token end
    end
    return list
  end

  it("gets an access token on behalf of its user", function()
    local session, space = login()
    assert.equal("alice.first", expect.success(session:get "team-directory/profiles/me").username)
    assert.equal(1, space:count "/oauth/token")
  end)

  it("stays where the answer brings no new one [6749-22]", function()
    local session, space, text = login()
    expect.success(session:token())
    expect.success(session:refresh())
    expect.success(session:refresh())
    assert.same({ text, text, text }, presented(space))
  end)

  it("is replaced by the new one where the server rotates [6749-22] [9700-08]", function()
    local session, space, text = login { rotate = true }
    for _ = 1, 3 do expect.success(session:refresh()) end
    local list = presented(space)
    assert.equal(text, list[1])
    assert.is_true(list[1] ~= list[2] and list[2] ~= list[3] and list[1] ~= list[3])
  end)

  it("is replaced for every session that means the same", function()
    local session, space, text = login { rotate = true }
    expect.success(session:refresh())
    expect.success(stage.client(space):refresh_token(text):refresh())
    expect.success(session:refresh())
    assert.equal(3, space:count "/oauth/token")
  end)

  it("is used once however many calls need it, so that reuse detection stays calm", function()
    local session, space = login { rotate = true, token_lifetime = 100 }
    local calls = {}
    for i = 1, 20 do calls[i] = "projects" end
    for _ = 1, 3 do
      expect.success(session:all(calls))
      core.advance(95)
      space:advance(95)
    end
    assert.equal(3, space:count "/oauth/token")
  end)

  it("goes to the token endpoint alone [6749-23]", function()
    local session, space, text = login()
    expect.success(session:get "projects")
    for _, entry in ipairs(space:journal()) do
      local all = { entry.target, entry.body }
      for name, value in pairs(entry.headers) do all[#all + 1] = name .. value end
      assert.equal(entry.path == "/oauth/token", table.concat(all, "\n"):find(text, 1, true) ~= nil)
    end
  end)

  it("that is no longer accepted says so once, and asks no more", function()
    local session, space, text = login()
    space:revoke(text)
    for _ = 1, 3 do
      local detail, message = expect.failure({ kind = "oauth", code = "login_required", outcome = "revoked",
        error = "invalid_grant", status = 400 }, session:get "projects")
      assert.is_string(detail.description)
      assert.truthy(message:find("log in", 1, true))
    end
    expect.failure({ code = "login_required", outcome = "revoked" }, session:token())
    expect.failure({ code = "login_required" }, session:request { url = "projects" })
    assert.equal(1, space:count())
    assert.is_false(session:info().renewable)
  end)

  -- BUG 3: says "not_renewable" with outcome "interaction_required", though it is known to be revoked
  it("that is no longer accepted says the same when it is to be renewed", function()
    local session, space, text = login()
    space:revoke(text)
    expect.failure({ code = "login_required", outcome = "revoked" }, session:refresh())
    expect.failure({ code = "login_required", outcome = "revoked", error = "invalid_grant" }, session:refresh())
    assert.equal(1, space:count())
  end)

  it("that is dead leaves an access token that still lives in use", function()
    local session, space, text = login { token_lifetime = 100 }
    local token = expect.success(session:token())
    space.tokens.refresh[text] = nil -- gone, but what came from it lives on
    expect.failure({ code = "login_required" }, session:refresh())
    assert.equal(token, session:token())
    expect.success(session:get "projects")
    core.advance(101)
    space:advance(101)
    expect.failure({ code = "login_required", outcome = "revoked" }, session:get "projects")
    assert.equal(2, space:count "/oauth/token")
  end)

  it("isn't given up for anything but invalid_grant", function()
    local session, space = login()
    for _, fault in ipairs { { status = 500, body = "" }, { drop = true, times = 4 }, { html = true },
      { status = 400, body = '{"error":"invalid_client"}' },
      { status = 401, body = '{"error":"invalid_client"}' }, { status = 400, body = '{"error":"invalid_scope"}' },
        { malformed = true } } do
      fault.path = "token"
      space:fault(fault)
      local detail = expect.failure({}, session:get "projects")
      assert.not_equal("revoked", detail.outcome)
      assert.is_true(session:info().renewable)
      space:clear_faults()
    end
    expect.success(session:get "projects")
  end)

  it("says the same of an invalid_grant for the application itself, but that is a mistake in the configuration",
    function()
    local space = stage.space()
    local app = stage.app(space)
    space:fault { path = "token", status = 400, body = '{"error":"invalid_grant"}' }
    expect.failure({ kind = "oauth", code = "invalid_grant", outcome = "misconfigured" }, app:get "projects")
    expect.success(app:get "projects")
  end)

  it("of another kind of session isn't there", function()
    local space = stage.space()
    expect.success(stage.app(space):token())
    assert.is_nil(space:journal()[1].form.refresh_token)
  end)

  it("may be as long as a server likes [6749-26]", function()
    local long = ("r"):rep(16384)
    local asked = {}
    local client = stage.issuer(function(x, n)
      asked[n] = #x.body
      x:reply { body = stage.token { access_token = ("a"):rep(16384), refresh_token = long, token_type = "Bearer" } }
    end, function(x) x:reply { body = tostring(#x.headers.authorization) } end)
    local session = client:refresh_token "first"
    assert.equal(16384 + 7, expect.success(session:get "a"))
    expect.success(session:refresh())
    assert.is_true(asked[2] > 16384)
  end)

  it("handed in again starts a credential of its own once the old one is another", function()
    local space = stage.space()
    local dead = airlock.space { url = space.url, client_id = space.client_id,
      client_secret = space.client_secret }:refresh_token "unknown"
    expect.failure({ code = "login_required" }, dead:token())
    local text = space:issue({ person = "bob.second", offline = true }).refresh_token
    expect.success(stage.client(space):refresh_token(text):token())
  end)
end)
