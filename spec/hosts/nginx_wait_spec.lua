-- In nginx, too: callbacks, cancelled tasks, closed sessions, deadlines. spec/loop/hosts_spec.lua and
-- spec/session/callback_spec.lua say so of the other hosts.

local core = require "airlock.core"
local nginx = require "spec.support.nginx"
local phases = require "spec.support.phases"
local stage = require "spec.support.stage"

describe("in nginx", function()
  local obstacle = nginx.without_lua()
  if obstacle then
    it("calls wait", function() pending(obstacle) end)
    return
  end

  local web, space
  after_each(stage.clear)
  before_each(function()
    space = stage.space()
    web = phases.start()
  end)

  local function run(code, place) return phases.run(web, code, place) end

  local function app()
    return ([[local airlock, core = require "airlock", require "airlock.core"
      local client = airlock.space { url = %q, client_id = %q, client_secret = %q }
      local app = client:client_credentials { scope = "**" }
      local function now() ngx.update_time() return ngx.now() end
    ]]):format(space.url, space.client_id, space.client_secret)
  end

  -- Lua that makes `slow`, a session whose answers take so long.
  local function slow(seconds)
    local url = stage.server(function(x) x:reply { body = "1", delay = seconds } end)
    return ([[local slow = require "airlock".client { base_url = %q }:permanent_token "permanent"
    ]]):format(url)
  end

  describe("a callback", function()
    for _, place in ipairs { "content", "access", "rewrite", "timer" } do
      it("is called in " .. place .. " once the method has come back, and may wait itself", function()
        assert.same({ true, "airlock.task", "My Company", "My Company" }, run(app() .. [[
          local back, name, again = false, nil, nil
          local task = app:get("organization", function(value)
            assert(back, "it was called before the method came back")
            name, again = value.name, assert(app:get "organization").name
          end)
          back = true
          for _ = 1, 500 do
            if again then break end
            ngx.sleep(0.01)
          end
          return back, tostring(task), name, again]], place))
      end)
    end

    it("gets a failure with its message and detail", function()
      local result = run(app() .. [[
        local got
        app:get("nowhere", function(...) got = { n = select("#", ...), ... } end)
        while not got do ngx.sleep(0.01) end
        return tostring(got[1]), type(got[2]), got[3].kind, got.n]])
      assert.same({ "nil", "string", "http", 3 }, result)
    end)

    it("that raises shows in nginx's log, and stops nothing else", function()
      assert.equal("My Company", run(app() .. [[
        local name
        app:get("organization", function() error("oh dear") end)
        app:get("organization", function(value) name = value.name end)
        while not name do ngx.sleep(0.01) end
        ngx.sleep(0.05)
        return assert(app:get "organization").name]])[1])
      local log = stage.read(web.folder .. "/error.log")
      assert.is_truthy(log:find("oh dear", 1, true), log)
    end)

    it("is for a sound call: mistakes raise as ever, and name the place", function()
      local result = phases.send(web, "content", app() .. "app:request({ url = 1 }, function() end)")
      assert.is_false(result[1])
      assert.is_truthy(result[2]:find("'url'", 1, true), result[2])
    end)

    it("is called at once in init_by_lua, where nothing would call back later", function()
      local process = require "airlock.emulator".spawn()
      stage.keep(function() process:stop() end)
      web.stop()
      web = phases.start(([[
        local app = require "airlock".space { url = %q, client_id = %q, client_secret = %q }:client_credentials()
        app:get("organization", function(value) first = value.name end)
        second = first
      ]]):format(process.url, process.client_id, process.client_secret))
      assert.equal("My Company", run "return second"[1])
    end)
  end)

  describe("a task", function()
    local waits = [[
      local result, ended
      local began = now()
      local task = require "airlock.loop.ngx".spawn(function()
        local value, message, detail = CALL
        result = { tostring(value), detail and detail.kind .. "/" .. detail.code }
        ended = now() - began
      end)
      ngx.sleep(0.1)
      local cancelled = task:cancel()
      while not result do ngx.sleep(0.01) end
      return cancelled, result[1], result[2], ended < 3]]

    it("that is cancelled while its request is under way goes on with a failure at once", function()
      assert.same({ true, "nil", "cancelled/cancelled", true },
        run(app() .. slow(5) .. waits:gsub("CALL", 'slow:get "never"')))
    end)

    it("that is cancelled while it waits for a token goes on at once, and others get that token", function()
      space:fault { path = "^/oauth/token", delay = 0.4 }
      assert.same({ "cancelled/cancelled", "My Company" }, run(app() .. [[
        local first, second
        local task = require "airlock.loop.ngx".spawn(function() first = select(3, app:get "organization") end)
        require "airlock.loop.ngx".spawn(function() second = assert(app:get "organization").name end)
        ngx.sleep(0.1)
        task:cancel()
        while not (first and second) do ngx.sleep(0.01) end
        return first.kind .. "/" .. first.code, second]]))
      assert.equal(1, space:count "/oauth/token")
    end)

    it("that is cancelled in a gather has all its calls ended", function()
      assert.same({ true, "nil", "cancelled/cancelled", true }, run(app() .. slow(5)
        .. waits:gsub("CALL", [[unpack(airlock.gather(
        function() return slow:get "a" end, function() return slow:get "b" end)[2], 1, 3)]])))
    end)

    it("of a callback can be cancelled, and has nothing to cancel once it is over", function()
      assert.same({ true, "cancelled/cancelled", false }, run(app() .. slow(5) .. [[
        local got
        local task = slow:get("never", function(_, _, detail) got = detail.kind .. "/" .. detail.code end)
        ngx.sleep(0.1)
        local cancelled = task:cancel()
        while not got do ngx.sleep(0.01) end
        return cancelled, got, task:cancel()]]))
    end)

    it("carries readers, sinks and their errors as any other call", function()
      local seen
      local url = stage.server(function(x)
        seen = x.body
        x:reply { body = ("0123456789"):rep(50000) }
      end)
      assert.same({ 500000, 200, true }, run(app() .. ([[
        local api = airlock.client { base_url = %q }:permanent_token "permanent"
        local results = airlock.gather(function()
          local n, given = 0, 0
          local response = assert(api:request { url = "x", sink = function(bytes) ngx.sleep(0) n = n + #bytes end,
            body = function() given = given + 1 ngx.sleep(0.001) return given < 4 and "piece" or nil end })
          return n, response.status
        end, function()
          return pcall(api.request, api, { url = "x", sink = function() error("oh dear") end })
        end)
        return results[1][1], results[1][2], results[2][1] == false and results[2][2]:find("oh dear", 1,
          true) ~= nil]]):format(url)))
      assert.is_truthy(seen == "piecepiecepiece" or seen == "")
    end)
  end)

  it("a gather raises an error once the others have ended", function()
    assert.same({ false, true, "My Company" }, run(app() .. [[
      local name
      local ok, why = pcall(airlock.gather, function() error("oh dear") end,
        function() name = assert(app:get "organization").name end)
      return ok, why:find("oh dear", 1, true) ~= nil, name]]))
  end)

  it("a call that takes too long ends in time, token and request together", function()
    space:fault { path = "^/oauth/token", delay = 0.3 }
    space:fault { path = "organization", delay = 0.3 }
    local before = core.now()
    assert.same({ "network/timeout" }, run(app() .. [[
      local _, _, detail = app:request { url = "organization", timeout = 0.5 }
      return detail.kind .. "/" .. detail.code]]))
    assert.is_true(core.now() - before < 3)
    assert.equal(1, space:count "/oauth/token")
  end)

  it("a session that is closed ends its calls", function()
    assert.same({ "cancelled/closed", true }, run(app() .. slow(5) .. [[
      local result, ended
      local began = now()
      require "airlock.loop.ngx".spawn(function()
        local _, _, detail = slow:get "never"
        result, ended = detail.kind .. "/" .. detail.code, now() - began
      end)
      ngx.sleep(0.1)
      slow:close()
      while not result do ngx.sleep(0.01) end
      return result, ended < 3]]))
  end)
end)
