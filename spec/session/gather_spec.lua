local airlock = require "airlock"
local compat = require "airlock.compat"
local expect = require "spec.support.expect"
local poll = require "airlock.loop.poll"
local stage = require "spec.support.stage"

describe("gather", function()
  after_each(stage.clear)

  local paths, slow

  -- An API that takes its time for all but /quick, and writes down who comes.
  local function api(seconds, more)
    paths, slow = {}, seconds or 0.2
    return (stage.api(function(x)
      paths[#paths + 1] = x.target
      x:reply { body = ("%q"):format(x.path), delay = x.path ~= "/quick" and slow or nil }
    end, more))
  end

  -- An API that answers nobody before so many have asked: one after the other, they would wait in vain.
  local function meeting(count)
    local there = {}
    return (stage.api(function(x)
      there[#there + 1] = x
      if #there < count then return end
      for _, each in ipairs(there) do each:reply { body = ("%q"):format(each.path) } end
    end, { retries = 0 }))
  end

  it("says so where a function yields and nobody is left to resume it", function()
    local session = api(0.01)
    local answered
    expect.raise("coroutine.yield", airlock.gather, function() coroutine.yield() end, function()
      answered = session:get "a"
    end)
    assert.equal("/a", answered)
    expect.raise("coroutine.yield", airlock.gather, function()
      airlock.gather(function() coroutine.yield() end)
    end)
    assert.equal("/b", airlock.gather(function() return session:get "b" end)[1][1])
  end)

  it("lets functions resume one another", function()
    if _VERSION == "Lua 5.1" and not rawget(_G, "jit") then
      pending "PUC 5.1 can't yield across pcall: what a program resumes there is not what gather waits for"
      return
    end
    local session = api(0.01)
    local waiter, got
    airlock.gather(function()
      waiter = compat.running() -- as its host knows it: in Lua 5.1 pcall runs its function in another one
      got = coroutine.yield()
    end, function()
      session:get "a"
      coroutine.resume(waiter, "news")
    end)
    assert.equal("news", got)
  end)

  it("runs functions side by side", function()
    local session = meeting(20)
    local jobs = {}
    for i = 1, 20 do jobs[i] = function() return session:get("n" .. i) end end
    local results = airlock.gather((table.unpack or unpack)(jobs))
    assert.equal(20, results.n)
    for i = 1, 20 do assert.equal("/n" .. i, results[i][1]) end
  end)

  -- BUG 7: over plain HTTP all wait for the first answer of that server (CURLOPT_PIPEWAIT)
  it("lets each go on as soon as its own answer is there", function()
    local session = api()
    local order = {}
    airlock.gather(function()
      session:get "slow"
      order[#order + 1] = "slow"
    end, function()
      for i = 1, 3 do
        session:get "quick"
        order[#order + 1] = "quick " .. i
      end
    end)
    assert.same({ "quick 1", "quick 2", "quick 3", "slow" }, order)
    assert.equal("/slow", paths[1])
  end)

  it("of nothing gives nothing", function()
    assert.same({ n = 0 }, airlock.gather())
  end)

  it("keeps all results of each function, nils among them, in order", function()
    local session = api(0.02)
    local results = airlock.gather(function() return nil, session:get "a", nil end, function() end, function() return 1,
      nil, 3, nil end)
    assert.equal(3, results.n)
    assert.same({ n = 3, nil, "/a", nil }, results[1])
    assert.same({ n = 0 }, results[2])
    assert.equal(4, results[3].n)
    assert.same({ 1, 3 }, { results[3][1], results[3][3] })
  end)

  it("gives failures as what the functions return", function()
    local space = stage.space()
    local app = stage.app(space)
    local results = airlock.gather(function() return app:get "projects" end,
      function() return app:get "projects/key:NONE" end)
    assert.is_table(results[1][1])
    expect.failure({ kind = "http", status = 404 }, (table.unpack or unpack)(results[2], 1, results[2].n))
  end)

  it("may stand inside another", function()
    local session = meeting(3)
    local results = airlock.gather(function()
      return airlock.gather(function() return session:get "a" end, function()
        return airlock.gather(function() return session:get "b" end, function() return "no request" end)
      end)
    end, function() return session:get "c" end, function() return airlock.gather() end)
    assert.equal("/a", results[1][1][1][1])
    assert.equal("/b", results[1][1][2][1][1][1])
    assert.equal("no request", results[1][1][2][1][2][1])
    assert.equal("/c", results[2][1])
  end)

  it("raises an error once the others have ended", function()
    local session = api(0.1)
    local ended
    local bad = { "an error value" }
    local ok, why = pcall(airlock.gather, function()
      session:get "quick"
      error(bad)
    end, function() ended = session:get "slow" end)
    assert.is_false(ok)
    assert.equal(bad, why)
    assert.equal("/slow", ended)
  end)

  it("raises the first of several errors, and an inner one where the inner gather stands", function()
    local session = api(0.02)
    local caught
    local inner = function()
      airlock.gather(function()
        session:get "a"
        error("inner", 0)
      end, function() session:get "b" end)
    end
    -- no pcall across a wait on PUC 5.1: the error goes up to where gather was called
    local ok, why = pcall(airlock.gather, inner, function() caught = session:get "c" end)
    assert.same({ false, "inner", "/c" }, { ok, why, caught })
    expect.raise("one", airlock.gather, function() error("one", 0) end, function() error("two", 0) end)
  end)

  it("works again after an error", function()
    local session = api(0.02)
    pcall(airlock.gather, function() error "x" end)
    assert.equal("/a", airlock.gather(function() return session:get "a" end)[1][1])
    assert.is_false(poll.mine())
  end)

  -- BUG 4: what comes before the mistake is begun, and never ended
  it("of what isn't a function raises before anything is begun", function()
    local session = api()
    local ok, why = pcall(airlock.gather, function() session:get "a" end, 42)
    assert.is_false(ok)
    poll.run(0.05)
    assert.equal(0, #paths)
    assert.truthy(tostring(why):find("gather", 1, true), tostring(why))
  end)

  it("may be called from a coroutine of the program's own, which then blocks", function()
    local session = api(0.02)
    local out = coroutine.wrap(function()
      return airlock.gather(function() return session:get "a" end, function() return session:get "b" end)
    end)()
    assert.same({ "/a", "/b" }, { out[1][1], out[2][1] })
  end)

  it("lets a coroutine inside a function block without harm to the others", function()
    local session = api(0.05)
    local results = airlock.gather(function() return coroutine.wrap(function() return session:get "a" end)() end,
      function() return session:get "b" end)
    assert.same({ "/a", "/b" }, { results[1][1], results[2][1] })
  end)

  it("lets every function iterate over a paged list", function()
    -- BUG 5: PUC 5.1 can't yield in a generic for's iterator: "attempt to yield across metamethod/C-call boundary"
    local space = stage.space()
    local app = stage.app(space)
    local function count()
      local n = 0
      for _ in app:each("projects", { ["$top"] = 10 }) do n = n + 1 end
      return n
    end
    local results = airlock.gather(count, count)
    assert.same({ 25, 25 }, { results[1][1], results[2][1] })
  end)

  it("lets sinks, readers and secrets be asked in between", function()
    local space = stage.space()
    local app = stage.app(space, { client_secret = function() return space.client_secret end })
    local function fetch()
      local got, chunks = {}, { "x", "y" }
      local r = app:request { url = "projects", sink = function(bytes) got[#got + 1] = bytes end }
      app:request { method = "POST", url = "projects", body = function() return table.remove(chunks) end }
      return r.status, #table.concat(got) > 100
    end
    for _, result in ipairs(airlock.gather(fetch, fetch, fetch)) do assert.same({ n = 2, 200, true }, result) end
    assert.equal(1, space:count "/oauth/token")
  end)

  describe("of requests (session:all)", function()
    it("makes them side by side, answers in order", function()
      local session = meeting(4)
      local responses = expect.success(session:all { "a", { url = "b", method = "POST", json = { 1 } }, "c?x=1",
        { url = "quick" } })
      assert.equal(4, responses.n)
      for i, path in ipairs { "/a", "/b", "/c", "/quick" } do assert.equal(path, responses[i]:json()) end
    end)

    it("of none gives none", function()
      assert.equal(0, api():all({}).n)
    end)

    it("tells which failed, and the first of them", function()
      local session = stage.api(function(x)
        if x.path == "/bad" then x:drop() else x:reply { status = x.path == "/no" and 404 or 200, body = "1" } end
      end)
      local responses, message, detail = session:all { "good", "bad", "no", "bad" }
      assert.same({ 4, 200, 404 }, { responses.n, responses[1].status, responses[3].status })
      assert.is_nil(responses[2])
      assert.equal("network", responses.failures[2].detail.kind)
      assert.equal("network", responses.failures[4].detail.kind)
      assert.is_nil(responses.failures[3])
      assert.same({ message, detail }, { responses.failures[2].message, responses.failures[2].detail })
    end)

    it("works inside a gather", function()
      local session = api(0.02)
      local results = airlock.gather(function() return session:all { "a", "b" } end,
        function() return session:all { "c" } end)
      assert.same({ "/b", "/c" }, { results[1][1][2]:json(), results[2][1][1]:json() })
    end)

    -- BUG 6: the requests before the mistake go out
    it("with a mistake in one of them raises, and sends none", function()
      local session = api()
      expect.raise("urll", session.all, session, { "a", { urll = "b" } })
      expect.raise("url", session.all, session, { "a", 42 })
      expect.raise("all", session.all, session, "a")
      poll.run(0.05)
      assert.equal(0, #paths)
    end)

    it("may be as many as a program has", function()
      local session = api(0)
      local requests = {}
      for i = 1, 400 do requests[i] = "n" .. i end
      local responses = expect.success(session:all(requests))
      for i = 1, 400 do assert.equal("/n" .. i, responses[i]:json()) end
    end)
  end)
end)
