local curl = require "spec.support.curl"
local poll = require "airlock.loop.poll"
local server = require "airlock.server"
local socket = require "socket"

describe("server", function()
  local running

  local function listen(handler, more)
    local options = { handler = handler }
    for name, value in pairs(more or {}) do options[name] = value end
    running = assert(server.listen(options))
    poll.add(running)
    return running
  end

  local function get(path, ...)
    return curl.run { running:url() .. path, ... }
  end

  after_each(function()
    if running then
      poll.remove(running)
      running:close()
      running = nil
    end
    collectgarbage()
  end)

  describe("listening", function()
    local function nothing() end

    it("takes a free port and says where it is", function()
      local s = listen(nothing)
      assert.is_true(s:port() > 0)
      assert.equal("127.0.0.1", s:host())
      assert.equal("http://127.0.0.1:" .. ("%d"):format(s:port()), s:url())
      assert.equal("airlock.server (" .. s:url() .. ")", tostring(s))
      assert.is_true(s:fd() >= 0)
    end)

    it("answers nil and a message when the port is taken", function()
      local s = listen(nothing)
      local second, why = server.listen { handler = nothing, port = s:port() }
      assert.is_nil(second)
      assert.truthy(why:find("127.0.0.1 port " .. ("%d"):format(s:port()), 1, true))
    end)

    it("may take the same port again once it closed", function()
      local s = listen(function(x) x:reply {} end)
      local port = s:port()
      assert.equal(200, get("/").status)
      s:close()
      poll.remove(s)
      listen(nothing, { port = port })
      assert.equal(port, running:port())
    end)

    it("listens on ::1", function()
      listen(function(x) x:reply { body = x.remote } end, { host = "::1" })
      assert.truthy(running:url():find "^http://%[::1%]:%d+$")
      local r = curl.run { "-g", running:url() .. "/" }
      assert.truthy(r.body:find "^%[::1%]:%d+$")
    end)

    it("refuses every address that isn't loopback", function()
      for _, host in ipairs { "0.0.0.0", "::", "192.0.2.1", "localhost", "127.0.0.1.", "", "::ffff:127.0.0.1" } do
        assert.error_matches(function() server.listen { handler = nothing, host = host } end, "loopback")
      end
    end)

    it("names an unknown option, and one of the wrong type", function()
      assert.error_matches(function() server.listen { handler = nothing, prot = 1 } end, "unknown option 'prot'")
      assert.error_matches(function() server.listen {} end, "option 'handler' is missing")
      assert.error_matches(function() server.listen { handler = 1 } end, "'handler' must be a function")
      assert.error_matches(function() server.listen { handler = nothing, on_error = 1 } end,
        "'on_error' must be a function")
      assert.error_matches(function() server.listen { handler = nothing, port = 70000 } end, "option 'port'")
      assert.error_matches(function() server.listen { handler = nothing, cert = "x" } end, "option 'key'")
    end)

    it("answers nil for a certificate that isn't one", function()
      local s, why = server.listen { handler = nothing, cert = "no", key = "no" }
      assert.is_nil(s)
      assert.truthy(why:find "certificate")
    end)

    it("closes twice, and does nothing afterwards", function()
      local s = assert(server.listen { handler = nothing })
      s:close()
      s:close()
      assert.equal(-1, s:fd())
      s:step()
      assert.equal("airlock.server (closed)", tostring(s))
    end)
  end)

  describe("a request", function()
    it("shows method, target, path, query, headers, body and remote", function()
      local seen
      listen(function(x)
        seen = { method = x.method, target = x.target, path = x.path, query = x.query, headers = x.headers,
          body = x.body, remote = x.remote, list = x:header_list(), text = tostring(x), unknown = x.unknown }
        x:reply {}
      end)
      get("/a%2Fb%zz/?q=1&r=%20", "-X", "PUT", "-H", "X-One: 1", "-H", "X-Two: a", "-H", "x-two: b", "-d", "body=text")
      assert.equal("PUT", seen.method)
      assert.equal("/a%2Fb%zz/?q=1&r=%20", seen.target)
      assert.equal("/a%2Fb%zz/", seen.path)
      assert.equal("q=1&r=%20", seen.query)
      assert.equal("1", seen.headers["x-one"])
      assert.equal("a, b", seen.headers["x-two"])
      assert.truthy(seen.remote:find "^127%.0%.0%.1:%d+$")
      local order = {}
      for _, pair in ipairs(seen.list) do
        if pair[1]:lower():find "^x%-" then order[#order + 1] = pair[1] .. "=" .. pair[2] end
      end
      assert.equal("X-One=1 X-Two=a x-two=b", table.concat(order, " "))
      assert.equal("airlock.exchange (PUT /a%2Fb%zz/)", seen.text)
      assert.is_nil(seen.unknown)
    end)

    it("has no query where there is no '?', and an empty one after a bare '?'", function()
      local seen = {}
      listen(function(x)
        seen[#seen + 1] = tostring(x.query)
        x:reply {}
      end)
      for _, target in ipairs { "/", "/?" } do -- a newer curl leaves a bare "?" out
        curl.wait(curl.send(running:port(), "GET " .. target .. " HTTP/1.0\\r\\n\\r\\n"))
      end
      assert.same({ "nil", "" }, seen)
    end)

    it("brings its body whole, bytes of any kind, also in chunks", function()
      listen(function(x) x:reply { body = x.body } end)
      local name = os.tmpname()
      local file = io.open(name, "wb")
      local bytes = {}
      for i = 0, 255 do bytes[#bytes + 1] = string.char(i) end
      local body = table.concat(bytes):rep(1000)
      file:write(body)
      file:close()
      assert.is_true(body == get("/", "--data-binary", "@" .. name).body)
      assert.is_true(body == get("/", "-H", "Transfer-Encoding: chunked", "--data-binary", "@" .. name).body)
      os.remove(name)
    end)

    it("over max_body answers 413 and never reaches the handler", function()
      local called = 0
      listen(function(x)
        called = called + 1
        x:reply { body = x.body }
      end, { max_body = 10 })
      assert.equal(200, get("/", "-d", "0123456789").status)
      assert.equal(413, get("/", "-d", "0123456789a").status)
      assert.equal(413, get("/", "-d", "0123456789a", "-H", "Expect: 100-continue").status)
      assert.equal(413, get("/", "-d", ("x"):rep(100000), "-H", "Transfer-Encoding: chunked", "-H", "Expect:").status)
      assert.equal(1, called)
    end)

    it("with too many headers is refused by the server itself", function()
      local called = false
      listen(function(x)
        called = true
        x:reply {}
      end)
      local r = curl.wait(curl.send(running:port(), "GET / HTTP/1.1\\r\\nHost: a\\r\\nX: ",
        "head -c 400000 /dev/zero | tr \"\\0\" x"
        .. " >&3; printf \"\\r\\n\\r\\n\" >&3; timeout 2 cat <&3"))
      assert.is_false(called)
      assert.truthy(r.out == "" or r.out:find "^HTTP/1.1 4%d%d")
    end)

    it("that is no HTTP harms nobody", function()
      listen(function(x) x:reply { body = "fine" } end)
      curl.wait(curl.send(running:port(), "\\0001\\0377\\r\\n\\r\\nnonsense\\r\\n\\r\\n", "timeout 1 cat <&3"))
      curl.wait(curl.send(running:port(), "GET / HTTP/1.1\\r\\n", "exit"))
      curl.wait(curl.send(running:port(), "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 100\\r\\n\\r\\nshort",
        "exit"))
      curl.wait(curl.send(running:port(), "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: -1\\r\\n\\r\\n",
        "timeout 1 cat <&3"))
      assert.equal("fine", get("/").body)
    end)

    it("that comes slowly holds nobody up", function()
      local bodies = {}
      listen(function(x)
        bodies[#bodies + 1] = x.body
        x:reply { body = "ok" }
      end)
      local slow = curl.send(running:port(),
        "POST / HTTP/1.1\\r\\nHost: a\\r\\nContent-Length: 3\\r\\nConnection: close\\r\\n\\r\\na",
        "sleep 0.3; printf b >&3; sleep 0.1; printf c >&3; timeout 5 cat <&3")
      curl.pass(0.1)
      assert.equal("ok", get("/", "-d", "quick").body)
      curl.wait(slow)
      assert.same({ "quick", "abc" }, bodies)
    end)
  end)

  describe("strangers", function()
    local strangers
    before_each(function() strangers = {} end)
    after_each(function()
      for _, each in ipairs(strangers) do each:close() end
    end)

    local function come(n, bytes)
      for _ = 1, n do
        local each = assert(socket.connect("127.0.0.1", running:port()))
        each:settimeout(0)
        if bytes then each:send(bytes) end
        strangers[#strangers + 1] = each
        poll.run(0.001)
      end
    end

    local function there()
      poll.run(0.05)
      local n, which = 0, {}
      for i, each in ipairs(strangers) do
        local _, why = each:receive(1)
        if why == "timeout" then n, which[n + 1] = n + 1, i end
      end
      return n, which
    end

    it("that are quiet go, the oldest first, when there are more than `connections`", function()
      listen(function(x) x:reply { body = "ok" } end, { connections = 4 })
      come(40)
      assert.same({ 4, { 37, 38, 39, 40 } }, { there() })
      for _ = 1, 5 do assert.equal("ok", get("/").body) end
    end)

    it("that send half a request go as well", function()
      listen(function(x) x:reply { body = "ok" } end, { connections = 4 })
      for _, bytes in ipairs { "G", "GET / HTTP/1.1\r\nA: b",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx" } do
        come(10, bytes)
        assert.equal(4, (there()))
        assert.equal("ok", get("/").body)
      end
    end)

    it("that come while a request waits for its answer don't take its connection", function()
      local waiting
      listen(function(x)
        if x.path == "/wait" then waiting = x else x:reply { body = "ok" } end
      end, { connections = 2 })
      local job = curl.start { running:url() .. "/wait" }
      poll.run(5, function() return waiting ~= nil end)
      come(20)
      assert.equal("ok", get("/").body)
      waiting:reply { body = "late" }
      assert.equal("late", curl.wait(job).body)
    end)

    it("that are quiet for `idle` seconds go by themselves", function()
      listen(function() end, { idle = 1 })
      come(3)
      local left
      poll.run(30, function()
        left = 0
        for _, each in ipairs(strangers) do
          local _, why = each:receive(1)
          if why == "timeout" then left = left + 1 end
        end
        return left == 0
      end)
      assert.equal(0, left)
    end)
  end)

  describe("a reply", function()
    it("carries status, headers of both shapes, and body", function()
      listen(function(x)
        if x.path == "/list" then x:reply { status = 201, headers = { { "X-A", "1" }, { "X-B", 2 } }, body = "made" }
        else x:reply { status = 404, headers = { ["X-A"] = "one", ["X-N"] = 3 } } end
      end)
      local r = get "/list"
      assert.same({ 201, "1", "2", "made" }, { r.status, r.headers["x-a"], r.headers["x-b"], r.body })
      r = get "/map"
      assert.same({ 404, "one", "3", "" }, { r.status, r.headers["x-a"], r.headers["x-n"], r.body })
    end)

    it("to HEAD has no body", function()
      listen(function(x) x:reply { body = "12345" } end)
      local r = get("/", "-I")
      assert.same({ 0, 200, "5" }, { r.rc, r.status, r.headers["content-length"] })
    end)

    it("raises for what HTTP can't carry, and may then be made again", function()
      local errors = {}
      listen(function(x)
        local function bad(options)
          local ok, why = pcall(x.reply, x, options)
          errors[#errors + 1] = not ok and why or "no error"
        end
        bad { headers = { ["X-A"] = "split\r\nX-B: 1" } }
        bad { headers = { ["X-A"] = "nul\0" } }
        bad { headers = { ["X-A"] = {} } }
        bad { headers = { "X-A: 1" } }
        bad { headers = "X-A: 1" }
        bad { status = 99 }
        bad { status = 700 }
        bad { body = 5 }
        bad { boddy = "" }
        bad { delay = -1 }
        bad { delay = 0 / 0 }
        bad { dribble = { bytes = 0 } }
        bad { dribble = { bits = 1 } }
        bad { endless = true }
        bad { body = "x", truncate = 1, headers = { ["X-A"] = "a\nb" } }
        x:reply { body = "fine" }
      end)
      assert.equal("fine", get("/").body)
      local wanted = { "X%-A", "X%-A", "X%-A", "pairs", "headers", "status", "status", "body", "boddy", "delay",
        "delay", "bytes", "bits", "endless", "X%-A" }
      for i, part in ipairs(wanted) do assert.truthy(errors[i]:find(part), errors[i]) end
      assert.equal(#wanted, #errors)
    end)

    it("made twice raises", function()
      local whys = {}
      listen(function(x)
        assert.is_false(x.replied)
        x:reply { body = "first" }
        assert.is_true(x.replied)
        whys[1] = select(2, pcall(x.reply, x, {}))
        whys[2] = select(2, pcall(x.drop, x))
      end)
      assert.equal("first", get("/").body)
      assert.truthy(whys[1]:find "answered before")
      assert.truthy(whys[2]:find "answered before")
    end)

    it("may come later than the handler's end", function()
      local kept
      listen(function(x) kept = x end)
      local job = curl.start { running:url() .. "/" }
      curl.pass(5, function() return kept end)
      kept:reply { body = "later" }
      assert.equal("later", curl.wait(job).body)
    end)

    it("with a delay waits without holding up others", function()
      local order = {}
      listen(function(x)
        order[#order + 1] = x.path
        x:reply { body = x.path, delay = x.path == "/slow" and 0.4 or nil }
      end)
      local slow = curl.start { "-w", "%{time_starttransfer}", running:url() .. "/slow" }
      curl.pass(5, function() return order[1] end)
      local quick = curl.run { "-w", "%{time_starttransfer}", running:url() .. "/quick" }
      curl.wait(slow)
      assert.equal("/slow", slow.body)
      local slow_s, quick_s = tonumber((slow.out:gsub(",", "."))), tonumber((quick.out:gsub(",", ".")))
      assert.is_true(slow_s >= 0.395, slow.out) -- curl's own clock starts later
      assert.is_true(quick_s < 0.4, quick.out)
    end)

    it("truncated promises all and cuts", function()
      listen(function(x) x:reply { body = ("x"):rep(1000), truncate = x.path == "/none" and 0 or 10 } end)
      local r = get "/"
      assert.same({ 18, 200, "1000", 10 }, { r.rc, r.status, r.headers["content-length"], #r.body })
      r = get "/none"
      assert.same({ 18, 200, 0 }, { r.rc, r.status, #r.body })
    end)

    it("truncated beyond its end is whole", function()
      listen(function(x) x:reply { body = "abc", truncate = 10 } end)
      local r = get "/"
      assert.same({ 0, "abc" }, { r.rc, r.body })
    end)

    it("endless never ends, and lets others be served meanwhile", function()
      listen(function(x)
        if x.path == "/endless" then x:reply { body = "abc", endless = true } else x:reply { body = "quick" } end
      end)
      local job = curl.start { "--limit-rate", "300k", "--max-time", "1", running:url() .. "/endless" }
      assert.equal("quick", get("/").body)
      curl.wait(job)
      assert.equal(28, job.rc)
      assert.is_true(#job.body > 100000)
      assert.truthy(job.body:find "^abcabcabc")
    end)

    it("in dribbles comes in drops", function()
      listen(function(x) x:reply { body = "hello", dribble = { bytes = 1, every = 0.05 } } end)
      local r = get("/", "-w", "%{time_total}")
      assert.equal("hello", r.body)
      assert.is_true(tonumber((r.out:gsub(",", "."))) >= 0.195, r.out)
    end)

    it("in dribbles may be cut too", function()
      listen(function(x) x:reply { body = "hello", dribble = { bytes = 2, every = 0.01 }, truncate = 3 } end)
      local r = get "/"
      assert.same({ 18, "hel" }, { r.rc, r.body })
    end)

    it("does nothing where the peer left during the delay", function()
      local kept
      listen(function(x)
        if x.path == "/kept" then kept = x elseif x.path == "/late" then x:reply { body = "late", delay = 0.2 }
        else x:reply { body = "fine" } end
      end)
      get("/late", "--max-time", "0.1")
      get("/kept", "--max-time", "0.1")
      kept:reply { body = "nobody" }
      curl.pass(0.2)
      assert.equal("fine", get("/").body)
    end)

    it("does nothing where the server is closed", function()
      local kept = {}
      listen(function(x) kept[#kept + 1] = x end)
      local jobs = { curl.start { running:url() .. "/" }, curl.start { running:url() .. "/" } }
      curl.pass(5, function() return #kept == 2 end)
      running:close()
      kept[1]:reply { body = "nobody" }
      kept[2]:drop()
      assert.error_matches(function() kept[1]:reply {} end, "answered before")
      curl.wait(jobs)
      assert.same({ 52, 52 }, { jobs[1].rc, jobs[2].rc })
    end)
  end)

  describe("dropping", function()
    it("closes the connection without an answer", function()
      listen(function(x) x:drop() end)
      assert.equal(52, get("/").rc)
    end)

    it("may wait first", function()
      listen(function(x) x:drop { delay = 0.2 } end)
      local r = get("/", "-w", "%{time_total}")
      assert.equal(52, r.rc)
      assert.is_true(tonumber((r.out:gsub(",", "."))) >= 0.195, r.out)
    end)
  end)

  describe("a handler", function()
    it("that fails answers 500 without its words, and step raises them when all others were served", function()
      local served = {}
      listen(function(x)
        served[#served + 1] = x.path
        if x.path:find "bad" then error("secret words of " .. x.path) end
        x:reply { body = "ok" }
      end)
      local jobs = {}
      for i, path in ipairs { "/bad1", "/a", "/bad2", "/b" } do jobs[i] = curl.start { running:url() .. path } end
      local raised = {}
      local fd_alone = running
      poll.remove(fd_alone)
      local stop = os.time() + 10
      curl.wait(jobs, function()
        local ok, why = pcall(fd_alone.step, fd_alone)
        if not ok then raised[#raised + 1] = why end
        assert(os.time() < stop)
      end)
      assert.equal(4, #served)
      assert.same({ 500, 200, 500, 200 }, { jobs[1].status, jobs[2].status, jobs[3].status, jobs[4].status })
      assert.is_nil(jobs[1].body:find "secret")
      assert.is_true(#raised >= 1)
      assert.truthy(raised[1]:find "secret words")
    end)

    it("that fails is told to on_error where there is one", function()
      local told = {}
      listen(function() error({ code = "mine" }) end, { on_error = function(why, x) told[1], told[2] = why,
        x.path end })
      assert.equal(500, get("/here").status)
      assert.same({ { code = "mine" }, "/here" }, told)
    end)

    it("may answer, then fail", function()
      local told
      listen(function(x)
        x:reply { body = "done" }
        error "afterwards"
      end, { on_error = function(why) told = why end })
      assert.equal("done", get("/").body)
      assert.truthy(told:find "afterwards")
    end)

    it("whose on_error fails as well raises from step", function()
      listen(function() error "one" end, { on_error = function() error "two" end })
      local job = curl.start { running:url() .. "/" }
      poll.remove(running)
      local raised
      curl.wait(job, function()
        local ok, why = pcall(running.step, running)
        raised = raised or (not ok and why)
      end)
      assert.truthy(raised:find "two")
      assert.equal(500, job.status)
    end)

    it("may close its own server", function()
      listen(function(x)
        x:reply { body = "bye" }
        running:close()
      end)
      local r = get "/"
      assert.equal(52, r.rc)
      assert.equal("airlock.server (closed)", tostring(running))
    end)

    it("may wait for another request of the same server", function()
      local seen
      listen(function(x)
        if x.path == "/inner" then
          seen = true
          return x:reply { body = "inner" }
        end
        curl.pass(5, function() return seen end)
        x:reply { body = "outer after inner: " .. tostring(seen) }
      end)
      local jobs = { curl.start { running:url() .. "/outer" },
        curl.start { "--retry", "0", running:url() .. "/inner" } }
      curl.wait(jobs)
      assert.equal("inner", jobs[2].body)
      assert.equal("outer after inner: true", jobs[1].body)
    end)

    it("that forgets the exchange answers 500 when it is collected", function()
      listen(function() end)
      local r = curl.run({ running:url() .. "/" }, function() collectgarbage() end)
      assert.equal(500, r.status)
    end)
  end)

  describe("the collector", function()
    it("may take the server while a request waits", function()
      local kept, arrived
      local s = assert(server.listen { handler = function(x)
        kept, arrived = x, true
      end })
      local job = curl.start { s:url() .. "/" }
      local stop = os.time() + 10
      while not arrived and os.time() < stop do s:step() end
      s = nil -- luacheck: ignore
      collectgarbage()
      collectgarbage()
      assert.equal(52, curl.wait(job).rc)
      kept:reply { body = "nobody is there" }
    end)

    it("may take exchange and server together", function()
      local function begin()
        local both = {}
        both.server = assert(server.listen { handler = function(x) both.exchange = x end })
        local job = curl.start { both.server:url() .. "/" }
        local stop = os.time() + 10
        while not both.exchange and os.time() < stop do both.server:step() end
        return job
      end
      local job = begin()
      collectgarbage()
      collectgarbage()
      assert.equal(52, curl.wait(job).rc)
    end)
  end)

  describe("many", function()
    it("connections at once are all answered", function()
      local n = 0
      local kept = {}
      listen(function(x)
        n = n + 1
        kept[#kept + 1] = x
        if #kept == 200 then
          for _, each in ipairs(kept) do each:reply { body = "x" } end
        end
      end)
      local r = curl.run("--no-progress-meter --parallel --parallel-immediate --parallel-max 200 '" .. running:url()
        .. "/[1-200]'")
      assert.equal(0, r.rc, r.err)
      assert.equal(200, n)
    end)

    it("requests go over one connection", function()
      local remotes, n = {}, 0
      listen(function(x)
        remotes[x.remote] = true
        n = n + 1
        x:reply { body = x.path }
      end)
      assert.equal(0, curl.run("'" .. running:url() .. "/[1-20]'").rc)
      local connections = 0
      for _ in pairs(remotes) do connections = connections + 1 end
      assert.same({ 20, 1 }, { n, connections })
    end)
  end)

  it("speaks HTTPS with the certificate given", function()
    local base = os.tmpname()
    local rc = os.execute(
      ("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout %s.key -out %s.pem"
      .. " -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 >/dev/null 2>&1"):format(base, base))
    assert(rc == true or rc == 0)
    local function slurp(ending)
      local file = assert(io.open(base .. ending))
      local text = file:read "*a"
      file:close()
      return text
    end
    listen(function(x) x:reply { body = "sealed " .. x.body } end, { cert = slurp ".pem", key = slurp ".key" })
    assert.truthy(running:url():find "^https://")
    local r = curl.run { "--cacert", base .. ".pem", "-d", "letter", running:url() .. "/" }
    assert.same({ 0, "sealed letter" }, { r.rc, r.body })
    assert.equal(60, curl.run({ running:url() .. "/" }).rc)
    for _, ending in ipairs { "", ".key", ".pem" } do os.remove(base .. ending) end
  end)

  it("costs nothing while nobody comes", function()
    listen(function() end)
    poll.remove(running)
    local steps = 0
    local counting = {
      fd = function() return running:fd() end,
      step = function()
        steps = steps + 1
        running:step()
      end,
    }
    poll.add(counting)
    curl.pass(0.1)
    poll.remove(counting)
    assert.equal(0, steps)
  end)

  -- only LuaJIT can fork without help
  local has_ffi, ffi = pcall(require, "ffi")
  if has_ffi then
    it("is left alone by a forked child", function()
      ffi.cdef "int fork(void); int waitpid(int, int *, int); void _exit(int);"
      local kept
      listen(function(x) if x.path == "/kept" then kept = x else x:reply { body = "fine" } end end)
      local job = curl.start { running:url() .. "/kept" }
      curl.pass(5, function() return kept end)
      local pid = ffi.C.fork()
      if pid == 0 then
        local ok = pcall(function()
          assert(running:fd() == -1)
          assert(running:step() == nil)
          kept:reply { body = "from the child" }
          running:close()
          running:close()
          assert(tostring(running) == "airlock.server (closed)")
          assert(server.listen { handler = function() end }):close()
        end)
        ffi.C._exit(ok and 0 or 1)
      end
      local status = ffi.new "int[1]"
      ffi.C.waitpid(pid, status, 0)
      assert.equal(0, status[0])
      assert.equal("fine", curl.run({ running:url() .. "/" }).body)
      kept:reply { body = "from the parent" }
      assert.equal("from the parent", curl.wait(job).body)
    end)
  end

  it("says its version", function()
    assert.equal(require("airlock.core").version, server.version)
  end)
end)

describe("server.crypto", function()
  local crypto = server.crypto

  it("signs, and verifies what it signed and nothing else", function()
    local pem = crypto.new_rsa(2048)
    local public = crypto.rsa_public(pem)
    for _, alg in ipairs { "RS256", "RS384", "RS512" } do
      local signature = crypto.sign(alg, pem, "text")
      assert.is_true(crypto.verify(alg, public.pem, "text", signature))
      assert.is_false(crypto.verify(alg, public.pem, "texT", signature))
      assert.is_false(crypto.verify(alg, public.pem, "text", signature:sub(2)))
    end
    assert.is_false(crypto.verify("RS256", public.pem, "text", crypto.sign("RS512", pem, "text")))
    assert.equal("AQAB", public.e)
    assert.equal(256, #crypto.base64url_decode(public.n))
  end)

  it("raises for a key or an algorithm that isn't one", function()
    assert.error_matches(function() crypto.sign("RS256", "no key", "text") end, "no RSA private key")
    assert.error_matches(function() crypto.sign("none", crypto.new_rsa(1024), "text") end, "'none'")
    assert.error_matches(function() crypto.rsa_public "no key" end, "no RSA private key")
    assert.error_matches(function() crypto.new_rsa(100) end, "1024")
    assert.is_false(crypto.verify("none", "no key", "", ""))
  end)

  it("hashes, compares, draws and encodes", function()
    assert.equal("ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0", crypto.base64url(crypto.sha256 "abc"))
    assert.is_true(crypto.equal("a", "a"))
    assert.is_false(crypto.equal("a", "b"))
    assert.is_false(crypto.equal("a", "ab"))
    assert.equal(32, #crypto.random(32))
    assert.is_false(crypto.random(16) == crypto.random(16))
    assert.error_matches(function() crypto.random(0) end, "1 to 1024")
    assert.equal("\255\254\0", crypto.base64url_decode "__4A")
    assert.is_nil(crypto.base64url_decode "__4A=")
    assert.is_nil(crypto.base64url_decode "a")
  end)
end)
