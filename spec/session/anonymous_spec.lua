-- A session without a token.

local airlock = require "airlock"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local nginx = require "spec.support.nginx"
local phases = require "spec.support.phases"
local stage = require "spec.support.stage"

describe("an anonymous session", function()
  after_each(stage.clear)

  local seen

  local function api(more, answer)
    seen = {}
    local url = stage.server(function(x)
      seen[#seen + 1] = { path = x.path, headers = x.headers, method = x.method, body = x.body }
      x:reply(answer and answer(x) or { body = "[1]" })
    end)
    local config = { base_url = url }
    for name, value in pairs(more or {}) do config[name] = value end
    return airlock.client(config), url
  end

  it("makes every kind of request, and sends no token", function()
    local session = api({ headers = { ["X-Own"] = "7" }, dpop = true, client_id = "c" }):anonymous()
    assert.same({ 1 }, expect.success(session:get("a", { x = 1 })))
    expect.success(session:post("b", { x = 1 }))
    expect.success(session:request { url = "c", method = "DELETE" })
    for _ in session:each "d" do end
    expect.success(session:all { "e" })
    assert.equal(5, #seen)
    for _, request in ipairs(seen) do
      assert.same({ "7" }, { request.headers["x-own"], request.headers.authorization, request.headers.dpop })
    end
  end)

  it("takes a 401 for the answer, and asks no token endpoint", function()
    local client, url = api(nil, function() return { status = 401, body = "{}",
      headers = { ["WWW-Authenticate"] = 'Bearer realm="x"' } } end)
    expect.failure({ kind = "http", status = 401 }, client:anonymous():get "a")
    assert.equal(1, #seen)
    local other = airlock.client { base_url = url, token_endpoint = url .. "/token", client_id = "c",
      client_secret = "s" }
    assert.equal(401, expect.success(other:anonymous():request { url = "b" }).status)
    assert.same({ 2, "/b" }, { #seen, seen[2].path })
  end)

  it("waits for an API that wants it to, and follows where a GET is led", function()
    local session = api(nil, function(x)
      if #seen == 1 then return { status = 503, headers = { ["Retry-After"] = "0" } } end
      if x.path == "/a" then return { status = 302, headers = { Location = "/b" } } end
    end):anonymous()
    assert.same({ 1 }, expect.success(session:get "a"))
    assert.same({ 3, "/b" }, { #seen, seen[3].path })
  end)

  it("has no token to show, to renew or to end", function()
    local client = api { token_endpoint = "http://127.0.0.1:1/token", client_id = "c", client_secret = "s",
      scope = "wide" }
    local session = client:anonymous()
    assert.same({ grant = "anonymous", renewable = false }, session:info())
    expect.failure({ kind = "oauth", code = "no_token", outcome = "misconfigured" }, session:token())
    expect.failure({ kind = "oauth", code = "no_token" }, session:settle())
    expect.failure({ kind = "oauth", code = "not_renewable" }, session:refresh())
    expect.success(session:logout())
    expect.failure({ kind = "oauth", code = "no_token" }, session:token())
    assert.same({ 1 }, expect.success(session:get "a"))
    assert.same({ 1 }, expect.success(client:anonymous():get "a"))
  end)

  it("has nothing to do with the sessions beside it", function()
    local client = api()
    local anonymous, known = client:anonymous(), client:permanent_token "known"
    for _ = 1, 2 do
      expect.success(anonymous:get "a")
      expect.success(known:get "a")
    end
    local sent = {}
    for i, request in ipairs(seen) do sent[i] = request.headers.authorization or "none" end
    assert.same({ "none", "Bearer known", "none", "Bearer known" }, sent)
    anonymous:close()
    expect.raise("closed", anonymous.get, anonymous, "a")
    expect.success(known:get "a")
  end)

  for _, name in ipairs(hosts.names) do
    local there, missing = hosts[name]()
    it("waits under the loop " .. name, function()
      if not there then return pending(missing) end
      local host, got, missed = hosts[name](), nil, nil
      local session = api({ loop = host.loop }, function(x) return x.path == "/no" and { status = 401 } or nil end)
        :anonymous()
      host.spawn(function() got = expect.success(session:get "a") end)
      host.spawn(function() session:get("no", nil, {}, function(_, _, detail) missed = detail end) end)
      host.run(10, function() return got and missed end)
      assert.same({}, host.errors)
      assert.same({ { 1 }, 401 }, { got, missed.status })
    end)
  end

  it("makes its requests over nginx's connections", function()
    local obstacle = nginx.without_lua()
    if obstacle then return pending(obstacle) end
    local _, url = api()
    local result = phases.run(phases.start(), ([[
      local session = require "airlock".client { base_url = %q, headers = { ["X-Own"] = function() return "7" end } }
        :anonymous()
      return session:get("a", nil, { headers = { ["X-More"] = "8" } })[1], (select(2, session:token()))
    ]]):format(url))
    assert.same({ "1", "this session is anonymous: it has no token" }, { tostring(result[1]), result[2] })
    local headers = seen[1].headers
    assert.same({ "7", "8" }, { headers["x-own"], headers["x-more"], headers.authorization })
  end)
end)
