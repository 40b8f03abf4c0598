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

  it("gives numbers as lua-cjson does: equal to whole ones, floats on Lua 5.3 and 5.4", function()
    local session = stage.api(function(x) x:reply { body = '{"number":1,"list":[12]}' } end)
    local value = expect.success(session:get "x")
    assert.equal(1, value.number)
    assert.equal("issues/12", ("issues/%d"):format(value.list[1]))
  end)

  it("carries whole numbers of up to 14 digits without loss, and more where lua-cjson can", function()
    local _, sent = there_and_back() { id = 12345678901234 }
    assert.equal('{"id":12345678901234}', sent)
  end)
end)
