-- A body that is an open file, or a reader whose length is told.

local airlock = require "airlock"
local expect = require "spec.support.expect"
local form_data = require "spec.support.form_data"
local stage = require "spec.support.stage"

describe("option body", function()
  after_each(stage.clear)

  local seen

  local function api(reply)
    seen = {}
    return (stage.api(function(x)
      seen[#seen + 1] = { method = x.method, headers = x.headers, body = x.body }
      x:reply(reply and reply(x, #seen) or { body = '"fine"' })
    end))
  end

  local function put(session, body, more)
    local options = { method = "PUT", url = "x", body = body, timeout = 20 }
    for name, value in pairs(more or {}) do options[name] = value end
    return session:request(options)
  end

  local function open(text, at)
    local file = assert(io.open(stage.file(text), "rb"))
    if at then file:seek("set", at) end
    stage.keep(function() if io.type(file) == "file" then file:close() end end)
    return file
  end

  local function chunks(list)
    local i = 0
    return function()
      i = i + 1
      return list[i]
    end
  end

  local function length_told(n)
    assert.equal(tostring(n), seen[#seen].headers["content-length"])
    assert.is_nil(seen[#seen].headers["transfer-encoding"])
    assert.equal(n, #seen[#seen].body)
  end

  it("may be a file: from where it stands to its end, with its length", function()
    local text = ("0123456789\0"):rep(20000)
    local file = open(text, 7)
    expect.success(put(api(), file))
    length_told(#text - 7)
    assert.is_true(seen[1].body == text:sub(8))
    assert.equal("file", io.type(file))
    assert.equal(#text, file:seek())
  end)

  it("may be a file at its end, or an empty one", function()
    local session = api()
    expect.success(put(session, open("abc", 3)))
    length_told(0)
    expect.success(put(session, open "abc", { method = "POST", headers = { ["Content-Type"] = "text/csv" } }))
    length_told(3)
    assert.equal("text/csv", seen[2].headers["content-type"])
    expect.success(put(session, open("abc", 9)))
    length_told(0)
  end)

  it("sends what a file had when the request was made, and no more", function()
    local file = assert(io.open(stage.file "old", "r+b"))
    local client = stage.issuer(function(x)
      file:seek "end"
      file:write " and new"
      file:flush()
      x:reply { body = stage.token { access_token = "t", token_type = "Bearer", expires_in = 600 } }
    end, function(x)
      seen = { { headers = x.headers, body = x.body } }
      x:reply { body = "1" }
    end)
    expect.success(put(client:client_credentials(), file))
    length_told(3)
    assert.equal("old", seen[1].body)
    file:close()
  end)

  it("may be a pipe, which is streamed", function()
    local pipe = io.popen("printf one; printf two", "r")
    expect.success(put(api(), pipe))
    assert.equal("onetwo", seen[1].body)
    assert.equal("chunked", seen[1].headers["transfer-encoding"])
    pipe:close()
    pipe = io.popen("printf three", "r")
    expect.success(put(api(), pipe, { length = 5 }))
    length_told(5)
    pipe:close()
    pipe = io.popen("printf three", "r")
    local _, message = expect.failure({ code = "wrong_length" }, put(api(), pipe, { length = 4 }))
    assert.truthy(message:find("more than 4", 1, true))
    pipe:close()
  end)

  it("may be a device, whose size says nothing", function()
    local got = 0
    local url, connections = form_data.sink(function(n) got = got + n end)
    local zero = assert(io.open("/dev/zero", "rb"))
    local session = airlock.client({ base_url = url }):permanent_token "p"
    expect.failure({ kind = "network", code = "timeout" }, put(session, zero, { timeout = 0.3 }))
    assert.is_true(got > 65536)
    assert.equal(1, #connections)
    zero:close()
  end)

  it("is read again from its beginning after a 401, a 503 and a redirect", function()
    local text = ("abc"):rep(50000)
    local client, count = stage.issuer(function(x, n) x:reply {
      body = stage.token { access_token = "t" .. n, token_type = "Bearer", expires_in = 600 } } end,
      function(x, n)
        seen[n] = { headers = x.headers, body = x.body }
        if n == 1 then return x:reply { status = 401 } end
        if n == 2 then return x:reply { status = 503, headers = { ["Retry-After"] = 0 } } end
        if n == 3 then return x:reply { status = 307, headers = { Location = "/api/moved" } } end
        x:reply { body = "1" }
      end)
    seen = {}
    assert.equal(200, expect.success(put(client:client_credentials(), open(text, 2))).status)
    assert.same({ 2, 4 }, { count.tokens, count.calls })
    for i = 1, 4 do assert.is_true(seen[i].body == text:sub(3), i) end
  end)

  it("is dropped on a 303, though it is a file", function()
    local session = api(function(_, n)
      return n == 1 and { status = 303, headers = { Location = "/other" } } or { body = "1" }
    end)
    expect.success(put(session, open "abc"))
    assert.same({ "GET", "" }, { seen[2].method, seen[2].body })
    assert.is_nil(seen[2].headers["content-length"])
  end)

  it("of a pipe isn't sent again after a 401; the next call has a new token", function()
    local client, count = stage.issuer(function(x, n) x:reply {
      body = stage.token { access_token = "t" .. n, token_type = "Bearer", expires_in = 600 } } end,
      function(x) x:reply { status = x.headers.authorization == "Bearer t1" and 401 or 200, body = x.body } end)
    local session = client:client_credentials()
    for i, status in ipairs { 401, 200 } do
      local pipe = io.popen("printf once", "r")
      local response = expect.success(put(session, pipe))
      assert.same({ status, "once", i, i }, { response.status, response.body, count.calls, count.tokens })
      pipe:close()
    end
  end)

  it("with a length is sent with it", function()
    local session = api()
    expect.success(put(session, chunks { "ab", "cde", "f" }, { length = 6 }))
    length_told(6)
    expect.success(put(session, chunks {}, { length = 0 }))
    length_told(0)
    expect.success(put(session, chunks { ("x"):rep(100000), ("y"):rep(100000) }, { length = 200000, method = "POST" }))
    length_told(200000)
  end)

  it("that is less or more than its length is a failure that says so, and nothing hangs", function()
    local url, connections = form_data.sink()
    local session = airlock.client({ base_url = url }):permanent_token "p"
    local cases = {
      { "only 3 bytes", { "abc" }, 6 }, { "only 0 bytes", {}, 6 }, { "more than 4 bytes", { "abc", "def" }, 4 },
      { "more than 3 bytes", { "abc", "def" }, 3 }, { "more than 100000 bytes", { ("x"):rep(100001) }, 100000 },
    }
    for _, case in ipairs(cases) do
      local _, message = expect.failure({ kind = "cancelled", code = "wrong_length", outcome = "misconfigured" },
        put(session, chunks(case[2]), { length = case[3] }))
      assert.truthy(message:find(("gave %s, where option 'length' says %d"):format(case[1], case[3]), 1, true), message)
    end
    require("airlock.loop.poll").run(0.05)
    for _, each in ipairs(connections) do assert.is_true(each.closed) end -- none of them was a request
  end)

  it("may yield in its reader, also with a length", function()
    local session = api(function(x) return { body = '"' .. #x.body .. '"' } end)
    local function upload(n)
      return function()
        local i = 0
        return session:request { url = "up" .. n, length = 2, body = function()
          i = i + 1
          session:get "meanwhile"
          return i <= 2 and "x" or nil
        end }
      end
    end
    local results = airlock.gather(upload(1), upload(2), upload(3))
    for i = 1, 3 do assert.equal('"2"', results[i][1].body) end
  end)

  it("fails clearly where its file is closed meanwhile", function()
    local client = stage.issuer(function(x)
      seen.file:close()
      x:reply { body = stage.token { access_token = "t", token_type = "Bearer", expires_in = 600 } }
    end, function(x) x:reply { body = "1" } end)
    seen = { file = open "abc" }
    local _, message = expect.failure({ kind = "cancelled", code = "cancelled" }, put(client:client_credentials(),
      seen.file))
    assert.truthy(message:find("option 'body' can't be read", 1, true), message)
  end)

  it("raises for what can't stand, and sends nothing", function()
    local session = api()
    local closed = open "x"
    closed:close()
    assert.truthy(expect.raise("'body'", put, session, closed):find("closed file", 1, true))
    local written = assert(io.open(stage.file "x", "w"))
    assert.truthy(expect.raise("'body'", put, session, written):find("can't be read", 1, true))
    written:close()
    assert.truthy(expect.raise("'body'", put, session, assert(io.open "/")):find("can't be read", 1, true))
    expect.raise("'body'", put, session, {})
    expect.raise("'length'", put, session, "text", { length = 4 })
    expect.raise("'length'", put, session, nil, { length = 4 })
    expect.raise("'length'", put, session, nil, { length = 4, json = {} })
    expect.raise("'length'", put, session, open "abc", { length = 4 })
    for _, length in ipairs { -1, 1.5, "5", 0 / 0, math.huge, 2 ^ 60, true } do
      expect.raise("'length'", put, session, chunks {}, { length = length })
    end
    assert.equal(0, #seen)
  end)

  it("arrives whole over HTTP/2", function()
    local nginx = require "spec.support.nginx"
    local server = nginx.start [[location /kept/ { client_max_body_size 0; dav_methods PUT; create_full_put_path on;
      add_header x-protocol $server_protocol always; }]]
    local text = ("0123456789\0"):rep(200000)
    local session = airlock.client({ base_url = server.https .. "/kept/", ca_file = server.ca }):permanent_token "p"
    local function chunked()
      local at = 0
      return function()
        at = at + 30000
        local bytes = text:sub(at - 29999, at)
        return bytes ~= "" and bytes or nil
      end
    end
    local ways = { file = { body = open(text) }, told = { body = chunked(), length = #text },
      untold = { body = chunked() } }
    for name, options in pairs(ways) do
      options.url, options.method, options.timeout = name, "PUT", 20
      local response = expect.success(session:request(options))
      assert.same({ 201, "HTTP/2.0" }, { response.status, response.headers["x-protocol"] })
      assert.is_true(stage.read(server.folder .. "/kept/" .. name) == text, name)
    end
    local _, message = expect.failure({ code = "wrong_length" }, session:request { method = "PUT", url = "less",
      timeout = 20, body = chunked(), length = #text + 1 })
    assert.truthy(message:find(("only %d bytes"):format(#text), 1, true), message)
    assert.is_nil(stage.read(server.folder .. "/kept/less"))
    expect.success(session:request { method = "PUT", url = "form", multipart = { f = { path = stage.file(text) } } })
    assert.truthy(stage.read(server.folder .. "/kept/form"):find(text, 1, true))
  end)

  it("that the server refuses early is answered, not sent on", function()
    local url = form_data.sink(nil, "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
    local session = airlock.client({ base_url = url }):permanent_token "p"
    for _, size in ipairs { 3000, 300000, 8000000 } do
      local response = expect.success(put(session, open(("x"):rep(size)), { method = "POST" }))
      assert.same({ 413, "no" }, { response.status, response.body })
    end
  end)
end)
