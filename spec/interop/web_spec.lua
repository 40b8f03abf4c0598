-- airlock.web against oidc-provider, a certified server that we did not write: login, renewal, logout here and there.

local airlock = require "airlock"
local expect = require "spec.support.expect"
local oidc = require "spec.support.oidc"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"
local webuser = require "spec.support.webuser"

describe("a web application at oidc-provider", function()
  local port, bye = raw.free_port(), "http://127.0.0.1:9/bye"
  local function registered(with_sid)
    return { client_secret = "a secret of a good length: 0123456789", redirect_uris = { "http://127.0.0.1:9/callback" },
      post_logout_redirect_uris = { bye }, grant_types = { "authorization_code", "refresh_token" },
      response_types = { "code" }, backchannel_logout_session_required = with_sid,
      backchannel_logout_uri = ("http://127.0.0.1:%d/backchannel-logout"):format(port) }
  end
  local server, test = oidc.beside(function(why) pending(why) end, nil,
    { clients = { app = registered(true), app_without_sid = registered(false) } })

  -- The application of a client; `told` has the answers that its back-channel gave the server.
  local function application(name)
    local client = expect.success(airlock.discover(server.issuer, { client_id = name, base_url = server.issuer .. "/",
      client_secret = server.clients[name].client_secret, redirect_uri = "http://127.0.0.1:9/callback" }))
    local web, told = airlock.web { client = client, scope = "openid offline_access", cookie = { key = webuser.key },
      params = { prompt = "consent" }, after_logout = bye }, {}
    stage.server(function(x)
      local response = web:handle { method = x.method, url = x.path, headers = {}, body = x.body }
      told[#told + 1] = { status = response.status, why = response.failure and response.failure.message, body = x.body }
      x:reply { status = response.status, headers = response.headers, body = response.body }
    end, { port = port })
    return web, told
  end

  local function login(web, person)
    local user = webuser.new(web)
    user.jar = stage.file("", "jar" .. person)
    local first = user:ask "/page?x=1"
    local back = user:ask((server:approve(first.headers.Location, person, user.jar):gsub("^http://[^/]*", "")))
    assert.same({ 302, "/page?x=1" }, { back.status, back.headers.Location }, back.failure and back.failure.message)
    return user
  end

  local function who(user)
    return select(2, user:ask "/")
  end

  test("logs in, renews the user's token, and says who it is", function()
    local alice = login(application "app", "alice")
    local user = who(alice)
    assert.same({ "alice", "app", server.issuer }, { user.claims.sub, user.claims.aud, user.claims.iss })
    assert.is_string(user.claims.sid)
    local before = expect.success(user.session:token())
    expect.success(user.session:refresh())
    local after = expect.success(who(alice).session:token())
    assert.not_equal(before, after)
    assert.equal("alice", expect.success(who(alice).session:get "me").sub)
  end)

  test("refuses a redirect in another browser, and one that comes twice", function()
    local web = application "app"
    local alice, mallory = webuser.new(web), webuser.new(web)
    local redirect = server:approve(alice:ask("/").headers.Location):gsub("^http://[^/]*", "")
    mallory:ask "/"
    assert.equal(400, mallory:ask(redirect).status)
    assert.equal(302, alice:ask(redirect).status)
    assert.equal(400, alice:ask(redirect).status)
    assert.is_nil(who(mallory))
  end)

  test("logs out here and there, comes back to its own page, and its token is dead [RPIL-01] [RPIL-02]", function()
    local web = application "app"
    local alice = login(web, "alice")
    local token = expect.success(who(alice).session:token())
    local to = alice:ask("/logout").headers.Location
    assert.equal(server.issuer .. "/session/end", to:match "^[^?]*")
    assert.equal(bye, server:leave(to, alice.jar))
    assert.is_nil(who(alice))
    assert.is_false(server:about(token).active)
  end)

  for name, what in pairs { app = "a session of the server's (sid)", app_without_sid = "a user (sub)" } do
    local rule = "ends sessions where the server says so, of %s, and no others [BCLO-01] [BCLO-04] [BCLO-06]"
    test(rule:format(what), function()
      local web, told = application(name)
      local alice, bob = login(web, "alice"), login(web, "bob")
      local copy = webuser.new(web)
      for each, value in pairs(alice.cookies) do copy.cookies[each] = value end
      local token = expect.success(who(alice).session:token())
      server:leave(server.issuer .. "/session/end", alice.jar) -- at the server, and not here
      assert.equal(1, #told, stage.read(server.output .. '.err'))
      assert.equal(200, told[1].status, told[1].why)
      assert.is_true(server:about(token).active) -- it is for offline use, so the server leaves it
      assert.is_nil(who(alice))
      assert.is_false(server:about(token).active)
      assert.is_nil(who(copy))
      assert.equal("bob", who(bob).claims.sub)
      local again = web:handle { method = "POST", url = "/backchannel-logout", headers = {}, body = told[1].body }
      assert.equal(400, again.status) -- the server's own token, played again
      assert.equal("alice", who(login(web, "alice")).claims.sub)
    end)
  end
end)
