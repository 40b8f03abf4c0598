local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

describe("token life", function()
  after_each(stage.clear)

  local function times(n, f)
    local list = {}
    for i = 1, n do list[i] = f end
    return airlock.gather((table.unpack or unpack)(list))
  end

  local function advance(space, seconds)
    core.advance(seconds)
    space:advance(seconds)
  end

  describe("is shared", function()
    it("by sessions that mean the same, of one client or of two", function()
      local space = stage.space()
      local client = stage.client(space)
      local token = expect.success(client:client_credentials({ scope = "**" }):token())
      assert.equal(token, client:client_credentials({ scope = "**" }):token())
      assert.equal(token, stage.app(space, nil, { scope = "**" }):token())
      assert.equal(1, space:count "/oauth/token")
    end)

    it("by none that ask for another scope", function()
      local space = stage.space()
      local client = stage.client(space)
      assert.not_equal(client:client_credentials({ scope = "**" }):token(),
        client:client_credentials({ scope = "global:Profile.View" }):token())
      assert.equal(2, space:count "/oauth/token")
    end)

    it("by none with another secret, client_id, proof or endpoint", function()
      local asked = 0
      local url = stage.server(function(x)
        asked = asked + 1
        x:reply { body = ('{"access_token":"t%d"}'):format(asked) }
      end)
      local seen = {}
      local usual = { token_endpoint = url .. "/t", client_id = "i", client_secret = "s" }
      for _, change in ipairs { {}, { client_secret = "S" }, { client_id = "I" }, { token_endpoint = url .. "/T" },
        { client_auth = "client_secret_post" }, { client_id = "is", client_secret = "s" } } do
        local config = {}
        for name, value in pairs(usual) do config[name] = change[name] or value end
        config.client_auth = change.client_auth
        seen[expect.success(airlock.client(config):client_credentials():token())] = true
      end
      assert.equal(6, asked)
      local tokens = 0
      for _ in pairs(seen) do tokens = tokens + 1 end
      assert.equal(6, tokens)
    end)

    it("by none whose secret comes from a function, as what it will say isn't known", function()
      local space = stage.space()
      local function secret() return space.client_secret end
      expect.success(stage.app(space):token())
      expect.success(stage.app(space, { client_secret = secret }):token())
      expect.success(stage.app(space, { client_secret = secret }):token())
      assert.equal(3, space:count "/oauth/token")
    end)

    it("by none whose refresh token is another, or whose account is", function()
      local space = stage.space()
      local client = stage.client(space)
      local one = space:issue { person = "alice.first", offline = true }.refresh_token
      local two = space:issue { person = "bob.second", offline = true }.refresh_token
      assert.equal("alice.first", client:refresh_token(one):get("team-directory/profiles/me").username)
      assert.equal("bob.second", client:refresh_token(two):get("team-directory/profiles/me").username)
      assert.equal("alice.first", client:refresh_token(one,
        { account = "other" }):get("team-directory/profiles/me").username)
      assert.equal("alice.first", client:refresh_token(one):get("team-directory/profiles/me").username)
      assert.equal(3, space:count "/oauth/token")
    end)
  end)

  describe("ends", function()
    -- Uses the token until it is asked for anew; gives the ages between which that happens.
    local function renewed_between(lifetime, young, old)
      local space = stage.space { token_lifetime = lifetime }
      local app = stage.app(space)
      expect.success(app:get "projects")
      advance(space, young)
      expect.success(app:get "projects")
      assert.equal(1, space:count "/oauth/token")
      advance(space, old - young)
      expect.success(app:get "projects")
      assert.equal(2, space:count "/oauth/token")
    end

    it("a minute before its time where it lives long", function() renewed_between(3600, 3530, 3545) end)
    it("a tenth of its life before its time where it is short", function() renewed_between(100, 85, 91) end)
    it("a tenth of its life before its time where it is very short", function() renewed_between(5, 1, 4.8) end)
  end)

  describe("renewal", function()
    it("makes one token request however many calls find the token stale", function()
      local space = stage.space { token_lifetime = 100 }
      local app = stage.app(space)
      for _, wait in ipairs { 0, 95, 200 } do
        advance(space, wait)
        space:forget_journal()
        space:fault { path = "token", delay = 0.05 }
        for _, result in ipairs(times(50, function() return app:get "projects" end)) do
          expect.success((table.unpack or unpack)(result, 1, result.n))
        end
        assert.equal(1, space:count "/oauth/token")
        assert.equal(50, space:count "/api/http/projects")
      end
    end)

    it("fails for all who waited for it, by one token request", function()
      local space = stage.space()
      local app = stage.app(space)
      space:fault { path = "token", status = 500, body = "" }
      for _, result in ipairs(times(10, function() return app:get "projects" end)) do
        expect.failure({ kind = "oauth", outcome = "transient" }, (table.unpack or unpack)(result, 1, result.n))
      end
      assert.equal(1, space:count())
      expect.success(app:get "projects")
    end)

    it("goes on when the call that began it is dropped", function()
      local space = stage.space()
      local app = stage.app(space)
      space:fault { path = "token", delay = 0.05 }
      local call = core.start(app, "GET", "projects")
      core.wait(0.01)
      call:close()
      expect.success(app:get "projects")
      assert.equal(1, space:count "/oauth/token")
    end)

    it("isn't waited for while the old token is still good", function()
      local space = stage.space { token_lifetime = 100 }
      local app = stage.app(space)
      local old = expect.success(app:token())
      advance(space, 95)
      space:fault { path = "token", delay = 0.2 }
      local second
      airlock.gather(function() expect.success(app:get "projects") end, function()
        second = expect.success(app:token())
      end)
      assert.equal(old, second)
      assert.not_equal(old, app:token())
    end)

    it("that fails leaves a token that is still good in use, then is tried again", function()
      local space = stage.space { token_lifetime = 100 }
      local app = stage.app(space)
      local old = expect.success(app:token())
      advance(space, 95)
      -- twice, as libcurl repeats by itself what goes unanswered on a connection that served before
      for _, fault in ipairs { { drop = true, times = 2 }, { status = 500, body = "" }, { html = true },
        { error_in_200 = "server_error" } } do
        fault.path = "token"
        space:fault(fault)
        assert.equal(old, expect.success(app:token()))
        space:fault(fault)
        expect.success(app:get "projects")
        space:clear_faults()
        expect.success(app:refresh())
        assert.not_equal(old, app:token())
        old = app:token()
        advance(space, 95)
      end
    end)

    it("that fails for want of a network isn't the end", function()
      local space = stage.space { token_lifetime = 100 }
      local app = stage.app(space)
      expect.success(app:token())
      advance(space, 101)
      space:fault { path = "token", drop = true, times = 1 }
      expect.failure({ kind = "network", code = "empty_reply", outcome = "transient" }, app:get "projects")
      expect.success(app:get "projects")
    end)

    it("goes back to a token of unknown lifetime only when it is refused [6749-29]", function()
      local client, seen = stage.issuer(stage.grant { access_token = "t" },
        function(x, n) x:reply { status = n == 3 and 401 or 200 } end)
      local session = client:client_credentials()
      expect.success(session:get "a")
      core.advance(3600 * 24 * 365)
      expect.success(session:get "a")
      assert.is_nil(session:info().expires_at)
      assert.equal(1, seen.tokens)
      expect.success(session:get "a")
      assert.equal(2, seen.tokens)
    end)
  end)

  describe("after 401", function()
    local function refused(space, app)
      local token = expect.success(app:token())
      space:revoke(token)
      space:forget_journal()
      return token
    end

    it("drops the token, renews once, and sends the same again [6750-05]", function()
      local space = stage.space()
      local app = stage.app(space)
      local token = refused(space, app)
      local made = expect.success(app:post("projects/key:PROJ-01/planning/issues", { title = "Oil the hinge" }))
      assert.equal("Oil the hinge", made.title)
      local log = space:journal()
      assert.same({ "POST", "POST", "POST", 401, 200, 200 },
        { log[1].method, log[2].method, log[3].method, log[1].status, log[2].status, log[3].status })
      assert.equal("/oauth/token", log[2].path)
      assert.equal(log[1].body, log[3].body)
      assert.equal("Bearer " .. token, log[1].authorization)
      assert.not_equal(log[1].authorization, log[3].authorization)
    end)

    it("gives a second one as the answer, without asking on", function()
      local space = stage.space()
      local app = stage.app(space)
      space:fault { path = "projects", status = 401, times = 2 }
      expect.failure({ kind = "http", status = 401, outcome = "interaction_required" }, app:get "projects")
      assert.equal(2, space:count "/oauth/token")
      assert.equal(2, space:count "/api/http/projects")
      expect.success(app:get "projects")
    end)

    it("renews once for all calls that were refused together", function()
      local space = stage.space()
      local app = stage.app(space)
      refused(space, app)
      for _, result in ipairs(times(20, function() return app:get "projects" end)) do
        expect.success((table.unpack or unpack)(result, 1, result.n))
      end
      assert.equal(1, space:count "/oauth/token")
      assert.equal(40, space:count "/api/http/projects")
    end)

    it("that comes late doesn't drop the token that came meanwhile", function()
      local space = stage.space()
      local app = stage.app(space)
      refused(space, app)
      space:fault { path = "key:PROJ", delay = 0.15 }
      airlock.gather(function() expect.success(app:get "projects/key:PROJ-01") end, function()
        expect.success(app:get "projects")
        space:forget_journal()
      end)
      assert.equal(0, space:count "/oauth/token")
      assert.equal(200, space:journal()[1].status)
    end)

    it("comes back at once where the token is permanent", function()
      local space = stage.space()
      local session = stage.client(space):permanent_token "wrong"
      expect.failure({ kind = "http", status = 401, outcome = "interaction_required",
        code = "authentication-required" }, session:get "projects")
      assert.equal(1, space:count())
    end)

    it("comes back at once where no other token would do [6750-05]", function()
      for _, code in ipairs { "insufficient_scope", "invalid_dpop_proof" } do
        local client, seen = stage.issuer(stage.grant { access_token = "t" }, function(x)
          x:reply { status = 401, headers = { ["WWW-Authenticate"] = (
            'Basic realm="error=none, x", Bearer realm="a", error="%s"'):format(code) } }
        end)
        expect.failure({ kind = "http", status = 401 }, client:client_credentials():get "a")
        assert.same({ tokens = 1, calls = 1 }, seen)
      end
    end)

    it("renews once where the server says invalid_request of a token that is over, with a scheme or without one",
      function()
      for _, challenge in ipairs { 'error="invalid_request"', 'Bearer error="invalid_request"', "invalid_token" } do
        local space = stage.space { habits = { challenge = challenge } }
        local session = stage.client(space):client_credentials { scope = "**" }
        expect.success(session:get "projects")
        space.tokens:revoke(session:token())
        expect.success(session:get "projects")
        assert.equal(2, space:count "/oauth/token")
        local wrong, seen = stage.issuer(stage.grant { access_token = "t" }, function(x)
          x:reply { status = 401, headers = { ["WWW-Authenticate"] = challenge } }
        end)
        expect.failure({ kind = "http", status = 401 }, wrong:client_credentials():get "a")
        assert.same({ tokens = 2, calls = 2 }, seen)
      end
    end)

    it("renews where the challenge names the token as the reason, and never for 403 or 400 [6750-05] [6750-06]",
      function()
      local client, seen = stage.issuer(stage.grant { access_token = "t" }, function(x, n)
        local challenge = { { "WWW-Authenticate", 'Newauth realm="a, error=\\"insufficient_scope\\""' },
          { "WWW-Authenticate", 'bearer error="invalid_token"' } }
        x:reply { status = ({ 401, 200, 403, 400 })[n], headers = n ~= 2 and challenge or nil }
      end)
      local session = client:client_credentials()
      expect.success(session:get "a")
      assert.same({ tokens = 2, calls = 2 }, seen)
      expect.failure({ status = 403 }, session:get "a")
      expect.failure({ status = 400 }, session:get "a")
      assert.same({ tokens = 2, calls = 4 }, seen)
    end)

    it("gives the failure of the renewal where there is one", function()
      local space = stage.space()
      local app = stage.app(space)
      refused(space, app)
      space:fault { path = "token", status = 400, body = '{"error":"unauthorized_client"}' }
      expect.failure({ kind = "oauth", code = "unauthorized_client", outcome = "misconfigured" }, app:get "projects")
    end)
  end)

  it("is told to on_event, step by step", function()
    local space = stage.space()
    local events = {}
    local app = stage.app(space, { on_event = function(event)
      if not event.id then events[#events + 1] = event end
    end })
    expect.success(app:token())
    space:fault { path = "projects", rate_limited = true, retry_after = 0 }
    space:fault { path = "projects", status = 401 }
    expect.success(app:get "projects")
    local names = {}
    for i, event in ipairs(events) do names[i] = event.event end
    assert.same({ "token_requested", "token_received", "retry", "token_dropped", "token_requested", "token_received" },
      names)
    assert.same({ 429, 0, 401 }, { events[3].status, events[3].wait, events[4].status })
  end)
end)
