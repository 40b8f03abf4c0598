local airlock = require "airlock"
local expect = require "spec.support.expect"
local form = require "airlock.form"
local stage = require "spec.support.stage"

describe("form", function()
  after_each(stage.clear)

  local function encode(fields) return form.encode(fields, "session:get", "query") end

  it("is sorted by name, so that the same table is always the same text", function()
    assert.equal("a=1&b=2&c=3", encode { c = 3, a = 1, b = 2 })
    assert.equal("", encode {})
  end)

  it("repeats the name for a list", function()
    assert.equal("a=1&a=x&a=true", encode { a = { 1, "x", true } })
    assert.equal("b=1", encode { a = {}, b = 1 })
  end)

  it("writes whole numbers whole, whatever Lua calls them", function()
    assert.equal("a=3&b=-2&c=1.5&d=0&e=1795496096005", encode { a = 3.0, b = -2, c = 1.5, d = 0, e = 1795496096005 })
  end)

  it("writes large whole numbers out, up to 2^53", function()
    -- BUG 9: from 1e15 on they lose digits ("9.007199254741e+15")
    assert.equal("a=9007199254740992&b=1234567890123456", encode { a = 2 ^ 53, b = 1234567890123456.0 })
  end)

  it("writes booleans as words, and false too", function()
    assert.equal("a=true&b=false", encode { a = true, b = false })
  end)

  it("escapes all that isn't plain", function()
    assert.equal("%24top=1&a+b=c%26d%3De%2Bf%2Fg%3Fh%23i%25j", encode { ["$top"] = 1, ["a b"] = "c&d=e+f/g?h#i%j" })
    assert.equal("a=%C3%BC%E2%82%AC%F0%9F%98%80%00%0A%FF", encode { a = "ü€😀\0\n\255" })
    assert.equal("a=-._%2A", (encode { a = "-._*" }))
  end)

  it("keeps empty names and values", function()
    assert.equal("=x&a=", encode { [""] = "x", a = "" })
  end)

  it("raises for what has no text, naming it", function()
    for _, value in ipairs { {{}}, { a = { {} } }, { a = print }, { a = { print } },
      { a = coroutine.create(function() end) } } do
      if type(next(value)) == "string" then expect.raise("'a'", encode, value) end
    end
    expect.raise("name", encode, { "x" })
    expect.raise("name", encode, { [true] = "x" })
    expect.raise("table", encode, "x")
  end)

  it("names the call and the option that the program wrote", function()
    local client = airlock.client {
      client_id = "c", client_secret = "s", base_url = "http://127.0.0.1:1", redirect_uri = "http://127.0.0.1/callback",
      token_endpoint = "http://127.0.0.1:1/token", authorization_endpoint = "http://127.0.0.1:1/auth",
    }
    local session = client:permanent_token "t"
    local wrong = { x = print }
    local function profiled(field, begin)
      local profile = { options = { url = true }, [field] = wrong,
        config = { token_endpoint = "{url}/token", device_authorization_endpoint = "{url}/device" } }
      return function()
        return begin(airlock.provider(profile, { url = "http://127.0.0.1:1", client_id = "c", client_secret = "s" }))
      end
    end
    for whose, call in pairs {
      ["client:authorization_code: option 'params'"] = function() client:authorization_code { params = wrong } end,
      ["client:implicit: option 'params'"] = function() client:implicit { params = wrong } end,
      ["session:request: option 'form'"] = function() session:request { url = "x", form = wrong } end,
      ["session:request: option 'query'"] = function() session:request { url = "x", query = wrong } end,
      ["session:all: option 'query'"] = function() session:all { { url = "x", query = wrong } } end,
      ["session:all: option 'urll'"] = function() session:all { { urll = "x" } } end,
      ["session:get: option 'query'"] = function() session:get("x", wrong) end,
      ["session:delete: option 'query'"] = function() session:delete("x", wrong) end,
      ["session:each: option 'query'"] = function() session:each("x", wrong)() end,
      ["session:post: option 'json'"] = function() session:post("x", wrong) end,
      ["session:put: option 'json'"] = function() session:put("x", wrong) end,
      ["session:patch: option 'json'"] = function() session:patch("x", wrong) end,
      ["airlock.provider: option 'token_params'"] = profiled("token_params", function(made) return made end),
      ["client:device_code: option 'device_params'"] = profiled("device_params",
        function(made) return made:device_code() end),
    } do
      expect.raise(whose, call)
    end
  end)

  it("arrives as it was meant", function()
    local space = stage.space()
    local app = stage.app(space)
    expect.success(app:get("projects", { term = "Project 1 & ü+%", ["$top"] = 3 }))
    assert.same({ term = "Project 1 & ü+%", ["$top"] = "3" }, space:journal()[2].query)
  end)
end)
