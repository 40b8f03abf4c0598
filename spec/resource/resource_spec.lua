-- A protected resource by its address alone: challenge, metadata, authorization server, registration, login, scope.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local protected = require "spec.support.protected"
local stage = require "spec.support.stage"

local view, issues = "global:Profile.View", "global:Project.Issues.View"

local function count(list, wanted)
  local n = 0
  for _, each in ipairs(list) do
    if each == wanted then n = n + 1 end
  end
  return n
end

describe("a protected resource", function()
  after_each(stage.clear)

  local function open(server, at, config)
    config = config or {}
    config.login = config.login or protected.login(server)
    return airlock.resource(at.url, config)
  end

  it("is asked without a token, and the rest follows from its challenge", function()
    local server = protected.server()
    local at = protected.resource(server, { scope = view })
    local resource = open(server, at)
    local value = expect.success(resource:post("tools", { n = 1 }))
    assert.equal("/mcp/tools", value.path)
    assert.equal('{"n":1}', value.body)
    assert.equal(view, value.scope)
    assert.equal(at.url, type(value.aud) == "table" and value.aud[1] or value.aud) -- RFC 8707
    expect.success(resource:get())
    assert.equal(1, server.logins)
    assert.same({ "POST /mcp/tools", "GET " .. at.document_path, "POST /mcp/tools", "GET /mcp" }, at.requests)
    assert.equal("airlock.resource (" .. at.url .. ")", tostring(resource))
  end)

  it("that wants no token is used without one", function()
    local origin = stage.server(function(x) x:reply { headers = { ["Content-Type"] = "application/json" },
      body = '{"open":true}' } end)
    assert.is_true(expect.success(airlock.resource(origin .. "/free"):get()).open)
  end)

  it("is found at both well-known paths where the challenge doesn't say", function()
    local server = protected.server()
    for _, path in ipairs { "/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource" } do
      local at = protected.resource(server, { challenge = "Bearer" })
      at.document_path = path
      at.document.resource = path:find "mcp$" and at.url or at.origin
      expect.success(open(server, at):get())
    end
  end)

  it("has an authorization server with a path, by any of the three places of its metadata", function()
    for _, place in ipairs { "/.well-known/oauth-authorization-server/tenant",
      "/tenant/.well-known/openid-configuration", "/.well-known/openid-configuration/tenant" } do
      local server = protected.server()
      server.path, server.metadata.issuer = place, server.issuer .. "/tenant"
      local at = protected.resource(server)
      at.document.authorization_servers = { server.issuer .. "/tenant" }
      expect.success(open(server, at):get())
    end
  end)

  it("takes the scopes of the challenge, else of the metadata, else of the program", function()
    local server = protected.server()
    for _, case in ipairs {
      { { scope = view, document = { scopes_supported = { issues } } }, {}, view },
      { { document = { scopes_supported = { view, issues } } }, {}, view .. " " .. issues },
      { { scope = view }, { scope = issues }, issues },
    } do
      local at = protected.resource(server, case[1])
      expect.success(open(server, at, case[2]):get())
      assert.equal(case[3], server.last.scope)
    end
  end)

  it("gets the login of the program that has a client id there, and no registration", function()
    local server = protected.server()
    local app = server.space.applications.native
    local at = protected.resource(server)
    expect.success(open(server, at, { client_id = app.client_id, redirect_uri = "http://127.0.0.1/callback" }):get())
    assert.equal(0, server.space:count "/oauth/register")
  end)

  it("gets a request again, once, after more scope was asked for", function()
    local server = protected.server()
    local at
    at = protected.resource(server, { scope = view, answer = function(x, who)
      if x.path == "/mcp/issues" and not who.scope:find(issues, 1, true) then
        return x:reply { status = 403, headers = { ["WWW-Authenticate"] =
          ('Bearer error="insufficient_scope", scope="%s", resource_metadata="%s"'):format(issues, at.place) } }
      end
      x:reply { headers = { ["Content-Type"] = "application/json" }, body = core.json.encode { scope = who.scope } }
    end })
    local resource = open(server, at)
    assert.equal(view, expect.success(resource:get()).scope)
    local wider = expect.success(resource:get "issues").scope
    assert.is_truthy(wider:find(view, 1, true) and wider:find(issues, 1, true))
    assert.equal(2, server.logins)
    assert.equal(2, count(at.requests, "GET /mcp/issues"))
    expect.success(resource:get "issues")
    assert.equal(2, server.logins)
  end)

  it("that asks for more scope for ever is told so", function()
    local server = protected.server()
    local at = protected.resource(server, { scope = view, answer = function(x)
      x:reply { status = 403, headers = { ["WWW-Authenticate"] =
        ('Bearer error="insufficient_scope", scope="%s"'):format(issues) } }
    end })
    local resource = open(server, at)
    local detail = expect.failure({ kind = "oauth", code = "insufficient_scope", outcome = "misconfigured" },
      resource:get "issues")
    assert.equal(403, detail.status)
    assert.equal(2, server.logins)
    expect.failure({ code = "insufficient_scope" }, resource:get "issues") -- and costs no login any more
    assert.equal(2, server.logins)
  end)

  describe("is refused", function()
    local function refused(code, change, given, config, words)
      local server = protected.server(change)
      local at = protected.resource(server, given and given(server) or nil)
      local _, message, detail = open(server, at, config):get()
      assert.equal(code, detail and detail.code, message)
      assert.is_truthy(message:find(words, 1, true), message)
      assert.equal(0, #at.seen)
      return server, at
    end

    it("where its metadata are another resource's", function()
      refused("resource_mismatch", nil, function() return { document = { resource = "https://other.example/mcp" } } end,
        nil, "https://other.example/mcp")
    end)

    it("where they are a part of another path", function()
      local server = protected.server()
      local at = protected.resource(server)
      at.document.resource = at.origin -- by its challenge it is what was asked for, or nothing
      expect.failure({ code = "resource_mismatch" }, open(server, at):get())
    end)

    it("where nobody says who gives tokens", function()
      local server = protected.server()
      local at = protected.resource(server, { challenge = "Bearer" })
      at.document_path = "/nowhere"
      local _, message, detail = open(server, at):get()
      assert.equal("resource_metadata_not_found", detail.code)
      assert.is_truthy(message:find("airlock.client", 1, true))
    end)

    it("where the metadata name no authorization server, or one inside", function()
      refused("malformed_metadata", nil, function() return { document = { authorization_servers = { "ftp://x" } } } end,
        nil, "ftp://x")
      refused("malformed_metadata", nil, function() return { document = { authorization_servers = "x" } } end, nil,
        "authorization_servers")
      local server = protected.server()
      local at = protected.resource(server)
      at.document.authorization_servers = nil
      expect.failure({ code = "no_authorization_server" }, open(server, at):get())
    end)

    it("where the authorization server has no PKCE by S256", function()
      refused("unsupported_pkce", { code_challenge_methods_supported = { "plain" } }, nil, nil, "S256")
    end)

    it("where the program has no name there, and can't get one", function()
      refused("unregistered_client", { registration_endpoint = false }, nil, nil, "client_id")
    end)

    it("where it takes tokens in forms alone", function()
      refused("malformed_metadata", nil, function() return { document = { bearer_methods_supported = { "body" } } } end,
        nil, "header")
    end)

    it("where the program names an authorization server that it doesn't", function()
      refused("no_authorization_server", nil, nil, { issuer = "https://else.example" }, "https://else.example")
    end)
  end)

  it("logs in once, however many requests wait", function()
    local server = protected.server()
    local at = protected.resource(server)
    local resource = open(server, at)
    local jobs = {}
    for i = 1, 8 do jobs[i] = function() return resource:get("item/" .. i) end end
    for i, result in ipairs(airlock.gather((table.unpack or unpack)(jobs))) do
      assert.equal("/mcp/item/" .. i, result[1] and result[1].path, tostring(result[2]))
    end
    assert.equal(1, server.logins)
    assert.equal(1, server.space:count "/oauth/register")
  end)

  it("logs in anew when its login is over", function()
    local server = protected.server()
    local at
    local gone = false
    at = protected.resource(server, { answer = function(x, who)
      if gone and who.jti == gone then return x:reply { status = 401, headers = { ["WWW-Authenticate"] =
        'Bearer error="invalid_token"' } } end
      x:reply { headers = { ["Content-Type"] = "application/json" }, body = "{}" }
    end })
    local resource = open(server, at)
    expect.success(resource:get())
    gone = at.seen[1].jti or at.seen[1].sid or at.seen[1].iat
    server.space:advance(4000)
    core.advance(4000) -- the token is over, and there is no refresh token
    expect.success(resource:get())
    assert.equal(2, server.logins)
  end)

  it("says what is wrong with its options and addresses, before anything is sent", function()
    local function mistake(words, ...)
      local ok, why = pcall(airlock.resource, ...)
      assert.is_false(ok)
      assert.is_truthy(why:find("airlock.resource: " .. words, 1, true), why)
    end
    mistake("the address must be a string", 7)
    mistake("the address is plain http://", "http://far.example/")
    mistake("option 'login' must be", "https://a.example", { login = "magic" })
    mistake("option 'scope' must be a string", "https://a.example", { scope = 7 })
    mistake("option 'client_metadata' must be an https:// URL", "https://a.example", { client_metadata = "http://x/y" })
    assert.is_false((pcall(airlock.resource, "https://a.example", { scoop = "x" })))
    assert.is_false((pcall(airlock.resource, "https://a.example", 7)))
    assert.is_false((pcall(function() airlock.resource("https://a.example"):get(7) end)))
  end)

  it("sends a file or a form again where more scope is asked for, and a reader's body only once", function()
    local server = protected.server()
    local at
    at = protected.resource(server, { scope = view, answer = function(x, who)
      if not who.scope:find(issues, 1, true) then
        return x:reply { status = 403, headers = { ["WWW-Authenticate"] =
          ('Bearer error="insufficient_scope", scope="%s", resource_metadata="%s"'):format(issues, at.place) } }
      end
      x:reply { headers = { ["Content-Type"] = "application/json" }, body = core.json.encode { body = x.body } }
    end })
    local resource = open(server, at)
    local pieces = { "a", "b" }
    local answer = expect.success(resource:request { method = "PUT", url = "once",
      body = function() return table.remove(pieces, 1) end })
    assert.same({ 403, 1, 1 }, { answer.status, server.logins, count(at.requests, "PUT /mcp/once") })
    local file = assert(io.open(stage.file "0123456789", "rb"))
    file:seek("set", 3)
    assert.equal("3456789", expect.success(resource:request { method = "PUT", url = "file", body = file }):json().body)
    file:close()
    assert.same({ 2, 2 }, { server.logins, count(at.requests, "PUT /mcp/file") })
  end)

  it("sends a file or a form again after its challenge", function()
    local server = protected.server()
    local at = protected.resource(server, { scope = view })
    local file = assert(io.open(stage.file "0123456789", "rb"))
    file:seek("set", 3)
    assert.equal("3456789", expect.success(open(server, at):request { method = "PUT", url = "file",
      body = file }):json().body)
    file:close()
    local body = expect.success(open(server, at):request { method = "POST", url = "form", multipart = { a = "text",
      f = { path = stage.file "from a file" } } }):json().body
    assert.truthy(body:find("text", 1, true) and body:find("from a file", 1, true), body)
  end)

  it("has requests with final callbacks, and a body from a reader isn't spent on the challenge", function()
    local server = protected.server()
    local at = protected.resource(server)
    local resource = open(server, at)
    local pieces = { "a", "b" }
    local answer = expect.success(resource:request { method = "PUT", url = "file",
      body = function() return table.remove(pieces, 1) end })
    assert.equal("ab", answer:json().body)
    local got
    resource:get("x", function(value) got = value end)
    assert.equal("/mcp/x", got.path)
    expect.success(resource:logout())
    expect.success(resource:logout())
    expect.success(resource:login())
    assert.equal(2, server.logins)
  end)
end)
