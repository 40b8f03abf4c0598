local airlock = require "airlock"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

describe("client", function()
  after_each(stage.clear)

  local function base64(text)
    return (stage.shell(("printf '%%s' '%s' | base64 -w0"):format(text)))
  end

  -- A client and what its token endpoint saw of it.
  local function seen_of(config)
    local seen = {}
    local client = stage.issuer(function(x)
      seen.method, seen.target, seen.headers, seen.body = x.method, x.target, x.headers, x.body
      seen.all = {}
      for _, pair in ipairs(x:header_list()) do seen.all[#seen.all + 1] = pair[1]:lower() end
      x:reply { body = '{"access_token":"t","token_type":"Bearer","expires_in":60}' }
    end, nil, config)
    return client, seen
  end

  it("reaches its first answer in three lines", function()
    local space = stage.space()
    local client = airlock.space { url = space.url, client_id = space.client_id, client_secret = space.client_secret }
    local app = client:client_credentials { scope = "**" }
    assert.equal("PROJ-01", assert(app:get "projects").data[1].key.key)
  end)

  it("knows its version and JSON's null", function()
    assert.truthy(airlock.version:find "^%d+%.%d+%.%d+$")
    assert.is_not_nil(airlock.null)
  end)

  it("asks nobody until a token is needed", function()
    local space = stage.space()
    local app = stage.app(space)
    app:info()
    tostring(app)
    assert.equal(0, space:count())
    expect.success(app:token())
    assert.equal(1, space:count())
  end)

  it("takes a Space's URL with or without a slash at its end", function()
    local space = stage.space()
    for _, ending in ipairs { "", "/", "//" } do
      local app = stage.app(space, { url = space.url .. ending })
      expect.success(app:get "projects")
    end
    assert.equal(3, space:count "/api/http/projects")
  end)

  it("lets the program say otherwise where a Space's endpoints are", function()
    local space = stage.space()
    local app = stage.app(space, { base_url = space.url .. "/api/http/projects" })
    assert.equal("PROJ-02", expect.success(app:get "key:PROJ-02").key.key)
  end)

  it("may have its base_url with or without a slash at its end", function()
    local paths = {}
    local url = stage.server(function(x)
      paths[#paths + 1] = x.path
      x:reply { body = "1" }
    end)
    for _, base in ipairs { "/a/b", "/a/b/" } do
      local session = airlock.client { base_url = url .. base }:permanent_token "t"
      session:get "c"
      session:get "/c"
      session:get ""
    end
    assert.same({ "/a/b/c", "/a/b/c", "/a/b/", "/a/b/c", "/a/b/c", "/a/b/" }, paths)
  end)

  it("asks for a token by POST, with a form as body, in UTF-8 [6749-06]", function()
    local client, seen = seen_of { client_auth = "client_secret_post", client_id = "Tür", client_secret = "a b&c=d" }
    expect.success(client:client_credentials { scope = "one two" }:token())
    assert.equal("POST", seen.method)
    assert.equal("application/x-www-form-urlencoded", seen.headers["content-type"])
    assert.equal("application/json", seen.headers.accept)
    assert.equal("grant_type=client_credentials&scope=one+two&client_id=T%C3%BCr&client_secret=a+b%26c%3Dd", seen.body)
  end)

  it("form-encodes id and secret before it joins them for Basic [6749-09]", function()
    local client, seen = seen_of { client_id = "a:b c", client_secret = "%+é" }
    expect.success(client:client_credentials():token())
    assert.equal("Basic " .. base64 "a%3Ab+c:%25%2B%C3%A9", seen.headers.authorization)
  end)

  it("joins them as they are for a Space, which doesn't decode them", function()
    local space = stage.space { applications = { { name = "odd", client_id = "id", client_secret = "p+q/r%7E" } } }
    expect.success(stage.app(space):token())
    assert.equal("Basic " .. base64 "id:p+q/r%7E", space:journal()[1].authorization)
  end)

  it("proves itself in one way only [6749-08]", function()
    local client, seen = seen_of()
    expect.success(client:client_credentials():token())
    assert.is_nil(seen.body:find "client_id" or seen.body:find "client_secret")
    local client_post, seen_post = seen_of { client_auth = "client_secret_post" }
    expect.success(client_post:client_credentials():token())
    assert.is_nil(seen_post.headers.authorization)
  end)

  it("names itself in the body where it is public, and proves nothing", function()
    local url
    local seen = {}
    url = stage.server(function(x)
      seen[#seen + 1] = x.body
      x:reply { body = '{"access_token":"t"}' }
      assert.is_nil(x.headers.authorization)
    end)
    local client = airlock.client { token_endpoint = url .. "/token", client_id = "public" }
    expect.success(client:refresh_token("r1"):token())
    assert.same({ "grant_type=refresh_token&refresh_token=r1&client_id=public" }, seen)
  end)

  it("keeps the query of its token endpoint, and sends no secret in it [6749-01] [6749-10]", function()
    local seen
    local url = stage.server(function(x)
      seen = x.target
      x:reply { body = '{"access_token":"t"}' }
    end)
    local client = airlock.client { token_endpoint = url .. "/t?tenant=a%20b", client_id = "i", client_secret = "hush" }
    expect.success(client:client_credentials { scope = "s" }:token())
    assert.equal("/t?tenant=a%20b", seen)
  end)

  it("sends no parameter without a value, and none twice [6749-03] [6749-04]", function()
    local client, seen = seen_of()
    expect.success(client:client_credentials { scope = "" }:token())
    assert.equal("grant_type=client_credentials", seen.body)
  end)

  it("asks for its own scope where a session names none", function()
    local client, seen = seen_of { scope = "from client" }
    expect.success(client:client_credentials():token())
    assert.equal("grant_type=client_credentials&scope=from+client", seen.body)
    expect.success(client:client_credentials { scope = "own" }:token())
    assert.equal("grant_type=client_credentials&scope=own", seen.body)
  end)

  it("sends no scope with a refresh token, unless the program narrows it [6749-21]", function()
    local client, seen = seen_of { scope = "from client" }
    expect.success(client:refresh_token("r"):token())
    assert.equal("grant_type=refresh_token&refresh_token=r", seen.body)
    expect.success(client:refresh_token("r", { scope = "less" }):token())
    assert.equal("grant_type=refresh_token&refresh_token=r&scope=less", seen.body)
  end)

  it("says who it is", function()
    local agents = {}
    local function answer(x)
      agents[#agents + 1] = x.headers["user-agent"]
      x:reply { body = "1" }
    end
    stage.api(answer):get ""
    stage.api(answer, { user_agent = "door/2" }):get ""
    assert.same({ "airlock/" .. airlock.version, "door/2" }, agents)
  end)

  it("sends its requests through a proxy where it is told to", function()
    local seen = {}
    local proxy = stage.server(function(x)
      seen[#seen + 1] = x.target
      x:reply { body = '"by proxy"' }
    end)
    local session = airlock.client { base_url = "http://127.0.0.1:9/api", proxy = proxy }:permanent_token "t"
    assert.equal("by proxy", session:get "x")
    assert.equal(1, #seen)
  end)

  -- BUG 1: sessions that mean the same token share a credential, and with it the settings of the client that came first
  describe("beside another that means the same", function()
    local function pair(first, second)
      local space = stage.space()
      expect.success(stage.app(space, first):token())
      return stage.app(space, second), space
    end

    it("keeps its own max_body", function()
      local app = pair({}, { max_body = 10 })
      expect.failure({ kind = "network", code = "too_large" }, app:get "projects")
    end)

    it("keeps its own timeout", function()
      local app, space = pair({ timeout = 0.05 }, { timeout = 5 })
      space:fault { path = "projects", delay = 0.1 }
      expect.success(app:get "projects")
    end)

    it("keeps its own user_agent and retries", function()
      local app, space = pair({}, { user_agent = "second", retries = 0 })
      space:fault { path = "projects", rate_limited = true, retry_after = 0 }
      expect.failure({ kind = "http", status = 429 }, app:get "projects")
      assert.equal("second", space:journal()[2].headers["user-agent"])
    end)

    it("keeps its own on_event", function()
      local space = stage.space()
      expect.success(stage.app(space):token())
      local events = {}
      local app = stage.app(space, { on_event = function(event)
        if not event.id then events[#events + 1] = event.event end
      end })
      space:fault { path = "projects", status = 401 }
      expect.success(app:get "projects")
      assert.same({ "token_dropped", "token_requested", "token_received" }, events)
    end)
  end)
end)
