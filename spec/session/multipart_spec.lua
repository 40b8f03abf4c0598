-- multipart/form-data (RFC 7578) over real HTTP: what arrives is what was given, and nothing of it is kept in memory.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local form_data = require "spec.support.form_data"
local stage = require "spec.support.stage"

describe("option multipart", function()
  after_each(stage.clear)

  local seen

  local function api(reply)
    seen = {}
    return (stage.api(function(x)
      seen[#seen + 1] = { method = x.method, headers = x.headers, body = x.body, path = x.path }
      x:reply(reply and reply(x, #seen) or { body = '"fine"' })
    end))
  end

  -- Sends it and gives the parts that arrived.
  local function send(parts, more)
    local session = api()
    local options = { url = "upload", multipart = parts }
    for name, value in pairs(more or {}) do options[name] = value end
    expect.success(session:request(options))
    assert.equal(1, #seen)
    return form_data.read(seen[1]), seen[1]
  end

  local function mistake(option, parts, more)
    local session = api()
    local options = { url = "upload", multipart = parts }
    for name, value in pairs(more or {}) do options[name] = value end
    local why = expect.raise(option, session.request, session, options)
    assert.equal(0, #seen)
    assert.truthy(why:find("'" .. option .. "'", 1, true), why)
    return why
  end

  local function chunks(list)
    local i = 0
    return function()
      i = i + 1
      return list[i]
    end
  end

  it("sends texts, numbers and booleans as fields", function()
    local parts, request = send { title = "Paint the door\r\n\0\255", count = 3, ratio = 0.5, done = true }
    assert.same({
      { name = "count", body = "3" }, { name = "done", body = "true" }, { name = "ratio", body = "0.5" },
      { name = "title", body = "Paint the door\r\n\0\255" },
    }, parts)
    assert.equal("POST", request.method)
    assert.equal(tostring(#request.body), request.headers["content-length"])
    assert.is_nil(request.headers["transfer-encoding"])
  end)

  it("sends a file with its name, its type and a length", function()
    local path = stage.file(("0123456789\0"):rep(30000), "drawing of a \"door\".png")
    local parts, request = send { file = { path = path, type = "image/png" }, title = "x" }
    assert.same({ name = "title", body = "x" }, parts[1])
    assert.same({ "file", "drawing of a \"door\".png", "image/png" },
      { parts[2].name, parts[2].filename, parts[2].type })
    assert.is_true(parts[2].body == ("0123456789\0"):rep(30000))
    assert.equal(tostring(#request.body), request.headers["content-length"])
  end)

  it("takes a file for bytes of no known type, unless told [7578-03]", function()
    local path = stage.file("x", "a.png")
    assert.equal("application/octet-stream", send { f = { path = path } }[1].type)
    assert.equal("application/octet-stream", send { f = { body = "text", filename = "a.txt" } }[1].type)
    assert.equal("text/csv; charset=utf-8", send { f = { body = "a,b", type = "text/csv; charset=utf-8" } }[1].type)
    assert.is_nil(send { f = { body = "text" } }[1].type)
  end)

  it("writes names as browsers do [7578-02]", function()
    local head = select(2, send { { name = 'a"b\r\nc', body = "1", filename = 'Tür "1"\r\nX: y\t日本.txt' } }).body
    assert.truthy(head:find('name="a%22b%0D%0Ac"; filename="Tür %221%22%0D%0AX: y%09日本.txt"\r\n', 1, true), head)
    assert.is_nil(head:find "\r\nX:")
    local path = stage.file("x", 'a\r\n"b".txt')
    assert.truthy(select(2, send { f = { path = path } }).body:find('filename="a%0D%0A%22b%22.txt"', 1, true))
  end)

  it("takes several of one name, and keeps a list's order [7578-04]", function()
    local path = stage.file "three"
    assert.same({ { name = "tag", body = "one" }, { name = "tag", body = "2" },
      { name = "tag", filename = "file", type = "application/octet-stream", body = "three" } },
      send { tag = { "one", 2, { path = path } } })
    local parts = send { { name = "z", body = "1" }, { name = "a", path = path, filename = "b" },
      { name = "z", body = "" } }
    assert.same({ { name = "z", body = "1" },
      { name = "a", filename = "b", type = "application/octet-stream", body = "three" }, { name = "z", body = "" } },
      parts)
  end)

  it("puts texts before files, as servers that read a form in its order want it", function()
    local parts = send { a = { body = "file", filename = "f" }, z = "text" }
    assert.same({ "z", "a" }, { parts[1].name, parts[2].name })
  end)

  it("reads functions and open files, with a length where all of them have one", function()
    local file = assert(io.open(stage.file "0123456789", "rb"))
    file:seek("set", 4)
    local parts, request = send { { name = "f", body = file },
      { name = "g", body = chunks { "ab", "cd" }, length = 4 } }
    assert.same({ "456789", "abcd" }, { parts[1].body, parts[2].body })
    assert.equal(tostring(#request.body), request.headers["content-length"])
    assert.equal("file", io.type(file))
    file:close()

    parts, request = send { g = { body = chunks { "ab", "cd" } }, h = "x" }
    assert.same({ "x", "abcd" }, { parts[1].body, parts[2].body })
    assert.equal("chunked", request.headers["transfer-encoding"])
    assert.is_nil(request.headers["content-length"])
  end)

  it("takes an empty file and a reader that gives nothing", function()
    local parts = send { a = { path = stage.file "" }, b = { body = chunks {}, length = 0 }, c = { body = chunks {} } }
    assert.same({ "", "", "" }, { parts[1].body, parts[2].body, parts[3].body })
  end)

  it("lets a reader make requests of its own", function()
    local session, n = api(), 0
    expect.success(session:request { url = "upload", multipart = { f = { body = function()
      n = n + 1
      return n < 3 and session:get("part" .. n) or nil
    end } } })
    assert.equal("finefine", form_data.read(seen[3])[1].body)
  end)

  it("has another boundary each time, that no part holds [7578-01]", function()
    local first = select(2, send { a = "1" }).headers["content-type"]
    local second = select(2, send { a = "1" }).headers["content-type"]
    assert.truthy(first:find "^multipart/form%-data; boundary=airlock%-[%w_-]+$")
    assert.are_not.equal(first, second)
  end)

  it("goes with any method, a query and headers", function()
    local _, request = send({ a = "1" }, { method = "PUT", query = { x = 1 }, headers = { ["X-Y"] = "z" } })
    assert.same({ "PUT", "z" }, { request.method, request.headers["x-y"] })
  end)

  it("is one text to curl, too", function()
    local path = stage.file("some bytes", 'a "b".txt')
    local session, url = stage.api(function(x)
      seen[#seen + 1] = { headers = x.headers, body = x.body }
      x:reply { body = "1" }
    end)
    seen = {}
    expect.success(session:request { url = "x", multipart = { { name = "t", body = "text" },
      { name = "f", path = path, type = "text/plain" } } })
    local job = io.popen(("curl -s -F 't=text' -F 'f=@\"%s\";type=text/plain' %s/x & wait"):format(
      (path:gsub('"', '\\"')), url), "r")
    local poll = require "airlock.loop.poll"
    for _ = 1, 200 do
      if seen[2] then break end
      poll.run(0.05)
    end
    job:close()
    assert.same(form_data.read(seen[2]), form_data.read(seen[1]))
    local function neutral(x)
      return (x.body:gsub(x.headers["content-type"]:match "boundary=(.*)":gsub("%-", "%%-"), "B"))
    end
    -- curl escapes quotes as browsers do since 7.81
    assert.equal(neutral(seen[2]), neutral(seen[1]))
  end)

  describe("after a 401", function()
    local function issuer()
      seen = {}
      return stage.issuer(function(x, n) x:reply {
        body = stage.token { access_token = "t" .. n, token_type = "Bearer", expires_in = 600 } } end,
        function(x, n)
          seen[n] = { method = x.method, headers = x.headers, body = x.body }
          x:reply { status = x.headers.authorization == "Bearer t1" and 401 or 200, body = "1" }
        end)
    end

    it("is sent again where its parts can be read again", function()
      local client, count = issuer()
      local file = assert(io.open(stage.file(("handle"):rep(20000)), "rb"))
      file:seek("set", 6)
      local path = stage.file(("path"):rep(50000))
      local response = expect.success(client:client_credentials():request { url = "x",
        multipart = { a = "text", b = { path = path }, c = { body = file } } })
      file:close()
      assert.same({ 200, 2, 2 }, { response.status, count.tokens, count.calls })
      for i = 1, 2 do
        local parts = form_data.read(seen[i])
        assert.equal("text", parts[1].body)
        assert.is_true(parts[2].body == ("path"):rep(50000))
        assert.is_true(parts[3].body == ("handle"):rep(20000 - 1))
        assert.equal(tostring(#seen[i].body), seen[i].headers["content-length"])
      end
    end)

    it("of a reader the 401 is the answer, and the next call has a new token", function()
      local client, count = issuer()
      local session = client:client_credentials()
      local response = expect.success(session:request { url = "x", multipart = { a = { body = chunks { "once" } } } })
      assert.same({ 401, 1, 1 }, { response.status, count.tokens, count.calls })
      response = expect.success(session:request { url = "x", multipart = { a = { body = chunks { "twice" } } } })
      assert.same({ 200, 2, 2 }, { response.status, count.tokens, count.calls })
    end)
  end)

  it("is led within its origin with its parts, and not elsewhere", function()
    local path = stage.file(("x"):rep(100000))
    local session = api(function(x)
      return x.path == "/upload" and { status = 307, headers = { Location = "/moved" } } or { body = "1" }
    end)
    assert.equal(200, expect.success(session:request { url = "upload", multipart = { f = { path = path } } }).status)
    assert.same({ "/upload", "/moved" }, { seen[1].path, seen[2].path })
    assert.equal(100000, #form_data.read(seen[2])[1].body)
    local elsewhere = stage.server(function(x) x:reply { body = "no" } end)
    session = api(function() return { status = 307, headers = { Location = elsewhere .. "/" } } end)
    assert.equal(307, expect.success(session:request { url = "upload", multipart = { f = { path = path } } }).status)
  end)

  it("fails where a file became shorter or went away meanwhile, and nothing hangs", function()
    local path = stage.file(("x"):rep(300000))
    local session = api()
    local function with(change)
      local changed = false
      stage.write(path, ("x"):rep(300000))
      return session:request { url = "upload", timeout = 20, multipart = { { name = "first", body = function()
        if changed then return nil end
        changed = true
        change()
        return "1"
      end }, { name = "file", path = path } } }
    end
    local _, message = expect.failure({ kind = "cancelled", code = "wrong_length", outcome = "misconfigured" },
      with(function() stage.write(path, "short") end))
    assert.truthy(message:find("multipart[2].path", 1, true), message)
    _, message = expect.failure({ kind = "cancelled", code = "cancelled" }, with(function() os.remove(path) end))
    assert.truthy(message:find("multipart[2].path", 1, true), message)
    assert.equal(0, #seen)
  end)

  it("names the reader that gave more or less than its length", function()
    local session = api()
    for text, given in pairs { ["only 3"] = { "abc" }, ["more than 5"] = { "abc", "def" }, ["only 0"] = {} } do
      local _, message = expect.failure({ kind = "cancelled", code = "wrong_length" }, session:request { url = "upload",
        timeout = 20, multipart = { f = { body = chunks(given), length = 5 } } })
      local wanted = "'multipart.f.body' gave " .. text .. " bytes, where option 'multipart.f.length' says 5"
      assert.truthy(message:find(wanted,
        1, true), message)
    end
    assert.equal(0, #seen)
    expect.success(session:get "x")
  end)

  it("reads its table once, whatever it is made of", function()
    local path, reads = stage.file "x", {}
    local lazy = setmetatable({}, { __index = function(_, name)
      reads[name] = (reads[name] or 0) + 1
      return ({ path = path, filename = "made", type = "text/plain" })[name]
    end })
    assert.same({ { name = "f", filename = "made", type = "text/plain", body = "x" } }, send { f = lazy })
    for name, n in pairs(reads) do assert.equal(1, n, name) end
    reads = {}
    send { a = "text", f = lazy, g = lazy, h = { "x", "y" } }
    for name, n in pairs(reads) do assert.equal(2, n, name) end
  end)

  it("asks no table how long it says it is", function()
    local function lying(list) return setmetatable(list, { __len = function() error "asked" end }) end
    local parts = send(lying { { name = "b", body = "1" }, { name = "a", body = "2" } })
    assert.same({ { name = "b", body = "1" }, { name = "a", body = "2" } }, parts)
    assert.same({ { name = "t", body = "x" }, { name = "t", body = "y" }, { name = "u", body = "z" } },
      send(lying { t = lying { "x", "y" }, u = "z" }))
  end)

  it("raises for what can't stand, and names it", function()
    mistake("multipart", "text")
    mistake("multipart", {})
    mistake("multipart", { a = "1", [1] = { name = "b", body = "2" } })
    mistake("multipart", { [2] = { name = "b", body = "2" } })
    mistake("multipart", { [{}] = "x" })
    mistake("multipart", { a = "1" }, { body = "text" })
    mistake("multipart", { a = "1" }, { body = function() end })
    mistake("json", { a = "1" }, { json = {} })
    mistake("multipart[1]", { "text" })
    mistake("multipart[1].name", { { body = "x" } })
    mistake("multipart[1].name", { { name = 5, body = "x" } })
    mistake("multipart.a", { a = {} })
    mistake("multipart.a", { a = print })
    mistake("multipart.a", { a = io.stdout })
    mistake("multipart.a[2]", { a = { "x", print } })
    mistake("multipart.a", { a = { [2] = "x" } })
    mistake("multipart.a.bodi", { a = { bodi = "x" } })
    mistake("multipart.a.name", { a = { name = "x", body = "x" } })
    mistake("multipart.a.body", { a = { body = {} } })
    mistake("multipart.a.body", { a = { path = "/dev/null", body = "x" } })
    mistake("multipart.a.path", { a = { path = 5 } })
    mistake("multipart.a.filename", { a = { body = "x", filename = 5 } })
    mistake("multipart.a.type", { a = { body = "x", type = "png" } })
    mistake("multipart.a.type", { a = { body = "x", type = "image/png\r\nX: y" } })
    mistake("multipart.a.length", { a = { body = "x", length = 1 } })
    mistake("multipart.a.length", { a = { path = "/dev/null", length = 1 } })
    for _, length in ipairs { -1, 1.5, "5", 0 / 0, math.huge, 2 ^ 60 } do
      mistake("multipart.a.length", { a = { body = chunks {}, length = length } })
    end
    mistake("headers", { a = "1" }, { headers = { ["content-type"] = "multipart/form-data" } })
    assert.truthy(mistake("multipart.a.path", { a = { path = "/no/such/file" } }):find("/no/such/file", 1, true))
    mistake("multipart.a.path", { a = { path = "/" } })
    local closed = assert(io.open "/dev/null")
    closed:close()
    mistake("multipart.a.body", { a = { body = closed } })
  end)

  it("goes out with session:all and gather", function()
    local session = api()
    local path = stage.file(("y"):rep(70000))
    local list = {}
    for i = 1, 6 do list[i] = { url = "x" .. i, multipart = { n = i, f = { path = path } } } end
    local responses, why = session:all(list)
    assert.is_nil(why)
    assert.equal(6, responses.n)
    for _, each in ipairs(seen) do
      local parts = form_data.read(each)
      assert.equal("/x" .. parts[1].body, each.path)
      assert.equal(70000, #parts[2].body)
    end
  end)

  it("holds no file open once its call is over", function()
    local path = stage.file(("z"):rep(500000))
    local function descriptors() return tonumber(stage.shell("ls -l /proc/$PPID/fd | grep -c " .. path)) end
    local session = api(function() return { status = 200, body = "1" } end)
    for _ = 1, 5 do
      expect.success(session:request { url = "x", multipart = { f = { path = path } } })
      pcall(session.request, session, { url = "x", multipart = { { name = "f", path = path },
        { name = "g", body = function() error "mine" end } } })
      expect.failure({ code = "wrong_length" }, session:request { url = "x", multipart = { { name = "f", path = path },
        { name = "g", body = chunks { "a" }, length = 9 } } })
    end
    assert.equal(0, descriptors())
  end)

  it("keeps client's default Content-Type out of its way", function()
    local session = stage.api(function(x)
      seen = { { headers = x.headers, body = x.body } }
      x:reply { body = "1" }
    end, { headers = { ["Content-Type"] = "application/json", ["X-Y"] = "z" } })
    expect.success(session:request { url = "x", multipart = { a = "1" } })
    assert.same({ { name = "a", body = "1" } }, form_data.read(seen[1]))
    assert.equal("z", seen[1].headers["x-y"])
  end)

  it("takes constant memory for a file, however large", function()
    local size = 48 * 1024 * 1024
    local path = stage.folder() .. "/large"
    os.execute(("head -c %d /dev/zero > '%s'"):format(size, path))
    local got, looked, most = 0, 0, 0
    -- What lives is measured: after a long suite, Lua lets as much garbage gather as the suite holds.
    local session = airlock.client({ base_url = form_data.sink(function(n)
      got = got + n
      if got - looked < 4 * 1024 * 1024 then return end
      collectgarbage()
      looked, most = got, math.max(most, collectgarbage "count")
    end) }):permanent_token "p"
    collectgarbage()
    local before = collectgarbage "count"
    expect.success(session:request { url = "x", multipart = { n = { body = function()
      return nil
    end }, f = { path = path } }, timeout = 60 })
    assert.is_true(got > size)
    assert.is_true(most - before < 16 * 1024, ("%.0f KiB more"):format(most - before))
    assert.equal("airlock-", core.boundary():sub(1, 8))
  end)
end)
