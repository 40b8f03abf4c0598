-- Server-sent events of a protected resource: read as they come, over any loop, asked for again where they ended.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local protected = require "spec.support.protected"
local stage = require "spec.support.stage"

local function all(iterator)
  local out = {}
  for event in iterator do out[#out + 1] = ("%s:%s%s"):format(event.event, event.data, event.id and "#" .. event.id
    or "") end
  return out
end

describe("server-sent events", function()
  after_each(stage.clear)

  local function open(answer, config)
    local requests = {}
    local origin = stage.server(function(x)
      requests[#requests + 1] = { method = x.method, accept = x.headers.accept, id = x.headers["last-event-id"],
        body = x.body }
      answer(x, #requests)
    end)
    return airlock.resource(origin .. "/mcp", config), requests
  end

  local function stream(x, text)
    x:reply { headers = { ["Content-Type"] = "text/event-stream; charset=utf-8" }, body = text }
  end

  it("come one after the other from what a POST is answered with", function()
    local resource, requests = open(function(x)
      stream(x, ": hi\r\n\r\nid: 1\r\ndata: a\r\ndata: b\r\n\r\nevent: end\ndata\n\n")
    end)
    assert.same({ "message:a\nb#1", "end:#1" }, all(resource:events("", { n = 1 })))
    assert.same({ "POST", "application/json, text/event-stream", '{"n":1}' },
      { requests[1].method, requests[1].accept, requests[1].body })
    assert.equal(1, #requests)
  end)

  it("are one where JSON comes in their place, and none where nothing comes", function()
    local resource = open(function(x, n)
      if n == 2 then return x:reply { status = 202, body = "" } end
      x:reply { headers = { ["Content-Type"] = "application/json" }, body = '{"id":1}' }
    end)
    assert.same({ 'message:{"id":1}' }, all(resource:events(nil, {})))
    assert.same({}, all(resource:events(nil, {})))
  end)

  it("of a GET go on where they ended, with the newest id, until a 204", function()
    local resource, requests = open(function(x, n)
      if n == 4 then return x:reply { status = 204 } end
      stream(x, ("retry: 10\nid: %d\ndata: %d\n\n"):format(n, n))
    end)
    assert.same({ "message:1#1", "message:2#2", "message:3#3" }, all(resource:events()))
    assert.same({ "7", "1", "2", "3" }, (function()
      local ids = {}
      for i, request in ipairs(requests) do ids[i] = request.id or "7" end
      return ids
    end)())
    local again, second = open(function(x, n)
      if n == 2 then return x:reply { status = 204 } end
      stream(x, "retry: 1\ndata: x\n\n")
    end)
    assert.same({ "message:x" }, all(again:events("", nil, { last_event_id = "7" })))
    assert.equal("7", second[1].id)
    local once, third = open(function(x) stream(x, "data: x\n\n") end)
    assert.same({ "message:x" }, all(once:events("", nil, { reconnect = false })))
    assert.equal(1, #third)
  end)

  it("of a POST go on by GET where that is wished", function()
    local resource, requests = open(function(x, n)
      if n == 3 then return x:reply { status = 204 } end
      stream(x, ("retry: 5\nid: %d\ndata: %d\n\n"):format(n, n))
    end)
    assert.same({ "message:1#1", "message:2#2" }, all(resource:events("", {}, { reconnect = true })))
    assert.same({ "POST", "GET", "GET" }, { requests[1].method, requests[2].method, requests[3].method })
  end)

  it("raise what failed, as a table with the failure's fields", function()
    local resource = open(function(x) x:reply { status = 404, headers = { ["Content-Type"] = "application/json" },
      body = '{"error":"no_such_stream","error_description":"gone"}' } end)
    local ok, raised = pcall(function() for _ in resource:events("", {}) do end end) -- luacheck: ignore 542
    assert.is_false(ok)
    assert.same({ "http", "no_such_stream", 404 }, { raised.kind, raised.code, raised.status })
    assert.is_truthy(tostring(raised):find("gone", 1, true))
  end)

  it("too large raise, and end the request", function()
    local big = ("x"):rep(1024 * 1024)
    local resource = open(function(x)
      local left = 18
      x:reply { headers = { ["Content-Type"] = "text/event-stream" }, stream = true and nil,
        body = "data: " .. big:rep(left) .. "\n\n" }
    end)
    local ok, raised = pcall(function() for _ in resource:events("", {}) do end end) -- luacheck: ignore 542
    assert.is_false(ok)
    assert.same({ "network", "too_large" }, { raised.kind, raised.code })
  end)

  it("end their request where the iteration is left, or closed", function()
    local resource = open(function(x)
      stream(x, ("data: x\n\n"):rep(5000))
    end)
    local n = 0
    for _ in resource:events("", {}) do
      n = n + 1
      if n == 3 then break end
    end
    local iterator = resource:events("", {})
    iterator()
    iterator:close()
    iterator:close()
    assert.is_nil(iterator())
    collectgarbage()
    assert.equal(3, n)
    assert.equal(5000, #all(resource:events("", {})))
  end)

  it("come while others wait in a gather, and each stream is its own", function()
    local resource = open(function(x)
      stream(x, ("data: %s\n\n"):format(x.body):rep(200))
    end)
    local jobs = {}
    for i = 1, 4 do
      jobs[i] = function()
        local found = all(resource:events("", { i }))
        assert.equal(200, #found)
        return found[200]
      end
    end
    for i, result in ipairs(airlock.gather((table.unpack or unpack)(jobs))) do
      assert.equal(("message:[%d]"):format(i), result[1])
    end
  end)

  it("log in first, where the resource wants that", function()
    local server = protected.server()
    local at = protected.resource(server, { answer = function(x, who)
      stream(x, "data: " .. core.json.encode { scope = who.scope } .. "\n\n")
    end })
    local resource = airlock.resource(at.url, { login = protected.login(server) })
    assert.equal(1, #all(resource:events("", { hello = true })))
    assert.equal(1, server.logins)
    assert.same({ "POST /mcp", "GET " .. at.document_path, "POST /mcp" }, at.requests)
  end)

  it("have options that are judged before anything is sent", function()
    local resource, requests = open(function(x) stream(x, "") end)
    expect.raise("resource:events: unknown option 'retries'", function() resource:events("", nil, { retries = 1 }) end)
    expect.raise("resource:events: option 'reconnect' must be a boolean", function()
      resource:events("", nil, { reconnect = 1 })
    end)
    assert.equal(0, #requests)
  end)
end)
