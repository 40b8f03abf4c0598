local curl = require "spec.support.curl"
local core = require "airlock.core"
local emulator = require "airlock.emulator"

describe("emulator", function()
  local space

  local function start(options)
    space = emulator.start(options)
    return space
  end

  after_each(function()
    if space then space:stop() end
    space = nil
  end)

  local function token(...)
    local r = curl.run { space.url .. "/oauth/token", "-u", space.client_id .. ":" .. space.client_secret, "-d",
      "grant_type=client_credentials", ... }
    r.json = core.json.decode(r.body)
    return r
  end

  local function organization(...)
    return curl.run { space.url .. "/api/http/organization", "-H",
      "Authorization: Bearer " .. space:issue().access_token, ... }
  end

  describe("starting", function()
    it("says where it is and who may come in", function()
      start()
      assert.truthy(space.url:find "^http://127%.0%.0%.1:%d+$")
      assert.equal(55, #space.client_secret)
      assert.truthy(space.client_id:find "^%x+%-%x+%-4%x+%-8%x+%-%x+$")
      assert.same({ 3, 7, 25, 3 }, { #space.applications, #space.people, #space.projects, #space.absences })
      assert.equal("airlock.emulator (" .. space.url .. ")", tostring(space))
    end)

    it("takes what a spec sets", function()
      start { applications = { { client_id = "me", client_secret = "secret" } }, people = { { username = "solo" } },
        projects = { { key = "A", issues = { { title = "one" } } } }, absences = {} }
      assert.same({ "me", "secret" }, { space.client_id, space.client_secret })
      assert.same({ 1, 1, 1, 0 }, { #space.applications, #space.people, #space.projects, #space.absences })
      assert.equal(200, token().status)
      assert.equal("one", space.projects[1].issues[1].title)
    end)

    it("doesn't change what it was given", function()
      local given = { clock = 5, applications = { { name = "x" } }, projects = { { key = "A" } } }
      start(given)
      assert.same({ clock = 5, applications = { { name = "x" } }, projects = { { key = "A" } } }, given)
    end)

    it("keeps two of them apart", function()
      start()
      local other = emulator.start()
      local issued = other:issue().access_token
      local r = curl.run { space.url .. "/api/http/organization", "-H", "Authorization: Bearer " .. issued }
      assert.equal(401, r.status)
      r = curl.run { other.url .. "/api/http/organization", "-H", "Authorization: Bearer " .. issued }
      assert.equal(200, r.status)
      assert.same({ 1, 1 }, { space:count(), other:count() })
      other:stop()
    end)

    it("names an option that it doesn't know", function()
      assert.error_matches(function() emulator.start { prot = 1 } end, "unknown option 'prot'")
      assert.error_matches(function() emulator.start { clock = "now" } end, "'clock' must be a number")
      assert.error_matches(function() emulator.start { applications = { { secret = "x" } } } end,
        "unknown option 'secret'")
      assert.error_matches(function() emulator.start { applications = { { settings = { codeFlow = true } } } } end,
        "'codeFlow'")
      assert.error_matches(function() emulator.start { people = { {} } } end, "'username' is missing")
      assert.error_matches(function() emulator.start { rate_limit = {} } end, "'requests'")
      assert.error_matches(function() emulator.start { host = "0.0.0.0" } end, "loopback")
      assert.error_matches(function() emulator.spawn { clock = 1 } end, "unknown option 'clock'")
    end)

    it("raises when its port is taken", function()
      start()
      local port = tonumber(space.url:match "%d+$")
      assert.error_matches(function() emulator.start { port = port } end, "can't listen on 127.0.0.1 port")
    end)

    it("stops twice, and nothing listens afterwards", function()
      start()
      space:stop()
      space:stop()
      assert.equal(7, curl.run({ space.url .. "/" }).rc)
    end)

    it("may use a key of the spec's own", function()
      local crypto = require("airlock.server").crypto
      local pem = crypto.new_rsa(1024)
      start { signing_key = pem }
      local jwt = token().json.access_token
      local text, signature = jwt:match "^(.*)%.([^.]*)$"
      assert.is_true(crypto.verify("RS512", crypto.rsa_public(pem).pem, text, crypto.base64url_decode(signature)))
    end)
  end)

  describe("clock", function()
    it("begins with the machine's, to the fraction of a second", function()
      start()
      local before = core.wall()
      local now = space:now()
      assert.is_true(now >= before - 0.1 and now <= core.wall() + 0.1, ("%.3f at %.3f"):format(now, before))
    end)

    it("starts where it was told, runs on, and can be moved", function()
      start { clock = 1000 }
      assert.is_true(space:now() >= 1000 and space:now() < 1030)
      space:advance(500)
      assert.is_true(space:now() >= 1500 and space:now() < 1530)
    end)

    it("is the real one where nobody says otherwise", function()
      start()
      assert.is_true(math.abs(space:now() - os.time()) < 5)
    end)
  end)

  describe("issuing", function()
    it("gives tokens without a browser", function()
      start()
      local held = space:issue { person = "bob.second", scope = "global:Profile.View", offline = true, lifetime = 5 }
      assert.is_string(held.refresh_token)
      local r = curl.run { space.url .. "/api/http/team-directory/profiles/me", "-H",
        "Authorization: Bearer " .. held.access_token }
      assert.equal("bob.second", core.json.decode(r.body).username)
      assert.is_nil(space:issue().refresh_token)
      assert.is_string(space:issue({ application = space.applications[2] }).access_token)
      assert.is_string(space:issue({ application = space.client_id, person = space.people[1] }).access_token)
    end)

    it("raises for whom or what it doesn't know", function()
      start()
      assert.error_matches(function() space:issue { person = "nobody" } end, "no such person: nobody")
      assert.error_matches(function() space:issue { application = "none" } end, "no such application: none")
      assert.error_matches(function() space:issue { scope = "nonsense" } end, "scope")
      assert.error_matches(function() space:issue { offline = true } end, "needs a person")
      assert.error_matches(function() space:issue { user = "x" } end, "unknown option 'user'")
      assert.error_matches(function() space:permanent_token { person = "nobody" } end, "no such person")
    end)
  end)

  describe("journal", function()
    it("tells what was received", function()
      start { clock = 5000 }
      token("-H", "X-Custom: 1")
      curl.run { "-g", space.url .. "/api/http/pro%6Aects?%24top=1&term=a+b&$skip=", "-H",
        "Authorization: Bearer nonsense" }
      local one, two = space:journal()[1], space:journal()[2]
      assert.same({ 1, "POST", "/oauth/token", 200 }, { one.n, one.method, one.path, one.status })
      assert.same({ grant_type = "client_credentials" }, one.form)
      assert.same({ "grant_type=client_credentials", "1" }, { one.body, one.headers["x-custom"] })
      assert.truthy(one.authorization:find "^Basic ")
      assert.is_true(one.at >= 5000 and one.at < 5030)
      assert.same({ 2, "GET", "/api/http/projects", 401, "Bearer nonsense" }, { two.n, two.method, two.path, two.status,
        two.authorization })
      assert.same({ ["$top"] = "1", term = "a b", ["$skip"] = "" }, two.query)
      assert.is_nil(two.form)
      assert.equal("/api/http/pro%6Aects?%24top=1&term=a+b&$skip=", two.target)
    end)

    it("counts, and forgets", function()
      start()
      token()
      token()
      organization()
      assert.same({ 3, 2, 1 }, { space:count(), space:count "/oauth/token",
        space:count(function(entry) return entry.method == "GET" end) })
      space:forget_journal()
      assert.same({ 0, 0 }, { space:count(), #space:journal() })
      token()
      assert.equal(4, space:journal()[1].n)
    end)
  end)

  describe("faults", function()
    it("come in order, so many times, to whom they fit", function()
      start()
      space:fault { path = "^/oauth/token$", status = 503, times = 2 }
      space:fault { status = 500, body = "oops", headers = { ["X-A"] = "1" } }
      space:fault { method = "DELETE", status = 418 }
      assert.equal(503, token().status)
      local r = organization()
      assert.same({ 500, "oops", "1" }, { r.status, r.body, r.headers["x-a"] })
      assert.equal(503, token().status)
      assert.equal(200, token().status)
      assert.equal(200, organization().status)
      assert.equal(418, organization("-X", "DELETE").status)
      local seen = {}
      for i, entry in ipairs(space:journal()) do seen[i] = entry.status end
      assert.same({ 503, 500, 503, 200, 200, 418 }, seen)
    end)

    it("can be forgotten", function()
      start()
      space:fault { status = 503, times = math.huge }
      assert.equal(503, token().status)
      assert.equal(503, token().status)
      space:clear_faults()
      assert.equal(200, token().status)
    end)

    it("have names for what servers really do", function()
      start()
      space:fault { rate_limited = true, retry_after = 2 }
      local r = token()
      assert.same({ 429, "2", "rate-limited" }, { r.status, r.headers["retry-after"], r.json.error })
      space:fault { rate_limited = true }
      r = token()
      assert.same({ 429, nil }, { r.status, r.headers["retry-after"] })
      space:fault { malformed = true }
      r = token()
      assert.same({ 200, "application/json", nil }, { r.status, r.headers["content-type"], r.json })
      space:fault { html = true }
      r = token()
      assert.same({ 200, "text/html; charset=utf-8" }, { r.status, r.headers["content-type"] })
      space:fault { html = true, status = 502 }
      assert.equal(502, token().status)
      space:fault { error_in_200 = "invalid_grant" }
      r = token()
      assert.same({ 200, "invalid_grant" }, { r.status, r.json.error })
    end)

    it("change members of the next token reply", function()
      start()
      space:fault { token = { expires_in = "3600", token_type = emulator.absent, extra = { 1, 2 } } }
      assert.equal(200, organization().status)
      local r = token()
      assert.same({ "3600", nil, { 1, 2 } }, { r.json.expires_in, r.json.token_type, r.json.extra })
      assert.is_string(r.json.access_token)
      assert.equal(600, token().json.expires_in)
    end)

    it("delay, truncate, dribble and drop the real answer", function()
      start()
      space:fault { delay = 0.15 }
      local r = token("-w", "%{time_total}")
      assert.equal(200, r.status)
      assert.is_true(tonumber((r.out:gsub(",", "."))) >= 0.145)
      space:fault { truncate = 10 }
      r = token()
      assert.same({ 18, 200, 10 }, { r.rc, r.status, #r.body })
      space:fault { dribble = { bytes = 400, every = 0.02 } }
      assert.is_string(token().json.access_token)
      space:fault { endless = true, path = "organization" }
      r = organization("--limit-rate", "100k", "--max-time", "0.5")
      assert.equal(28, r.rc)
      assert.is_true(#r.body > 200)
      space:fault { drop = true }
      assert.equal(52, token().rc)
    end)

    it("tell a request that was lost from an answer that was", function()
      start { rotate = true }
      local held = space:issue { person = "alice.first", offline = true }
      local function refresh()
        return curl.run { space.url .. "/oauth/token", "-u", space.client_id .. ":" .. space.client_secret, "-d",
          "grant_type=refresh_token&refresh_token=" .. held.refresh_token }
      end
      space:fault { drop = true }
      assert.equal(52, refresh().rc)
      space:fault { drop = "reply" }
      assert.equal(52, refresh().rc)
      local r = refresh()
      assert.same({ 400, "invalid_grant" }, { r.status, core.json.decode(r.body).error })
    end)

    it("may be functions, which proceed or answer themselves", function()
      start()
      space:fault { reply = function(exchange, proceed)
        local real = proceed()
        exchange:reply { status = 203, headers = real.headers, body = real.body:upper() }
      end }
      local r = token()
      assert.equal(203, r.status)
      assert.truthy(r.body:find "ACCESS_TOKEN")
      space:fault { reply = function(_, proceed) proceed() end }
      assert.equal(200, token().status)
      space:fault { reply = function() return { status = 299, body = "{}" } end }
      assert.equal(299, token().status)
      local kept
      space:fault { reply = function(exchange) kept = exchange end }
      local job = curl.start { space.url .. "/" }
      curl.pass(5, function() return kept end)
      kept:reply { body = "kept" }
      assert.equal("kept", curl.wait(job).body)
    end)

    it("name an option that they don't know", function()
      start()
      assert.error_matches(function() space:fault { stauts = 500 } end, "unknown option 'stauts'")
    end)
  end)

  it("limits the rate where a spec wants it", function()
    start { clock = 1000, rate_limit = { requests = 2, seconds = 10 } }
    assert.same({ 200, 200 }, { token().status, token().status })
    local r = token()
    assert.equal(429, r.status)
    assert.equal("rate-limited", r.json.error)
    assert.is_true(tonumber(r.headers["retry-after"]) <= 10)
    space:advance(10)
    assert.equal(200, token().status)
  end)

  it("tells of each call to whoever wants to hear", function()
    local heard = {}
    start { on_call = function(entry) heard[#heard + 1] = entry.path .. " " .. tostring(entry.status) end }
    token()
    assert.same({ "/oauth/token 200" }, heard)
  end)

  it("answers 50 clients at once", function()
    start()
    local r = curl.run("--no-progress-meter --parallel --parallel-immediate --parallel-max 50 -u "
      .. space.client_id .. ":" .. space.client_secret .. " -d grant_type=client_credentials"
      .. (" '%s/oauth/token?[1-50]'"):format(space.url))
    assert.equal(0, r.rc, r.err)
    assert.equal(50, space:count(function(entry) return entry.status == 200 end))
  end)

  describe("as a process", function()
    local function alive(pid)
      local rc = os.execute(("kill -0 %d 2>/dev/null"):format(pid))
      return rc == true or rc == 0
    end

    it("answers, and is gone after stop", function()
      local process = emulator.spawn { token_lifetime = 77, rotate = true }
      local r = curl.run { process.url .. "/oauth/token", "-u", process.client_id .. ":" .. process.client_secret, "-d",
        "grant_type=client_credentials" }
      assert.equal(77, core.json.decode(r.body).expires_in)
      assert.is_true(alive(process.pid))
      process:stop()
      process:stop()
      assert.is_false(alive(process.pid))
      assert.equal(7, curl.run({ process.url .. "/" }).rc)
    end)

    it("ends when nobody reads it any more", function()
      local process = emulator.spawn()
      process.pipe:close() -- what the end of this process would do, too
      process.pipe = nil
      assert.is_false(alive(process.pid))
    end)

    it("raises when it doesn't start", function()
      start()
      local port = tonumber(space.url:match "%d+$")
      assert.error_matches(function() emulator.spawn { port = port } end, "didn't start")
    end)

    it("ends on Ctrl-C with status 0, and says how to try it", function()
      local command = "bin/airlock"
      local file = io.open(command)
      if not file then return pending "no checkout" end
      if not pcall(require, "argparse") then return pending "lua-argparse isn't installed" end
      file:close()
      -- a shell gives what it starts in the background no Ctrl-C; timeout does, and tells the status
      local pipe = io.popen("timeout --preserve-status -s INT 1 " .. curl.quote(command)
        .. " emulator 2>&1; echo rc=$?")
      local text = pipe:read "*a"
      pipe:close()
      assert.truthy(text:find("^url http://127%.0%.0%.1:%d+\nclient_id %S+\nclient_secret %x+\n\ncurl %-u "
        .. ".-/oauth/token\n"))
      assert.truthy(text:find "rc=0\n$", text)
    end)
  end)
end)
