-- The faults of a network and of a hostile server: what was tried, and what came out. docs/faults.md is made from this
-- run (`make faults`). Whatever happens: the call ends, nothing that was cut is taken for whole, no secret is shown,
-- the credential isn't given up, and the next call works.

local airlock = require "airlock"
local expect = require "spec.support.expect"
local nginx = require "spec.support.nginx"
local proxy = require "spec.support.proxy"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

-- Every byte under one Lua, every seventeenth under the others: what is cut is C's business, and the same for all.
local stride = (os.getenv "AIRLOCK_FAULTS" or _VERSION == "Lua 5.4") and 1 or 17

-- What a token reply may come to that libcurl takes for an answer.
local may_be_misread = { malformed_reply = true }

local rows = {}

-- Counts what came out of one row's attempts; all of it must be among `allowed`.
local function tally(section, what, allowed)
  local row = { section = section, what = what, tried = 0, came = {}, order = {} }
  rows[#rows + 1] = row
  local may = {}
  for _, each in ipairs(allowed) do may[each] = true end
  return function(value, message, detail)
    local came = value ~= nil and "worked" or detail.kind .. "/" .. detail.code
    assert.is_true(may[came], what .. ": " .. came .. ": " .. tostring(message))
    if value == nil then
      assert.is_truthy(#message > 10 and not message:find "%c", message)
      assert.is_nil(message:find("canary", 1, true), message)
      assert.is_true(detail.outcome ~= "revoked", message)
    end
    row.tried = row.tried + 1
    if not row.came[came] then row.order[#row.order + 1] = came end
    row.came[came] = true
  end
end

local sections = { ["Connections cut"] = 1, ["Slow peers"] = 2, ["Hostile answers"] = 3, TLS = 4 }

local fill = dofile("tools/reference/markdown.lua").fill

local function report()
  local lines, section = {}, nil
  table.sort(rows, function(a, b)
    if a.section == b.section then return a.what < b.what end
    return sections[a.section] < sections[b.section]
  end)
  for _, row in ipairs(rows) do
    if row.section ~= section then
      section = row.section
      lines[#lines + 1] = ("\n## %s\n"):format(section)
    end
    table.sort(row.order)
    local came = {}
    for _, each in ipairs(row.order) do came[#came + 1] = each == "worked" and each or "`" .. each .. "`" end
    lines[#lines + 1] = fill(("- %s (%d): %s"):format(row.what, row.tried, table.concat(came, ", ")), "  ")
  end
  return table.concat(lines, "\n") .. "\n"
end

describe("fault:", function()
  after_each(stage.clear)

  -- A Space behind a proxy, and a user's session of it. The Space rotates refresh tokens, and forgives a repeat whose
  -- answer was lost.
  local function scene()
    local plan = {}
    local space = stage.space { rotate = true, grace = 600 }
    local url, longest = proxy.before(space.url, function() return plan end)
    local web = space.applications.web
    local config = { url = url, client_id = web.client_id, client_secret = web.client_secret, timeout = 5, retries = 0 }
    local client = airlock.space(config)
    local issued = space:issue { application = web, person = "bob.second", scope = "**", offline = true }
    local session = client:refresh_token(issued.refresh_token)
    expect.success(session:refresh())
    expect.success(session:get "organization")
    local function app_of(timeout)
      return airlock.space { url = url, client_id = space.client_id, client_secret = space.client_secret,
        timeout = timeout, retries = 0 }
        :client_credentials { scope = "**" }
    end
    local function hurried(timeout) -- the same credential, for those who won't wait
      config.timeout = timeout
      return { session = airlock.space(config):refresh_token(issued.refresh_token), app = app_of(timeout) }
    end
    return { space = space, client = client, session = session, app = app_of(5), hurried = hurried, longest = longest,
      set = function(new) plan = new end }
  end

  local calls = {
    ["a token exchange"] = function(self) return self.app:refresh() end,
    ["a refresh"] = function(self) return self.session:refresh() end,
    ["an API call"] = function(self) return self.session:get "organization" end,
  }

  -- How long the request and the reply of this call are; less than either may be, as lengths differ by a few bytes.
  local function sizes(call)
    local self = scene()
    self.longest()
    expect.success(call(self))
    local fresh = self.longest()
    stage.clear()
    return fresh.request - 8, fresh.reply - 8
  end

  for _, name in ipairs { "a token exchange", "an API call" } do
    local call = calls[name]
    for _, part in ipairs { "request", "reply" } do
      for _, how in ipairs { "close", "reset" } do
        it(("%s whose %s is cut at every byte (%s) ends, and the session serves on"):format(name, part, how), function()
          local request, reply = sizes(call)
          local note = tally("Connections cut", ("%s, the %s cut after each of its bytes (%s)"):format(name, part,
            how == "close" and "FIN" or "RST"),
            { "network/cut_off", "network/empty_reply", how == "reset" and "network/connect" })
          local self = scene()
          local size = part == "request" and request or reply
          assert.is_true(size > 100)
          for n = 0, size - 1, stride do
            self.set { [part] = n, how = how }
            note(call(self))
            self.set {}
            if n % 20 == 0 then expect.success(self.session:get "organization") end
          end
          expect.success(self.session:refresh())
          expect.success(self.session:get "organization")
        end)
      end
    end
  end

  -- Such a one is repeated once, after a pause: hence not at every byte
  it("a refresh that is cut is repeated once, and its token isn't lost", function()
    local self = scene()
    local note = tally("Connections cut",
      "a refresh with a rotating token and its repeat, cut after every 300th byte of request or reply",
      { "network/cut_off", "network/empty_reply" })
    for _, part in ipairs { "request", "reply" } do
      for n = 1, 700, 300 do
        if part == "reply" or n < 500 then
          self.space:forget_journal()
          self.set { [part] = n, how = "close" }
          note(calls["a refresh"](self))
          self.set {}
          -- the repeat; and libcurl's own, where a kept connection gave nothing
          assert.is_true(self.space:count "/oauth/token" <= 3)
          expect.success(self.session:refresh())
          expect.success(self.session:get "organization")
        end
      end
    end
  end)

  it("a code's exchange that is cut sends the code once, and the user logs in again", function()
    local self = scene()
    local note = tally("Connections cut",
      "the exchange of an authorization code, cut after every 100th byte of request or reply",
      { "network/cut_off", "network/empty_reply" })
    for _, part in ipairs { "request", "reply" } do
      for n = 1, 401, 100 do
        local login = self.client:authorization_code { scope = "**", redirect_uri = "http://127.0.0.1:1/callback" }
        local redirect = self.space:approve((login.url:gsub("^http://[^/]+", self.space.url)))
        self.space:forget_journal()
        self.set { [part] = n, how = "close" }
        note(login:finish(redirect))
        assert.is_true(self.space:count "/oauth/token" <= 1)
        self.set {}
        expect.failure({ kind = "state", code = "state_spent" }, login:finish(redirect))
      end
    end
  end)

  it("a reply that comes byte by byte is whole in the end", function()
    local self = scene()
    self.set { dribble = true }
    for _, name in ipairs { "a token exchange", "an API call" } do
      local note = tally("Slow peers", name .. ", the reply byte by byte", { "worked" })
      for _ = 1, 3 do note(calls[name](self)) end
    end
  end)

  it("a peer that falls silent is left when the time is up, and the session serves on", function()
    local self = scene()
    local hurried = self.hurried(0.15)
    for _, name in ipairs { "a token exchange", "an API call" } do
      local note = tally("Slow peers", name .. ", silence after so many bytes of the request or the reply",
        { "network/timeout" })
      for part, all in pairs { request = { 0, 100 }, reply = { 0, 16, 250 } } do
        for _, n in ipairs(all) do
          self.set { [part] = n, how = "stall" }
          note(calls[name](hurried))
          self.set {}
        end
      end
    end
    expect.success(self.session:refresh())
    expect.success(self.session:get "organization")
  end)

  describe("a hostile server:", function()
    local good = { api = '{"mine":true}', token = '{"access_token":"mine","token_type":"Bearer"}' }
    local function whole(body, more)
      return "HTTP/1.1 200 OK\r\n" .. (more or "") .. "Content-Length: " .. #body .. "\r\n\r\n" .. body
    end

    -- Answers the first request so, every other well; asks it as an API and as a token endpoint. `allowed` is what may
    -- come of it.
    local function hostile(what, bytes, allowed, config)
      local note = tally("Hostile answers", what, allowed)
      for _, kind in ipairs { "api", "token" } do
        local first, asked = true, {}
        local url = raw.listen(function(request)
          asked[#asked + 1] = request:match "^%S+ (%S+)"
          local attacked = asked[#asked] == (kind == "token" and "/token" or "/x")
          if first and attacked then
            first = false
            return type(bytes) == "function" and bytes(kind) or bytes, true
          end
          return whole(asked[#asked] == "/token" and good.token or good.api), true
        end)
        local made = { base_url = url, token_endpoint = url .. "/token", client_id = "porter",
          client_secret = "canary-of-the-secret", timeout = 5, retries = 0 }
        for name, value in pairs(config or {}) do made[name] = value end
        local session = airlock.client(made):client_credentials()
        local value, message, detail
        if kind == "token" then value, message, detail = session:token() else value, message,
          detail = session:get "x" end
        if kind == "token" and value == nil and detail.kind == "oauth" then
          assert.is_true(may_be_misread[detail.code], detail.code)
          note(nil, message, { kind = "network", code = "malformed_response", outcome = detail.outcome })
        else note(value, message, detail) end
        assert.is_true(value == nil or value == "mine" or value.mine == true, what)
        -- may still join the errand that ran out of time
        if detail and detail.code == "timeout" then session:token() end
        assert.is_true(expect.success(session:get "y").mine, what) -- the answer to this, and not what was left over
        assert.equal("mine", session:token(), what)
        stage.clear()
      end
    end

    local head = "HTTP/1.1 200 OK\r\n"
    local short = { timeout = 0.2 }
    local small = { max_body = 1048576 }
    local function packed()
      return whole(stage.shell "head -c 3000000 /dev/zero | gzip -9 -c", "Content-Encoding: gzip\r\n")
    end
    local function twice(kind)
      return whole(good[kind]) .. whole '{"mine":false,"access_token":"evil"}'
    end
    local function trailing(kind)
      return whole(good[kind]) .. ("evil "):rep(1000)
    end
    local function hinted(kind)
      return (head:gsub("200 OK", "103 Early Hints") .. "Link: </x>\r\n\r\n"):rep(100) .. whole(good[kind])
    end
    local function large()
      return head .. "Content-Length: 3145728\r\n\r\n" .. ("x"):rep(3145728)
    end
    local function endless()
      return head .. "Transfer-Encoding: chunked\r\n\r\n" .. ("1000\r\n" .. ("x"):rep(4096) .. "\r\n"):rep(300)
    end
    local function nul(kind)
      return whole(good[kind], "X-A: a\0b\r\n")
    end

    for what, case in pairs {
      ["the answer twice in one piece"] = { twice, { "worked" } },
      ["a whole answer, then bytes that nobody asked for"] = { trailing, { "worked" } },
      ["two Content-Lengths that differ"] = { head .. "Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}",
        { "network/malformed_response", "network/cut_off", "network/timeout" }, short },
      ["a negative Content-Length"] = { head .. "Content-Length: -1\r\n\r\n{}",
        { "network/malformed_response", "network/timeout" }, short },
      ["a Content-Length beyond 64 bits"] = { head .. "Content-Length: 99999999999999999999999\r\n\r\n{}",
        { "network/too_large", "network/malformed_response", "network/timeout" }, short },
      ["a chunk's size beyond 64 bits"] = { head .. "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}",
        { "network/cut_off" } },
      ["a chunk's size that is no number"] = { head .. "Transfer-Encoding: chunked\r\n\r\n-1\r\n{}",
        { "network/cut_off" } },
      ["an unknown Transfer-Encoding"] = { head .. "Transfer-Encoding: evil\r\nContent-Length: 2\r\n\r\n{}",
        { "network/malformed_response", "network/timeout" }, short },
      ["a status line that is none"] = { "HTTP/9.9 abc\r\n\r\n{}", { "network/malformed_response" } },
      ["HTTP/0.9: a body without headers"] = { good.token .. ("x"):rep(100), { "network/malformed_response" } },
      ["a header of a megabyte"] = { head .. "X-A: " .. ("a"):rep(1024 * 1024) .. "\r\nContent-Length: 2\r\n\r\n{}",
        { "network/too_large" } },
      ["ten thousand headers"] = { head .. ("X-A: a\r\n"):rep(10000) .. "Content-Length: 2\r\n\r\n{}",
        { "network/too_large" } },
      ["interim answers (100) without end"] = { ("HTTP/1.1 100 Continue\r\n\r\n"):rep(20000),
        { "network/timeout", "network/cut_off" }, { timeout = 0.5 } },
      ["a hundred interim answers, then the answer"] = { hinted, { "worked" } },
      ["a body of 3 MB where 1 MB is allowed"] = { large, { "network/too_large" }, small },
      ["a body without end where 1 MB is allowed"] = { endless, { "network/too_large" }, small },
      ["a body of 3 MB of zeros, packed to 3 KB, where 1 MB is allowed"] = { packed, { "network/too_large" }, small },
      ["packing within packing, ten times"] = { whole("x", "Content-Encoding: " .. ("gzip, "):rep(9) .. "gzip\r\n"),
        { "network/malformed_response" } },
      ["NUL bytes among the headers"] = { nul, { "worked", "network/malformed_response" } },
    } do
      it(what .. " ends the call, and the next has its own answer",
        function() hostile(what, case[1], case[2], case[3]) end)
    end
  end)

  describe("TLS:", function()
    local certificates = [[
      cd '%s' && exec 2>/dev/null
      key() { openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost "$@"; }
      sign() { openssl x509 -req -in one.csr -CA ca.pem -CAkey ca.key -CAcreateserial "$@"; }
      key -keyout one.key -out one.csr
      printf 'subjectAltName=IP:127.0.0.1\n' >ip.ext; printf 'subjectAltName=DNS:elsewhere.example\n' >name.ext
      sign -days 2 -extfile ip.ext -out good.pem
      echo -259200 >clock
      (export WALL_CLOCK=clock LD_PRELOAD='%s/skewed.so'; sign -days 1 -extfile ip.ext -out expired.pem)
      sign -days 2 -extfile name.ext -out name.pem
      key -x509 -keyout self.key -out self.pem -days 2 -addext subjectAltName=IP:127.0.0.1
      openssl x509 -req -in one.csr -CA other.pem -CAkey other.key -CAcreateserial -days 2 \
        -extfile ip.ext -out unknown.pem
      printf 'subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n' >leaf.ext;
        sign -days 2 -extfile leaf.ext -out leaf.pem
      openssl x509 -req -in one.csr -CA leaf.pem -CAkey one.key -CAcreateserial -days 2 -extfile ip.ext -out below.one
      cat below.one leaf.pem >below.pem
    ]]

    local folder
    local function make()
      folder = nginx.certificate(stage.folder())
      os.execute(certificates:format(folder, os.getenv "AIRLOCK_BUILD"))
    end

    -- A server of that certificate, and what it got to see.
    local function start(name, key)
      local seen = 0
      local url = stage.server(function(x)
        seen = seen + 1
        x:reply { body = '{"access_token":"given","token_type":"Bearer","mine":true}' }
      end, { cert = stage.read(("%s/%s.pem"):format(folder, name)),
        key = stage.read(("%s/%s.key"):format(folder, key or "one")) })
      return url, function() return seen end
    end

    local function session_of(url, more)
      local config = { base_url = url, token_endpoint = url .. "/token", client_id = "porter",
        client_secret = "canary-of-the-secret", ca_file = folder .. "/ca.pem", timeout = 5, retries = 0 }
      for name, value in pairs(more or {}) do config[name] = value end
      local client = airlock.client(config)
      return client:client_credentials(), client:permanent_token "canary-of-the-token"
    end

    for what, case in pairs {
      ["a certificate for another name"] = { "name" }, ["a certificate that has expired"] = { "expired" },
        ["a certificate signed by itself"] = { "self", "self" },
      ["a certificate of an unknown authority"] = { "unknown" },
        ["a certificate signed by one that is no authority"] = { "below" },
    } do
      it(what .. " gets no request", function()
        make()
        local note = tally("TLS", what, { "network/tls" })
        local url, seen = start(case[1], case[2])
        local app, permanent = session_of(url)
        note(app:token())
        note(app:get "x")
        note(permanent:get "x")
        assert.equal(0, seen())
        local right = start "good"
        assert.is_true(expect.success(select(2, session_of(right)):get "x").mine)
      end)
    end

    it("plain HTTP where TLS was expected gets no request", function()
      make()
      local note = tally("TLS", "a server that speaks plain HTTP", { "network/tls" })
      local web = nginx.start()
      local app, permanent = session_of((web.http:gsub("^http", "https")))
      note(app:token())
      note(permanent:get "x")
    end)

    it("a connection cut within its handshake or answer gives nothing, and the next call works", function()
      make()
      local plan = {}
      local behind = start "good"
      local url, longest = proxy.before(behind, function() return plan end)
      local function fresh() return session_of(url) end -- the secret isn't cached by connection: each makes its own
      expect.success(fresh():token())
      local size = longest()
      for _, part in ipairs { "request", "reply" } do
        for _, how in ipairs { "close", "reset" } do
          local what = "a token exchange over TLS, the connection cut after every third of the %s's bytes (%s)"
          local named = what:format(part == "request" and "client" or "server", how == "close" and "FIN" or "RST")
          local note = tally("TLS", named, { "network/cut_off", "network/empty_reply",
            how == "reset" and "network/connect" })
          local app = fresh()
          for n = 0, size[part] - 8, stride * 3 do
            plan = { [part] = n, how = how, connection = true }
            note(app:refresh())
          end
          plan = {}
          expect.success(app:token())
        end
      end
    end)

    -- libcurl takes the end of a TLS connection without close_notify for an end, as many servers never say goodbye
    it("JSON without a length that is cut isn't taken for whole", function()
      make()
      local file = assert(io.open(folder .. "/long.json", "wb"))
      file:write('"', ("all work and no play "):rep(5000), '"')
      file:close()
      local port = raw.free_port()
      local command = "cd '%s' && { openssl s_server -accept 127.0.0.1:%d -cert good.pem -key one.key -WWW </dev/null "
        .. ">/dev/null 2>&1 & } "
        .. "&& n=$! && cat >/dev/null; { kill $n; wait $n; } 2>/dev/null"
      local pipe = assert(io.popen(command:format(folder, port), "w"))
      stage.keep(function() pipe:close() end)
      for _ = 1, 250 do
        if raw.answers(port) then break end
        raw.sleep(0.02)
      end
      local plan = {}
      local url, longest = proxy.before("https://127.0.0.1:" .. port, function() return plan end)
      local session = select(2, session_of(url))
      local response = expect.success(session:request { url = "long.json" })
      assert.equal(105002, #response.body)
      assert.is_nil(response.headers["content-length"])
      local size = longest().reply
      local note = tally("TLS", "JSON without a length, the connection cut within it",
        { "http/malformed_response", "network/cut_off", "network/empty_reply" })
      for n = 4000, size - 100, 10000 do
        plan = { reply = n, how = "close", connection = true }
        note(session:get "long.json")
      end
      plan = {}
      expect.success(session:request { url = "long.json" })
    end)
  end)

  it("is told in docs/faults.md, row by row", function()
    local path = os.getenv "AIRLOCK_FAULTS"
    if path then
      local head = assert(stage.read(path):match "^(.-\n)\n## [^\n]*\n")
      local file = assert(io.open(path, "wb"))
      file:write(head, report())
      file:close()
    end
    local text = assert(stage.read "docs/faults.md"):gsub("%s+", " ")
    for _, row in ipairs(rows) do
      assert.is_truthy(text:find(" - " .. row.what .. " (", 1, true), "make faults: there is no row of " .. row.what)
    end
  end)
end)
