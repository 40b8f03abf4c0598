-- A final callback in place of waiting, under every loop that this Lua has a host for.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local hosts = require "spec.support.hosts"
local stage = require "spec.support.stage"

local unpack = table.unpack or unpack -- luacheck: ignore 143

local function pack(...)
  return { n = select("#", ...), ... }
end

-- What a callback was called with, in `[1]`, and how often.
local function catch()
  local got = { times = 0 }
  return got, function(...)
    got.times = got.times + 1
    got.result = pack(...)
  end
end

-- Methods that ask nobody. One that does belongs into the list of callback.lua instead.
local quiet = {
  session = { "close", "each", "forget", "fresh_token", "info", "ready", "settings", "ask_opening", "ask_source",
    "logout_url", "open_device", "open_password", "open_signer", "open_standing", "reply_text" },
  client = { "anonymous", "authorization", "client_credentials", "has", "implicit", "jwt_bearer", "metadata",
    "permanent_token", "refresh_token", "registration", "settings", "token_exchange", "token_source", "grant" },
  authorization = { "close", "fields", "matches", "redeem", "refer", "save", "seal", "settings" },
}

describe("a callback", function()
  it("is for every method that waits, and there is no other", function()
    for class, methods in pairs(core.classes) do
      local known = {}
      for _, names in ipairs { quiet[class] or {}, require("airlock.loop.callback").waiting[class] or {} } do
        for _, each in ipairs(names) do
          assert.is_nil(known[each])
          assert.is_function(methods[each], each)
          known[each] = true
        end
      end
      for each, value in pairs(methods) do
        local told = known[each] or class == "call" or type(value) ~= "function" or each:find "^_"
        assert.is_truthy(told,
          ("%s:%s waits (list it in lua/airlock/loop/callback.lua) or asks nobody (list it here)"):format(class, each))
      end
    end
  end)
end)

for _, name in ipairs(hosts.names) do
  describe("a callback under the loop " .. name, function()
    local there, missing = hosts[name]()
    local host, space, app, client

    if not there then it("can't be tried", function() pending(missing) end) end

    before_each(function()
      if not there then return end
      host = hosts[name]()
      space = stage.space()
      client = stage.client(space, { loop = host.loop })
      app = client:client_credentials()
    end)
    after_each(stage.clear)

    local function case(rule, f)
      if there then it(rule, f) end
    end

    -- cqueues has no loop outside of its controllers; everywhere else a callback may be given in the main program.
    local function begin(f)
      if name ~= "cqueues" then return f() end
      local result
      host.spawn(function() result = f() end)
      host.run(0.02, function() return false end)
      return result
    end

    local function called(got)
      host.run(10, function() return got.times > 0 end)
      assert.same({}, host.errors)
      assert.equal(1, got.times)
      return unpack(got.result, 1, 3)
    end

    case("is taken by every method that waits", function()
      local calls = {
        { "get", "organization" }, { "get", "projects", { ["$top"] = 1 } }, { "request", { url = "organization" } },
          { "token" }, { "settle" },
        { "refresh" }, { "all", { "organization", "projects" } }, { "settle", 5 },
      }
      for _, call in ipairs(calls) do
        local got, back = catch()
        local arguments = { unpack(call, 2) }
        arguments[#arguments + 1] = back
        begin(function() app[call[1]](app, unpack(arguments)) end)
        expect.success(called(got))
      end
    end)

    case("gets value, or failure with its message and detail", function()
      local got, back = catch()
      begin(function() app:get("projects/key:NONE", back) end)
      expect.failure({ kind = "http", status = 404 }, called(got))
      local echo = stage.api(function(x) x:reply { body = ("[%q,%s]"):format(x.method,
        x.body ~= "" and x.body or "0") } end, { loop = host.loop })
      for _, call in ipairs { { "post", 1 }, { "put", 2 }, { "patch", 3 }, { "delete" } } do
        got, back = catch()
        begin(function() echo[call[1]](echo, "x", call[2] or back, call[2] and back) end)
        assert.same({ call[1]:upper(), call[2] or 0 }, called(got))
      end
    end)

    case("may be the last of all arguments", function()
      local echo = stage.api(function(x) x:reply { body = ("[%q,%q]"):format(x.method, x.headers["x-trace"]) } end,
        { loop = host.loop })
      local options = { headers = { ["X-Trace"] = "7" } }
      for _, method in ipairs { "get", "delete", "post", "put", "patch" } do
        local got, back = catch()
        begin(function() echo[method](echo, "x", nil, options, back) end)
        assert.same({ method:upper(), "7" }, called(got))
      end
    end)

    case("of clients, devices, authorizations and discovery", function()
      local got, back = catch()
      begin(function() client:password({ username = "bob.second", password = "password-of-bob.second", scope = "**" },
        back) end)
      local user = called(got)
      got, back = catch()
      begin(function() user:get("team-directory/profiles/me", back) end)
      assert.equal("bob.second", called(got).username)
      got, back = catch()
      begin(function() user:logout(back) end)
      assert.is_true(called(got))
      got, back = catch()
      begin(function() client:verify("x.y.z", back) end)
      expect.failure({ kind = "oauth", code = "invalid_token" }, called(got))
      local authorization = client:authorization_code { redirect_uri = "http://localhost/callback",
        scope = "global:Profile.View" }
      got, back = catch()
      begin(function() authorization:finish("?state=no&code=no", back) end)
      expect.failure({ kind = "state", code = "state_mismatch" }, called(got))
      got, back = catch()
      begin(function() airlock.discover(space.url .. "/none", { client_id = "x", loop = host.loop }, back) end)
      expect.failure({ kind = "oauth" }, called(got))
    end)

    if name == "poll" then
      it("is called before the method comes back, as nothing would call back later", function()
        local got, back = catch()
        app:get("organization", back)
        assert.equal(1, got.times)
        expect.raise("callback's own", app.get, app, "organization", function() error "callback's own" end)
      end)
    else
      case("is never called before the method has come back", function()
        expect.success(app:token())
        for _, call in ipairs { { "token" }, { "settle" }, { "get", "organization" } } do
          local got, back = catch()
          local early
          begin(function()
            app[call[1]](app, call[2] or back, call[2] and back)
            early = got.times > 0
          end)
          assert.is_false(early)
          expect.success(called(got))
        end
      end)

      case("that raises shows where the host shows errors, and stops nothing else", function()
        local got, back = catch()
        begin(function()
          app:get("organization", function() error "callback's own" end)
          app:get("organization", back)
        end)
        host.run(5, function() return got.times > 0 and host.errors[1] end)
        assert.is_truthy(tostring(host.errors[1]):find("callback's own", 1, true), host.errors[1])
        assert.equal("My Company", got.result[1].name)
      end)

      case("comes with a task that can be cancelled", function()
        space:fault { path = "organization", delay = 5 }
        expect.success(app:token())
        local got, back = catch()
        local task = begin(function() return app:get("organization", back) end)
        host.run(0.03, function() return false end)
        assert.is_true(task:cancel())
        expect.failure({ kind = "cancelled", code = "cancelled" }, called(got))
      end)

      case("of a session that is closed gets a failure", function()
        space:fault { path = "organization", delay = 5 }
        expect.success(app:token())
        local got, back = catch()
        begin(function() app:get("organization", back) end)
        host.run(0.03, function() return false end)
        app:close()
        expect.failure({ kind = "cancelled", code = "closed" }, called(got))
      end)

      case("is for a sound call: mistakes raise as ever, and name the place", function()
        local ok, why
        begin(function() ok, why = pcall(function() app:get("a b", function() end) end) end)
        if name == "cqueues" then
          host.run(1, function() return host.errors[1] end)
          ok, why = false, host.errors[1]
        end
        assert.is_false(ok)
        assert.is_truthy(why:find("callback_spec%.lua:%d+: .*'url'"), why)
        assert.same(name == "cqueues" and 1 or 0, #host.errors)
      end)
    end

    case("a login waits without blocking", function()
      local native = airlock.space { url = space.url, client_id = space.applications.native.client_id,
        loop = host.loop }
      local redirect
      local got, back = catch()
      begin(function()
        native:login({ scope = "global:Profile.View", timeout = 20, open = function(url)
          redirect = space:approve(url, { person = "bob.second" })
          os.execute(("(sleep 0.05; curl -s --noproxy '*' '%s' >/dev/null) &"):format(redirect))
        end }, back)
        if name ~= "poll" then assert.equal(0, got.times) end
      end)
      assert.equal("bob.second", called(got):get("team-directory/profiles/me").username)
    end)

    case("a pasted address ends a login", function()
      local native = airlock.space { url = space.url, client_id = space.applications.native.client_id,
        loop = host.loop }
      local got, back = catch()
      local taken = {}
      begin(function()
        native:login({ scope = "global:Profile.View", account = "pasted", timeout = 20, open = function(url, paste)
          taken[1] = paste "http://127.0.0.1/callback?code=x&state=y"
          taken[2] = paste(space:approve(url, { person = "bob.second" }) .. "\n")
          taken[3] = paste(space:approve(url, { person = "bob.second" }))
        end }, back)
      end)
      assert.equal("bob.second", called(got):get("team-directory/profiles/me").username)
      assert.same({ false, true, false }, taken)
    end)

    case("a login that nobody ends is over in time, or when it is cancelled", function()
      local native = airlock.space { url = space.url, client_id = space.applications.native.client_id,
        loop = host.loop }
      local got, back = catch()
      begin(function() native:login({ account = "late", timeout = 0.05, open = function() end }, back) end)
      expect.failure({ kind = "cancelled", code = "timeout" }, called(got))
      if name == "poll" then return end
      got, back = catch()
      local task = begin(function() return native:login({ account = "late", timeout = 60, open = function() end },
        back) end)
      host.run(0.02, function() return false end)
      collectgarbage()
      collectgarbage()
      assert.is_true(task:cancel())
      expect.failure({ kind = "cancelled", code = "cancelled" }, called(got))
    end)

    case("a device code is waited for", function()
      space:stop()
      space = stage.space { device_interval = 0.05 }
      local native = airlock.space { url = space.url, client_id = space.applications.native.client_id, loop = host.loop,
        device_authorization_endpoint = space.url .. "/oauth/device" }
      local got, back = catch()
      begin(function() native:device_code({ scope = "global:Profile.View" }, back) end)
      local device = called(got)
      space:enter_device_code(device.user_code, { person = "chen.third" })
      got, back = catch()
      begin(function() device:wait(back) end)
      assert.is_table(called(got):get "team-directory/profiles/me")
    end)
  end)
end
