-- The same straight-line calls under every loop that this Lua has a host for.

local airlock = require "airlock"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local shield = require "airlock.compat"
local stage = require "spec.support.stage"

local unpack = table.unpack or unpack -- luacheck: ignore 143

for _, name in ipairs(hosts.names) do
  describe("under the loop " .. name, function()
    local there, missing = hosts[name]()
    local host, space, app

    if not there then it("nothing can be tried", function() pending(missing) end) end

    before_each(function()
      if not there then return end
      host = hosts[name]()
      space = stage.space()
      app = stage.app(space, { loop = host.loop })
    end)
    after_each(stage.clear)

    local function case(rule, f)
      if there then it(rule, f) end
    end

    local function pack(...)
      return { n = select("#", ...), ... }
    end

    -- Runs functions in coroutines of the host until all have ended; gives what each returned.
    local function together(...)
      local left, results = select("#", ...), {}
      for i, f in ipairs { ... } do
        host.spawn(function()
          results[i] = pack(f())
          left = left - 1
        end)
      end
      host.run(20, function() return left == 0 end)
      assert.same({}, host.errors)
      assert.equal(0, left, "coroutines that didn't end")
      return results
    end

    local function alone(f)
      return unpack(together(f)[1], 1, 3)
    end

    local function slow(seconds)
      return (stage.api(function(x) x:reply { body = ("%q"):format(x.path), delay = seconds } end,
        { loop = host.loop }))
    end

    case("a call waits, and others go on", function()
      local session, order = slow(0.08), {}
      local jobs = {}
      for i = 1, 20 do
        jobs[i] = function()
          order[#order + 1] = "begun"
          local value = session:get("n" .. i)
          order[#order + 1] = "over"
          return value
        end
      end
      local results = together(unpack(jobs))
      for i = 1, 20 do assert.equal("/n" .. i, results[i][1]) end
      assert.equal("begun", order[20])
    end)

    case("a call outside of its coroutines blocks", function()
      assert.is_nil(shield.running())
      assert.is_table(expect.success(app:get "projects"))
    end)

    case("all who need a token wait for one request", function()
      local jobs = {}
      for i = 1, 20 do jobs[i] = function() return app:get "organization" end end
      for _, result in ipairs(together(unpack(jobs))) do assert.equal("My Company", result[1].name) end
      assert.equal(1, space:count "/oauth/token")
    end)

    case("failures are values", function()
      expect.failure({ kind = "http", status = 404 }, alone(function() return app:get "projects/key:NONE" end))
      space:fault { path = "/oauth/token", status = 400, body = '{"error":"invalid_client"}', times = 9 }
      local other = stage.client(space, { loop = host.loop }):client_credentials { scope = "other" }
      expect.failure({ kind = "oauth", code = "invalid_client" }, alone(function() return other:token() end))
    end)

    case("gather and session:all run side by side, also inside of each other", function()
      local session = slow(0.1)
      local results = alone(function()
        return airlock.gather(function() return session:get "a" end, function()
          return airlock.gather(function() return session:get "b" end, function() return session:get "c", "d" end)
        end, function() return session:all { "e", "f" } end)
      end)
      assert.equal("/a", results[1][1])
      assert.same({ n = 2, { n = 1, "/b" }, { n = 2, "/c", "d" } }, results[2][1])
      assert.equal("/f", results[3][1][2]:json())
    end)

    case("gather raises an error once the others have ended", function()
      local session = slow(0.05)
      local ended
      local ok, why = alone(function()
        return shield.pcall(airlock.gather, function()
          session:get "a"
          error("oops", 0)
        end, function() ended = session:get "b" end)
      end)
      assert.same({ false, "oops", "/b" }, { ok, why, ended })
    end)

    case("an error in a coroutine shows where the host shows errors, and stops nothing else", function()
      local session = slow(0.05)
      local value
      host.spawn(function() value = session:get "beside" end)
      host.spawn(function()
        session:get "a"
        error "the program's own"
      end)
      host.run(5, function() return value and host.errors[1] end)
      assert.equal(1, #host.errors)
      assert.is_truthy(tostring(host.errors[1]):find("the program's own", 1, true))
      assert.equal("/beside", value)
      assert.equal("/b", alone(function() host.errors = {} return session:get "b" end))
    end)

    local many = (name == "cqueues" or name == "copas") and 500 or 100

    case(many .. " are in flight beside other work", function()
      local session = slow(0.2)
      local jobs, ticks, over = {}, 0, false
      for i = 1, many do jobs[i] = function() return session:get("n" .. i) end end
      host.spawn(function()
        local quick = stage.api(function(x) x:reply { body = "1", delay = 0.01 } end, { loop = host.loop })
        while not over do
          assert(quick:get "tick")
          ticks = ticks + 1
        end
      end)
      local results = alone(function()
        local results = airlock.gather(unpack(jobs))
        over = true
        return results
      end)
      for i = 1, many do assert.equal("/n" .. i, results[i][1]) end
      assert.is_true(ticks >= 3, ticks .. " ticks")
      host.run(0.05, function() return false end)
    end)

    case("a paged list is iterated over", function()
      local n = alone(function()
        local n = 0
        for _ in app:each("projects", { ["$top"] = 10 }) do n = n + 1 end
        return n
      end)
      assert.equal(25, n)
    end)

    case("sinks, readers and the secret's function may wait themselves", function()
      local secret = stage.app(space, { loop = host.loop, client_secret = function()
        assert(app:get "organization")
        return space.client_secret
      end }, { scope = "**" })
      local got = {}
      local pieces = { "b", "a" }
      local session = stage.api(function(x) x:reply { body = x.body } end, { loop = host.loop })
      local response = alone(function()
        assert(secret:token())
        return session:request { url = "x", sink = function(bytes)
          assert(app:get "organization")
          got[#got + 1] = bytes
        end, body = function()
          assert(app:get "organization")
          return table.remove(pieces)
        end }
      end)
      assert.same({ 200, "ab" }, { response.status, table.concat(got) })
    end)

    case("an error in a sink goes to the caller", function()
      local session = slow()
      local ok, why = alone(function()
        return shield.pcall(session.request, session, { url = "x", sink = function() error("full", 0) end })
      end)
      assert.same({ false, "full" }, { ok, why })
    end)

    case("a call that takes too long ends in time, token and request together", function()
      space:fault { path = "/oauth/token", delay = 0.12 }
      space:fault { path = "organization", delay = 0.12 }
      local r, message, detail = alone(function() return app:request { url = "organization", timeout = 0.2 } end)
      expect.failure({ kind = "network", code = "timeout" }, r, message, detail)
      assert.equal(1, space:count "/oauth/token")
    end)

    case("a task that is cancelled goes on with a failure at once", function()
      if name == "documented" then return end -- its spawn gives no task
      local session = slow(5)
      local result
      local task = host.spawn(function()
        result = pack(session:get "never")
        return session:get "never/again"
      end)
      host.run(0.05, function() return false end)
      collectgarbage() -- what ends a wait is held by who waits
      collectgarbage()
      assert.is_true(task:cancel())
      host.run(5, function() return result ~= nil end)
      expect.failure({ kind = "cancelled", code = "cancelled" }, unpack(result, 1, 3))
      task:cancel()
      host.run(0.05, function() return false end)
      assert.is_false(task:cancel())
    end)

    case("a task that is cancelled in a gather has all its calls ended", function()
      if name == "documented" then return end
      local session = slow(5)
      local result
      local task = host.spawn(function()
        result = airlock.gather(function() return session:get "a" end, function() return session:get "b" end)
      end)
      host.run(0.05, function() return false end)
      collectgarbage()
      collectgarbage()
      assert.is_true(task:cancel())
      host.run(5, function() return result ~= nil end)
      for i = 1, 2 do expect.failure({ kind = "cancelled", code = "cancelled" }, unpack(result[i], 1, 3)) end
    end)

    case("who waits for a renewal outlives the one who began it", function()
      if name == "documented" then return end
      space:fault { path = "/oauth/token", delay = 0.2 }
      local first, second
      local task = host.spawn(function() first = pack(app:get "organization") end)
      host.spawn(function() second = pack(app:get "organization") end)
      host.run(0.05, function() return false end)
      task:cancel()
      host.run(5, function() return first and second end)
      expect.failure({ kind = "cancelled" }, unpack(first, 1, 3))
      assert.equal("My Company", second[1].name)
      assert.equal(1, space:count "/oauth/token")
    end)

    if not shield.needless then
      case("coxpcall's pcall may be waited across, where the Lua's own can't", function()
        local ok, coxpcall = pcall(require, "coxpcall")
        if not ok then return pending "coxpcall isn't installed for this Lua" end
        local session = slow(0.05)
        local inner = function()
          assert.equal("/a", session:get "a")
          error({ "mine" })
        end
        local results = together(function() return coxpcall.pcall(inner) end, function()
          return coxpcall.pcall(airlock.gather, function() return session:get "b" end,
            function() return coxpcall.pcall(inner) end)
        end)
        assert.same({ false, { "mine" } }, { results[1][1], results[1][2] })
        assert.same({ true, "/b", false }, { results[2][1], results[2][2][1][1], results[2][2][2][1] })
      end)
    end
  end)
end
