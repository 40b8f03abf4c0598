-- Headers that a client's configuration adds to each request to its API.

local airlock = require "airlock"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local stage = require "spec.support.stage"

describe("a client's headers", function()
  after_each(stage.clear)

  local seen

  local function note(x)
    seen[#seen + 1] = { path = x.path, headers = x.headers, list = x:header_list() }
    if x.path == "/token" then return x:reply { body = stage.token { access_token = "t", token_type = "Bearer" } } end
    if x.path == "/revoke" then return x:reply { body = "" } end
    x:reply { body = "[1]" }
  end

  local function client(headers, more)
    seen = {}
    local url = stage.server(note)
    local config = { base_url = url, token_endpoint = url .. "/token", revocation_endpoint = url .. "/revoke",
      client_id = "c", client_secret = "s", headers = headers }
    for name, value in pairs(more or {}) do config[name] = value end
    return airlock.client(config)
  end

  it("go with each request to the API, and with none to the server's endpoints", function()
    local made = client { ["X-Api-Version"] = "7", ["X-Number"] = 8, ["X-Made"] = function() return "9" end }
    local session = made:client_credentials()
    expect.success(session:get "a")
    expect.success(session:post("b", { x = 1 }))
    expect.success(session:request { url = "c", method = "HEAD" })
    for _ in session:each "d" do end
    expect.success(session:all { "e", { url = "f" } })
    expect.success(session:logout())
    local count = 0
    for _, request in ipairs(seen) do
      local own = request.path == "/token" or request.path == "/revoke"
      local got = { request.headers["x-api-version"], request.headers["x-number"], request.headers["x-made"] }
      assert.same(own and {} or { "7", "8", "9" }, got, request.path)
      count = count + (own and 0 or 1)
    end
    assert.equal(6, count)
    assert.equal(8, #seen)
  end)

  it("give way to a request's own of the same name, in any case", function()
    local asked = 0
    local session = client({ ["X-Text"] = "default", ["X-Made"] = function() asked = asked + 1 return "default" end,
      ["User-Agent"] = "default", Accept = "default", ["Content-Type"] = "text/default",
      }):permanent_token "t"
    expect.success(session:get("a", nil, { headers = { ["x-text"] = "own", ["X-MADE"] = "own", accept = "own" } }))
    local names = {}
    for _, pair in ipairs(seen[1].list) do names[pair[1]:lower()] = (names[pair[1]:lower()] or 0) + 1 end
    local got = seen[1].headers
    assert.same({ "own", "own", "own", "default", 0 }, { got["x-text"], got["x-made"], got.accept, got["user-agent"],
      asked })
    for name, times in pairs(names) do assert.equal(1, times, name) end
    expect.success(session:post("b", { x = 1 })) -- a value's type is its own
    assert.equal("application/json", seen[2].headers["content-type"])
    assert.equal("default", seen[2].headers["x-made"])
  end)

  it("leave the type of a value to the value, also if a function gives another", function()
    local session = client({ ["Content-Type"] = function() return "text/other" end }):permanent_token "t"
    expect.success(session:post("b", { x = 1 }))
    expect.success(session:request { url = "b", body = "text" })
    assert.same({ "application/json", "text/other" },
      { seen[1].headers["content-type"], seen[2].headers["content-type"] })
  end)

  it("are as they were when the client was made, and each request asks a function anew", function()
    local n, headers = 0, { ["X-Text"] = "before" }
    headers["X-Made"] = function() n = n + 1 return n end
    local session = client(headers):permanent_token "t"
    headers["X-Text"], headers["X-Made"] = "after", nil
    for i = 1, 3 do
      expect.success(session:get "a")
      assert.same({ "before", tostring(i) }, { seen[i].headers["x-text"], seen[i].headers["x-made"] })
    end
  end)

  it("stay with one request when it is sent again", function()
    local n, got = 0, {}
    local url = stage.server(function(x)
      if x.path == "/token" then return x:reply { body = stage.token { access_token = "t", token_type = "Bearer" } } end
      got[#got + 1] = { x.headers["x-made"], x.headers["x-text"] }
      x:reply { status = #got == 1 and 401 or 200, body = "[1]" }
    end)
    local session = airlock.client({ base_url = url, token_endpoint = url .. "/token", client_id = "c",
      client_secret = "s", headers = { ["X-Made"] = function() n = n + 1 return n end, ["X-Text"] = "a" } })
      :client_credentials()
    expect.success(session:get "a")
    assert.same({ { "1", "a" }, { "1", "a" } }, got)
  end)

  it("that may be credentials stay behind on a redirect elsewhere", function()
    local there, here = {}, {}
    local other = stage.server(function(x) there[#there + 1] = x.headers x:reply { body = "[1]" } end)
    local url = stage.server(function(x)
      here[#here + 1] = x.headers
      x:reply { status = 302, headers = { Location = other .. "/there" } }
    end)
    local session = airlock.client({ base_url = url, headers = { ["X-Api-Key"] = "canary", Cookie = "canary",
      ["X-Made"] = function() return "canary" end, ["Accept-Language"] = "de" } }):permanent_token "t"
    expect.success(session:get "a")
    assert.same({ "canary", "canary", "canary", "de" }, { here[1]["x-api-key"], here[1].cookie, here[1]["x-made"],
      here[1]["accept-language"] })
    assert.equal("de", there[1]["accept-language"])
    for name, value in pairs(there[1]) do assert.is_nil(value:find("canary", 1, true), name) end
  end)

  it("that can't be raise when the client is made", function()
    for why, headers in pairs {
      ["option 'headers' must be a table, not a string"] = "X: 1",
      ["option 'headers' is a table of name = value; found a number as name"] = { "X: 1" },
      ["option 'headers' has 'X' in it, which must be a string or a function, not a table"] = { X = {} },
      ["option 'headers' has 'a b' in it, which is not a header name"] = { ["a b"] = "1" },
      ["option 'headers' has 'a:' in it, which is not a header name"] = { ["a:"] = function() return "1" end },
      ["option 'headers' has 'X' in it, which has a line break"] = { X = "1\r\nY: 2" },
      ["option 'headers' has 'authorization' in it, which is a header that Airlock sets"] = { authorization = "x" },
      ["option 'headers' has 'Host' in it, which is a header that Airlock sets"] = { Host = function() end },
    } do
      expect.raise("airlock.client: " .. why, airlock.client, { base_url = "http://127.0.0.1:1", headers = headers })
    end
    local many = {}
    for i = 1, 129 do many["X-" .. i] = "1" end
    expect.raise("is one header too many", airlock.client, { headers = many })
    expect.raise("makes the headers too long", airlock.client, { headers = { X = ("x"):rep(70000) } })
  end)

  it("that are too many with a request's own raise", function()
    local many, own = {}, {}
    for i = 1, 100 do many["X-" .. i], own["Y-" .. i] = "1", "1" end
    local session = client(many):permanent_token "t"
    expect.raise("session:get: option 'headers' are too many with those of the client", session.get, session, "a", nil,
      { headers = own })
    local long = client({ X = ("x"):rep(40000) }):permanent_token "t"
    expect.raise("session:get: option 'headers' are too long with those of the client", long.get, long, "a", nil,
      { headers = { Y = ("x"):rep(40000) } })
    assert.equal(0, #seen)
  end)

  it("of a function that raises or gives nonsense send nothing", function()
    local says = { ["must give a string, not a nil"] = function() end,
      ["must give a string, not a table"] = function() return {} end,
      ["gave a text that can't be sent: the header has a line break"] = function() return "a\r\nb: c" end }
    for why, make in pairs(says) do
      local session = client({ ["X-Made"] = make }):permanent_token "t"
      expect.raise("the client's option 'headers': the function of 'X-Made' " .. why, session.get, session, "a")
      assert.equal(0, #seen)
    end
    local session = client({ ["X-Made"] = function() error("the key ring is shut", 0) end }):permanent_token "t"
    assert.equal("the key ring is shut", expect.raise("the key ring is shut", session.post, session, "a", 1))
    assert.equal(0, #seen)
  end)

  for _, name in ipairs(hosts.names) do
    local there, missing = hosts[name]()
    it("by a function that yields hold nobody up under the loop " .. name, function()
      if not there then return pending(missing) end
      local host, waiting = hosts[name](), nil
      local url = stage.server(function(x)
        if x.path == "/key" then waiting = x return end
        x:reply { body = ("[%q]"):format(x.headers["x-key"] or x.path) }
      end)
      local keys = airlock.client({ base_url = url, loop = host.loop }):permanent_token "k"
      local session = airlock.client({ base_url = url, loop = host.loop,
        headers = { ["X-Key"] = function() return assert(keys:get "key") end } }):permanent_token "t"
      local got, other
      host.spawn(function() got = expect.success(session:get "a") end)
      host.spawn(function()
        other = expect.success(keys:get "b")
        while not waiting do expect.success(keys:get "b") end
        waiting:reply { body = '"secret"' }
      end)
      host.run(10, function() return got ~= nil end)
      assert.same({}, host.errors)
      assert.same({ { "/b" }, { "secret" } }, { other, got })
    end)
  end
end)
