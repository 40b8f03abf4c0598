--- Many requests on few connections, bodies that stall, and which HTTP is spoken.

local airlock = require "airlock"
local crowd = require "spec.support.crowd"
local expect = require "spec.support.expect"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

local answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"

describe("option max_connections", function()
  after_each(stage.clear)

  -- How many connections a server sees for so many requests at once, each of which it answers when all have come.
  local function connections(most, requests)
    local url, listener = raw.listen(function() return answer, true end)
    local session = airlock.client { base_url = url, max_connections = most }:permanent_token "p"
    local paths = {}
    for i = 1, requests do paths[i] = "x" .. i end
    local responses, why = session:all(paths)
    assert.is_nil(why)
    for i = 1, requests do assert.equal(200, responses[i].status) end
    return #listener.connections
  end

  it("is how many connections go to one host; the other requests wait", function()
    assert.equal(1, connections(1, 40))
    local three = connections(3, 40)
    assert.is_true(three >= 2 and three <= 3, three)
    local default = connections(nil, 300)
    assert.is_true(default >= 2 and default <= 32, default)
  end)

  it("holds above the requests of one lane, too", function()
    -- it has no more connections than that, so all of ours have to be fewer
    local url = stage.server(function(x) x:reply { body = "[]", delay = 0.05 } end, { connections = 80 })
    local session = airlock.client { base_url = url, max_connections = 70, timeout = 60 }:permanent_token "p"
    local paths = {}
    for i = 1, 300 do paths[i] = "x" .. i end
    local responses, why = session:all(paths)
    assert.is_nil(why)
    assert.equal(300, #responses)
  end)

  it("leaves a waiting request its time-out, and says what it waited for", function()
    local url = raw.listen(function() return nil end)
    local client = airlock.client { base_url = url, max_connections = 1, timeout = 20, retries = 0 }
    local session = client:permanent_token "p"
    local first, second
    airlock.gather(function() first = { session:request { url = "a", timeout = 2 } } end,
      function() second = { session:request { url = "b", timeout = 1 } } end)
    expect.failure({ code = "timeout" }, first[1], first[2], first[3])
    local _, message = expect.failure({ code = "timeout" }, second[1], second[2], second[3])
    assert.truthy(message:find("max_connections", 1, true), message)
  end)
end)

describe("few descriptors", function()
  after_each(stage.clear)

  local function limited(most, code)
    return crowd.run(1, code, ("sh -c 'ulimit -n %d; exec \"$@\"' sh"):format(most))[1]
  end

  it("are enough for 300 requests, server and all", function()
    assert.equal("300 300", limited(128, [[
      local server = require("airlock.server").listen { handler = function(x) x:reply { body = "[1]" } end }
      require("airlock.loop.poll").add(server)
      local session = airlock.client { base_url = server:url(), timeout = 60 }:permanent_token "p"
      local paths, jobs, got = {}, {}, 0
      for i = 1, 300 do
        paths[i] = "x"
        jobs[i] = function()
          local value = assert(session:get "x")
          got = got + value[1]
        end
      end
      local responses = assert(session:all(paths))
      airlock.gather((unpack or table.unpack)(jobs))
      return #responses .. " " .. got
    ]]))
  end)

  it("are named where there is none left", function()
    local said = limited(64, [[
      local server = require("airlock.server").listen { handler = function(x) x:reply { body = "[1]" } end }
      require("airlock.loop.poll").add(server)
      local session = airlock.client { base_url = server:url(), timeout = 10 }:permanent_token "p"
      local other = airlock.client { base_url = server:url():gsub("127.0.0.1", "localhost") .. "/", timeout = 10 }
        :permanent_token "p"
      assert(session:get "x")
      local files = {}
      repeat files[#files + 1] = io.open("/dev/null") until not io.open("/dev/null")
      local _, message, detail = other:get "x"
      files = nil
      collectgarbage()
      collectgarbage()
      assert(session:get "x")
      return detail.code .. " " .. detail.outcome .. " " .. message
    ]])
    assert.truthy(said:find "^descriptors transient GET http://localhost:%d+/x: .*%(ulimit %-n%)", said)
  end)
end)

describe("option stall_timeout", function()
  after_each(stage.clear)

  it("ends an answer of which nothing more comes, long before the time-out", function()
    local url = raw.listen(function() return "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome", true end)
    local session = airlock.client { base_url = url, stall_timeout = 0.4, timeout = 60 }:permanent_token "p"
    local _, message = expect.failure({ kind = "network", code = "timeout", outcome = "transient" }, session:get "x")
    assert.truthy(message:find("nothing of a body has moved for 400 ms (option stall_timeout)", 1, true), message)
  end)

  it("doesn't end the wait for an answer, nor for the program's own sink", function()
    local url = stage.server(function(x)
      if x.path == "/slow" then x:reply { body = "[1]", delay = 1 } else x:reply { body = ("x"):rep(1024 * 1024) } end
    end)
    local session = airlock.client { base_url = url, stall_timeout = 0.2, timeout = 20 }:permanent_token "p"
    assert.same({ 1 }, expect.success(session:get "slow"))
    local got = 0
    expect.success(session:request { url = "x", sink = function(bytes)
      if got == 0 then os.execute "sleep 0.7" end
      got = got + #bytes
    end })
    assert.equal(1024 * 1024, got)
  end)
end)

describe("option http_version", function()
  after_each(stage.clear)

  it("\"2\" speaks HTTP/2 without asking, where there is no TLS", function()
    local seen
    local url = raw.listen(function(text)
      seen = text
      return answer
    end)
    airlock.client { base_url = url, http_version = "2", timeout = 2 }:permanent_token("p"):get "x"
    assert.truthy(seen:find("PRI * HTTP/2.0", 1, true), seen)
    assert.same({}, (expect.success(airlock.client { base_url = url, http_version = "1.1" }:permanent_token("p")
      :get "x")))
    assert.truthy(seen:find("GET /x HTTP/1.1", 1, true), seen)
  end)
end)

describe("options of connections", function()
  it("raise for what they can't be", function()
    for option, values in pairs { max_connections = { 0, 1.5, 1025, "3" }, stall_timeout = { 0, -1, "1", 100000 },
      http_version = { "3", 2, "" }, plain_http = { "a.example", { 1 }, { "http://a.example" }, { "a.example:80" },
        { "a b" }, { "" } } } do
      for _, value in ipairs(values) do
        expect.raise("option '" .. option .. "'", airlock.client, { base_url = "https://a.example", [option] = value })
      end
    end
  end)
end)
