-- What isn't idempotent goes out once, over connections that are kept: one that is dead is found out by sending.

local airlock = require "airlock"
local expect = require "spec.support.expect"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

describe("over a kept connection that closes without an answer", function()
  after_each(stage.clear)

  local seen, session, listener

  -- Answers the first request of each connection and keeps it; the next one there it reads, and closes.
  local function closing(more)
    seen = {}
    local url
    url, listener = raw.listen(function(request, n)
      seen[#seen + 1] = request
      if n > 1 then return "" end
      return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n"
        .. (request:find "^HEAD" and "" or "1"), true
    end)
    local config = { base_url = url, timeout = 10 }
    for name, value in pairs(more or {}) do config[name] = value end
    session = airlock.client(config):permanent_token "p"
    expect.success(session:get "x")
  end

  it("a request that isn't idempotent is sent once, whatever its body", function()
    for _, method in ipairs { "POST", "PATCH", "LOCK" } do
      for _, body in ipairs { false, "", "a", ("a"):rep(300000) } do
        closing()
        local _, message = expect.failure({ kind = "network", code = "empty_reply", outcome = "transient" },
          session:request { method = method, url = "y", body = body or nil })
        assert.equal(2, #seen, method)
        assert.truthy(message:find("isn't sent again", 1, true), message)
      end
    end
  end)

  it("one that is idempotent is sent again", function()
    for _, method in ipairs { "GET", "HEAD", "PUT", "DELETE", "OPTIONS" } do
      closing()
      expect.success(session:request { method = method, url = "y" })
      assert.equal(3, #seen, method)
    end
    closing()
    expect.success(session:request { method = "PUT", url = "y", body = "text" })
    assert.equal(3, #seen)
  end)

  it("an upload from a reader isn't sent there at all", function()
    for _, method in ipairs { "POST", "PUT" } do
      closing()
      local pieces = { "a", "b" }
      -- the support's listener takes a request for whole where no length is told
      local function reader() return table.remove(pieces, 1) end
      expect.success(session:request { method = method, url = "y", body = reader })
      assert.equal(2, #listener.connections)
    end
  end)

  it("a POST costs no connection of its own where all is well", function()
    local url
    url, listener = raw.listen(function() return "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1", true end)
    session = airlock.client { base_url = url }:permanent_token "p"
    for _ = 1, 5 do expect.success(session:post("x", { a = 1 })) end
    assert.equal(1, #listener.connections)
  end)

  it("a refresh whose answer is lost goes out twice, as is told", function()
    local asked, url = 0
    url, listener = raw.listen(function(request, n)
      if request:find "^GET" then
        return "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", true
      end
      asked = asked + 1
      if n == 1 and asked == 1 then
        local body = '{"access_token":"a","token_type":"Bearer","expires_in":3600,"refresh_token":"r"}'
        return ("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"):format(#body, body), true
      end
      return ""
    end)
    local client = airlock.client { base_url = url, token_endpoint = url .. "/token", client_id = "c",
      client_secret = "s", timeout = 10 }
    session = client:refresh_token "r"
    expect.success(session:token())
    expect.failure({ kind = "network", code = "empty_reply" }, session:refresh())
    assert.equal(3, asked)
  end)
end)
