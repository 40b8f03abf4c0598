local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local poll = require "airlock.loop.poll"
local stage = require "spec.support.stage"

describe("retry", function()
  after_each(stage.clear)

  local count

  -- An API that answers with these replies in order, then with "done".
  local function script(replies, more)
    count = 0
    return (stage.api(function(x)
      count = count + 1
      x:reply(replies[count] or { body = '"done"' })
    end, more))
  end

  local function limited(status, wait)
    return { status = status, headers = { ["Retry-After"] = wait }, body = "{}" }
  end

  -- Makes a call that will wait, and pushes the clock ahead as soon as `ready` says so.
  local function skipping(seconds, call, ready)
    local out = airlock.gather(call, function()
      poll.run(5, ready)
      core.advance(seconds)
    end)[1]
    return (table.unpack or unpack)(out, 1, out.n)
  end

  local function heard(n)
    return function()
      if count < n then return false end
      poll.run(0.03) -- the answer comes back
      return true
    end
  end

  it("repeats after 429 and 503, as the server asked", function()
    for _, status in ipairs { 429, 503 } do
      local session = script { limited(status, 0), limited(status, 0) }
      assert.equal("done", expect.success(session:get "a"))
      assert.equal(3, count)
    end
  end)

  it("sends the same again, body and all", function()
    local bodies = {}
    local session = stage.api(function(x)
      bodies[#bodies + 1] = x.method .. x.body
      x:reply(#bodies == 1 and limited(503, 0) or { body = "1" })
    end)
    expect.success(session:post("a", { x = 1 }))
    assert.same({ 'POST{"x":1}', 'POST{"x":1}' }, bodies)
  end)

  it("waits as many seconds as it was told", function()
    local session = script { limited(429, 20) }
    assert.equal("done", expect.success(skipping(20, function() return session:get "a" end, heard(1))))
    assert.equal(2, count)
  end)

  it("waits until the date it was told", function()
    local session = script { limited(503, os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + 20)) }
    assert.equal("done", expect.success(skipping(21, function() return session:get "a" end, heard(1))))
    assert.equal(2, count)
  end)

  it("goes on at once for a date that has passed", function()
    assert.equal("done", expect.success(script({ limited(503, "Sun, 06 Nov 1994 08:49:37 GMT") }):get "a"))
  end)

  it("waits a little, and more each time, where it was told nothing or nonsense", function()
    for _, wait in ipairs { "", "soon", "-1", "1.5.1" } do
      local waits = {}
      local session = script({ wait ~= "" and limited(429, wait) or { status = 429 }, { status = 503 } },
        { on_event = function(event) waits[#waits + 1] = event.wait end })
      local answer = airlock.gather(function() return session:get "a" end, function()
        for n = 1, 2 do
          poll.run(5, heard(n))
          core.advance(1)
        end
      end)[1]
      assert.equal("done", answer[1])
      assert.is_true(waits[1] >= 0.25 and waits[1] <= 0.5, tostring(waits[1]))
      assert.is_true(waits[2] >= 0.5 and waits[2] <= 1, tostring(waits[2]))
    end
  end)

  it("gives the answer once its tries are used up", function()
    local session = script { limited(429, 0), limited(429, 0), limited(429, 0), limited(429, 0) }
    expect.failure({ kind = "http", status = 429, outcome = "transient", retry_after = 0 }, session:get "a")
    assert.equal(3, count)
  end)

  it("has as many tries as the client says", function()
    local session = script({ limited(503, 0) }, { retries = 0 })
    expect.failure({ status = 503 }, session:get "a")
    assert.equal(1, count)
    local replies = {}
    for i = 1, 10 do replies[i] = limited(503, 0) end
    assert.equal("done", expect.success(script(replies, { retries = 10 }):get "a"))
    assert.equal(11, count)
  end)

  it("gives the answer it has where the wait would go beyond the time-out", function()
    local session = script({ limited(429, 60), limited(429, 3600) }, { timeout = 30 })
    expect.failure({ status = 429, retry_after = 60 }, session:get "a")
    expect.failure({ status = 429, retry_after = 3600 }, session:get "a")
    assert.equal(2, count)
  end)

  it("repeats for no other status", function()
    for _, status in ipairs { 400, 408, 425, 500, 502, 504 } do
      local session = script { limited(status, 0) }
      expect.failure({ status = status }, session:get "a")
      assert.equal(1, count)
    end
  end)

  it("and a renewal may both be needed", function()
    local client, seen = stage.issuer(stage.grant { access_token = "t" }, function(x, n)
      x:reply(({ limited(503, 0), { status = 401 }, limited(429, 0) })[n] or { body = '"done"' })
    end)
    assert.equal("done", expect.success(client:client_credentials():get "a"))
    assert.same({ tokens = 2, calls = 4 }, seen)
  end)

  describe("at the token endpoint", function()
    local asked

    local function issuer(replies, more)
      asked = 0
      return (stage.issuer(function(x)
        asked = asked + 1
        x:reply(replies[asked] or { body = '{"access_token":"t"}' })
      end, nil, more))
    end

    it("repeats after 429 and 503 too", function()
      expect.success(issuer({ limited(429, 0), limited(503, 0) }):client_credentials():get "a")
      assert.equal(3, asked)
    end)

    it("ends with a failure that says when to come back", function()
      local session = issuer({ limited(503, 0), limited(503, 0), limited(503, 0) }):client_credentials()
      expect.failure({ kind = "oauth", code = "server_error", outcome = "transient", status = 503 }, session:get "a")
      assert.equal(3, asked)
    end)

    it("leaves the server alone as long as it asked for, also in later calls", function()
      local session = issuer({ limited(429, 100) }, { timeout = 30 }):client_credentials()
      expect.failure({ kind = "oauth", outcome = "transient", retry_after = 100 }, session:get "a")
      local detail = expect.failure({ kind = "oauth", code = "slow_down", outcome = "transient" }, session:get "a")
      assert.is_true(detail.retry_after > 90 and detail.retry_after <= 100)
      assert.equal(1, asked)
      core.advance(100)
      expect.success(session:get "a")
      assert.equal(2, asked)
    end)

    it("is left alone for minutes at most, whatever it asks, and session:refresh() may ask it all the same", function()
      local session = issuer({ limited(503, 315360000), limited(503, 315360000) }, { retries = 0 }):client_credentials()
      expect.failure({ kind = "oauth", outcome = "transient" }, session:get "a")
      local detail = expect.failure({ code = "slow_down" }, session:get "a")
      assert.is_true(detail.retry_after <= 300)
      expect.failure({ status = 503 }, session:refresh())
      assert.equal(2, asked)
      core.advance(300)
      expect.success(session:get "a")
      assert.equal(3, asked)
    end)

    it("waits where the time-out allows it", function()
      local session = issuer({ limited(503, 20) }):client_credentials()
      expect.success(skipping(20, function() return session:get "a" end, function()
        if asked < 1 then return false end
        poll.run(0.03)
        return true
      end))
      assert.equal(2, asked)
    end)
  end)
end)
