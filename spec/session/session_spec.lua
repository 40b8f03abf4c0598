local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

describe("session", function()
  after_each(stage.clear)

  -- Answers with what was asked, as JSON.
  local function echo(x)
    x:reply { headers = { ["Content-Type"] = "application/json" },
      body = core.json.encode { method = x.method, target = x.target,
      body = x.body, type = x.headers["content-type"] or "none", length = x.headers["content-length"] or "none",
      accept = x.headers.accept, authorization = x.headers.authorization } }
  end

  describe("verbs", function()
    it("get and delete send a query and no body", function()
      local session = stage.api(echo)
      for _, verb in ipairs { "get", "delete" } do
        local told = expect.success(session[verb](session, "a/b", { q = "x y", n = 3 }))
        assert.same({ verb:upper(), "/a/b?n=3&q=x+y", "", "none", "none" },
          { told.method, told.target, told.body, told.type, told.length })
      end
    end)

    it("post, put and patch send a value as JSON", function()
      local session = stage.api(echo)
      for _, verb in ipairs { "post", "put", "patch" } do
        local told = expect.success(session[verb](session, "a", { "x" }))
        assert.same({ verb:upper(), "/a", '["x"]', "application/json" },
          { told.method, told.target, told.body, told.type })
      end
    end)

    it("post without a value sends an empty body, and says so", function()
      local told = expect.success(stage.api(echo):post "a")
      assert.same({ "POST", "", "none", "0" }, { told.method, told.body, told.type, told.length })
    end)

    it("post sends false and null as the values they are", function()
      local session = stage.api(echo)
      assert.equal("false", session:post("a", false).body)
      assert.equal("null", session:post("a", airlock.null).body)
    end)

    it("ask for JSON, with the token in the Authorization header alone [6750-01]", function()
      local told = expect.success(stage.api(echo):get "a")
      assert.truthy(told.accept:find("application/json", 1, true))
      assert.equal("Bearer permanent", told.authorization)
      assert.is_nil(told.target:find "permanent")
    end)

    it("give true for an answer without a body", function()
      local statuses = { 200, 204 }
      local session = stage.api(function(x) x:reply { status = table.remove(statuses) } end)
      assert.is_true(session:get "a")
      assert.is_true(session:delete "a")
    end)

    it("give false and null where that is the answer", function()
      local bodies = { "null", "false" }
      local session = stage.api(function(x) x:reply { body = table.remove(bodies) } end)
      assert.is_false(session:get "a")
      assert.equal(airlock.null, session:get "a")
    end)

    it("take a whole URL of the same origin", function()
      local session, url = stage.api(echo)
      assert.equal("/other?x=1&y=2", session:get(url .. "/other?x=1", { y = 2 }).target)
    end)

    it("make an answer of 300 or more a failure that tells the API's own words", function()
      local space = stage.space()
      local detail, message = expect.failure({ kind = "http", code = "not-found", status = 404,
        outcome = "misconfigured", description = "Project not found" }, stage.app(space):get "projects/key:NONE")
      assert.truthy(message:find("404", 1, true) and message:find("Project not found", 1, true))
      assert.equal(404, detail.response.status)
      assert.equal("not-found", detail.response:json().error)
    end)

    it("name the status where the API has no words", function()
      local status, body
      local session = stage.api(function(x) x:reply { status = status, body = body } end, { retries = 0 })
      for _, case in ipairs { { 400, "misconfigured" }, { 401, "interaction_required" }, { 403, "misconfigured" },
        { 408, "transient" }, { 418, "misconfigured" }, { 429, "transient" }, { 500, "transient" },
          { 502, "transient" },
        { 503, "transient" }, { 304, "misconfigured" } } do
        for _, each in ipairs { "", "<html>no</html>", "[]", '{"error":5}', '{"error":""}', "null" } do
          status, body = case[1], case[1] == 304 and "" or each
          expect.failure({ kind = "http", code = "http_" .. status, status = status, outcome = case[2] },
            session:get "a")
        end
      end
    end)

    it("tell when to come back", function()
      local session = stage.api(function(x) x:reply { status = 503, headers = { ["Retry-After"] = 7 } } end,
        { retries = 0 })
      expect.failure({ retry_after = 7, outcome = "transient" }, session:get "a")
    end)
  end)

  describe("token", function()
    it("is the access token as text", function()
      local space = stage.space()
      local app = stage.app(space)
      local token = expect.success(app:token())
      assert.is_string(token)
      expect.success(app:get "projects")
      assert.equal("Bearer " .. token, space:journal()[2].authorization)
      assert.equal(token, app:token())
      assert.equal(2, space:count())
    end)

    it("of a permanent session is what was given", function()
      assert.equal("given", airlock.client {}:permanent_token("given"):token())
    end)

    it("is renewed by refresh, however fresh", function()
      local space = stage.space()
      local app = stage.app(space)
      local before = app:token()
      space:advance(1)
      assert.is_true(app:refresh())
      assert.not_equal(before, app:token())
      assert.equal(2, space:count "/oauth/token")
    end)

    it("that is permanent can't be renewed, which asks nobody", function()
      local space = stage.space()
      local session = stage.client(space):permanent_token "p"
      expect.failure({ kind = "oauth", outcome = "interaction_required" }, session:refresh())
      assert.equal(0, space:count())
    end)

    it("whose renewal fails leaves the old one in use", function()
      local space = stage.space()
      local app = stage.app(space)
      local before = app:token()
      space:fault { path = "token", status = 500, body = "{}" }
      expect.failure({ kind = "oauth", outcome = "transient" }, app:refresh())
      assert.equal(before, app:token())
    end)
  end)

  describe("info", function()
    it("tells whom it acts for, how, and until when", function()
      local space = stage.space { token_lifetime = 600 }
      local app = stage.app(space, nil, { scope = "**" })
      assert.same({ subject = "application", grant = "client_credentials", scope = "**", renewable = true }, app:info())
      app:token()
      local info = app:info()
      assert.is_true(math.abs(info.expires_at - os.time() - 600) < 30)
    end)

    it("of the other grants", function()
      local client = airlock.client { token_endpoint = "http://127.0.0.1:9/t", client_id = "i" }
      assert.same({ grant = "permanent_token", renewable = false }, client:permanent_token("p"):info())
      assert.same({ subject = "user", grant = "refresh_token", renewable = true }, client:refresh_token("r"):info())
      assert.equal("s", client:refresh_token("r", { scope = "s" }):info().scope)
    end)

    it("tells the scope that was granted where it isn't the one asked for [6749-20]", function()
      local asked = {}
      local client = stage.issuer(function(x, n)
        asked[n] = x.body
        x:reply { body = n == 1 and '{"access_token":"t","scope":"less"}' or '{"access_token":"t"}' }
      end)
      local session = client:client_credentials { scope = "more" }
      expect.success(session:token())
      assert.equal("less", session:info().scope)
      expect.success(session:refresh())
      assert.equal("more", session:info().scope)
      assert.is_truthy(asked[1]:find("scope=more", 1, true) and asked[2]:find("scope=more", 1, true))
    end)
  end)

  it("can be closed twice, and does nothing afterwards", function()
    local space = stage.space()
    local app = stage.app(space)
    app:token()
    app:close()
    app:close()
    assert.equal("airlock.session (closed)", tostring(app))
    for _, use in ipairs { "get", "delete", "post", "put", "patch", "token", "refresh", "info" } do
      expect.raise("closed", app[use], app, "projects")
    end
    expect.raise("closed", app.request, app, { url = "projects" })
    expect.raise("closed", function() for _ in app:each "projects" do error "an item" end end)
    expect.raise("closed", app.all, app, { "projects" })
    assert.equal(1, space:count())
  end)

  it("leaves its token to the next that means the same", function()
    local space = stage.space()
    local app = stage.app(space)
    local token = app:token()
    app:close()
    assert.equal(token, stage.app(space):token())
    assert.equal(1, space:count())
  end)

  it("names its grant, and nothing else, as text", function()
    local client = airlock.client { token_endpoint = "http://127.0.0.1:9/t", client_id = "porter",
      client_secret = "hush" }
    assert.equal("airlock.client (porter)", tostring(client))
    assert.equal("airlock.session (client_credentials)", tostring(client:client_credentials()))
    assert.equal("airlock.session (permanent_token)", tostring(client:permanent_token "hush"))
  end)

  it("may be made and dropped a thousand times", function()
    local space = stage.space()
    local client = stage.client(space)
    for i = 1, 1000 do
      local session = client:client_credentials { scope = "**" }
      if i % 100 == 1 then expect.success(session:token()) end
      client:permanent_token("p" .. i)
    end
    collectgarbage()
    collectgarbage()
    assert.equal(1, space:count())
    expect.success(client:client_credentials({ scope = "**" }):get "projects")
  end)

  it("outlives its client", function()
    local space = stage.space()
    local app = stage.app(space)
    collectgarbage()
    collectgarbage()
    expect.success(app:get "projects")
  end)

  if debug.getmetatable and _VERSION >= "Lua 5.4" then
    it("closes at the end of its block where Lua has such", function()
      local run = assert(load [[
        local client = ...
        local kept
        do
          local session <close> = client:permanent_token "p"
          kept = session
        end
        return tostring(kept)
      ]])
      assert.equal("airlock.session (closed)", run(airlock.client {}))
    end)
  end
end)
