local airlock = require "airlock"
local expect = require "spec.support.expect"
local nginx = require "spec.support.nginx"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

describe("redirect", function()
  after_each(stage.clear)

  local headers = { ["X-Api-Key"] = "canary", Cookie = "canary", ["Content-Type"] = "application/x-canary",
    ["X-Tenant"] = "canary" }

  -- An API that answers /go with this redirect; what it and the other origin saw.
  local function scene(status, location)
    local here, there = {}, {}
    local function note(into)
      return function(x)
        into[#into + 1] = { method = x.method, path = x.target, headers = x.headers, body = x.body,
          list = x:header_list() }
        if x.path == "/go" then return x:reply { status = status, headers = { Location = location } } end
        x:reply { body = '"arrived"' }
      end
    end
    local other = stage.server(note(there))
    location = location:gsub("OTHER", function() return other end)
    local session, home = stage.api(note(here))
    location = location:gsub("HOME", function() return home end)
    return session, here, there, other
  end

  it("within the origin is followed with the token", function()
    for _, status in ipairs { 301, 302, 303, 307, 308 } do
      for _, location in ipairs { "/there?x=1", "there?x=1", "HOME/there?x=1", "HOME/there?x=1#part" } do
        local session, here = scene(status, location)
        local response = expect.success(session:request { url = "go", headers = { ["X-Own"] = "1" } })
        assert.same({ 200, '"arrived"' }, { response.status, response.body })
        assert.truthy(response.url:find "/there%?x=1$")
        assert.same({ "/there?x=1", "Bearer permanent", "1" },
          { here[2].path, here[2].headers.authorization, here[2].headers["x-own"] })
      end
      stage.clear()
    end
  end)

  it("to another origin is followed without the token and without the program's own headers", function()
    for _, status in ipairs { 301, 302, 303, 307, 308 } do
      local session, here, there = scene(status, "OTHER/there")
      assert.equal("arrived", expect.success(session:request { url = "go", headers = headers }):json())
      assert.equal("Bearer permanent", here[1].headers.authorization)
      assert.equal(1, #there)
      local all = {}
      for _, pair in ipairs(there[1].list) do all[#all + 1] = pair[1]:lower() .. ": " .. pair[2] end
      local text = table.concat(all, "\n")
      assert.is_nil(text:find "canary" or text:find "permanent" or text:find "authorization", text)
    end
  end)

  it("is the answer where the client follows none, and a failure beyond as many as it follows", function()
    local asked = 0
    local url = stage.server(function(x)
      asked = asked + 1
      local left = tonumber(x.path:match "%d+")
      if left == 0 then return x:reply { body = '"arrived"' } end
      x:reply { status = 302, headers = { Location = "/" .. left - 1 } }
    end)
    local function session(most)
      asked = 0
      return airlock.client { base_url = url, max_redirects = most, retries = 0 }:permanent_token "permanent"
    end
    local response = expect.success(session(0):request { url = "3" })
    assert.same({ 302, "/2", 1 }, { response.status, response.headers.location, asked })
    assert.equal("arrived", expect.success(session(2):request { url = "2" }):json())
    expect.failure({ code = "redirects" }, session(2):request { url = "3" })
    assert.equal(3, asked)
    for _, wrong in ipairs { -1, 6, 1.5, "1" } do
      local ok, why = pcall(airlock.client, { base_url = url, max_redirects = wrong })
      assert.is_false(ok)
      assert.is_truthy(tostring(why):find("max_redirects", 1, true), tostring(why))
    end
  end)

  it("to another origin takes along which answer is wanted", function()
    local wanted = { Range = "bytes=3-", ["If-Range"] = '"tag"', Accept = "application/octet-stream",
      ["accept-language"] = "de", ["If-None-Match"] = '"other"', ["User-Agent"] = "mine/1",
      ["Cache-Control"] = "no-store", ["Accept-Encoding"] = "identity", Prefer = "wait=1" }
    local asked = {}
    for name, value in pairs(wanted) do asked[name] = value end
    for name, value in pairs(headers) do asked[name] = value end
    local session, _, there = scene(302, "OTHER/there")
    expect.success(session:request { url = "go", headers = asked })
    for name, value in pairs(wanted) do assert.equal(value, there[1].headers[name:lower()], name) end
    for name in pairs(headers) do assert.is_nil(there[1].headers[name:lower()], name) end
    local seen = {}
    for _, pair in ipairs(there[1].list) do
      assert.is_nil(seen[pair[1]:lower()], pair[1] .. " comes twice")
      seen[pair[1]:lower()] = true
    end
  end)

  it("of a download that is resumed leads to the rest of it", function()
    local text, got = "the whole file", { "the " }
    local other = stage.server(function(x)
      local from = tonumber((x.headers.range or ""):match "^bytes=(%d+)%-$")
      x:reply { status = from and 206 or 200, body = text:sub((from or 0) + 1) }
    end)
    local session = stage.api(function(x) x:reply { status = 302, headers = { Location = other .. "/file" } } end)
    local response = expect.success(session:request { url = "file", headers = { Range = "bytes=4-" },
      sink = function(bytes) got[#got + 1] = bytes end })
    assert.equal(206, response.status)
    assert.equal(text, table.concat(got))
  end)

  it("to another name of the same machine is one to another origin", function()
    local session, _, there, other = scene(302, "OTHER/go")
    assert.truthy(other)
    expect.failure({ kind = "network", code = "redirects" }, session:request { url = "go" }) -- it goes round there
    for _, one in ipairs(there) do assert.is_nil(one.headers.authorization) end
  end)

  it("back from another origin stays without the token", function()
    local here = {}
    local other, home
    other = stage.server(function(x) x:reply { status = 302, headers = { Location = home .. "/back" } } end)
    home = stage.server(function(x)
      here[#here + 1] = x.headers.authorization or "none"
      if x.path == "/go" then x:reply { status = 302, headers = { Location = other .. "/" } }
        else x:reply { body = "1" } end
    end)
    expect.success(airlock.client({ base_url = home }):permanent_token("permanent"):request { url = "go",
      headers = { ["X-A"] = "1" } })
    assert.same({ "Bearer permanent", "none" }, here)
  end)

  it("of a HEAD stays a HEAD", function()
    local session, here = scene(302, "/there")
    expect.success(session:request { method = "HEAD", url = "go" })
    assert.same({ "HEAD", "HEAD" }, { here[1].method, here[2].method })
  end)

  it("303 after a POST is followed by a GET without a body", function()
    for _, location in ipairs { "/there", "OTHER/there" } do
      local session, here, there = scene(303, location)
      expect.success(session:request { method = "POST", url = "go", body = "canary" })
      local second = here[2] or there[1]
      assert.same({ "GET", "" }, { second.method, second.body })
    end
  end)

  it("307 and 308 within the origin are followed with method and body", function()
    for _, status in ipairs { 307, 308 } do
      local session, here = scene(status, "/there")
      expect.success(session:request { method = "PUT", url = "go", body = "text" })
      assert.same({ "PUT", "text", "Bearer permanent" },
        { here[2].method, here[2].body, here[2].headers.authorization })
    end
  end)

  it("301, 302, 307 and 308 of a POST aren't followed to another origin, nor 301 and 302 at all", function()
    for _, case in ipairs { { 307, "OTHER/there" }, { 308, "OTHER/there" }, { 301, "OTHER/there" },
      { 302, "OTHER/there" }, { 301, "/there" }, { 302, "/there" } } do
      local session, here, there = scene(case[1], case[2])
      local response = expect.success(session:request { method = "POST", url = "go", body = "canary" })
      assert.equal(case[1], response.status)
      assert.is_string(response.headers.location)
      assert.same({ 1, 0 }, { #here, #there })
    end
  end)

  it("that isn't followed is a failure to those who want JSON", function()
    local session = scene(302, "/there")
    expect.failure({ kind = "http", code = "http_302", status = 302 }, session:post("go", {}))
  end)

  it("of a body that a reader gave isn't followed where the body would be needed again", function()
    local session, here = scene(307, "/there")
    local chunks = { "b", "a" }
    local response = expect.success(session:request { method = "POST", url = "go",
      body = function() return table.remove(chunks) end })
    assert.same({ 307, 1 }, { response.status, #here })
  end)

  it("is followed five times, and no more", function()
    local n, most = 0, 5
    local session = stage.api(function(x)
      n = n + 1
      x:reply { status = n <= most and 302 or 200, headers = { Location = "/" .. n }, body = "1" }
    end)
    expect.success(session:get "a")
    n, most = 0, 6
    expect.failure({ kind = "network", code = "redirects", outcome = "misconfigured" }, session:get "a")
    assert.equal(6, n)
  end)

  -- An API that redirects there, in whatever bytes; what it and the other origin saw: targets and credentials.
  local function byte_scene(location)
    local seen, there = {}, {}
    local other = stage.server(function(x)
      there[#there + 1] = { x.target, x.headers.authorization }
      x:reply { body = '"arrived"' }
    end)
    local home, bytes
    home = raw.listen(function(text)
      seen[#seen + 1] = { text:match "^%S+ (%S+)", text:match "\r\nAuthorization: ([^\r]*)" }
      return #seen == 1 and bytes or "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\"arrived\""
    end)
    local names = { HOME = home, OTHER = other:match "//(.*)", HERE = home:match "//(.*)" }
    bytes = ("HTTP/1.1 302 Found\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n"):format(
      (location:gsub("%u%u%u%u+", names)))
    return airlock.client { base_url = home }:permanent_token "permanent", seen, there
  end

  it("is read as browsers read it", function()
    for location, wanted in pairs { ["/[x]|{y}\"^`"] = "/[x]|%7By%7D%22%5E%60", ["?[x]|{y}^`\""] = "/go?[x]|{y}^`%22",
      ["/100%"] = "/100%", ["/%zz?%2"] = "/%zz?%2", ["/a b?c d"] = "/a%20b?c%20d", ["\\x\\y"] = "/x/y",
      ["/x/../%2e%2E/y/%2e"] = "/y/", ["./x?y#z"] = "/x?y", ["?"] = "/go?", ["/%2F%2f%7E"] = "/%2F%2f%7E",
      ["/\tx\ty"] = "/xy", ["/\195\169"] = "/%C3%A9", ["HOME\\x"] = "/x", ["http:x"] = "/x", ["#x"] = "/go" } do
      local session, seen = byte_scene(location)
      assert.equal("arrived", expect.success(session:request { url = "go" }):json(), location)
      assert.same({ wanted, "Bearer permanent" }, seen[2])
      stage.clear()
    end
  end)

  it("takes no token elsewhere, whatever slashes and signs lead there", function()
    for _, location in ipairs { "//OTHER/x", "\\\\OTHER/x", "/\\OTHER\\x", "///OTHER/x", "/\t/OTHER/x",
      "http:\\\\OTHER\\x" } do
      local session, _, there = byte_scene(location)
      assert.equal("arrived", expect.success(session:request { url = "go" }):json(), location)
      assert.same({ { "/x" } }, there)
      stage.clear()
    end
  end)

  it("that names a user, or is empty, is the answer itself", function()
    for _, location in ipairs { "http://user:pw@OTHER/", "//user@HERE/x", "\\\\user@OTHER", "http:\\\\@HERE\\x",
      "/\t/us\ter:@OTHER", "http://HERE%40evil.example/", "" } do
      local session, seen, there = byte_scene(location)
      assert.equal(302, expect.success(session:request { url = "go" }).status, location)
      assert.same({ 1, 0 }, { #seen, #there })
      stage.clear()
    end
  end)

  it("to what isn't http is the answer itself", function()
    for _, location in ipairs { "ftp://127.0.0.1/x", "file:///etc/hostname", "javascript:alert(1)",
      "http://user:pw@127.0.0.1:9/", "http://[::1/", "http://example.com/x" } do
      local session, here, there = scene(302, location)
      local response = expect.success(session:request { url = "go" })
      assert.same({ 302, 1, 0 }, { response.status, #here, #there })
    end
  end)

  it("without a Location is the answer itself", function()
    local session = stage.api(function(x) x:reply { status = 302, body = "b" } end)
    assert.equal(302, expect.success(session:request { url = "x" }).status)
  end)

  it("from https to http isn't followed, to https is", function()
    local plain = {}
    local url = stage.server(function(x)
      plain[#plain + 1] = x.path
      x:reply {}
    end)
    local web = nginx.start(('location /down { return 302 %s/there; } location /same { return 302 /end; } location '
      .. '/end { return 200 "\\"$http_authorization\\""; }'):format(url))
    local session = airlock.client({ base_url = web.https, ca_file = web.ca }):permanent_token "permanent"
    assert.equal(302, expect.success(session:request { url = "down" }).status)
    assert.same({}, plain)
    assert.equal("Bearer permanent", expect.success(session:get "same"))
    local up = stage.api(function(x) x:reply { status = 302, headers = { Location = web.https .. "/end" } } end,
      { ca_file = web.ca })
    assert.equal("", expect.success(up:get "x"))
  end)

  it("of the token endpoint is an error, and nothing goes to its target", function()
    for _, status in ipairs { 301, 302, 303, 307, 308, 304, 300 } do
      local there = 0
      local other = stage.server(function(x)
        there = there + 1
        x:reply { body = '{"access_token":"stolen"}' }
      end)
      local client, seen = stage.issuer(function(x)
        x:reply { status = status, headers = { Location = other .. "/token" },
          body = status ~= 304 and '{"access_token":"t"}' or "" }
      end)
      expect.failure({ kind = "oauth", code = "unexpected_redirect", outcome = "misconfigured", status = status },
        client:client_credentials():get "a")
      assert.same({ 1, 0, 0 }, { seen.tokens, seen.calls, there })
    end
  end)

  it("may lead to nobody, which is a failure of the network", function()
    local session = scene(302, ("http://127.0.0.1:%d/"):format(raw.free_port()))
    expect.failure({ kind = "network", code = "connect" }, session:request { url = "go" })
  end)
end)
