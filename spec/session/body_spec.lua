-- A large body isn't copied: Lua's string goes out as it is, and is held for just as long.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local poll = require "airlock.loop.poll"
local stage = require "spec.support.stage"

describe("a large body", function()
  after_each(stage.clear)

  local size = 1024 * 1024

  -- Made anew, so that nobody else holds it.
  local function large(letter) return letter:rep(size) end

  local seen

  local function api(answer)
    seen = {}
    return (stage.api(function(x)
      seen[#seen + 1] = { method = x.method, target = x.target, body = x.body }
      x:reply(answer and answer(x, #seen) or { body = tostring(#x.body) })
    end))
  end

  it("arrives whole, of any length around where copying ends", function()
    local session = api()
    for _, n in ipairs { 0, 1, 16383, 16384, 16385, 65536, 65537, size } do
      local text = ("0123456789abcdef\0"):rep(math.ceil(n / 17)):sub(1, n)
      assert.equal(tostring(n), expect.success(session:request { url = "x", method = "PUT", body = text }).body)
      assert.is_true(seen[#seen].body == text)
    end
  end)

  it("is held while it is under way, though the program has let go of it", function()
    local session = api(function(x) return { body = tostring(#x.body), delay = 0.02 } end)
    local call = core.start(session, "POST", "x", nil, nil, large "h")
    for _ = 1, 4 do
      collectgarbage()
      local _ = large "z"
    end
    call:wait()
    assert.equal(tostring(size), (select(2, call:proceed())))
    assert.is_nil(seen[1].body:find "[^h]")
  end)

  it("is let go of once its call is over, closed, collected or has failed", function()
    local session = api(function(x) return { status = x.path == "/see" and 303 or 200,
      headers = { Location = "/other" }, delay = 0.01 } end)
    local function settle()
      seen = {}
      collectgarbage()
      collectgarbage()
      return collectgarbage "count"
    end
    local ways = {
      over = function() session:request { url = "x", body = large "o" } end,
      ["led elsewhere"] = function() session:request { url = "see", body = large "l" } end,
      closed = function() core.start(session, "POST", "x", nil, nil, large "c"):close() end,
      collected = function() core.start(session, "POST", "x", nil, nil, large "g") end,
      failed = function()
        local call = core.start(session, "POST", "x", nil, nil, large "f")
        call:fail "that is enough"
        call:proceed()
      end,
      mistaken = function() pcall(session.request, session, { url = "x", body = large "m", max_body = -1 }) end,
    }
    for _, way in pairs(ways) do way() end
    local before = settle()
    for name, way in pairs(ways) do
      for _ = 1, 4 do way() end
      local more
      for _ = 1, 100 do -- the server holds them until it has seen that nobody waits any more
        poll.run(0.03)
        more = settle() - before
        if more < 2.5 * size / 1024 then break end
      end
      -- of four; LuaJIT may have two in slots of the stack that nothing has overwritten yet
      assert.is_true(more < 2.5 * size / 1024, ("%s: %.0f KiB more"):format(name, more))
    end
  end)

  it("is sent again after a 401 and after a 307, and not after a 303", function()
    local client, count = stage.issuer(function(x, n) x:reply {
      body = stage.token { access_token = "t" .. n, token_type = "Bearer", expires_in = 600 } } end,
      function(x, n)
        seen[n] = { method = x.method, path = x.path, body = x.body }
        if n == 1 then return x:reply { status = 401 } end
        if n == 2 then return x:reply { status = 307, headers = { Location = "/api/moved" } } end
        if n == 3 then return x:reply { status = 303, headers = { Location = "/api/done" } } end
        x:reply { body = '"fine"' }
      end)
    seen = {}
    assert.equal('"fine"', expect.success(client:client_credentials():request { url = "x", body = large "a" }).body)
    assert.same({ 2, 4 }, { count.tokens, count.calls })
    for i = 1, 3 do
      assert.equal("POST", seen[i].method)
      assert.is_true(seen[i].body == large "a")
    end
    assert.same({ "GET", "/api/done", "" }, { seen[4].method, seen[4].path, seen[4].body })
  end)

  it("goes out beside others", function()
    local session = api()
    local jobs = {}
    for i = 1, 8 do
      jobs[i] = function() return session:request { url = "x" .. i, body = large(tostring(i)) }.body end
    end
    for _, result in ipairs(airlock.gather((table.unpack or unpack)(jobs))) do
      assert.equal(tostring(size), result[1]) end -- luacheck: ignore 143
    for _, one in ipairs(seen) do assert.is_true(one.body == large(one.target:sub(-1))) end
  end)

  it("that a host carries stands in the text", function()
    local session = airlock.client { base_url = "http://127.0.0.1:81/" }:permanent_token "secret"
    local call = core.carry(session, "POST", "x", nil, nil, large "n", nil, false)
    local text = select(4, call:outgoing())
    assert.truthy(text:find("Content-Length: " .. size .. "\r\n", 1, true))
    assert.is_true(text:sub(-size) == large "n")
    call:close()
  end)
end)
