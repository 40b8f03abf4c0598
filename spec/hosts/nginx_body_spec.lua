-- Bodies that are read while they go out, over nginx's own connections.

local core = require "airlock.core"
local form_data = require "spec.support.form_data"
local nginx = require "spec.support.nginx"
local phases = require "spec.support.phases"
local stage = require "spec.support.stage"

describe("in nginx a body", function()
  local obstacle = nginx.without_lua()
  if obstacle then
    it("goes out", function() pending(obstacle) end)
    return
  end

  local web, seen

  before_each(function()
    web, seen = phases.start(), {}
  end)

  after_each(stage.clear)

  local function run(code) return phases.run(web, code) end

  local function api(url)
    return ([[local api = require "airlock".client { base_url = %q }:permanent_token "permanent"
    local function chunks(list)
      local i = 0
      return function() i = i + 1 ngx.sleep(0.001) return list[i] end
    end
    ]]):format(url)
  end

  local function keep(x) seen[#seen + 1] = { method = x.method, headers = x.headers, body = x.body } end

  local function server()
    return stage.server(function(x)
      keep(x)
      x:reply { body = '"fine"' }
    end)
  end

  -- A client whose first token the API refuses.
  local function issuer()
    local _, count, url = stage.issuer(function(x, n) x:reply {
      body = stage.token { access_token = "t" .. n, token_type = "Bearer", expires_in = 600 } } end, function(x)
      keep(x)
      x:reply { status = x.headers.authorization == "Bearer t1" and 401 or 200, body = "1" }
    end)
    return count, ([[local api = require "airlock".client { base_url = %q, token_endpoint = %q, client_id = "porter",
      client_secret = "hush" }:client_credentials()
    ]]):format(url .. "/api/", url .. "/token")
  end

  it("of several parts arrives part by part", function()
    local path = stage.file(("0123456789\0"):rep(30000), 'a "b".png')
    assert.same({ 200 }, run(api(server()) .. ([[
      return assert(api:request { url = "x", multipart = { title = "Tür", tag = { "a", "b" },
        file = { path = %q, type = "image/png" }, stream = { body = chunks { "one", "two" }, length = 6 } } }).status
    ]]):format(path)))
    local parts = form_data.read(seen[1])
    assert.same({ "tag", "tag", "title", "file", "stream" }, (function()
      local names = {}
      for i, each in ipairs(parts) do names[i] = each.name end
      return names
    end)())
    assert.same({ "Tür", 'a "b".png', "onetwo" }, { parts[3].body, parts[4].filename, parts[5].body })
    assert.is_true(parts[4].body == ("0123456789\0"):rep(30000))
    assert.equal(tostring(#seen[1].body), seen[1].headers["content-length"])
    assert.is_nil(seen[1].headers["transfer-encoding"])
  end)

  it("of unknown length is sent in chunks", function()
    run(api(server()) .. [[assert(api:request { url = "x", multipart = { f = { body = chunks { "a", "b" } } } })]])
    assert.equal("ab", form_data.read(seen[1])[1].body)
    assert.equal("chunked", seen[1].headers["transfer-encoding"])
  end)

  it("may be a file, which stays open", function()
    local path = stage.file(("abc"):rep(60000))
    assert.same({ "file", 200 }, run(api(server()) .. ([[
      local file = assert(io.open(%q, "rb"))
      file:seek("set", 3)
      local response = assert(api:request { url = "x", method = "PUT", body = file })
      return io.type(file), response.status
    ]]):format(path)))
    assert.equal("179997", seen[1].headers["content-length"])
    assert.is_true(seen[1].body == ("abc"):rep(59999))
  end)

  it("is read again after a 401 where it can be", function()
    local count, client = issuer()
    local path = stage.file(("abc"):rep(60000))
    assert.same({ 200 }, run(client .. ([[
      return assert(api:request { url = "x", multipart = { f = { path = %q } } }).status]]):format(path)))
    assert.same({ 2, 2 }, { count.tokens, count.calls })
    for i = 1, 2 do assert.equal(180000, #form_data.read(seen[i])[1].body) end
  end)

  it("of a reader isn't, and the next call has a new token", function()
    local count, client = issuer()
    assert.same({ 401, 200 }, run(client .. [[
      local function once() local n = 0 return function() n = n + 1 return n == 1 and "x" or nil end end
      local first = assert(api:request { url = "x", body = once(), length = 1 })
      return first.status, assert(api:request { url = "x", body = once(), length = 1 }).status]]))
    assert.same({ 2, 2 }, { count.tokens, count.calls })
    assert.same({ "x", "1" }, { seen[2].body, seen[2].headers["content-length"] })
  end)

  it("that is less or more than its length fails and says so", function()
    local url, connections = form_data.sink()
    local code = api(url) .. [[
      local _, less, one = api:request { url = "x", body = chunks { "abc" }, length = 6 }
      local _, more, two = api:request { url = "x", body = chunks { "abc", "def" }, length = 4 }
      return less, one.code, more, two.code]]
    local result = run(code)
    assert.same({ "wrong_length", "wrong_length" }, { result[2], result[4] })
    assert.truthy(result[1]:find("only 3 bytes", 1, true))
    assert.truthy(result[3]:find("more than 4 bytes", 1, true))
    require("airlock.loop.poll").run(0.05)
    assert.equal(2, #connections)
    for _, each in ipairs(connections) do assert.is_true(each.closed) end
  end)

  it("that the server refuses before all of it is out is answered", function()
    local url = form_data.sink(nil, "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
    for _, size in ipairs { 3000, 300000, 8000000 } do
      local path = stage.file(("x"):rep(size))
      assert.same({ 413, "no" }, run(api(url) .. ([[
        local response = assert(api:request { url = "x", multipart = { f = { path = %q } } })
        return response.status, response.body]]):format(path)))
    end
  end)

  it("with a mistake in it raises, and names it", function()
    local result = phases.send(web, "content", api(server()) .. [[
      api:request { url = "x", multipart = { f = { path = "/no/such/file" } } }]])
    assert.is_false(result[1])
    assert.truthy(result[2]:find("option 'multipart.f.path' can't be read", 1, true), core.json.encode(result))
    assert.equal(0, #seen)
  end)
end)
