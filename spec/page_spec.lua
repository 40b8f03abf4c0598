local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

describe("page", function()
  after_each(stage.clear)

  local function collect(session, ...)
    local names = {}
    for item in session:each(...) do names[#names + 1] = type(item) == "table" and item.name or item end
    return names
  end

  -- A Space's list made by hand: one body after the other, then empty pages; and the $skip values that were asked for.
  local function lists(bodies)
    local skips, n = {}, 0
    local url = stage.server(function(x)
      n = n + 1
      skips[n] = (x.query or ""):match "%%24skip=([^&]*)" or "none"
      local body = bodies[n] or { next = "", data = {} }
      x:reply { body = type(body) == "string" and body or core.json.encode(body):gsub('"data":{}', '"data":[]') }
    end)
    return airlock.space({ url = url, client_id = "i" }):permanent_token "p", skips
  end

  it("gives all items of a list, page after page", function()
    local space = stage.space()
    local app = stage.app(space)
    local names = collect(app, "projects", { ["$top"] = 10, ["$fields"] = "name" })
    assert.equal(25, #names)
    assert.same({ "Project 1", "Project 10", "Project 25" }, { names[1], names[10], names[25] })
  end)

  it("asks for pages only as they are needed", function()
    local space = stage.space()
    local app = stage.app(space)
    local n = 0
    for _ in app:each("projects", { ["$top"] = 5 }) do
      n = n + 1
      if n == 7 then break end
    end
    assert.equal(2, space:count "/api/http/projects")
    app:each "projects" -- asks nobody by itself
    assert.equal(2, space:count "/api/http/projects")
  end)

  it("leaves the program's table as it is", function()
    local space = stage.space()
    local parameters = { ["$top"] = 10 }
    assert.equal(25, #collect(stage.app(space), "projects", parameters))
    assert.same({ ["$top"] = 10 }, parameters)
  end)

  it("takes next as text or number, and ends where it is empty, missing, null or stands still", function()
    for _, last in ipairs { { data = { "b" } }, { data = { "b" }, next = "" }, { data = { "b" }, next = airlock.null }, { data = { "b" }, next = "1" } } do
      local session, skips = lists { { data = { "a" }, next = 1 }, last }
      assert.same({ "a", "b" }, collect(session, "x"))
      assert.same({ "none", "1" }, skips)
    end
  end)

  it("ends with an empty page, whatever next says", function()
    local session, skips = lists { { data = { "a" }, next = "1" }, { data = {}, next = "7" }, { data = { "never" } } }
    assert.same({ "a" }, collect(session, "x"))
    assert.same({ "none", "1" }, skips)
  end)

  it("gives a list that comes whole", function()
    assert.same({ "a", "b" }, collect(lists { '["a","b"]' }, "x"))
    assert.same({}, collect(lists { "[]" }, "x"))
    local session = stage.api(function(x) x:reply { body = '["a"]' } end)
    assert.same({ "a" }, collect(session, "x"))
  end)

  it("gives null items as what they are", function()
    assert.same({ airlock.null, "b" }, collect(lists { '{"data":[null,"b"]}' }, "x"))
  end)

  it("starts where the program says", function()
    local space = stage.space()
    assert.equal(5, #collect(stage.app(space), "projects", { ["$skip"] = 20, ["$top"] = 3 }))
  end)

  it("renews the token between pages", function()
    local space = stage.space { token_lifetime = 100 }
    local app = stage.app(space)
    local n = 0
    for _ in app:each("projects", { ["$top"] = 5 }) do
      n = n + 1
      if n % 5 == 0 then
        core.advance(101)
        space:advance(101)
      end
    end
    assert.equal(25, n)
    assert.equal(6, space:count "/oauth/token")
  end)

  it("raises a failure on the way as a table that reads as its message", function()
    local space = stage.space()
    local app = stage.app(space)
    expect.success(app:token())
    local n = 0
    local ok = pcall(function()
      for _ in app:each("projects", { ["$top"] = 10 }) do
        n = n + 1
        if n == 10 then space:fault { path = "projects", status = 403, body = '{"error":"permission-denied","error_description":"No"}' } end
      end
    end)
    assert.is_false(ok)
    assert.equal(10, n)
    local failed = select(2, pcall(function() for _ in app:each "nowhere" do error "an item" end end))
    assert.is_table(failed)
    assert.same({ "http", "not-found", 404 }, { failed.kind, failed.code, failed.status })
    assert.equal(failed.message, tostring(failed))
    assert.equal(404, failed.response.status)
  end)

  it("raises what isn't a list as a failure, too", function()
    for _, body in ipairs { '"text"', "5", "true", "null", "<html>", "" } do
      local ok, failed = pcall(collect, lists { body }, "x")
      assert.is_false(ok)
      assert.equal("malformed_response", type(failed) == "table" and failed.code or tostring(failed))
    end
  end)

  it("raises a page whose data isn't a list as a failure, too", function()
    -- BUG 11: null and numbers raise a plain Lua error ("attempt to get length of …"); text and objects end the list silently
    for _, body in ipairs { '{"data":null}', '{"data":5}', '{"data":"text"}', '{"data":{"a":1}}' } do
      local ok, failed = pcall(collect, lists { body }, "x")
      assert.is_false(ok, body)
      assert.equal("malformed_response", type(failed) == "table" and failed.code or tostring(failed))
    end
  end)
end)
