-- The world's failures: nil, a sentence, and a detail that says what to do; and the session works afterwards.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

describe("failure", function()
  after_each(stage.clear)

  -- What an API that answers these bytes comes to, once it was seen that the session still serves.
  local function answered(bytes, most)
    local broken = true
    local url = raw.listen(function() return broken and bytes or "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}" end)
    local session = airlock.client { base_url = url, timeout = 5, max_body = most }:permanent_token "p"
    local value, message, detail = session:get "x"
    broken = false
    expect.success(session:get "x")
    return value, message, detail
  end

  describe("made in Lua", function()
    local failure = require "airlock.failure"

    it("is nil, a sentence and a detail, each kind with its outcome", function()
      for kind, outcome in pairs { oauth = "misconfigured", http = "misconfigured", network = "misconfigured",
        cancelled = "interaction_required" } do
        local value, message, detail = failure[kind]("code", "a sentence")
        assert.is_nil(value)
        assert.equal("a sentence", message)
        assert.same({ kind = kind, code = "code", outcome = outcome }, detail)
      end
    end)

    it("takes another outcome, and what else is known", function()
      local _, _, detail = failure.oauth("server_error", "a sentence", { outcome = "transient", status = 503 })
      assert.same({ kind = "oauth", code = "server_error", outcome = "transient", status = 503 }, detail)
    end)

    it("says what can't be understood, and why", function()
      local _, message, detail = failure.malformed("the answer", "has no end")
      assert.equal("the answer has no end", message)
      assert.same({ kind = "oauth", code = "malformed_reply", outcome = "misconfigured" }, detail)
    end)

    it("is raised as a table that reads as its message", function()
      local ok, raised = pcall(failure.raise, "a sentence", { kind = "http", code = "foreign_link" })
      assert.is_false(ok)
      assert.equal("a sentence", tostring(raised))
      assert.same({ "http", "foreign_link", "a sentence" }, { raised.kind, raised.code, raised.message })
    end)
  end)

  it("of a connection", function()
    local nobody = airlock.client { base_url = ("http://127.0.0.1:%d"):format(raw.free_port()) }:permanent_token "p"
    expect.failure({ kind = "network", code = "connect", outcome = "transient" }, nobody:get "x")
    local nowhere = airlock.client { base_url = "https://nowhere.invalid", timeout = 5 }:permanent_token "p"
    expect.failure({ kind = "network", code = "resolve", outcome = "transient" }, nowhere:get "x")
    local stuck = airlock.client { base_url = ("http://127.0.0.1:%d"):format(raw.stuck_port()),
      connect_timeout = 0.2 }:permanent_token "p"
    expect.failure({ kind = "network", code = "timeout", outcome = "transient" }, stuck:get "x")
  end)

  it("of an answer that isn't HTTP, isn't whole, or isn't there", function()
    local table_of = {
      [""] = "empty_reply", ["HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"] = "cut_off",
      ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"] = "cut_off",
      ["HTTP/1.1 200 OK\r\nX-A: b\r\n"] = "cut_off", ["HTTP/1.1 200 OK\r\nContent-Length: 10"] = "cut_off",
      ["HTTP/1.1 204 No Content\r\n"] = "cut_off",
      ["HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"] = "malformed_response",
      ["SSH-2.0-OpenSSH_9\r\n\r\n"] = "malformed_response",
    }
    for bytes, code in pairs(table_of) do
      expect.failure({ kind = "network", code = code, outcome = "transient" }, answered(bytes))
    end
  end)

  it("of an answer beyond its ceiling", function()
    local many, long = {}, "X: " .. ("y"):rep(1000) .. "\r\n"
    for i = 1, 300 do many[i] = ("X-%d: y\r\n"):format(i) end
    expect.failure({ kind = "network", code = "too_large" },
      answered("HTTP/1.1 200 OK\r\n" .. table.concat(many) .. "Content-Length: 0\r\n\r\n"))
    expect.failure({ kind = "network", code = "too_large" },
      answered("HTTP/1.1 200 OK\r\n" .. long:rep(200) .. "Content-Length: 0\r\n\r\n"))
    expect.failure({ kind = "network", code = "too_large" },
      answered("HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world", 10))
    expect.failure({ kind = "network", code = "too_large" },
      answered("HTTP/1.1 200 OK\r\n\r\n" .. ("x"):rep(100000), 1000))
  end)

  it("of a packed answer beyond its ceiling once unpacked", function()
    local packed = stage.shell "head -c 3000000 /dev/zero | gzip -9 -c"
    assert.is_true(#packed < 10000)
    expect.failure({ kind = "network", code = "too_large" },
      answered(("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s"):format(#packed, packed),
        1000000))
  end)

  it("of time, in the request and in the token request before it", function()
    local space = stage.space()
    local app = stage.app(space)
    expect.success(app:token())
    space:fault { path = "organization", delay = 3 }
    expect.failure({ kind = "network", code = "timeout" }, app:request { url = "organization", timeout = 0.1 })
    expect.success(app:get "organization")
    local other = stage.app(space, { timeout = 1 }, { scope = "global:Profile.View" })
    space:fault { path = "/oauth/token", delay = 3 }
    expect.failure({ kind = "network", code = "timeout", outcome = "transient" }, other:token())
    expect.success(other:token())
  end)

  it("of time in a token request that others wait for, too: who has time left asks once more", function()
    local client, seen = stage.issuer(function(x, n)
      x:reply { body = '{"access_token":"t","token_type":"Bearer"}', delay = n == 1 and 30 or nil }
    end, nil, { timeout = 1 })
    local session = client:client_credentials()
    -- its token request goes on
    expect.failure({ kind = "network", code = "timeout" }, session:request { url = "x", timeout = 0.1 })
    assert.equal(200, expect.success(session:request { url = "x", timeout = 20 }).status)
    assert.equal(2, seen.tokens)
  end)

  it("of time in two token requests that a call waited for is its own", function()
    local client, seen = stage.issuer(function(x) x:reply { body = "{}", delay = 30 } end, nil, { timeout = 0.5 })
    local session = client:client_credentials()
    expect.failure({ kind = "network", code = "timeout" }, session:request { url = "x", timeout = 0.1 })
    expect.failure({ kind = "network", code = "timeout" }, session:request { url = "x", timeout = 20 })
    assert.equal(2, seen.tokens)
  end)

  describe("of a token reply", function()
    -- A token endpoint that answers so, and an API that takes any token.
    local function issued(status, body, headers)
      local client, seen = stage.issuer(function(x, n)
        if n > 1 then return x:reply { body = '{"access_token":"good","token_type":"Bearer"}' } end
        x:reply { status = status, body = body, headers = headers }
      end)
      return client:client_credentials(), seen
    end

    it("that can't be used, has a code, and the next call asks again", function()
      for _, row in ipairs {
        { 200, '{"error":"invalid_client","error_description":"no"}', "invalid_client", "misconfigured" }, -- [6749-28]
        { 401, '{"error":"invalid_client"}', "invalid_client", "misconfigured" },
        { 400, "error=invalid_scope&error_description=a+b", "invalid_scope", "misconfigured" },
        { 200, '{"access_token":"t","token_type":"mac"}', "unsupported_token_type", "misconfigured" }, -- [6749-17]
        { 200, "<!DOCTYPE html><h1>Welcome", "malformed_reply", "misconfigured" },
          { 200, "", "malformed_reply", "misconfigured" },
        { 200, '{"access_token":"t"', "malformed_reply", "misconfigured" },
          { 200, "{}", "malformed_reply", "misconfigured" },
        { 200, '{"access_token":"a\\r\\nX-Evil: 1"}', "malformed_reply", "misconfigured" },
        { 404, "not here", "malformed_reply", "misconfigured" }, { 500, "oops", "server_error", "transient" },
        { 400, '{"error":"temporarily_unavailable"}', "temporarily_unavailable", "transient" },
      } do
        local session, seen = issued(row[1], row[2])
        expect.failure({ kind = "oauth", code = row[3], outcome = row[4], status = row[1] }, session:get "x")
        assert.equal(0, seen.calls)
        expect.success(session:get "x")
        assert.equal(2, seen.tokens)
      end
    end)

    it("that redirects is never followed", function()
      local caught = 0
      local elsewhere = stage.server(function(x)
        caught = caught + 1
        x:reply { body = '{"access_token":"stolen"}' }
      end)
      for _, status in ipairs { 301, 302, 303, 307, 308 } do
        local session = issued(status, "", { Location = elsewhere .. "/token" })
        expect.failure({ kind = "oauth", code = "unexpected_redirect", outcome = "misconfigured" }, session:get "x")
      end
      assert.equal(0, caught)
    end)

    it("that never ends is cut off", function()
      local space = stage.space()
      space:fault { path = "/oauth/token", endless = true }
      expect.failure({ kind = "network", code = "too_large" }, stage.app(space):token())
      expect.success(stage.app(space):get "organization")
    end)

    it("with an odd lifetime gives a token that serves [6749-29] [6749-30]", function()
      for _, lifetime in ipairs { "", ',"expires_in":null', ',"expires_in":"3600"', ',"expires_in":3600.9',
        ',"expires_in":0', ',"expires_in":-1',
        ',"expires_in":1e300', ',"expires_in":99999999999999999999', ',"expires_in":"soon"', ',"expires_in":{"s":1}',
          ',"expires_in":true' } do
        local session, seen = issued(200, '{"access_token":"t","token_type":"BEARER"' .. lifetime .. "}") -- [6749-18]
        expect.success(session:get "x")
        expect.success(session:get "x")
        assert.equal(1, seen.tokens, lifetime)
      end
    end)

    it("as a form is read [6749-04]", function()
      local session = issued(200, "access_token=t%2Bu&token_type=bearer&expires_in=60&scope=a+b&more=x")
      assert.equal("t+u", expect.success(session:token()))
      assert.equal("a b", session:info().scope)
      core.advance(60)
      assert.equal("good", session:token())
    end)
  end)
end)
