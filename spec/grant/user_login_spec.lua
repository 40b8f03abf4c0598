-- client:login: the browser comes back to this program (RFC 8252), and nobody else ends it.

local airlock = require "airlock"
local curl = require "spec.support.curl"
local expect = require "spec.support.expect"
local server = require "airlock.server"
local opener = require "spec.support.opener"
local stage = require "spec.support.stage"

describe("login", function()
  local space, client, jobs

  before_each(function()
    space, jobs = stage.space(), {}
    client = airlock.space { url = space.url, client_id = space.applications.native.client_id }
  end)
  after_each(stage.clear)

  -- Something that comes to the listener; it is answered while login waits.
  local function visit(...)
    jobs[#jobs + 1] = curl.start { ... }
    return jobs[#jobs]
  end

  local function visited(job)
    return curl.wait(job)
  end

  local function redirect_uri(url)
    return (url:match "redirect_uri=([^&]*)":gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
  end

  local function login(visits, more)
    local options = { scope = "global:Profile.View", timeout = 20, open = visits }
    for name, value in pairs(more or {}) do options[name] = value end
    return client:login(options)
  end

  it("ends in a session of the user; a second one needs no browser, another account does", function()
    local opened = 0
    local function open(url)
      opened = opened + 1
      visit(space:approve(url, { person = "bob.second" }))
    end
    local user = expect.success(login(open))
    assert.equal("bob.second", user:get("team-directory/profiles/me").username)
    assert.same({ "user", true }, { user:info().subject, user:info().renewable })
    space:advance(601)
    expect.success(login(open):get "team-directory/profiles/me")
    assert.equal(1, opened)
    expect.success(login(open, { account = "other" }))
    assert.equal(2, opened)
    expect.success(user:logout())
    expect.success(login(open))
    assert.equal(3, opened)
  end)

  it("shows a plain page that echoes nothing, and listens no longer than it must [9700-05] [8252-02] [8252-03]",
    function()
    local uri, page
    expect.success(login(function(url)
      uri = redirect_uri(url)
      page = visit(space:approve(url))
    end))
    assert.is_truthy(uri:find "^http://127%.0%.0%.1:%d+/callback$")
    local answer = visited(page)
    assert.same({ 200, "no-store", "no-referrer" }, { answer.status, answer.headers["cache-control"],
      answer.headers["referrer-policy"] })
    assert.is_nil(answer.body:find("code", 1, true) or answer.body:find("state", 1, true)
      or answer.body:find("script", 1, true))
    assert.equal(7, curl.wait(curl.start { uri }).rc) -- nobody listens any more
  end)

  it("ends with an error that comes without a state, and says that it is unproved", function()
    local page
    local detail, message = expect.failure({ kind = "oauth", code = "access_denied", outcome = "interaction_required",
      unproved = true, description = "not ?today" }, login(function(url)
      page = visit(redirect_uri(url) .. "?error=access_denied&error_description=not%20%1Btoday")
    end))
    assert.truthy(message:find("access_denied: not ?today (unproved", 1, true), message)
    assert.equal("not ?today", detail.description)
    assert.truthy(visited(page).body:find("did not succeed", 1, true))
  end)

  it("shows its page when the token is there, or says what failed", function()
    space:fault { path = "/oauth/token", status = 400,
      body = [[{"error":"invalid_grant","error_description":"<b>no</b>"}]] }
    local page
    expect.failure({ kind = "oauth", code = "invalid_grant" },
      login(function(url) page = visit(space:approve(url)) end))
    local body = visited(page).body
    assert.truthy(body:find("It failed: ", 1, true) and body:find("&lt;b&gt;no", 1, true), body)
    assert.falsy(body:find("<b>", 1, true))
  end)

  it("shows its page at once to an `open` that waits for it", function()
    local shown
    expect.success(login(function(url) shown = visited(visit(space:approve(url))) end))
    assert.truthy(shown.body:find("You are logged in", 1, true))
  end)

  it("sends nobody anywhere: no answer of the listener is a redirect [9700-06]", function()
    local jobs_here = {}
    expect.success(login(function(url)
      local uri, redirect = redirect_uri(url), space:approve(url)
      for _, query in ipairs { "?redirect=https://evil.example/", "?url=//evil.example",
        "?error=x&error_uri=https://evil.example&state=y" } do
        jobs_here[#jobs_here + 1] = curl.start { uri .. query }
      end
      local last = redirect .. "&redirect_uri=https%3A%2F%2Fevil.example&next=https%3A%2F%2Fevil.example"
      for _, job in ipairs(jobs_here) do curl.wait(job) end
      jobs_here[#jobs_here + 1] = visit(last)
    end))
    visited(jobs_here[#jobs_here])
    assert.equal(200, jobs_here[#jobs_here].status)
    for _, job in ipairs(jobs_here) do
      assert.is_nil(job.headers.location)
      assert.is_nil(job.headers.refresh)
      assert.is_nil(job.body:find "evil")
    end
  end)

  it("opens the browser of the system, outside of this program, with PKCE [8252-01]", function()
    local folder = opener.new()
    local code = ("local _, _, detail = require('airlock').space { url = %q, client_id = 'i' }:login { scope = 's', "
      .. "timeout = 1 } print(detail.code)"):format(space.url)
    local said = stage.shell(("PATH='%s':\"$PATH\" DISPLAY=:9 %s %s -e %s </dev/null 2>/dev/null"):format(folder,
      os.getenv "AIRLOCK_UNDER" or "", os.getenv "AIRLOCK_LUA" or "lua5.4", curl.quote(code)))
    assert.equal("timeout\n", said)
    local url = assert(opener.url(folder), "no browser was opened")
    assert.is_truthy(url:find(space.url .. "/oauth/auth?", 1, true) and url:find("code_challenge_method=S256", 1, true))
  end)

  it("isn't ended by favicons, scanners, prefetches, HEAD, stale tabs or other states [8252-06]", function()
    local strangers = {}
    expect.success(login(function(url)
      local uri, redirect = redirect_uri(url), space:approve(url)
      local origin = uri:match "^(http://[^/]*)"
      for _, words in ipairs {
        { origin .. "/favicon.ico" }, { uri }, { uri .. "?code=x&state=stale" },
          { uri .. "?error=access_denied&state=stale" }, { uri .. "?error=" }, { "-I", redirect },
        { redirect:gsub("/callback", "/other"), n = 1 }, { redirect, "-H", "Sec-Purpose: prefetch" },
          { "-X", "POST", redirect },
        { uri .. "?" .. ("x"):rep(4000) },
      } do
        strangers[#strangers + 1] = curl.start { words[1], words[2], words[3] }
      end
      -- the true one comes when all those have been
      local watched = table.concat({ "sleep 0.7; curl -s --noproxy '*' ", curl.quote(redirect), " >/dev/null &" })
      os.execute(watched)
    end))
    for _, job in ipairs(strangers) do assert.equal(404, curl.wait(job).status) end
    assert.equal(1, space:count "/oauth/token")
  end)

  it("stands a thousand foreign requests before the true one", function()
    expect.success(login(function(url)
      local uri, redirect = redirect_uri(url), space:approve(url)
      os.execute(("(curl -s --noproxy '*' '%s?state=[1-1000]' >/dev/null; curl -s --noproxy '*' '%s' >/dev/null) &")
        :format(uri, redirect))
    end))
  end)

  it("that is cancelled or that nobody ends is a failure", function()
    local detail = expect.failure({ kind = "oauth", code = "access_denied", outcome = "interaction_required" },
      login(function(url) visit(space:approve(url, { accept = false })) end))
    assert.is_string(detail.code)
    expect.failure({ kind = "cancelled", code = "timeout", outcome = "interaction_required" },
      login(function() end, { timeout = 0.1 }))
    expect.success(login(function(url) visit(space:approve(url)) end)) -- and another try works
  end)

  it("listens where it is told, or says that it can't", function()
    local taken = assert(server.listen { handler = function() end })
    stage.keep(function() taken:close() end)
    expect.failure({ kind = "network", code = "port_taken", outcome = "misconfigured" },
      login(function() end, { port = taken:port() }))
    local port = taken:port()
    taken:close()
    local uri
    expect.success(login(function(url)
      uri = redirect_uri(url)
      visit(space:approve(url))
    end, { port = port }))
    assert.equal(("http://127.0.0.1:%d/callback"):format(port), uri)
    client = airlock.space { url = space.url, client_id = space.applications.native.client_id,
      redirect_uri = "http://localhost/callback" }
    expect.success(login(function(url)
      uri = redirect_uri(url)
      visit(space:approve(url))
    end, { account = "localhost" }))
    assert.is_truthy(uri:find "^http://localhost:%d+/callback$")
  end)

  it("takes the address that was pasted at a terminal, too", function()
    if stage.shell "command -v script || true" == "" then pending "script(1), which makes a terminal, is missing" end
    local folder = stage.folder()
    local program = assert(io.open(folder .. "/program.lua", "wb"))
    program:write(([[
      local space_here = require("airlock.emulator").start()
      local space = require("airlock").space { url = space_here.url,
        client_id = space_here.applications.native.client_id }
      local user = space:login { scope = "global:Profile.View", timeout = 20, open = function(url)
        local file = assert(io.open(%q, "w"))
        file:write("http://127.0.0.1/callback?code=x&state=y\n", space_here:approve(url, { person = "bob.second" }),
          "\n")
        file:close()
      end }
      print("it is " .. user:get("team-directory/profiles/me").username)]]):format(folder .. "/pasted"))
    program:close()
    local said = stage.shell(("{ while ! test -s '%s/pasted'; do sleep 0.1; done; sleep 0.3; cat '%s/pasted'; sleep "
      .. "2; } | script -qec '%s %s %s/program.lua' /dev/null")
      :format(folder, folder, os.getenv "AIRLOCK_UNDER" or "", os.getenv "AIRLOCK_LUA" or "lua5.4", folder))
    assert.is_truthy(said:find("That isn't the address", 1, true), said)
    assert.is_truthy(said:find("it is bob.second", 1, true), said)
  end)

  it("listens on IPv6 where it is told to [8252-04]", function()
    local uri
    local user, message, detail = login(function(url)
      uri = redirect_uri(url)
      visit("-g", space:approve(url))
    end, { host = "::1" })
    if not user and detail.code == "port_taken" then pending(message) end
    assert.is_truthy(uri:find "^http://%[::1%]:%d+/callback$")
  end)

  it("lays mistakes at the program's door, and closes its door when `open` raises", function()
    expect.raise("'port'", login, nil, { port = 70000 })
    expect.raise("'timeout'", login, nil, { timeout = -1 })
    expect.raise("'open'", client.login, client, { open = "firefox" })
    expect.raise("'redirect_uri'", function()
      airlock.space { url = space.url, client_id = "i", redirect_uri = "https://x.example/cb" }:login()
    end)
    local uri
    expect.raise("no screen", login, function(url)
      uri = redirect_uri(url)
      error "no screen"
    end)
    assert.equal(7, curl.wait(curl.start { uri }).rc)
  end)
end)
