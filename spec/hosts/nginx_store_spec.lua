-- The store in nginx's shared memory, in a real nginx: what docs/store.md asks of a store, and what workers make of it.

local airlock = require "airlock"
local core = require "airlock.core"
local emulator = require "airlock.emulator"
local nginx = require "spec.support.nginx"
local phases = require "spec.support.phases"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

local function has(text, words) assert.is_truthy(text:find(words, 1, true), text) end

describe("airlock.store.ngx", function()
  local obstacle = nginx.without_lua()
  if obstacle then
    it("needs nginx", function() pending(obstacle) end)
    return
  end

  local web
  after_each(stage.clear)

  describe("by itself", function()
    -- Two stores over one dictionary, as two workers have them.
    before_each(function()
      web = phases.start([[
        open = require "airlock.store.ngx"
        function fresh()
          ngx.shared.tokens:flush_all()
          ngx.shared.tokens:flush_expired()
          return open { dict = "tokens" }, open { dict = ngx.shared.tokens }
        end
      ]], "lua_shared_dict tokens 1m; lua_shared_dict small 32k;")
    end)

    local function run(code) return phases.run(web, "local one, two = fresh() " .. code) end

    it("has no record before one is saved, then the newest, and none once it is removed", function()
      assert.same({ "nil", "first", "second", "nil" }, run [[
        local before = one.load "name"
        local fence = one.lock("name", 10)
        assert(one.save("name", "first", fence) == true)
        local first = two.load "name"
        assert(one.save("name", "second", fence) == true)
        one.unlock("name", fence)
        local second = two.load "name"
        fence = two.lock("name", 10)
        assert(two.save("name", nil, fence) == true)
        return tostring(before), first, second, tostring(one.load "name")]])
    end)

    it("gives its lock to one, and each lock a higher number", function()
      assert.same({ true, "nil", true, true }, run [[
        local first = one.lock("name", 10)
        local busy, why = two.lock("name", 10)
        local other = two.lock("another name", 10) ~= nil
        one.unlock("name", first)
        local second = two.lock("name", 10)
        return type(first) == "number", tostring(busy) .. tostring(why or ""), other, second > first]])
    end)

    it("gives the lock to the next one when the lease is over, whose record the first can't overwrite, and whose lock "
      .. "it can't free", function()
      assert.same({ false, "new", "nil" }, run [[
        local late = one.lock("name", 0.02)
        assert(one.save("name", "old", late))
        ngx.sleep(0.03)
        local fence = two.lock("name", 10)
        assert(two.load "name" == "old" and two.save("name", "new", fence))
        local kept = one.save("name", "late", late)
        one.unlock("name", late)
        return kept, one.load "name", tostring(one.lock("name", 10))]])
    end)

    -- Wherever a worker is stopped for longer than its lease, while another one takes the lock, looks, and saves or
    -- doesn't.
    for _, saves in ipairs { true, false } do
      it("can't be misled by a worker that was stopped between any two of its steps, while another one "
        .. (saves and "renews" or "looks"), function()
        local stops = run(("local saves = %s "):format(tostring(saves)) .. [[
          local dict, at, rival, reached, seen = ngx.shared.tokens, 0, nil, nil, nil
          local stopped = setmetatable({}, { __index = function(_, method)
            return function(_, ...)
              at = at - 1
              if at == 0 then rival() end
              return dict[method](dict, ...)
            end
          end })
          local slow, quick = open { dict = stopped }, open { dict = "tokens" }

          local function transaction(text)
            local fence
            for _ = 1, 3 do
              fence = fence or quick.lock("name", 0.01)
              if not fence then ngx.sleep(0.015) end -- the one that was stopped has just taken it
            end
            assert(fence, "no lock")
            local found = quick.load "name" or "none"
            if text then assert(quick.save("name", text, fence) == true, "not saved") end
            quick.unlock("name", fence)
            return found
          end

          function rival()
            reached = true
            ngx.sleep(0.015)
            seen = transaction(saves and "newer" or nil)
          end

          -- What stands in the store after one step that was stopped, or that wasn't, as it has no such step.
          local function try(what, step)
            fresh()
            transaction "old"
            local fence = what ~= "lock" and slow.lock("name", 0.01) or nil
            local result
            reached, at = false, step
            if what == "lock" then
              fence = slow.lock("name", 0.01)
              at = 0
              if fence then result = slow.save("name", "late", fence) end
            elseif what == "save" then result = slow.save("name", "late", fence)
            elseif what == "remove" then result = slow.save("name", nil, fence)
            elseif what == "unlock" then slow.unlock("name", fence)
            else result = slow.load "name" end
            at = 0
            if not reached then return end
            local last = quick.load "name" or "none"
            local own = what == "remove" and "none" or "late"
            if what == "load" then assert(result == "old" or result == seen or result == "newer", tostring(result)) end
            if what == "lock" then assert(last == (result and "late" or saves and "newer" or "old"), last)
            elseif what == "save" or what == "remove" then
              assert(result ~= true or seen == own,
                "it was told that its text is kept, but the next one found " .. seen)
              assert(last == "newer" or not saves, "the record is " .. last)
            else assert(last == (saves and "newer" or "old"), last) end
            ngx.sleep(0.015)
            transaction "last"
            assert(slow.load "name" == "last", "it is stuck")
            return true
          end

          local stops = 0
          for _, what in ipairs { "lock", "save", "remove", "unlock", "load" } do
            for step = 1, 50 do
              local ok, more = pcall(try, what, step)
              if not ok then error(("%s, step %d: %s"):format(what, step, more)) end
              if not more then break end
              stops = stops + 1
            end
          end
          return stops]])[1]
        assert.is_true(stops >= 25, stops .. " steps")
      end)
    end

    it("tells one whose lease is over that its text is kept only if the next one, which takes the lock meanwhile, "
      .. "finds it", function()
      local counts = run [[
        -- Each step of one that is over, mixed with each step of the next: so many of the first, then
        -- of the second, then the rest.
        local stepwise = setmetatable({}, { __index = function(_, method)
          return function(_, ...)
            coroutine.yield()
            return ngx.shared.tokens[method](ngx.shared.tokens, ...)
          end
        end })
        local store = open { dict = stepwise }

        local function go(thread, steps)
          for _ = 1, steps do
            if coroutine.status(thread) == "dead" then return true end
            assert(coroutine.resume(thread))
          end
          return coroutine.status(thread) == "dead"
        end

        local kept, refused = 0, 0
        local function try(text, first, second)
          local quick = fresh()
          local fence = quick.lock("name", 10)
          assert(quick.save("name", "old", fence))
          quick.unlock("name", fence) -- as if its lease were over
          local result, newer, found
          local late = coroutine.create(function() result = store.save("name", text, fence) end)
          local next_one = coroutine.create(function()
            newer = store.lock("name", 10)
            found = store.load "name"
          end)
          local over = go(late, first)
          local there = go(next_one, second)
          go(late, 100)
          go(next_one, 100)
          local what = ("%s, %d and %d steps: %s, %s"):format(tostring(text), first, second, tostring(result),
            tostring(found))
          assert(newer, what)
          assert(found == text or result == false and found == "old", what)
          if result then kept = kept + 1 else refused = refused + 1 end
          assert(quick.save("name", "newer", newer) == true and quick.load "name" == "newer", what)
          return over, there
        end

        for i = 1, 2 do
          local text, first, over = i == 1 and "late" or nil, 0, nil
          repeat
            local second, there = 0, nil
            repeat
              over, there = try(text, first, second)
              second = second + 1
            until there
            first = first + 1
          until over
        end
        return kept, refused]]
      assert.is_true(counts[1] > 20 and counts[2] > 50, table.concat(counts, " "))
    end)

    it("never loses a change, and never seems to be empty, while four workers change one record at once", function()
      web.stop()
      web = phases.start('require "airlock.store.ngx"', [[
        lua_shared_dict tokens 1m;
        lua_shared_dict seen 64k;
        init_worker_by_lua_block {
          local store, seen = require "airlock.store.ngx" { dict = "tokens" }, ngx.shared.seen
          local function number()
            local text = store.load "name"
            if not text then seen:incr("empty", 1, 0) end
            return tonumber(text or 0)
          end
          local function change(last)
            local fence = store.lock("name", 10)
            if fence then
              local now = number()
              if now < last then seen:incr("back", 1, 0) end
              if store.save("name", tostring(now + 1), fence) ~= true then seen:incr("refused", 1, 0) end
              store.unlock("name", fence)
              seen:incr("changes", 1, 0)
              last = now + 1
            end
            for _ = 1, 5 do
              local now = number()
              if now < last then seen:incr("back", 1, 0) end
              last = now
            end
            return last
          end
          ngx.timer.at(0, function()
            while not seen:get "go" do ngx.sleep(0.001) end
            local last = 0
            for round = 1, 2000 do
              last = change(last)
              if round % 100 == 0 then ngx.sleep(0) end
            end
            seen:incr("done", 1, 0)
          end)
        }
      ]], "", { workers = 4, main = "\nuser root;" })
      local result
      phases.run(web, [[
        local store = require "airlock.store.ngx" { dict = "tokens" }
        local fence = store.lock("name", 10)
        store.save("name", "0", fence)
        store.unlock("name", fence)
        ngx.shared.seen:set("go", true)]])
      for _ = 1, 500 do
        result = phases.run(web, [[
          local seen, store = ngx.shared.seen, require "airlock.store.ngx" { dict = "tokens" }
          return seen:get "done" or 0, seen:get "changes" or 0, tonumber(store.load "name"), seen:get "back" or 0,
            seen:get "empty" or 0,
            seen:get "refused" or 0]])
        if result[1] == 4 then break end
        raw.sleep(0.02)
      end
      assert.same({ 4, result[2], result[2], 0, 0, 0 }, result)
      assert.is_true(result[2] > 100, result[2] .. " changes")
    end)

    it("leaves nothing behind of what was replaced", function()
      local result = run [[
        local function round()
          local fence = one.lock("name", 10)
          for _ = 1, 3 do assert(one.save("name", ("x"):rep(1000), fence)) end
          one.unlock("name", fence)
        end
        round()
        local before = #ngx.shared.tokens:get_keys(0)
        for _ = 1, 50 do round() end
        return before, #ngx.shared.tokens:get_keys(0)]]
      assert.equal(result[1], result[2])
    end)

    it("that is full says so, keeps what it has, and throws out nobody's token", function()
      local result = run [[
        local dict = ngx.shared.small
        local store = open { dict = "small" }
        local names, failed = {}, nil
        while not failed do
          local name = ("name %d"):format(#names + 1)
          local fence, why = store.lock(name, 10)
          local ok
          if fence then ok, why = store.save(name, ("x"):rep(900), fence) end
          if fence then store.unlock(name, fence) end
          if ok then names[#names + 1] = name else failed = why end
        end
        local kept = 0
        for _, name in ipairs(names) do kept = kept + (store.load(name) and 1 or 0) end
        local fence, lock_why = store.lock(names[1], 10)
        local saved, save_why
        if fence then saved, save_why = store.save(names[1], ("y"):rep(5000), fence) end
        return #names, kept, failed, tostring(saved), save_why or lock_why, store.load(names[1]) == ("x"):rep(900)]]
      assert.is_true(result[1] > 3)
      assert.equal(result[1], result[2])
      has(result[3], "lua_shared_dict small is full")
      assert.equal("nil", result[4])
      has(result[5], "is full")
      assert.is_true(result[6])
    end)

    it("goes on where something else has pushed a token out, and says so in nginx's log", function()
      assert.same({ "nil", "again" }, run [[
        local fence = one.lock("name", 10)
        assert(one.save("name", "text", fence))
        for _, key in ipairs(ngx.shared.tokens:get_keys()) do
          if key:find "^text:" then ngx.shared.tokens:delete(key) end
        end
        local gone = one.load "name"
        assert(one.save("name", "again", fence))
        return tostring(gone), one.load "name"]])
      has(stage.read(web.folder .. "/error.log"), "a token is gone from lua_shared_dict tokens")
    end)

    it("takes the lock of a worker that is dead, and of no other", function()
      assert.same({ true, "nil", "nil" }, run [[
        local function hold(pid)
          local fence = fresh().lock("name", 10)
          ngx.shared.tokens:set("name:lock:" .. fence, pid)
          return one.lock("name", 10)
        end
        local pid = 0
        local pipe = io.popen "echo $$" -- a process that has ended
        pid = pipe:read "*n"
        pipe:close()
        return hold(pid) ~= nil, tostring(hold(ngx.worker.pid())), tostring(hold(1))]])
    end)

    it("forgets, with all that goes with it, what nobody has renewed for its lifetime", function()
      assert.same({ "text", "text", "nil", 0, "again" }, run [[
        local store = open { dict = "tokens", lifetime = 0.2 }
        local function save(text)
          local fence = store.lock("name", 0.01)
          assert(store.save("name", text, fence))
          store.unlock("name", fence)
        end
        local function after_a_while() -- and whether the machine was fast enough, by nginx's clock
          local saved = ngx.now()
          save "text"
          ngx.sleep(0.12)
          return store.load "name", ngx.now() - saved < 0.19
        end
        local first, renewed, soon, again
        repeat
          first, soon = after_a_while()
          renewed, again = after_a_while() -- that is a renewal
        until soon and again
        ngx.sleep(0.12)
        local gone = tostring(store.load "name")
        local left = 0
        ngx.shared.tokens:delete "texts"
        for _ in ipairs(ngx.shared.tokens:get_keys()) do left = left + 1 end
        save "again"
        return first, renewed, gone, left, store.load "name"]])
      assert.is_nil((stage.read(web.folder .. "/error.log")):find("is gone from", 1, true))
    end)

    it("names the line that is missing in nginx's configuration", function()
      local result = run [[
        local _, absent = pcall(open, { dict = "absent" })
        local _, wrong = pcall(open, { dict = 1 })
        local _, unknown = pcall(open, { dict = "tokens", size = 1 })
        local _, nothing = pcall(open)
        local _, never = pcall(open, { dict = "tokens", lifetime = 0 })
        return absent, wrong, unknown, nothing, never]]
      has(result[1], "add the line `lua_shared_dict absent 10m;`")
      has(result[2], "option 'dict'")
      has(result[3], "unknown option 'size'")
      has(result[4], "a table of options was expected")
      has(result[5], "option 'lifetime'")
    end)
  end)

  it("serves in init_by_lua, too: a token that is got there is in the store for all workers", function()
    local process = emulator.spawn()
    stage.keep(function() process:stop() end)
    web = phases.start(([[
      local client = require "airlock".space { url = %q, client_id = %q, client_secret = %q,
        store = require "airlock.store.ngx" { dict = "tokens" } }
      app = client:client_credentials()
      first = assert(app:token())
    ]]):format(process.url, process.client_id, process.client_secret), "lua_shared_dict tokens 1m;")
    assert.same({ true, true, "program" }, phases.run(web, [[
      local keys = table.concat(ngx.shared.tokens:get_keys(), " ")
      return keys:find "text:1" ~= nil, app:token() == first, app:info().store]]))
  end)

  describe("under four workers", function()
    local space, process, control

    -- Each worker pushes its clock forward when it is told to.
    local clock = [[
      lua_shared_dict tokens 1m;
      lua_shared_dict control 64k;
      init_worker_by_lua_block {
        local ahead = 0
        ngx.timer.every(0.02, function()
          local wanted = ngx.shared.control:get "ahead" or 0
          if wanted > ahead then
            require "airlock.core".advance(wanted - ahead)
            ahead = wanted
            ngx.shared.control:incr("there", 1, 0)
          end
        end)
      }
    ]]

    local places = [[
      location = /me { content_by_lua_block {
        local me, message = user:get "team-directory/profiles/me"
        ngx.print(require "cjson".encode { me and me.username or message, ngx.worker.pid() })
      } }
    ]]

    local function begin(timeout)
      space = stage.space { rotate = true }
      local app = space.applications.web
      local granted = space:issue { application = app, person = "bob.second", scope = "global:Profile.View",
        offline = true }
      web = phases.start(([[
        ngx.update_time()
        born = ngx.now()
        user = require "airlock".space {
          url = %q, client_id = %q, client_secret = %q, timeout = %d,
            store = require "airlock.store.ngx" { dict = "tokens" },
        }:refresh_token(%q)
      ]]):format(space.url, app.client_id, app.client_secret, timeout or 30, granted.refresh_token), clock, places,
        { workers = 4, main = "\nuser root;" })
      process = tonumber(stage.read(web.folder .. "/nginx.pid"))
      control = 0
    end

    local function advance(seconds)
      control = control + seconds
      phases.run(web, ("ngx.shared.control:delete 'there' ngx.shared.control:set('ahead', %d)"):format(control))
      local there
      repeat
        raw.sleep(0.01)
        there = phases.run(web, "return ngx.shared.control:get 'there' or 0")[1]
      until there == 4
      space:advance(seconds)
    end

    -- So many visitors at once, each on a connection of its own; gives who wasn't served as they should be, and the
    -- workers that answered.
    local function visit(visitors, each)
      local wrong, workers, jobs, count = {}, {}, {}, 0
      for i = 1, visitors do
        jobs[i] = function()
          local visitor = airlock.client { base_url = web.http }:permanent_token("visitor-" .. i)
          for _ = 1, each do
            local answer = assert(visitor:get "me")
            if not workers[answer[2]] then count = count + 1 end
            workers[answer[2]] = true
            if answer[1] ~= "bob.second" then wrong[#wrong + 1] = answer[1] end
          end
        end
      end
      airlock.gather(unpack(jobs))
      return wrong, count
    end

    it("50 connections that find one rotating token expired make one renewal, and none fails", function()
      begin()
      for round = 1, 3 do
        local wrong, workers = visit(50, 2)
        assert.same({}, wrong)
        assert.is_true(workers > 1, "one worker served all")
        assert.equal(round, space:count "/oauth/token")
        advance(700)
      end
      assert.equal(0, space:count(function(entry) return entry.status == 401 end))
    end)

    it("a login outlives a reload of nginx, though its first refresh token is long spent", function()
      begin()
      for _ = 1, 2 do
        assert.same({}, (visit(4, 1)))
        advance(700)
      end
      assert.same({}, (visit(4, 1)))
      local born = phases.run(web, "return born")[1]
      os.execute("kill -HUP " .. process)
      -- a worker that goes may close a kept connection just as the question is sent
      local function reborn()
        local ok, answer = pcall(phases.run, web, "return born")
        return ok and answer[1] ~= born
      end
      local tries = 0
      while tries < 200 and not reborn() do
        tries = tries + 1
        raw.sleep(0.02)
      end
      assert.is_true(reborn(), "nginx didn't reload")
      assert.same({}, (visit(8, 1)))
      assert.equal(3, space:count "/oauth/token") -- the new workers' first one is in the store
    end)

    it("a worker that is killed while it renews leaves the lock to the next one at once", function()
      begin()
      space:fault { path = "^/oauth/token$", status = 503, delay = 30 }
      local holder
      airlock.gather(function()
        -- its connection is cut
        airlock.client { base_url = web.http, timeout = 20 }:permanent_token "the-first":request { url = "me" }
      end, function()
        for _ = 1, 500 do
          holder = phases.run(web, [[
            for _, key in ipairs(ngx.shared.tokens:get_keys()) do
              if key:find ":lock:" then return ngx.shared.tokens:get(key) end
            end
            return false]])[1]
          if holder and space:count "/oauth/token" == 1 then break end
          core.wait(0)
        end
        assert.is_number(holder)
        os.execute("kill -KILL " .. holder)
        raw.sleep(0.05)
        local began = core.now()
        assert.same({}, (visit(8, 1)))
        assert.is_true(core.now() - began < 15, "the lease of 40 s was waited for")
        assert.equal(2, space:count "/oauth/token")
      end)
    end)
  end)
end)
