local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

describe("response", function()
  after_each(stage.clear)

  local function get(reply)
    return expect.success(stage.api(function(x) x:reply(reply) end):request { url = "x" })
  end

  -- What a tool makes of a text.
  local function packed(tool, text)
    local path = stage.file(text)
    return stage.shell(("%s -c <'%s'"):format(tool, path))
  end

  it("finds its headers in any case", function()
    local response = get { headers = { ["X-OnE"] = "a  b", ["x-two"] = "2" } }
    for _, name in ipairs { "x-one", "X-One", "X-ONE", "X-OnE" } do assert.equal("a  b", response.headers[name]) end
    assert.equal("2", response.headers["X-Two"])
    assert.is_nil(response.headers["X-Three"])
    assert.is_nil(response.headers[1])
  end)

  it("lists its headers by names in lower case", function()
    local names = {}
    for name in pairs(get({ headers = { ["X-One"] = "1" } }).headers) do names[name] = true end
    assert.is_true(names["x-one"])
    assert.is_nil(names["X-One"])
  end)

  it("joins headers that come more than once, cookies line by line", function()
    local response = get { headers = { { "X-A", "1" }, { "x-a", "2" }, { "Set-Cookie", "a=1, 2" },
      { "Set-Cookie", "b=3" } } }
    assert.equal("1, 2", response.headers["X-A"])
    assert.equal("a=1, 2\nb=3", response.headers["Set-Cookie"])
  end)

  it("keeps no cookie for later", function()
    local cookies = {}
    local session = stage.api(function(x)
      cookies[#cookies + 1] = x.headers.cookie or "none"
      x:reply { headers = { ["Set-Cookie"] = "a=1" } }
    end)
    expect.success(session:request { url = "x" })
    expect.success(session:request { url = "x" })
    assert.same({ "none", "none" }, cookies)
  end)

  it("has a body of any bytes", function()
    local all = {}
    for i = 0, 255 do all[#all + 1] = string.char(i) end
    local text = table.concat(all):rep(2000)
    assert.is_true(get({ body = text }).body == text)
  end)

  it("decodes its JSON, or says why not", function()
    assert.same({ a = { true } }, get({ body = ' {"a":[true]} ' }):json())
    expect.failure({ kind = "http", code = "malformed_response", outcome = "misconfigured", status = 200 },
      get({ body = '{"a":' }):json())
  end)

  it("shows its status as text, and no more", function()
    assert.equal("airlock.response (201)", tostring(get { status = 201, body = "secret" }))
  end)

  it("to HEAD has headers and no body", function()
    local session = stage.api(function(x) x:reply { headers = { ["X-A"] = "1" }, body = "12345" } end)
    local response = expect.success(session:request { method = "HEAD", url = "x" })
    assert.same({ 200, "", "1", "5" }, { response.status, response.body, response.headers["x-a"],
      response.headers["content-length"] })
  end)

  it("is unpacked, whichever of gzip, deflate and brotli it came in", function()
    local text = ("The quick brown fox. "):rep(1000)
    local accepted
    for encoding, tool in pairs { gzip = "gzip", br = "brotli" } do
      local bytes = packed(tool, text)
      local session = stage.api(function(x)
        accepted = x.headers["accept-encoding"]
        x:reply { headers = { ["Content-Encoding"] = encoding }, body = bytes }
      end)
      assert.is_true(#bytes < 1000 and #bytes > 10)
      assert.is_true(text == expect.success(session:request { url = "x" }).body, encoding)
      assert.truthy(accepted:find(encoding, 1, true))
    end
  end)

  it("that is packed and broken is a failure", function()
    local bytes = packed("gzip", ("x"):rep(5000))
    for _, body in ipairs { "not gzip at all", bytes:sub(1, 10) .. "\255\255\255\255" .. bytes:sub(15) } do
      local session = stage.api(function(x) x:reply { headers = { ["Content-Encoding"] = "gzip" }, body = body } end)
      expect.failure({ kind = "network", code = "malformed_response", outcome = "transient" },
        session:request { url = "x" })
    end
  end)

  it("packed in a way nobody knows is a failure", function()
    local session = stage.api(function(x) x:reply { headers = { ["Content-Encoding"] = "middle-out" }, body = "x" } end)
    expect.failure({ kind = "network", code = "malformed_response" }, session:request { url = "x" })
  end)

  it("that would fill the memory once unpacked is cut off", function()
    local bytes = stage.shell "head -c 100000000 /dev/zero | gzip -c"
    local session = stage.api(function(x) x:reply { headers = { ["Content-Encoding"] = "gzip" }, body = bytes } end,
      { max_body = 1000000 })
    expect.failure({ kind = "network", code = "too_large" }, session:request { url = "x" })
    expect.failure({ kind = "network", code = "too_large" },
      session:request { url = "x", sink = function() end, max_body = 2000000 })
  end)

  it("may be as large as max_body, and no larger", function()
    local session = stage.api(function(x) x:reply { body = ("x"):rep(1000) } end)
    expect.success(session:request { url = "x", max_body = 1000 })
    local _, message = expect.failure({ kind = "network", code = "too_large", outcome = "misconfigured" },
      session:request { url = "x", max_body = 999 })
    assert.truthy(message:find("max_body", 1, true))
    expect.success(session:request { url = "x" })
  end)

  it("stays as it was when others come", function()
    local n = 0
    local session = stage.api(function(x)
      n = n + 1
      x:reply { headers = { ["X-N"] = n }, body = "body " .. n }
    end)
    local first = expect.success(session:request { url = "one" })
    local second = expect.success(session:request { url = "two" })
    collectgarbage()
    assert.same({ "1", "2", "body 1", "body 2" }, { first.headers["x-n"], second.headers["x-n"], first.body,
      second.body })
    assert.truthy(first.url:find "/one$" and second.url:find "/two$")
  end)
end)
