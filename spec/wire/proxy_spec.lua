-- Proxies: which are taken, what they may refuse, and that nobody reads their password.

local airlock = require "airlock"
local curl = require "spec.support.curl"
local expect = require "spec.support.expect"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

describe("a proxy", function()
  after_each(stage.clear)

  local here = { base_url = "https://127.0.0.1:9/" }
  local secret = "swordfish"

  local function by(proxy)
    return airlock.client { base_url = here.base_url, proxy = proxy, timeout = 10 }:permanent_token "t"
  end

  it("is judged when the client is made, and its password isn't told", function()
    for _, url in ipairs { "http://user:%s@", "foo://user:%s@host:1", "http://us er:%s@host:1",
      "http://u:%s@host:99999999", "http://u:%s@[::1", "http://u:%s@a@[::1", "http://u:%s@ho'st:x",
        "http://u:%s/x@host:1" } do
      local message = expect.raise("airlock.client: option 'proxy'", by, url:format(secret))
      assert.is_nil(tostring(message):find(secret, 1, true), message)
    end
    for _, url in ipairs { "", "127.0.0.1:9", "http://u:p%40x@127.0.0.1:9/", "https://[::1]:9", "socks4a://h",
      "socks5h://u:p@h:1" } do
      by(url)
    end
  end)

  it("from the environment isn't told either, where its URL can't be read", function()
    for url, code in pairs { ["foo://u:%s@h:1"] = "proxy", ["http://u:%s@h:99999999"] = "proxy",
      ["http://u:%s@127.0.0.1:1"] = "connect" } do
      local command = ("https_proxy=%s %s %s 2>&1"):format(curl.quote(url:format(secret)), os.getenv "AIRLOCK_LUA",
        curl.quote(stage.file [[
          local client = require "airlock".client { base_url = "https://api.example.invalid" }
          local _, message, detail = client:permanent_token "t":get "x"
          print(detail.code, message)
        ]]))
      local told = stage.shell(command)
      assert.equal(code, told:match "^%S+", told)
      assert.is_nil(told:find(secret, 1, true), told)
    end
  end)

  it("that refuses the way is told as that, with the proxy's status", function()
    for status, outcome in pairs { [407] = "misconfigured", [403] = "misconfigured", [503] = "transient" } do
      local asked
      local url = raw.listen(function(request)
        asked = request
        return ("HTTP/1.1 %d No\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 2\r\n\r\nno"):format(status)
      end)
      local detail, message = expect.failure({ kind = "network", code = "proxy", outcome = outcome },
        by(url:gsub("//", "//user:" .. secret .. "@")):get "x")
      assert.truthy(asked:find "^CONNECT 127.0.0.1:9 ")
      assert.equal(status, detail.status)
      assert.truthy(message:find(tostring(status), 1, true))
      assert.is_nil(message:find(secret, 1, true))
    end
  end)

  it("that leads the way and then says nothing of its own is no answer", function()
    local url = raw.listen(function() return "HTTP/1.1 200 Connection established\r\n\r\n" end)
    local detail = expect.failure({ kind = "network" }, by(url):get "x")
    assert.is_nil(detail.status)
    assert.not_equal("proxy", detail.code)
  end)
end)
