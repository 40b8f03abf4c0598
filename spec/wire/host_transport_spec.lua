-- Calls whose bytes a host carries by itself: what it is given, what it gives back. The nginx specs show a whole host.

local airlock = require "airlock"
local wait = require "airlock.loop.wait"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

describe("a carried call", function()
  after_each(stage.clear)

  local function client(more)
    local config = { base_url = "http://127.0.0.1:81/api/", token_endpoint = "https://id.example/token",
      client_id = "porter", client_secret = "hush", user_agent = "spec" }
    for name, value in pairs(more or {}) do config[name] = value end
    return airlock.client(config)
  end

  local function carry(session, method, url, query, headers, body, sinks, max_body, timeout)
    return core.carry(session, method, url, query, headers, body, nil, sinks or false, timeout, max_body)
  end

  local function get(more, url)
    local call = carry(client(more):permanent_token "secret", "GET", url or "x")
    assert.equal("send", call:wants())
    return call
  end

  it("says what to send, and where", function()
    local call = get()
    local host, port, https, text, ms, connect_ms, alone, again, reads = call:outgoing()
    assert.same({ "127.0.0.1", 81, false }, { host, port, https })
    assert.equal("GET /api/x HTTP/1.1\r\nHost: 127.0.0.1:81\r\nAuthorization: Bearer secret\r\nUser-Agent: "
      .. "spec\r\nAccept: application/json\r\n\r\n", text)
    assert.is_true(ms > 25000 and ms <= 30000)
    assert.same({ 10000, false, true, false }, { connect_ms, alone, again, reads })
    assert.is_nil(call:wants())
  end)

  it("has its body and its length in the text", function()
    local call = carry(client():permanent_token "secret", "POST", "x", "a=b", { ["X-None"] = "" }, "hello")
    local _, _, _, text, _, _, _, again = call:outgoing()
    assert.equal("POST /api/x?a=b HTTP/1.1\r\nHost: 127.0.0.1:81\r\nX-None:\r\nAuthorization: Bearer "
      .. "secret\r\nUser-Agent: spec\r\n"
      .. "Accept: application/json\r\nContent-Length: 5\r\n\r\nhello", text)
    assert.is_false(again)
  end)

  it("is answered by bytes as they come", function()
    local call = get()
    call:outgoing()
    local answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Two: 2\r\n\r\nhello"
    for i = 1, #answer - 1 do assert.is_false(call:receive(answer:sub(i, i))) end
    local over, lasts, piece = call:receive "o"
    assert.same({ true, true }, { over, lasts })
    assert.is_nil(piece)
    assert.equal("done", call:wants())
    local status, body, head = call:proceed()
    assert.same({ 200, "hello", "Content-Length: 5\r\nX-Two: 2\r\n\r\n" }, { status, body, head })
  end)

  it("keeps no connection that brought more than its answer", function()
    local call = get()
    call:outgoing()
    assert.same({ true, false }, { call:receive "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP" })
  end)

  it("is over when it is over", function()
    local call = get()
    call:outgoing()
    call:receive "HTTP/1.1 204 No Content\r\n\r\n"
    assert.is_true(call:receive "more")
    call:closed()
    call:broke("connect", "no")
    assert.is_nil(call:outgoing())
    assert.equal(204, (call:proceed()))
  end)

  it("gives its sink's bytes with each piece, and only those of a 2xx", function()
    local session = client():permanent_token "secret"
    local call = carry(session, "GET", "x", nil, nil, nil, true)
    call:outgoing()
    local _, _, piece = call:receive "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel"
    assert.equal("hel", piece)
    assert.same({ true, true, "lo" }, { call:receive "lo" })
    call = carry(session, "GET", "x", nil, nil, nil, true)
    call:outgoing()
    assert.same({ true, true }, { call:receive "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nhello" })
    local status, body = call:proceed()
    assert.same({ 404, "hello" }, { status, body })
  end)

  it("takes a large piece for its sink whole, however much would wait over libcurl", function()
    local call, body = carry(client():permanent_token "secret", "GET", "x", nil, nil, nil, true), ("x"):rep(1000000)
    call:outgoing()
    local over, lasts, piece = call:receive("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" .. body)
    assert.same({ true, true }, { over, lasts })
    assert.is_true(piece == body)
  end)

  it("fails as over libcurl", function()
    local cases = {
      { "network/too_large", function(call) call:receive("HTTP/1.1 200 OK\r\n\r\n" .. ("x"):rep(11)) end,
        max_body = 10 },
      { "network/too_large", function(call) call:receive("HTTP/1.1 200 OK\r\nA: " .. ("x"):rep(140000)) end },
      { "network/malformed_response", function(call) call:receive "220 smtp.example\r\n" end },
      { "network/empty_reply", function(call) call:closed() end },
      { "network/cut_off", function(call) call:receive "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" call:closed()
        end },
      { "network/connect", function(call) call:broke("connect", "connection refused") end },
      { "network/resolve", function(call) call:broke("resolve", "not found") end },
      { "network/timeout", function(call) call:broke("timeout", "") end },
      { "network/tls", function(call) call:broke("tls", "self signed certificate") end },
      { "network/cut_off", function(call) call:broke("something else", "") end },
    }
    for _, case in ipairs(cases) do
      local call = get { max_body = case.max_body }
      call:outgoing()
      case[2](call)
      assert.equal("done", call:wants())
      local kind, code = case[1]:match "(.*)/(.*)"
      local _, message = expect.failure({ kind = kind, code = code }, call:proceed())
      assert.is_truthy(message:find("http://127.0.0.1:81", 1, true), message)
      assert.is_nil(message:find("secret", 1, true))
    end
  end)

  it("that the program gave up leaves nothing behind for the next one", function()
    for _ = 1, 3 do
      local call = get()
      call:outgoing()
      call:receive "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel"
      call:fail "this is enough"
      expect.failure({ kind = "cancelled", code = "cancelled" }, call:proceed())
      assert.is_nil(core.attend())
      collectgarbage()
    end
  end)

  it("wants to be sent again after a redirect, bare where that leads away", function()
    local call = get()
    call:outgoing()
    assert.is_true(call:receive "HTTP/1.1 302 Found\r\nLocation: ../y?z\r\nContent-Length: 0\r\n\r\n")
    assert.equal("send", call:wants())
    assert.is_truthy(select(4, call:outgoing()):find("^GET /y%?z HTTP/1.1\r\n.*Bearer secret"))
    call:receive "HTTP/1.1 302 Found\r\nLocation: https://Other.example:444\r\nContent-Length: 0\r\n\r\n"
    local host, port, https, text = call:outgoing()
    assert.same({ "other.example", 444, true }, { host:lower(), port, https })
    assert.is_nil(text:find("Authorization", 1, true))
  end)

  describe("without a token", function()
    local session, call

    local function errand()
      return assert(core.token_call(), "no errand is there")
    end

    before_each(function()
      session = client { client_id = tostring(math.random(1e9)) }:client_credentials()
      call = carry(session, "GET", "x")
    end)

    it("waits for an errand, which somebody carries", function()
      assert.is_nil(call:wants())
      local one = errand()
      assert.is_nil(core.token_call())
      assert.equal("send", one:following())
      local host, port, https, text, _, _, alone, again = one:outgoing()
      assert.same({ "id.example", 443, true, true, false }, { host, port, https, alone, again })
      assert.is_truthy(text:find(
        "^POST /token HTTP/1.1\r\nHost: id.example\r\n.*\r\n\r\ngrant_type=client_credentials$"), text)
      assert.is_false(one:receive('HTTP/1.1 200 OK\r\n\r\n{"access_token":"fresh","token_type":"Bearer",'
        .. '"expires_in":600}'))
      one:closed()
      assert.is_nil(one:following())
      assert.equal("send", call:wants())
      assert.is_truthy(select(4, call:outgoing()):find("Authorization: Bearer fresh\r\n", 1, true))
    end)

    it("fails with its errand", function()
      errand():broke("connect", "connection refused")
      assert.equal("done", call:wants())
      expect.failure({ kind = "network", code = "connect" }, call:proceed())
    end)

    it("isn't held up for ever by a host that forgot the errand", function()
      errand()
      core.advance(31)
      core.step()
      wait.wake()
      assert.equal("done", call:wants())
      expect.failure({ kind = "network", code = "timeout" }, call:proceed())
      local second = carry(session, "GET", "x")
      assert.is_nil(second:wants())
      assert.is_truthy(errand():outgoing())
    end)

    it("says when to look again while an errand waits", function()
      local one = errand()
      one:outgoing()
      assert.is_true(one:receive "HTTP/1.1 429 Slow Down\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n")
      local what, seconds = one:following()
      assert.equal("wait", what)
      assert.is_true(seconds > 1 and seconds <= 2)
      assert.is_true(core.patience() <= 2)
      core.advance(2)
      core.step()
      assert.equal("send", one:following())
    end)

    it("is let go by its errand's handle, which may outlive all", function()
      local one = errand()
      call:close()
      one:broke("connect", "no")
      one:broke("connect", "no")
      assert.is_nil(one:outgoing())
      assert.is_true(one:receive "")
    end)
  end)
end)
