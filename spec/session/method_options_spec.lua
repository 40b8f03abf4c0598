-- What session:get and its kin take beside path, query and value.

local airlock = require "airlock"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

describe("the options of a session's methods", function()
  after_each(stage.clear)

  local function echo(x)
    x:reply { body = ("[%q,%q,%q,%q]"):format(x.method, x.target, x.headers["x-trace"] or "none", x.body) }
  end

  local bodied = { "post", "put", "patch" }

  it("give a get and a delete headers", function()
    local session = stage.api(echo)
    for _, name in ipairs { "get", "delete" } do
      local method = session[name]
      assert.same({ name:upper(), "/x?a=1", "7", "" },
        expect.success(method(session, "x", { a = 1 }, { headers = { ["X-Trace"] = "7" } })))
      assert.same({ name:upper(), "/x", "7", "" },
        expect.success(method(session, "x", nil, { headers = { ["X-Trace"] = "7" } })))
      assert.same({ name:upper(), "/x", "none", "" }, expect.success(method(session, "x", nil, {})))
    end
  end)

  it("give a method with a value headers and a query", function()
    local session = stage.api(echo)
    for _, name in ipairs(bodied) do
      local method, options = session[name], { headers = { ["X-Trace"] = "7" }, query = { a = { 1, 2 } } }
      assert.same({ name:upper(), "/x?a=1&a=2", "7", "true" }, expect.success(method(session, "x", true, options)))
      assert.same({ name:upper(), "/x?a=1&a=2", "7", "" }, expect.success(method(session, "x", nil, options)))
      assert.same({ name:upper(), "/x?plain", "none", "1" },
        expect.success(method(session, "x", 1, { query = "plain" })))
    end
  end)

  it("go with each page of a list", function()
    local seen = {}
    local url = stage.server(function(x)
      seen[#seen + 1] = x.headers["x-trace"]
      local link = #seen < 3 and { Link = ('<%s?page=%d>; rel="next"'):format(x.path, #seen + 1) } or nil
      x:reply { headers = link, body = ("[%d]"):format(#seen) }
    end)
    local session = airlock.provider({ paging = "link" }, { base_url = url }):permanent_token "t"
    local items = {}
    for item in session:each("x", { a = 1 }, { headers = { ["X-Trace"] = "7" } }) do items[#items + 1] = item end
    assert.same({ 1, 2, 3 }, items)
    assert.same({ "7", "7", "7" }, seen)
  end)

  it("hold a body to its ceiling and a call to its time", function()
    local session = stage.api(function(x)
      if x.path == "/large" then x:reply { body = '"' .. ("a"):rep(2000) .. '"' } end -- any other waits for ever
    end)
    expect.success(session:get("large", nil, { max_body = 2002 }))
    expect.failure({ kind = "network", code = "too_large" }, session:get("large", nil, { max_body = 2001 }))
    expect.failure({ kind = "network", code = "too_large" }, session:post("large", 1, { max_body = 2001 }))
    expect.failure({ kind = "network", code = "timeout" }, session:get("slow", nil, { timeout = 0.05 }))
    expect.failure({ kind = "network", code = "timeout" }, session:patch("slow", nil, { timeout = 0.05 }))
    local ok, why = pcall(function() for _ in session:each("slow", nil, { timeout = 0.05 }) do end end)
    assert.is_false(ok)
    assert.equal("timeout", why.code)
  end)

  it("raise where they are unknown, and name the option and the method; nothing is sent", function()
    local seen = 0
    local session = stage.api(function(x) seen = seen + 1 x:reply { body = "1" } end)
    for _, name in ipairs { "get", "delete", "each", "post", "put", "patch" } do
      local whose, method = "session:" .. name .. ": ", session[name]
      for _, option in ipairs { "method", "body", "json", "sink", "tiemout" } do
        expect.raise(("%soption '%s' is unknown (it takes: headers, max_body, "):format(whose, option), method, session,
          "x", nil, { [option] = "x" })
      end
      expect.raise(whose .. "options have names; found a number as key", method, session, "x", nil, { "x" })
      expect.raise(whose .. "a table of options was expected, not a number", method, session, "x", nil, 5)
    end
    for _, name in ipairs { "get", "delete", "each" } do
      expect.raise(("session:%s: option 'query' is unknown"):format(name), session[name], session, "x", nil,
        { query = {} })
    end
    assert.equal(0, seen)
  end)

  it("raise where a value is wrong, and name the option and the method; nothing is sent", function()
    local seen = 0
    local session = stage.api(function(x) seen = seen + 1 x:reply { body = "1" } end)
    local wrong = {
      { "option 'headers' must be a table, not a string", { headers = "x" } },
      { "option 'headers': 'a b' is not a header name", { headers = { ["a b"] = "x" } } },
      { "option 'headers': 'Authorization' is a header that Airlock sets itself",
        { headers = { Authorization = "x" } } },
      { "option 'headers': the value of 'a' must be a string, not a table", { headers = { a = {} } } },
      { "option 'timeout' must be a number, not a string", { timeout = "5" } },
      { "option 'timeout' must be more than 0", { timeout = 0 } },
      { "option 'max_body' must be a whole number of bytes", { max_body = 0.5 } },
    }
    for _, name in ipairs { "get", "delete", "post", "put", "patch" } do
      for _, each in ipairs(wrong) do
        expect.raise(("session:%s: %s"):format(name, each[1]), session[name], session, "x", nil, each[2])
      end
      expect.raise(("session:%s: option 'url' must be a string"):format(name), session[name], session, 5)
    end
    for _, each in ipairs(wrong) do
      expect.raise("session:each: " .. each[1], function() session:each("x", nil, each[2])() end)
    end
    for _, name in ipairs(bodied) do
      expect.raise(("session:%s: option 'query'"):format(name), session[name], session, "x", 1,
        { query = { a = { {} } } })
    end
    assert.equal(0, seen)
  end)
end)
