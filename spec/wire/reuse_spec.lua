-- A call that is finished serves a later one, with its buffers; and nothing but those is handed on.

local airlock = require "airlock"
local calls = require "airlock.call"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local poll = require "airlock.loop.poll"
local stage = require "spec.support.stage"
local wait = require "airlock.loop.wait"

describe("a call that is finished", function()
  after_each(stage.clear)

  local seen, session, url

  before_each(function()
    seen = {}
    session, url = stage.api(function(x)
      seen[#seen + 1] = { method = x.method, target = x.target, headers = x.headers, body = x.body }
      x:reply { body = x.target, delay = x.path == "/slow" and 0.05 or nil, status = x.path == "/no" and 500 or 200 }
    end)
  end)

  -- Both the call and what it came to.
  local function finished(path, method, ...)
    local call = core.start(session, method or "GET", path, ...)
    return call, calls.serve(call, nil, session)
  end

  it("is the next one", function()
    local first, status, body = finished "a"
    assert.same({ 200, "/a" }, { status, body })
    local second, again, other = finished "b"
    assert.is_true(rawequal(first, second))
    assert.same({ 200, "/b" }, { again, other })
  end)

  it("holds nothing any more, and does nothing", function()
    local call = finished "a"
    assert.is_nil((call:wants()))
    assert.equal("", call:head())
    assert.equal("airlock.call (over)", tostring(call))
    call:fail "too late"
    expect.raise("closed", call.wait, call)
    expect.raise("closed", call.proceed, call)
    expect.success(session:request { url = "b" })
  end)

  it("is the next one after a crowd, too", function()
    local paths = {}
    for i = 1, 200 do paths[i] = "x" .. i end
    assert.equal(200, #session:all(paths))
    local first, second = finished "a", finished "b"
    assert.is_true(rawequal(first, second))
  end)

  it("isn't that of another one under way", function()
    local slow = core.start(session, "GET", "slow")
    local first = finished "a"
    local second = finished "b"
    assert.is_false(rawequal(slow, first))
    assert.is_true(rawequal(first, second))
    local status, body = calls.serve(slow, nil, session)
    assert.same({ 200, "/slow" }, { status, body })
  end)

  it("hands on no method, no body and no header", function()
    finished("a", "POST", "x=1", { ["X-Mine"] = "1" }, "text", "text/plain")
    finished "b"
    assert.same({ "POST", "/a?x=1", "text" }, { seen[1].method, seen[1].target, seen[1].body })
    assert.same({ "GET", "/b", "" }, { seen[2].method, seen[2].target, seen[2].body })
    assert.is_nil(seen[2].headers["x-mine"])
    assert.is_nil(seen[2].headers["content-type"])
  end)

  it("hands on no ceiling and no sink", function()
    local pieces = {}
    expect.failure({ code = "too_large" }, session:request { url = "abcdefghij", max_body = 3 })
    expect.success(session:request { url = "a", sink = function(bytes) pieces[#pieces + 1] = bytes end })
    assert.equal("/a", table.concat(pieces))
    assert.equal("/abcdefghij", expect.success(session:request { url = "abcdefghij" }).body)
  end)

  it("may have failed", function()
    local first, status = finished "no"
    assert.equal(500, status)
    local failing = core.start(session, "GET", "slow")
    failing:fail "that is enough"
    expect.failure({ kind = "cancelled" }, calls.serve(failing, nil, session))
    local next_one, good, body = finished "a"
    assert.is_true(rawequal(next_one, failing) or rawequal(next_one, first))
    assert.same({ 200, "/a" }, { good, body })
  end)

  it("isn't handed on by a mistake in the next one's options", function()
    finished "a"
    expect.raise("max_body", session.request, session, { url = "b", body = "text", headers = { X = "1" },
      max_body = -1 })
    finished "c"
    assert.same({ "GET", "/c", "" }, { seen[2].method, seen[2].target, seen[2].body })
  end)

  it("of a task that waits for something else is cancelled with nobody", function()
    local answer, ended
    local idle = poll.spawn(function()
      session:get "a"
      local bell = wait.bell(poll, 5)
      ended = { bell.wait() }
    end)
    poll.run(5, function() return #seen == 1 end)
    poll.run(0.02)
    poll.spawn(function() answer = session:request { url = "slow" } end)
    assert.is_true(idle:cancel())
    poll.run(5, function() return answer ~= nil and ended ~= nil end)
    assert.equal("/slow", answer.body)
    assert.equal("cancelled", ended[2])
  end)

  it("was perhaps waited for in a coroutine that its host resumed too soon", function()
    local mine, done = {}, {}
    local loop = { mine = function() return mine[coroutine.running()] or false end, park = coroutine.yield,
      unpark = coroutine.resume }
    local own = airlock.client { base_url = url, loop = loop }:permanent_token "permanent"
    local function begin(name, path)
      local thread = coroutine.create(function()
        done[name] = own:request { url = path }
        coroutine.yield()
      end)
      mine[thread] = true
      assert(coroutine.resume(thread))
      return thread
    end
    local early = begin("early", "a")
    for _ = 1, 200 do
      core.wait(0.01)
      core.step()
      assert(coroutine.resume(early))
      if done.early then break end
    end
    assert.equal("/a", done.early.body)
    begin("late", "slow")
    assert.is_false(wait.cancel(early))
    poll.run(5, function() return done.late ~= nil end)
    assert.equal("/slow", done.late.body)
  end)

  it("is kept in no greater number than were in flight", function()
    local found = setmetatable({}, { __mode = "k" })
    local function bustle()
      local jobs = {}
      for i = 1, 100 do
        jobs[i] = function()
          local call = core.start(session, "GET", "a")
          found[call] = true
          calls.serve(call, poll, session)
        end
      end
      airlock.gather((table.unpack or unpack)(jobs)) -- luacheck: ignore 143
    end
    bustle()
    bustle()
    collectgarbage()
    collectgarbage()
    local n = 0
    for _ in pairs(found) do n = n + 1 end
    assert.is_true(n > 0 and n <= 100, n .. " are kept")
  end)
end)
