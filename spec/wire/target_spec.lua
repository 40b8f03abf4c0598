-- The target of a request: what the program wrote, sign by sign, over each way there is.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local nginx = require "spec.support.nginx"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

describe("the target", function()
  after_each(stage.clear)

  local paths = { "a%2Fb", "a%2fb", "%7Eme", "~me", "a+b", "a%20b", "x?q=a%3Db", "x?q=a%3db&r=+%2B", "x?%5B%7C%5D",
    "a%2F?", "x?", "x?y?z", "a/../b", "a/./b", "a/%2E%2e/b", "a//b", "a;b=1,2", "@me", "a.b", ".well-known/x",
    "x?a='b'" }

  local function line_of(text)
    return text:match "^(.-)\r\n"
  end

  it("is sent sign by sign", function()
    local seen
    local url = raw.listen(function(text)
      seen = line_of(text)
      return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", true
    end)
    local session = airlock.client { base_url = url }:permanent_token "p"
    for _, path in ipairs(paths) do
      expect.success(session:get(path))
      assert.equal("GET /" .. path .. " HTTP/1.1", seen)
      expect.success(session:request { url = path, method = "PUT", body = "x", query = "k=%2f%2F" })
      assert.equal("PUT /" .. path .. (path:find("?", 1, true) and "&" or "?") .. "k=%2f%2F HTTP/1.1", seen)
    end
    expect.success(session:get(url .. "?a=%2f"))
    assert.equal("GET /?a=%2f HTTP/1.1", seen)
    expect.success(session:get "plain")
    assert.equal("GET /plain HTTP/1.1", seen)
  end)

  it("is a whole URL for a proxy", function()
    local seen
    local proxy = raw.listen(function(text)
      seen = line_of(text)
      return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", true
    end)
    local session = airlock.client { base_url = "http://127.0.0.1:9", proxy = proxy }:permanent_token "p"
    for _, path in ipairs(paths) do
      expect.success(session:get(path))
      assert.equal("GET http://127.0.0.1:9/" .. path .. " HTTP/1.1", seen)
    end
    expect.success(session:get "http://127.0.0.1:9?a=%2f")
    assert.equal("GET http://127.0.0.1:9/?a=%2f HTTP/1.1", seen)
  end)

  it("is the same over HTTP/2, and over 1.1 within TLS", function()
    local web = nginx.start([[location / { return 200 '{"at":"$request_uri","by":"$server_protocol"}'; }]])
    for _, version in ipairs { "2", "1.1" } do
      local session = airlock.client { base_url = web.https, ca_file = web.ca, http_version = version }
        :permanent_token "p"
      for _, path in ipairs(paths) do
        local got = expect.success(session:get(path))
        assert.same({ "/" .. path, version == "2" and "HTTP/2.0" or "HTTP/1.1" }, { got.at, got.by })
      end
    end
  end)

  it("is the same where a host carries the bytes", function()
    local session = airlock.client { base_url = "http://127.0.0.1:9" }:permanent_token "p"
    for _, path in ipairs(paths) do
      local call = core.carry(session, "GET", path, nil, nil, nil, nil, false)
      assert.equal("send", call:wants())
      local _, _, _, text = call:outgoing()
      assert.equal("GET /" .. path .. " HTTP/1.1", line_of(text))
    end
  end)

  it("may not have what a URL can't", function()
    local session = airlock.client { base_url = "http://127.0.0.1:9" }:permanent_token "p"
    for _, path in ipairs { "[", "|", "100%", "a b", "{", "x?[", "x?%2" } do
      expect.raise("option 'url'", session.request, session, { url = path })
    end
  end)
end)
