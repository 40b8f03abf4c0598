local airlock = require "airlock"
local expect = require "spec.support.expect"
local nginx = require "spec.support.nginx"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

describe("sink", function()
  after_each(stage.clear)

  local function resident()
    local text = stage.read "/proc/self/status"
    return tonumber((text or ""):match "VmRSS:%s*(%d+)")
  end

  local function into(list)
    return function(bytes) list[#list + 1] = bytes end
  end

  local function api(reply, more)
    return (stage.api(function(x) x:reply(type(reply) == "function" and reply(x) or reply) end, more))
  end

  it("gets the body as it comes, and the response has none", function()
    local got = {}
    local response = expect.success(api({ body = ("line\n"):rep(100000), headers = { ["X-A"] = "1" } }):request {
      url = "x", sink = into(got) })
    assert.is_true(table.concat(got) == ("line\n"):rep(100000))
    assert.is_true(#got > 1)
    assert.same({ 200, "", "1" }, { response.status, response.body, response.headers["x-a"] })
  end)

  it("gets pieces of at most 64 KiB, however fast they come", function()
    local all, size, most = 2 * 1024 * 1024, 0, 0
    expect.success(api({ body = ("x"):rep(all) }):request { url = "x", sink = function(bytes)
      size, most = size + #bytes, math.max(most, #bytes)
    end })
    assert.equal(all, size)
    assert.is_true(most <= 65536, most)
  end)

  it("may be a file", function()
    local path = stage.file ""
    local file = assert(io.open(path, "wb"))
    expect.success(api({ body = ("x"):rep(300000) }):request { url = "x", sink = file })
    file:close()
    assert.equal(300000, #stage.read(path))
  end)

  it("may be any object that writes", function()
    local got = {}
    local object = { write = function(self, bytes)
      got[#got + 1] = bytes
      return self
    end }
    expect.success(api({ body = "abc" }):request { url = "x", sink = object })
    assert.equal("abc", table.concat(got))
  end)

  it("isn't called for an empty body", function()
    expect.success(api({ status = 204 }):request { url = "x", sink = function() error "called" end })
    expect.success(api({ body = "x" }):request { method = "HEAD", url = "x", sink = function() error "called" end })
  end)

  it("never gets the body of an error, nor of a redirect", function()
    for _, status in ipairs { 302, 400, 404, 500, 503 } do
      local response = expect.success(api({ status = status, body = "why" }, { retries = 0 }):request { url = "x",
        sink = function() error "called" end })
      assert.same({ status, "why" }, { response.status, response.body })
    end
  end)

  it("gets the answer alone where others came before it", function()
    local got, n = {}, 0
    local session = api(function()
      n = n + 1
      if n == 1 then return { status = 503, headers = { ["Retry-After"] = 0 }, body = "busy" } end
      if n == 2 then return { status = 302, headers = { Location = "/there" }, body = "moved" } end
      return { body = "arrived" }
    end)
    expect.success(session:request { url = "x", sink = into(got) })
    assert.equal("arrived", table.concat(got))
  end)

  it("gets what was unpacked", function()
    local bytes = stage.shell "head -c 1000000 /dev/zero | gzip -c"
    local size = 0
    expect.success(api({ body = bytes, headers = { ["Content-Encoding"] = "gzip" } }):request { url = "x",
      sink = function(part) size = size + #part end })
    assert.equal(1000000, size)
  end)

  it("takes as much as comes, unless max_body says otherwise", function()
    local session = api({ body = ("x"):rep(100000) }, { max_body = 10 })
    local got = {}
    expect.success(session:request { url = "x", sink = into(got) })
    assert.equal(100000, #table.concat(got))
    got = {}
    expect.failure({ kind = "network", code = "too_large" },
      session:request { url = "x", sink = into(got), max_body = 50000 })
    assert.is_true(#table.concat(got) <= 50000)
  end)

  it("is never told a packed answer as whole that is larger than max_body", function()
    local packed = stage.shell "head -c 3000000 /dev/zero | gzip -9 -c"
    local head = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    local url = raw.listen(head:format(#packed) .. packed)
    local session = airlock.client { base_url = url }:permanent_token "p"
    for _, most in ipairs { 1000, 65536, 500000, 2000000, 2999999 } do
      local size = 0
      expect.failure({ kind = "network", code = "too_large" },
        session:request { url = "x", max_body = most, sink = function(part) size = size + #part end })
      assert.is_true(size <= most, size)
      assert.equal(3000000, #expect.success(session:request { url = "x" }).body)
    end
    local size = 0
    expect.success(session:request { url = "x", max_body = 3000000, sink = function(part) size = size + #part end })
    assert.equal(3000000, size)
  end)

  it("is never told a packed answer as whole that breaks while it unpacks", function()
    local bytes = stage.shell "head -c 3000000 /dev/zero | gzip -9 -c"
    local broken = bytes:sub(1, -9) .. ("\0"):rep(8) -- neither its sum nor its length
    local session = api { body = broken, headers = { ["Content-Encoding"] = "gzip" } }
    expect.failure({ kind = "network" }, session:request { url = "x", timeout = 5, sink = function() end })
  end)

  it("that raises ends the request with its error, whatever it is", function()
    local session = api { body = ("x"):rep(500000) }
    local mine = { "mine" }
    local ok, why = pcall(session.request, session, { url = "x", sink = function() error(mine) end })
    assert.is_false(ok)
    assert.equal(mine, why)
    assert.equal(500000, #expect.success(session:request { url = "x" }).body)
  end)

  it("that says false, or nil and why, gives the request up", function()
    local session = api { body = ("x"):rep(500000) }
    for _, case in ipairs { { false }, { nil, "no space left" }, { false, "no space left" } } do
      local calls = 0
      local detail, message = expect.failure({ kind = "cancelled", code = "cancelled" },
        session:request { url = "x", sink = function()
        calls = calls + 1
        return case[1], case[2]
      end })
      assert.equal(1, calls)
      assert.truthy(detail and message:find(case[2] or "false", 1, true))
    end
    assert.equal(500000, #expect.success(session:request { url = "x" }).body)
  end)

  it("that is a file which can't be written to gives the request up", function()
    local file = io.open("/dev/full", "wb")
    if not file then return pending "there is no /dev/full" end
    file:setvbuf "no"
    expect.failure({ kind = "cancelled" }, api({ body = "abc" }):request { url = "x", sink = file })
    file:close()
  end)

  it("has had what came before the answer broke off", function()
    local got = {}
    expect.failure({ kind = "network", code = "cut_off" },
      api({ body = ("x"):rep(100000), truncate = 60000 }):request { url = "x", sink = into(got) })
    assert.equal(60000, #table.concat(got))
  end)

  it("may make requests of its own", function()
    local session = api(function(x) return { body = x.path == "/list" and ("x"):rep(200000) or '"one"' } end)
    local ones = 0
    expect.success(session:request { url = "list", sink = function() if session:get "item" == "one" then
      ones = ones + 1 end end })
    assert.is_true(ones > 0)
  end)

  it("streams 200 MB to a function and to a file in constant memory", function()
    if (os.getenv "AIRLOCK_UNDER" or "") ~= "" then pending "memory is measured without a tool that watches it" end
    local web = nginx.start()
    local size = 200 * 1024 * 1024
    os.execute(("truncate -s %d '%s/large'"):format(size, web.folder))
    -- how long it takes is the machine's affair
    local session = airlock.client({ base_url = web.http, timeout = math.huge }):permanent_token "t"
    -- what Lua hasn't swept yet isn't ours, and after a long suite it lets as much lie about as the suite has left
    -- behind
    stage.keep(stage.collector(100, 400))
    collectgarbage()
    local before, most, received, n = resident(), 0, 0, 0
    expect.success(session:request { url = "large", sink = function(bytes)
      received, n = received + #bytes, n + 1
      if n % 100 == 0 then
        collectgarbage()
        most = math.max(most, resident())
      end
    end })
    assert.equal(size, received)
    local path = web.folder .. "/copy"
    local file = assert(io.open(path, "wb"))
    expect.success(session:request { url = "large", sink = file })
    assert.equal(size, file:seek "end")
    file:close()
    most = math.max(most, resident())
    assert.is_true(most - before < 48 * 1024, ("grew by %d kB"):format(most - before))
  end)
end)
