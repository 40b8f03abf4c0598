-- Who gets into the playground: the page with this run's key, under our own name, and no foreign page.

local curl = require "spec.support.curl"
local player = require "spec.support.player"
local playground = require "airlock.playground"
local stage = require "spec.support.stage"
local expect = require "spec.support.expect"

describe("the playground's gate", function()
  after_each(stage.clear)

  local function ask(me, path, ...)
    return curl.run { me.origin .. path, ... }
  end

  it("listens on loopback alone, and its URL has a key that is another each time", function()
    local one = player.new()
    assert.is_truthy(one.at.url:find "^http://127%.0%.0%.1:%d+/[%w_-]+/$")
    assert.is_true(#one.at.gate.key >= 32)
    local key = one.at.gate.key
    one.at:stop()
    local other = player.new()
    assert.are_not.equal(key, other.at.gate.key)
  end)

  it("lets nobody in without the key", function()
    local me = player.new()
    for _, path in ipairs { "/", "/index.html", "/main.js", "/api/state", "/x/api/state",
      "/" .. ("x"):rep(32) .. "/api/state", "/" .. me.at.gate.key, "//" .. me.at.gate.key .. "/" } do
      local r = ask(me, path)
      assert.equal(403, r.status, path)
      assert.is_nil(r.body:find(me.at.gate.key, 1, true))
    end
    assert.equal(200, me:get("").status)
  end)

  it("takes a Host that isn't its own for a rebound name", function()
    local me = player.new()
    local port = me.origin:match "%d+$"
    for _, host in ipairs { "evil.example", "evil.example:" .. port, "localhost:" .. port, "127.0.0.1",
      "127.0.0.1:1" } do
      assert.equal(403, me:get("", "-H", "Host: " .. host).status, host)
      assert.equal(403, me:get("api/state", "-H", "Host: " .. host).status, host)
      assert.are_not.equal(200, ask(me, "/callback?state=x", "-H", "Host: " .. host).status)
    end
  end)

  it("refuses what another site asks for, also with the key", function()
    local me = player.new()
    for _, origin in ipairs { "http://evil.example", "null", "http://127.0.0.1:1",
      "http://localhost:" .. me.origin:match "%d+$" } do
      assert.equal(403, me:get("api/state", "-H", "Origin: " .. origin).status, origin)
      local r = curl.run { me.at.url .. "api/go", "-H", "Origin: " .. origin, "-H", "Content-Type: application/json",
        "-d", "{}" }
      assert.equal(403, r.status, origin)
    end
    assert.equal(403, me:get("api/state", "-H", "Sec-Fetch-Site: cross-site").status)
    assert.equal(403, me:get("api/state", "-H", "Sec-Fetch-Site: same-site").status) -- another port of this machine
    assert.equal(200, me:get("api/state", "-H", "Sec-Fetch-Site: same-origin").status)
  end)

  it("lets only its own script change something: no form, no missing origin, no preflight", function()
    local me = player.new()
    local own = "Origin: " .. me.origin
    assert.equal(403, curl.run({ me.at.url .. "api/go", "-H", "Content-Type: application/json", "-d", "{}" }).status)
    for _, kind in ipairs { "text/plain", "application/x-www-form-urlencoded", "application/jsonx",
      "multipart/form-data" } do
      assert.equal(403, curl.run({ me.at.url .. "api/go", "-H", own, "-H", "Content-Type: " .. kind, "-d",
        "{}" }).status, kind)
    end
    local r = curl.run { me.at.url .. "api/go", "-X", "OPTIONS", "-H", "Origin: http://evil.example", "-H",
      "Access-Control-Request-Method: POST" }
    assert.equal(403, r.status)
    assert.is_nil(r.headers["access-control-allow-origin"])
    assert.equal("idle", me:get("api/state").json.run.status)
    assert.equal(403, me:get("api/state", "-X", "PUT").status)
  end)

  it("sends a policy that knows no inline script, no frame and no other site", function()
    local me = player.new()
    for _, path in ipairs { "", "main.js", "base.css", "api/state" } do
      local r = me:get(path)
      local policy = r.headers["content-security-policy"]
      assert.is_truthy(policy:find("default-src 'none'", 1, true) and policy:find("script-src 'self'", 1, true))
      assert.is_truthy(policy:find("frame-ancestors 'none'", 1, true))
      assert.is_nil(policy:find "unsafe")
      assert.equal("no-store", r.headers["cache-control"])
      assert.equal("no-referrer", r.headers["referrer-policy"])
      assert.equal("nosniff", r.headers["x-content-type-options"])
      assert.is_nil(r.headers["access-control-allow-origin"])
    end
    local page = me:get("").body
    assert.is_nil(page:find "<script>" or page:find " style=" or page:find " on%l+=" or page:find "https?://")
  end)

  it("serves the page's files and nothing beside them", function()
    local me = player.new()
    assert.equal("text/javascript; charset=utf-8", me:get("main.js").headers["content-type"])
    for _, name in ipairs { "../init.lua", "..%2finit.lua", "init.lua", "page/main.js", "main.js/", "none.js", ".js",
      "api/none" } do
      assert.equal(404, me:get(name, "--path-as-is").status, name)
    end
  end)

  it("takes a redirect of the run that waits for it, and no other", function()
    local me = player.new()
    assert.equal(404, ask(me, "/callback?code=x&state=y").status)
    me:run { way = "authorization_code" }
    local state = me.at.run.wait.state
    assert.equal(404, ask(me, "/callback?code=x").status)
    assert.equal(404, ask(me, "/callback?code=x&state=" .. state .. "x").status)
    assert.equal(403, ask(me, "/callback/fragment", "-d", "{}").status)
    assert.equal("waiting", me.at.run.status)
    assert.equal(200, ask(me, "/callback?code=x&state=" .. state).status)
    assert.equal(404, ask(me, "/callback?code=x&state=" .. state).status)
    assert.equal("oauth/invalid_grant/interaction_required", player.failure(me:rest()))
  end)

  it("judges its options, and says where a port is taken", function()
    expect.raise("unknown option 'prot'", playground.start, { prot = 1 })
    expect.raise("option 'port'", playground.start, { port = "x" })
    expect.raise("option 'open'", playground.start, { open = 1 })
    local me = player.new()
    local none, why = playground.start { port = tonumber(me.origin:match "%d+$") }
    assert.is_nil(none)
    assert.is_truthy(why:find "port" or why:find "address")
  end)
end)
