-- One call is one request, of the method, target and header lines that it names: whatever text a program hands in, it
-- never becomes a second request, another line, or another Host. The bytes are looked at as they come over the wire.

local airlock = require "airlock"
local expect = require "spec.support.expect"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

local ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

-- Every way to end a line or a request that some server somewhere takes for one.
local breaks = { "\r\n", "\n", "\r", "\0", "\r\n\r\n", "\v", "\f", "\27", "\8", "\127" }

describe("a request", function()
  after_each(stage.clear)

  local seen, url, port
  local function listen()
    seen = {}
    local listener
    url, listener = raw.listen(function(request)
      seen[#seen + 1] = request
      return ok
    end)
    port = listener.port
    return airlock.client { base_url = url, timeout = 5 }:permanent_token "permanent"
  end

  -- The head of the only request that arrived: request line, and lines by lower-case name (each of which came once).
  local function only()
    assert.equal(1, #seen)
    local head = assert(seen[1]:match "^(.-)\r\n\r\n")
    local first, rest = head:match "^([^\r\n]*)\r?\n?(.*)$"
    local lines = {}
    for line in (rest .. "\r\n"):gmatch "(.-)\r\n" do
      local name, value = line:match "^([!#$%%&'*+.^_`|~%w-]+): ?(.*)$"
      assert.is_string(name, "not a header line: " .. line)
      assert.is_nil(value:find "[%z\1-\8\10-\31\127]")
      assert.is_nil(lines[name:lower()], "twice: " .. name)
      lines[name:lower()] = value
    end
    local _, count = seen[1]:gsub("HTTP/1%.1\r\n", "")
    assert.equal(1, count, "more than one request line")
    assert.equal(("127.0.0.1:%d"):format(port), lines.host)
    seen = {}
    return first, lines
  end

  it("takes no control character in a header's name or value, and names the header", function()
    local session = listen()
    for _, ending in ipairs(breaks) do
      for _, headers in ipairs {
        { ["X-A"] = "1" .. ending .. "X-Evil: 1" }, { ["X-A"] = ending .. "x" }, { ["X-A"] = "x" .. ending },
          { ["X-A" .. ending] = "1" },
        { ["X-A: 1" .. ending .. "X-Evil"] = "1" }, { ["Content-Type"] = "a/b" .. ending .. "Host: evil.example" },
        { ["User-Agent"] = "a" .. ending .. "GET /evil HTTP/1.1" },
      } do
        local name = next(headers):match "^[%w-]+"
        expect.raise(name, session.request, session, { url = "x", headers = headers })
      end
    end
    assert.same({}, seen)
    -- a tab and UTF-8 are no harm
    expect.success(session:request { url = "x", headers = { ["X-A"] = "a\tb \240\159\153\130" } })
    local _, lines = only()
    assert.equal("a\tb \240\159\153\130", lines["x-a"])
  end)

  it("takes no header that says where the request goes, how it is framed, or whose it is", function()
    local session = listen()
    for _, name in ipairs {
      "Host", "host", "HOST", "Content-Length", "content-length", "Transfer-Encoding", "transfer-encoding",
        "Connection", "Upgrade", "TE",
      "Trailer", "Expect", "Authorization", "authorization", "Proxy-Authorization",
    } do
      expect.raise(name, session.request, session, { url = "x", headers = { [name] = "chunked" } })
    end
    for _, name in ipairs { "", " ", "Host ", " Host", "Host:", ":authority", ":path", "Transfer-Encoding ",
      "Transfer-Encoding\t", "X A", "X(A)", "X\"", "é" } do
      assert.is_false(pcall(session.request, session, { url = "x", headers = { [name] = "1" } }), name)
    end
    assert.same({}, seen)
  end)

  it("takes no target that would end its request line", function()
    local session = listen()
    for _, ending in ipairs { "\r\n", "\n", "\r", "\0", " ", "\t", "\v", "\f",
      " HTTP/1.1\r\nHost: evil.example\r\n\r\n", "\127", "é" } do
      assert.is_false(pcall(session.request, session, { url = "a" .. ending .. "b" }))
      assert.is_false(pcall(session.request, session, { url = url .. "/a" .. ending .. "b" }))
      assert.is_false(pcall(session.request, session, { url = "a", query = "x=" .. ending .. "y" }))
      assert.is_false(pcall(session.request, session, { method = "GET" .. ending, url = "a" }))
      assert.is_false(pcall(session.request, session, { method = "GET /evil HTTP/1.1" .. ending, url = "a" }))
    end
    assert.same({}, seen)
  end)

  it("has its query's names and values encoded, whatever they hold", function()
    local session = listen()
    for _, ending in ipairs { "\r\n", "\0", " ", "&", "=", "#", "?", "%", "+", "é", "/../",
      "\r\nHost: evil.example\r\n\r\n" } do
      expect.success(session:request { url = "a", query = { ["x" .. ending] = "y" .. ending } })
      local first = only()
      local name, value = first:match "^GET /a%?([%w%%._~+-]*)=([%w%%._~+-]*) HTTP/1%.1$"
      local function decode(text)
        return (text:gsub("+", " "):gsub("%%(%x%x)", function(code) return string.char(tonumber(code, 16)) end))
      end
      assert.same({ "x" .. ending, "y" .. ending }, { decode(name), decode(value) })
    end
  end)

  it("goes to the base's origin, however its path is written", function()
    local session = listen()
    for _, path in ipairs {
      "//evil.example/x", "///evil.example/x", "@evil.example/x", ":80@evil.example/x", ".evil.example/x",
        "?@evil.example", "/\\evil.example", "evil.example:80/x",
      "..//evil.example", "%2F%2Fevil.example/x", "%0d%0aHost:%20evil.example", "%00", ";@evil.example",
        "http:evil.example/", "http%3A//evil.example/", "ftp://evil.example/",
    } do
      local fine, response = pcall(session.request, session, { url = path })
      if fine then
        expect.success(response)
        local first = only()
        assert.is_truthy(first:find "^GET /[^ ]* HTTP/1%.1$", first)
      end
    end
    for _, target in ipairs {
      "http://evil.example/", "https://127.0.0.1:PORT/", "http://127.0.0.2:PORT/", "http://127.0.0.1:1/",
        "http://localhost:PORT/", "http://127.0.0.1:PORT@evil.example/",
      "http://evil.example#@127.0.0.1:PORT/", "http://127.0.0.1:PORT\\@evil.example/", "HTTP://EVIL.example/",
        "http://user:pw@127.0.0.1:PORT/",
      "http://127.0.0.1:PORT#/x", "http://0x7f.0.0.1:PORT/", "http://127.1:PORT/", "http://127.0.0.1.:PORT/",
        "http://[::1]:PORT/",
    } do
      assert.is_false(pcall(session.request, session, { url = (target:gsub("PORT", port)) }), target)
    end
    assert.same({}, seen)
    expect.success(session:request { url = ("HTTP://127.0.0.1:%d/x"):format(port) })
    only()
  end)

  it("of a body that looks like a request is still one request", function()
    local session = listen()
    local body = "0\r\n\r\nGET /evil HTTP/1.0\r\nHost: evil.example\r\n\r\n"
    expect.success(session:request { method = "POST", url = "x", body = body })
    assert.is_truthy(seen[1]:find(("\r\nContent-Length: %d\r\n"):format(#body), 1, true))
    assert.is_nil(seen[1]:lower():find("transfer-encoding", 1, true))
    assert.is_true(seen[1]:sub(-#body) == body)
    assert.equal(1, #seen)
  end)

  it("to the token endpoint keeps what a program hands in inside its fields", function()
    local forms = {}
    local client
    local function config(more)
      local made = { token_endpoint = url .. "/token", base_url = url, client_id = "porter", client_secret = "hush",
        timeout = 5 }
      for name, value in pairs(more or {}) do made[name] = value end
      return made
    end
    url = raw.listen(function(request)
      local head, body = request:match "^(.-\r\n\r\n)(.*)$"
      local _, lines = head:gsub("\r\n", "")
      forms[#forms + 1] = { body = body, lines = lines, head = head }
      local reply = '{"access_token":"t","token_type":"Bearer"}'
      return ("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"):format(#reply, reply)
    end)
    local evil = "a\r\nX-Evil: 1\r\n\r\nPOST /evil HTTP/1.1&grant_type=password\0+%"
    assert.is_false(pcall(airlock.client, config { client_id = evil }))
    client = airlock.client(config { client_id = "p:&client_id=%0d%0aX-Evil:1", client_secret = evil })
    expect.success(client:password { username = evil, password = evil, scope = "a b" })
    client = airlock.client(config { client_id = "p&client_id=q r", client_secret = evil,
      client_auth = "client_secret_post" })
    expect.success(client:password { username = evil, password = evil })
    assert.is_false(pcall(client.refresh_token, client, evil))
    expect.success(client:refresh_token("r&grant_type=password&client_id=s%0d%0aX-Evil:1"):token())
    assert.equal(3, #forms)
    for _, form in ipairs(forms) do
      assert.is_nil(form.head:find("Evil", 1, true), form.head)
      assert.is_nil(form.body:find "[^%w%%._*&=+-]", form.body)
      local _, grants = form.body:gsub("grant_type=", "")
      assert.equal(1, grants)
    end
    assert.equal(forms[2].lines, forms[3].lines)
    for i, count in ipairs { 0, 1, 1 } do assert.equal(count, select(2, forms[i].body:gsub("client_id=", ""))) end
  end)

  it("takes no setting that would end a line", function()
    for _, ending in ipairs(breaks) do
      assert.is_false(pcall(airlock.client, { base_url = "https://api.example/",
        user_agent = "a" .. ending .. "X-Evil: 1" }), "user_agent")
      assert.is_false(pcall(airlock.client, { base_url = "https://api.example/" .. ending .. "x" }), "base_url")
      local client = airlock.client { base_url = "https://api.example/" }
      assert.is_false(pcall(client.permanent_token, client, "a" .. ending .. "X-Evil: 1"), "token")
    end
  end)

  it("isn't made from a token reply whose token would end a line", function()
    for _, ending in ipairs { "\\r\\n", "\\n", "\\u0000", "\\u000b", " ", "\\u00e9", "\\u007f", "\\t" } do
      local client, calls = stage.issuer(function(x)
        x:reply { body = '{"access_token":"a' .. ending .. 'X-Evil: 1","token_type":"Bearer"}' }
      end)
      expect.failure({ kind = "oauth", code = "malformed_reply" }, client:client_credentials():get "a")
      assert.equal(0, calls.calls)
    end
  end)
end)
