-- Airlock in a real nginx with its Lua module: what the specs of the rooms say holds there too, and no worker is
-- blocked.

local airlock = require "airlock"
local core = require "airlock.core"
local emulator = require "airlock.emulator"
local nginx = require "spec.support.nginx"
local phases = require "spec.support.phases"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

describe("in nginx", function()
  local obstacle = nginx.without_lua()
  if obstacle then
    it("Airlock", function() pending(obstacle) end)
    return
  end

  local web, space

  local function start(...)
    web = phases.start(...)
    return web
  end

  local function send(place, code) return phases.send(web, place, code) end
  local function run(code, place) return phases.run(web, code, place) end

  -- Lua that makes `app`, a session of the emulator's first application.
  local function app(more)
    return ([[local airlock, core = require "airlock", require "airlock.core"
      local client = airlock.space { url = %q, client_id = %q, client_secret = %q, %s }
      local app = client:client_credentials { scope = "**" }
    ]]):format(space.url, space.client_id, space.client_secret, more or "")
  end

  -- Lua that makes `api`, a session with a permanent token at a URL.
  local function api(url, more)
    return ([[local api = require "airlock".client { base_url = %q, %s }:permanent_token "permanent"
    ]]):format(url, more or "")
  end

  local function fails(wanted, code)
    local result = run(code .. ' return tostring(value), message, detail and detail.kind .. "/" .. detail.code')
    assert.same({ "nil", wanted }, { result[1], result[3] }, result[2])
    return result[2]
  end

  local function get_fails(wanted, url, more)
    return fails(wanted, api(url, more) .. 'local value, message, detail = api:get "x"')
  end

  before_each(function() space = stage.space() end)

  after_each(stage.clear)

  describe("a call", function()
    before_each(function() start() end)

    for _, place in ipairs { "content", "access", "rewrite", "timer" } do
      it("yields in " .. place, function()
        local result = run(app() .. 'return assert(app:get "organization").name', place)
        assert.equal("My Company", result[1])
        assert.equal(1, space:count "/oauth/token")
      end)
    end

    it("leaves the worker to others while it waits", function()
      local url = stage.server(function(x) x:reply { body = "1", delay = 0.3 } end)
      local result = run(api(url) .. [[
        local paths, ticks, over = {}, 0, false
        for i = 1, 20 do paths[i] = "n" .. i end
        ngx.thread.spawn(function() while not over do ngx.sleep(0.01) ticks = ticks + 1 end end)
        ngx.update_time()
        local before = ngx.now()
        assert(api:all(paths))
        ngx.update_time()
        over = true
        return ngx.now() - before, ticks]])
      assert.is_true(result[1] < 3, ("20 requests of 0.3 s took %.1f s"):format(result[1]))
      assert.is_true(result[2] >= 10, ("a clock of 10 ms ticked %d times in 300 ms"):format(result[2]))
    end)

    it("shares one token with all others of the worker, and one token request", function()
      space:fault { path = "^/oauth/token", delay = 0.1 }
      local result = run(app() .. [[
        local jobs = {}
        for i = 1, 50 do jobs[i] = function() return app:get "organization" end end
        local results = airlock.gather(unpack(jobs))
        local right = 0
        for i = 1, 50 do right = right + (results[i][1].name == "My Company" and 1 or 0) end
        return right]])
      assert.equal(50, result[1])
      assert.equal(1, space:count "/oauth/token")
      run(app() .. 'assert(app:get "organization")')
      assert.equal(1, space:count "/oauth/token")
    end)

    it("renews a token that ran out before it is sent", function()
      run(app() .. 'assert(app:get "organization") core.advance(601) assert(app:get "organization")')
      assert.equal(2, space:count "/oauth/token")
      assert.equal(0, space:count(function(entry) return entry.status == 401 end))
    end)

    it("drops a token that was refused, renews once and is sent again", function()
      space:fault { path = "^/api/http/organization", status = 401 }
      assert.equal("My Company", run(app() .. 'return assert(app:get "organization").name')[1])
      assert.equal(2, space:count "/oauth/token")
    end)

    it("is repeated as Retry-After says", function()
      space:fault { path = "^/api/http/organization", rate_limited = true, retry_after = "1" }
      assert.equal("My Company", run(app() .. 'return assert(app:get "organization").name')[1])
      assert.equal(2, space:count "/api/http/organization")
    end)

    it("lets a token request be repeated as Retry-After says", function()
      space:fault { path = "^/oauth/token", rate_limited = true, retry_after = "1" }
      assert.equal("My Company", run(app() .. 'return assert(app:get "organization").name')[1])
      assert.equal(2, space:count "/oauth/token")
    end)

    it("says what the authorization server said", function()
      local result = run(app():gsub("client_secret = \"[^\"]*\"", 'client_secret = "wrong"')
        .. 'local value, message, detail = app:get "organization" return tostring(value), message, detail.code, '
        .. 'detail.outcome')
      assert.same({ "nil", "invalid_client", "misconfigured" }, { result[1], result[3], result[4] })
    end)

    it("asks a secret's function, which may yield", function()
      local code = app():gsub('client_secret = ("[^"]*")', "client_secret = function() ngx.sleep(0.01) return %1 end")
      assert.equal("My Company", run(code .. 'return assert(app:get "organization").name')[1])
    end)

    it("proves the key that its token is bound to, with the nonces of both servers [9449-04]", function()
      space = stage.space { dpop_nonce = true }
      local result = run(app "dpop = true" .. 'return assert(app:get "organization").name, app:info().token_type')
      assert.same({ "My Company", "DPoP" }, result)
      assert.equal(4, space:count())
    end)

    it("that is killed leaves its token request to those who joined it", function()
      space:fault { path = "^/oauth/token", delay = 0.3 }
      local result = run(app() .. [[
        local first = ngx.thread.spawn(function() return app:get "organization" end)
        local second = ngx.thread.spawn(function() return assert(app:get "organization").name end)
        ngx.sleep(0.05)
        ngx.thread.kill(first)
        return select(2, ngx.thread.wait(second))]])
      assert.equal("My Company", result[1])
      assert.equal(1, space:count "/oauth/token")
    end)

    it("that is killed is collected with all it holds", function()
      space:fault { path = "^/oauth/token", delay = 0.5 }
      local result = run(app() .. [[
        local seen = setmetatable({}, { __mode = "k" })
        local start = require "airlock.loop.ngx".start
        require "airlock.loop.ngx".start = function(...)
          local call = start(...)
          seen[call] = true
          return call
        end
        local thread = ngx.thread.spawn(function() return app:get "organization" end)
        ngx.sleep(0.05)
        require "airlock.loop.ngx".start = start
        local before = next(seen) ~= nil
        ngx.thread.kill(thread)
        thread = nil
        collectgarbage() collectgarbage()
        return before, next(seen) == nil]])
      assert.same({ true, true }, result)
    end)

    it("fails where nginx gives no timer for its token request", function()
      web.stop()
      start(nil, "lua_max_pending_timers 1;")
      local message = fails("network/connect",
        app() .. 'ngx.timer.at(60, function() end) local value, message, detail = app:get "organization"')
      assert.is_truthy(message:find("lua_max_pending_timers", 1, true), message)
      assert.equal(0, space:count "/oauth/token")
    end)
  end)

  describe("a request", function()
    before_each(function() start() end)

    -- A server that writes down what it is sent.
    local function mirror(reply)
      local seen = {}
      local url = stage.server(function(x)
        seen[#seen + 1] = { method = x.method, target = x.target, headers = x.headers, body = x.body }
        x:reply(reply and reply(x, #seen) or { body = '{"ok":true}' })
      end)
      return url, seen
    end

    it("goes out as over libcurl, but asks for nothing packed", function()
      local url, seen = mirror()
      run(api(url .. "/a/") .. [[assert(api:request { url = "b", query = { q = "x y" },
        headers = { ["X-One"] = "1", ["X-None"] = "" } })]])
      local request = seen[1]
      assert.same({ "GET", "/a/b?q=x+y" }, { request.method, request.target })
      assert.equal("Bearer permanent", request.headers.authorization)
      assert.equal(url:match "//(.*)", request.headers.host)
      assert.equal("application/json", request.headers.accept)
      assert.equal("1", request.headers["x-one"])
      assert.equal("", request.headers["x-none"])
      assert.is_truthy(request.headers["user-agent"]:find "^airlock/")
      assert.is_nil(request.headers["accept-encoding"])
      assert.is_nil(request.headers["content-length"])
    end)

    it("carries bodies of every kind", function()
      local url, seen = mirror()
      run(api(url) .. [[
        assert(api:post("x", { a = 1 }))
        assert(api:request { url = "x", form = { a = "b c" } })
        assert(api:request { url = "x", method = "PUT", body = ("x"):rep(300000) })
        assert(api:post "x")
        local n = 0
        assert(api:request { url = "x", body = function()
          ngx.sleep(0.001) n = n + 1
          return n < 4 and ("piece %d."):format(n) or nil
        end })]])
      assert.equal('{"a":1}', seen[1].body)
      assert.equal("application/json", seen[1].headers["content-type"])
      assert.equal("a=b+c", seen[2].body)
      assert.equal(300000, #seen[3].body)
      assert.equal("0", seen[4].headers["content-length"])
      assert.equal("piece 1.piece 2.piece 3.", seen[5].body)
      assert.equal("chunked", seen[5].headers["transfer-encoding"])
    end)

    it("ends as cancelled where its reader gives up", function()
      local url = mirror()
      local message = fails("cancelled/cancelled", api(url)
        .. 'local value, message, detail = api:request { url = "x", body = function() return nil, "no ink" end }')
      assert.is_truthy(message:find("no ink", 1, true))
    end)

    it("raises what its reader or sink raises", function()
      local url = mirror()
      for _, option in ipairs { "body", "sink" } do
        local result = send("content",
          api(url) .. ('assert(api:request { url = "x", %s = function() error("oh dear") end })'):format(option))
        assert.is_false(result[1])
        assert.is_truthy(result[2]:find("oh dear", 1, true))
      end
    end)

    it("pours its answer into a sink, which may yield", function()
      local url = mirror(function() return { body = ("0123456789"):rep(100000) } end)
      local result = run(api(url) .. [[
        local n, pieces = 0, 0
        local response = assert(api:request { url = "x", sink = function(bytes)
          ngx.sleep(0) n, pieces = n + #bytes, pieces + 1
        end })
        return n, pieces > 1, response.body, response.status]])
      assert.same({ 1000000, true, "", 200 }, result)
    end)

    it("ends as cancelled where its sink gives up", function()
      local url = mirror(function() return { body = ("0123456789"):rep(100000) } end)
      fails("cancelled/cancelled",
        api(url) .. 'local value, message, detail = api:request { url = "x", sink = function() return false end }')
    end)

    it("takes answers of every kind", function()
      local url = mirror(function(x)
        if x.path == "/none" then return { status = 204 } end
        return { body = ("x"):rep(200000), headers = { ["X-Two"] = "2" } }
      end)
      local result = run(api(url) .. [[
        local head = assert(api:request { method = "HEAD", url = "x" })
        local none = assert(api:request { url = "none" })
        local whole = assert(api:request { url = "x" })
        return head.status, #head.body, none.status, #whole.body, whole.headers["x-two"], whole.url]])
      assert.same({ 200, 0, 204, 200000, "2", url .. "/x" }, result)
    end)

    it("takes chunks and answers that end with the connection", function()
      local chunked = raw.listen(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n")
      local open = raw.listen "HTTP/1.1 200 OK\r\n\r\n{\"a\":2}"
      assert.equal(1, run(api(chunked) .. 'return assert(api:get "x").a')[1])
      assert.equal(2, run(api(open) .. 'return assert(api:get "x").a')[1])
    end)

    it("uses a connection again", function()
      local count = 0
      local url, listener = raw.listen(function()
        count = count + 1
        return "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1", true
      end)
      run(api(url) .. 'for _ = 1, 5 do assert(api:get "x") end')
      assert.same({ 5, 1 }, { count, #listener.connections })
    end)

    it("is sent again where a connection that rested turns out to be dead", function()
      local seen = {}
      local url = raw.listen(function(text, n)
        seen[#seen + 1] = text:match "^%u+"
        if n == 2 then return "" end -- closed without an answer
        return "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1", true
      end)
      run(api(url) .. 'assert(api:get "x") assert(api:get "x")')
      assert.same({ "GET", "GET", "GET" }, seen)
    end)

    it("is never sent twice where it might count twice (RFC 9110 section 9.2.2)", function()
      local seen = {}
      local url = raw.listen(function(text, n)
        seen[#seen + 1] = text:match "^%u+"
        if n == 2 then return "" end
        return "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1", true
      end)
      fails("network/empty_reply", api(url) .. 'assert(api:get "x") local value, message, detail = api:post("x", 1)')
      assert.same({ "GET", "POST" }, seen)
    end)

    it("follows redirects, and takes its token to no other origin", function()
      local there, at_there = mirror()
      local here, at_here = mirror(function(x)
        if x.path == "/away" then return { status = 302, headers = { Location = there .. "/x" } } end
        if x.path == "/near" then return { status = 307, headers = { Location = "end?a=b" } } end
      end)
      assert.equal(there .. "/x", run(api(here) .. [[return assert(api:request { url = "away",
        headers = { Range = "bytes=1-", ["X-Own"] = "1" } }).url]])[1])
      assert.is_nil(at_there[1].headers.authorization)
      assert.same({ "bytes=1-" }, { at_there[1].headers.range, at_there[1].headers["x-own"] })
      assert.equal(here .. "/end?a=b",
        run(api(here) .. 'return assert(api:request { url = "near", method = "POST", body = "b" }).url')[1])
      assert.same({ "POST", "/end?a=b", "b" }, { at_here[3].method, at_here[3].target, at_here[3].body })
      assert.equal("Bearer permanent", at_here[3].headers.authorization)
    end)

    it("fails with the words of libcurl's", function()
      get_fails("network/connect", ("http://127.0.0.1:%d"):format(raw.free_port()))
      get_fails("network/timeout", ("http://127.0.0.1:%d"):format(raw.stuck_port()), "timeout = 0.3")
      get_fails("network/timeout", (raw.listen(function() end)), "timeout = 0.3")
      get_fails("network/empty_reply", (raw.listen ""))
      get_fails("network/cut_off", (raw.listen "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"))
      get_fails("network/malformed_response", (raw.listen "SSH-2.0-OpenSSH_9.2\r\n"))
      get_fails("network/too_large", (raw.listen("HTTP/1.1 200 OK\r\n\r\n" .. ("x"):rep(2000))), "max_body = 1000")
      get_fails("network/too_large", (raw.listen("HTTP/1.1 200 OK\r\nA: " .. ("x"):rep(150000) .. "\r\n\r\n")))
      get_fails("network/too_large", (raw.listen("HTTP/1.1 200 OK\r\n" .. ("A: b\r\n"):rep(300) .. "\r\n")))
    end)

    it("is cut off at its time-out where the answer only drips", function()
      local url = stage.server(function(x) x:reply { body = ("x"):rep(100), dribble = { bytes = 1, every = 0.05 } } end)
      get_fails("network/timeout", url, "timeout = 0.4")
    end)

    it("ends where nothing of a body moves any more, long before its time-out", function()
      local url = raw.listen(function() return "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome", true end)
      local message = get_fails("network/timeout", url, "timeout = 60, stall_timeout = 0.3")
      assert.is_truthy(message:find("nothing of a body has moved for 300 ms (option stall_timeout)", 1, true), message)
    end)

    it("opens no more connections to a host than it may, and waits for one", function()
      local url, listener = raw.listen(function() return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", true end)
      local result = run(api(url, "max_connections = 3") .. [[
        local paths = {}
        for i = 1, 40 do paths[i] = "x" .. i end
        local responses = assert(api:all(paths))
        return #responses, next(responses.failures)]])
      assert.equal(40, result[1])
      assert.is_nil(result[2])
      assert.is_true(#listener.connections <= 3, #listener.connections)
    end)

    it("is told to on_event, with its token's", function()
      local lines = run(app [[on_event = function(e)
        lines = lines or {}
        if e.id then lines[#lines + 1] = e.event .. " " .. e.purpose .. " " .. (e.status or e.method) end
      end]] .. [[assert(app:get "organization") return table.concat(lines, ", ")]])[1]
      assert.equal("request token POST, response token 200, request api GET, response api 200", lines)
    end)

    it("names where it failed, and its client", function()
      local url = mirror(function() return { status = 404, body = "{}" } end)
      local message = get_fails("http/http_404", url)
      assert.equal("GET " .. url .. "/x: the API answered with status 404", message)
    end)

    it("needs a resolver for names", function()
      assert.is_truthy(get_fails("network/resolve", "https://api.example"):find("resolver", 1, true))
    end)

    it("finds this machine without a resolver", function()
      local url = mirror()
      run(api((url:gsub("127.0.0.1", "localhost"))) .. 'assert(api:get "x")')
    end)

    it("trusts over TLS what nginx trusts", function()
      local site = nginx.start 'location / { return 200 "{}"; }'
      local url = site.https:gsub("127.0.0.1", "localhost")
      -- of another authority than the one in lua_ssl_trusted_certificate
      for _ = 1, 5 do get_fails("network/tls", url) end
      web.stop()
      web = nginx.start(phases.places .. 'location = /there { return 200 "[1]"; }',
        { lua = true, http = phases.beginning:format "" })
      local own = web.https:gsub("127.0.0.1", "localhost")
      assert.equal(1, run(api(own) .. 'local n = 0 for _ = 1, 3 do n = assert(api:get "there")[1] end return n')[1])
      get_fails("network/tls", web.elsewhere) -- a name that its certificate doesn't have
    end)

    it("refuses options that nginx's connections can't honour", function()
      local url = mirror()
      for name, value in pairs { ca_file = web.ca, proxy = "http://127.0.0.1:1", http_version = "2" } do
        local result = send("content", api(url, ("%s = %q"):format(name, value)) .. 'return api:get "x"')
        assert.is_false(result[1])
        assert.is_truthy(result[2]:find("'" .. name .. "'", 1, true), result[2])
      end
    end)
  end)

  describe("a phase", function()
    for _, phase in ipairs { "header_filter", "body_filter", "log" } do
      it(phase .. ", which can't wait, says so, and what to do", function()
        start()
        send(phase, app() .. 'app:get "organization"')
        local late
        repeat late = send("late", "") until type(late) == "table"
        assert.is_false(late[1])
        assert.is_truthy(late[2]:find("can't wait for a request in its phase '" .. phase .. "'", 1, true), late[2])
        assert.is_truthy(late[2]:find("ngx.timer.at", 1, true))
        assert.equal(0, space:count "/oauth/token")
      end)
    end

    it("init_by_lua blocks, and its client and token serve in the workers", function()
      local process = emulator.spawn()
      stage.keep(function() process:stop() end)
      start(([[
        airlock = require "airlock"
        local client = airlock.space { url = %q, client_id = %q, client_secret = %q }
        app = client:client_credentials { scope = "**" }
        first = assert(app:token())
        gathered = airlock.gather(function() return assert(app:get "organization").name end)[1][1]
      ]]):format(process.url, process.client_id, process.client_secret), "", "")
      local result = run 'return gathered, assert(app:get "organization").name, app:token() == first'
      assert.same({ "My Company", "My Company", true }, result)
    end)

    it("that handles requests may be the first to require Airlock", function()
      start()
      assert.equal("function", run('return type(require "airlock".space)', "access")[1])
    end)
  end)

  describe("a user", function()
    before_each(function() start() end)

    it("logs in across two requests, by what the first one saved", function()
      local web_app = space.applications.web
      local client = ([[local client = require "airlock".space { url = %q, client_id = %q, client_secret = %q,
          redirect_uri = "http://localhost/callback" }
      ]]):format(space.url, web_app.client_id, web_app.client_secret)
      local begun = run(client .. [[
        local login = client:authorization_code { scope = "global:Profile.View", access_type = "offline" }
        return login.url, login:save()]])
      local redirect = assert(space:approve(begun[1], { person = "bob.second" }))
      local result = run(client .. ([[
        local user = assert(assert(client:authorization(%q)):finish(%q))
        return assert(user:get "team-directory/profiles/me").username, (assert(user:logout()))]]):format(begun[2],
          redirect))
      assert.same({ "bob.second", true }, result)
    end)

    it("enters a device's code elsewhere, while the worker serves others", function()
      local native = space.applications.native
      local result
      local code = ([[
        local client = require "airlock".client { token_endpoint = %q,
          device_authorization_endpoint = %q, client_id = %q }
        local device = assert(client:device_code { scope = "global:Profile.View" })
        device.interval = 0.1
        ngx.shared.codes:set("code", device.user_code)
        return assert(device:wait()):info().grant]]):format(space.url .. "/oauth/token", space.url .. "/oauth/device",
          native.client_id)
      web.stop()
      start(nil, "lua_shared_dict codes 64k;")
      airlock.gather(function() result = run(code) end, function()
        local user_code
        for _ = 1, 200 do
          user_code = run 'return ngx.shared.codes:get "code" or false'[1]
          if user_code then break end
        end
        assert(space:enter_device_code(user_code, { person = "bob.second" }))
      end)
      assert.equal("device_code", result[1])
    end)

    it("isn't logged in by client:login, and is told how else", function()
      local result = send("content", app() .. "client:login()")
      assert.is_false(result[1])
      assert.is_truthy(result[2]:find("client:authorization_code", 1, true), result[2])
    end)
  end)

  it("four workers share one login through a store, and renew it once each time it runs out", function()
    local renewals = 0
    local rotating = stage.space { token_lifetime = 2, rotate = true, on_call = function(call)
      if call.path == "/oauth/token" then renewals = renewals + 1 end
    end }
    local folder, web_app = stage.folder(), rotating.applications.web
    local granted = rotating:issue { application = web_app, person = "bob.second", scope = "global:Profile.View",
      offline = true }
    start(([[
      user = require "airlock".space { url = %q, client_id = %q, client_secret = %q, store = %q }:refresh_token(%q)
    ]]):format(rotating.url, web_app.client_id, web_app.client_secret, folder, granted.refresh_token), "", [[
      location = /me { content_by_lua_block {
        local me, message = user:get "team-directory/profiles/me"
        ngx.print(require "cjson".encode { me and me.username or message, ngx.worker.id() })
      } }
    ]], { workers = 4, main = "\nuser root;" })
    local visitors, workers, wrong, began = {}, {}, {}, core.now()
    for i = 1, 16 do
      visitors[i] = function()
        local visitor = airlock.client { base_url = web.http }:permanent_token "visitor"
        while core.now() - began < 4.5 do
          local answer = assert(visitor:get "me")
          workers[answer[2]] = true
          if answer[1] ~= "bob.second" then wrong[#wrong + 1] = answer[1] end
        end
      end
    end
    airlock.gather((table.unpack or unpack)(visitors))
    assert.same({}, wrong)
    assert.is_truthy(next(workers, next(workers)), "one worker served all")
    assert.is_true(renewals >= 3 and renewals <= math.ceil((core.now() - began) / 1.5) + 1, renewals .. " renewals")
  end)

  it("no token or secret gets into nginx's log", function()
    start()
    space:fault { path = "^/api/http/organization", status = 401 }
    local result = run(app() .. [[
      local token = assert(app:token())
      app:get "organization"
      local bad = airlock.client { base_url = "http://127.0.0.1:1" }:permanent_token "canary-in-a-token"
      local _, message = bad:get "x"
      ngx.log(ngx.ERR, tostring(app), tostring(bad), message)
      return token]])
    local log = stage.read(web.folder .. "/error.log")
    assert.is_truthy(log:find("connect() failed", 1, true))
    for _, secret in ipairs { result[1], space.client_secret, "canary-in-a-token" } do
      assert.is_nil(log:find(secret, 1, true))
    end
  end)
end)
