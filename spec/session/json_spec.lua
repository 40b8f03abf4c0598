local airlock = require "airlock"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

describe("JSON", function()
  after_each(stage.clear)

  -- What becomes of a value on its way to a server and back.
  local function there_and_back()
    local sent
    local session = stage.api(function(x)
      sent = x.body
      x:reply { body = x.body }
    end)
    return function(value)
      return expect.success(session:post("x", value)), sent
    end
  end

  it("carries every kind of value there and back", function()
    local pass = there_and_back()
    for _, value in ipairs { "text", "", "ü€😀\"\\/\n\t\1", 1, -1.5, 0, true, false, { 1, 2, 3 },
      { a = { b = { "c" } } }, airlock.null } do
      assert.same(value, (pass(value)))
    end
  end)

  it("shows null as airlock.null, and absent members as nil", function()
    local value = there_and_back() { a = airlock.null }
    assert.equal(airlock.null, value.a)
    assert.is_nil(value.b)
  end)

  it("reads escapes", function()
    local session = stage.api(function(x) x:reply { body = [["\u00fc\ud83d\ude00\/\b"]] } end)
    assert.equal("ü😀/\b", session:get "x")
  end)

  it("raises for what can't be encoded, before anything is sent", function()
    local pass = there_and_back()
    local deep = {}
    deep.deep = deep
    for _, value in ipairs { coroutine.create(function() end), { print }, { [{}] = 1 }, { [1e9] = 1 }, deep, 0 / 0,
      math.huge } do
      expect.raise("'json'", pass, value)
    end
  end)

  it("that can't be read is a failure that says so", function()
    local body
    local session = stage.api(function(x) x:reply { body = body } end)
    for _, each in ipairs { "{", "nope", "[1,]", '{"a":1}x', "\0", "'a'", "NaN", ("["):rep(5000), '"\\u12"' } do
      body = each
      local detail, message = expect.failure({ kind = "http", code = "malformed_response", outcome = "misconfigured",
        status = 200 }, session:get "x")
      assert.truthy(message:find("JSON", 1, true))
      assert.is_true(detail.response.body == each)
    end
  end)

  it("that is a web page is called one", function()
    local session = stage.api(function(x) x:reply { body = "\n <!DOCTYPE html><title>Login</title>" } end)
    local _, message = expect.failure({ kind = "http", code = "malformed_response" }, session:get "x")
    assert.truthy(message:find("web page", 1, true))
  end)

  it("isn't touched by other users of lua-cjson", function()
    local cjson = require "cjson"
    cjson.encode_keep_buffer(false)
    cjson.decode_max_depth(2)
    local session = stage.api(function(x) x:reply { body = "[[[[1]]]]" } end)
    assert.same({ { { { 1 } } } }, session:get "x")
    cjson.decode_max_depth(1000)
  end)

  it("gives whole numbers as integers, where Lua has them", function()
    local session = stage.api(function(x) x:reply { body = '{"number":4,"list":[12,1.5,2e0]}' } end)
    local value = expect.success(session:get "x")
    assert.equal("issues/4", "issues/" .. value.number)
    if math.type then
      assert.same({ "integer", "float", "float" },
        { math.type(value.list[1]), math.type(value.list[2]), math.type(value.list[3]) })
    end
  end)

  it("carries whole numbers of up to 2^53 without loss, and says them in digits", function()
    local pass = there_and_back()
    for _, id in ipairs { 100000000000001, 1700000000123456, 9007199254740992, -9007199254740992 } do
      local value, sent = pass { id = id }
      assert.equal(id, value.id)
      assert.equal(('{"id":%.0f}'):format(id), sent)
    end
  end)

  it("keeps an empty list one, there and back", function()
    local value, sent = there_and_back() { list = airlock.json.array {}, object = {} }
    assert.equal("[]", sent:match '"list":(%[%])')
    assert.equal("{}", sent:match '"object":({})')
    assert.equal("[]", airlock.json.encode(value.list))
  end)

  it("that can't be read says where: offset from 0, line and column from 1", function()
    local session = stage.api(function(x) x:reply { body = '{\n  "a": nope }' } end)
    local detail, message = expect.failure({ kind = "http", code = "malformed_response", offset = 9, line = 2,
      column = 8 }, session:get "x")
    assert.truthy(message:find("at byte 9 (line 2, column 8) it has a word that JSON doesn't know", 1, true))
    assert.same({ 9, 2, 8 }, { select(3, detail.response:json()).offset, select(3, detail.response:json()).line,
      select(3, detail.response:json()).column })
  end)

  -- Lua's memory while f runs, in bytes; what C holds isn't counted.
  local function taken(f, ...)
    collectgarbage()
    collectgarbage "stop"
    local before = collectgarbage "count"
    local value = f(...)
    local bytes = (collectgarbage "count" - before) * 1024
    collectgarbage "restart"
    return bytes, value
  end

  it("of an answer becomes a value without a string of the body between, in a loop as well", function()
    if _VERSION == "Lua 5.1" then pending "the server's text and the answer's are one string here" end
    local length = 4 * 1024 * 1024
    local body = (" "):rep(length) .. "[1]"
    local url = stage.server(function(x) x:reply { body = body } end)
    local session = airlock.client { base_url = url }:permanent_token "p"
    local function text() return #session:request { url = "x" }.body end
    local function get() return session:get "x" end
    local function looped() return airlock.gather(get)[1][1] end
    local with_text, size = taken(text)
    assert.equal(length + 3, size)
    for _, way in ipairs { get, looped } do
      local bytes, value = taken(way)
      assert.same({ 1 }, value)
      assert.is_true(bytes < with_text - length / 2, ("%d bytes, %d as text"):format(bytes, with_text))
    end
  end)

  it("of a request is written without a Lua string of it", function()
    local got
    local session = stage.api(function(x)
      got = tonumber(x.headers["content-length"]) -- a look at the body would make a string of it
      x:reply { body = "1" }
    end)
    local value = { ("x"):rep(4 * 1024 * 1024) }
    expect.success(session:post("x", { 1 }))
    local posted = taken(session.post, session, "x", value)
    local text = taken(function()
      return session:request { url = "x", method = "POST", body = airlock.json.encode(value) }
    end)
    assert.equal(#value[1] + 4, got)
    assert.is_true(posted < text - #value[1] / 2, ("%d bytes, %d as text"):format(posted, text))
  end)

  it("of which one can't be encoded raises before any of session:all is sent", function()
    local seen = 0
    local session = stage.api(function(x)
      seen = seen + 1
      x:reply { body = x.body }
    end)
    expect.raise("'json' can't be made JSON of: $.a is a function", session.all, session,
      { "x", { url = "x", json = { a = print } } })
    assert.equal(0, seen)
    local responses = expect.success(session:all { { url = "x", json = { a = 1 } }, { url = "x", json = false } })
    assert.same({ '{"a":1}', "false" }, { responses[1].body, responses[2].body })
  end)

  it("has big numbers as text where the client wants that", function()
    local big = math.type and "9223372036854775808" or "9007199254740993"
    local url = stage.server(function(x)
      x:reply { status = x.target:find "bad" and 404 or 200, body = ('{"id":%s,"n":12}'):format(big) }
    end)
    local function session(more)
      return airlock.client { base_url = url, big_numbers = more }:permanent_token "p"
    end
    local text, number = session "string", session()
    assert.same({ id = big, n = 12 }, expect.success(text:get "x"))
    assert.same({ id = big, n = 12 }, expect.success(text:post("x", { 1 })))
    assert.same({ id = big, n = 12 }, expect.success(airlock.gather(function() return text:get "x" end)[1][1]))
    assert.same({ id = big, n = 12 }, expect.success(text:request { url = "x" }):json())
    assert.same({ id = big, n = 12 }, select(3, text:get "bad").response:json())
    assert.equal("number", type(expect.success(number:get "x").id))
    assert.equal("number", type(expect.success(number:request { url = "x" }):json().id))
    local list = stage.server(function(x) x:reply { body = ("[%s,2]"):format(big) } end)
    local found = {}
    for item in airlock.client { base_url = list, big_numbers = "string" }:permanent_token "p":each "x" do
      found[#found + 1] = item
    end
    assert.same({ big, 2 }, found)
    for _, wrong in ipairs { "number", "", true, 1 } do expect.raise("'big_numbers'", session, wrong) end
  end)
end)
