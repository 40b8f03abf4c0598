--- What `on_event` is told of requests: which go out, how they end, and nothing that is secret.

local airlock = require "airlock"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

describe("an event of a request", function()
  after_each(stage.clear)

  local events

  local function client(answer, more)
    local url = stage.server(function(x) x:reply(answer(x)) end)
    events = {}
    local config = { base_url = url .. "/api/", token_endpoint = url .. "/token?tenant=t1", client_id = "cron",
      client_secret = "canary-secret", jwks_uri = url .. "/keys", issuer = url,
      introspection_endpoint = url .. "/introspect", on_event = function(event) events[#events + 1] = event end }
    for name, value in pairs(more or {}) do config[name] = value end
    return airlock.client(config), url
  end

  local function told()
    local lines = {}
    for _, e in ipairs(events) do
      if e.event == "request" then
        lines[#lines + 1] = ("%d %s %s %s%s"):format(e.id, e.purpose, e.method, e.origin, e.path)
      elseif e.event == "response" then
        lines[#lines + 1] = ("%d %s %s"):format(e.id, e.purpose, e.status or e.code)
      end
    end
    return lines
  end

  local function served(x)
    if x.path == "/token" then return { body = '{"access_token":"canary-token","token_type":"Bearer"}' } end
    if x.path == "/introspect" then return { body = '{"active":true}' } end
    if x.path == "/api/old" then return { status = 302, headers = { Location = "/api/new?canary" } } end
    return { body = "[1]" }
  end

  local function from(first)
    return function(text) return (text:gsub("^%d+", function(n) return ("%d"):format(n - first + 1) end)) end
  end

  local function numbered(lines)
    local shift = from(tonumber((lines[1]:match "^%d+")))
    for i, line in ipairs(lines) do lines[i] = shift(line) end
    return lines
  end

  it("comes in order: the token's, each redirect's, and those of the other endpoints", function()
    local made, url = client(served)
    local session = made:client_credentials()
    assert(session:get("old", { secret = "canary-query" }))
    made:introspect "canary-other"
    assert.same({ "1 token POST " .. url .. "/token", "1 token 200", "2 api GET " .. url .. "/api/old", "2 api 302",
      "3 api GET " .. url .. "/api/new", "3 api 200", "4 introspection POST " .. url .. "/introspect",
      "4 introspection 200" }, numbered(told()))
  end)

  it("has times, and none of what is secret", function()
    local made = client(served)
    local began = os.time()
    assert(made:client_credentials():get "x")
    local seen = 0
    for _, e in ipairs(events) do
      for name, value in pairs(e) do
        assert.is_nil(tostring(value):find("canary", 1, true), name)
        assert.is_nil(tostring(value):find("?", 1, true), name)
      end
      if e.event == "response" then
        seen = seen + 1
        assert.is_true(e.seconds >= 0 and e.seconds < 60 and e.first_byte >= 0 and e.connect >= 0)
        assert.is_true(e.time >= began - 2 and e.time < began + 60)
      end
    end
    assert.equal(2, seen)
  end)

  it("comes of each try, and of a request without an answer", function()
    local n = 0
    local made = client(function()
      n = n + 1
      return n == 1 and { status = 503, headers = { ["Retry-After"] = "0" } } or { body = "[]" }
    end)
    assert(made:permanent_token("p"):get "x")
    local lines = numbered(told())
    assert.equal("1 api 503", lines[2])
    assert.equal("2 api 200", lines[4])
    local nobody = client(served, { base_url = ("http://127.0.0.1:%d"):format(raw.free_port()) })
    assert.is_nil((nobody:permanent_token("p"):delete "x"))
    lines = numbered(told())
    assert.equal("1 api connect", lines[2])
    assert.equal(2, #lines)
  end)

  it("ends with `cancelled` where the program gave up", function()
    local made = client(function() return { body = ("x"):rep(2 * 1024 * 1024) } end)
    local session = made:permanent_token "p"
    assert.is_nil((session:request { url = "x", sink = function() return false end }))
    assert.equal("1 api cancelled", numbered(told())[2])
  end)

  it("is told for many requests at once", function()
    local made = client(served)
    local paths = {}
    for i = 1, 100 do paths[i] = "x" .. i end
    local responses, why = made:permanent_token("p"):all(paths)
    assert.is_nil(why)
    assert.equal(100, #responses)
    assert(made:permanent_token("p"):get "last")
    assert.equal(202, #told())
  end)

  it("is that of an issuer's metadata and of its keys", function()
    local url
    url = stage.server(function(x)
      x:reply { body = x.path:find "well%-known" and ('{"issuer":"%s","authorization_endpoint":"%s/a",'
        .. '"token_endpoint":"%s/t","jwks_uri":"%s/keys","response_types_supported":["code"]}'):gsub("%%s", url)
        or '{"keys":[]}' }
    end)
    events = {}
    local found = assert(airlock.discover(url, { client_id = "x", on_event = function(event)
      events[#events + 1] = event
    end }))
    local crypto = require("airlock.server").crypto
    local claims = crypto.base64url(('{"iss":"%s","aud":"a","exp":4000000000}'):format(url))
    assert.is_nil((found:verify(crypto.base64url '{"alg":"RS256","typ":"at+jwt"}' .. "." .. claims .. ".e30",
      { audience = "a" })))
    local lines = numbered(told())
    assert.truthy(lines[1]:find("^1 metadata GET http[%w:/.]+/%.well%-known/"), lines[1])
    assert.same({ "2 keys GET " .. url .. "/keys", "2 keys 200" }, { lines[3], lines[4] })
  end)
end)
