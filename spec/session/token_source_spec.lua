-- Tokens that somebody else makes: kept, renewed, shared and refused like those of any grant.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"


describe("a token source", function()
  after_each(stage.clear)

  -- An API that takes the newest token alone; gives a client, and the tokens that it saw.
  local function api(more, takes)
    local seen = {}
    local url = stage.server(function(x)
      local token = (x.headers.authorization or ""):match "^Bearer (.+)$"
      seen[#seen + 1] = token
      if takes and not takes(token) then return x:reply { status = 401 } end
      x:reply { headers = { ["Content-Type"] = "application/json" }, body = core.json.encode { token = token } }
    end)
    local config = { base_url = url }
    for name, value in pairs(more or {}) do config[name] = value end
    return airlock.client(config), seen
  end

  local function counting(...)
    local n, more = 0, { ... }
    return function()
      n = n + 1
      return "token-" .. n, (table.unpack or unpack)(more)
    end, function() return n end
  end

  it("is asked when a token is first needed, and again when it is stale", function()
    local client = api()
    local source, asked = counting(100)
    local session = client:token_source(source)
    assert.equal(0, asked())
    assert.equal("token-1", expect.success(session:get "x").token)
    assert.equal("token-1", expect.success(session:get "x").token)
    core.advance(95) -- within the margin
    assert.equal("token-2", expect.success(session:get "x").token)
    core.advance(101)
    assert.equal("token-3", expect.success(session:get "x").token)
    assert.same({ "token_source", true }, { session:info().grant, session:info().renewable })
    assert.is_number(session:info().expires_at)
  end)

  it("without a lifetime is asked once, and serves until it is refused", function()
    local good = "token-1"
    local client, seen = api(nil, function(token) return token == good end)
    local source, asked = counting()
    local session = client:token_source(source)
    expect.success(session:get "x")
    core.advance(1e6)
    expect.success(session:get "x")
    assert.equal(1, asked())
    good = "token-2"
    expect.success(session:get "x") -- 401: dropped, asked once more, repeated
    assert.same({ "token-1", "token-1", "token-1", "token-2" }, seen)
    good = "none"
    expect.failure({ kind = "http", status = 401 }, session:get "x")
    assert.equal(3, asked())
  end)

  it("runs once, however many wait, and may wait itself", function()
    local client = api()
    local n = 0
    local other = api()
    local session = client:token_source(function()
      n = n + 1
      expect.success(other:anonymous():get "slow")
      return "token-" .. n, 60
    end)
    local jobs = {}
    for i = 1, 10 do jobs[i] = function() return session:get "x" end end
    for _, result in ipairs(airlock.gather((table.unpack or unpack)(jobs))) do
      assert.equal("token-1", result[1].token)
    end
    assert.equal(1, n)
  end)

  it("may give a table as a token reply has it", function()
    local client = api()
    local session = client:token_source(function()
      return { access_token = "whole", expires_in = 60, scope = "read", token_type = "bearer" }
    end)
    assert.equal("whole", expect.success(session:token()))
    assert.equal("read", session:info().scope)
  end)

  it("of one identity is one token, and without one is like no other", function()
    local client = api()
    local source, asked = counting(60)
    for _ = 1, 3 do expect.success(client:token_source(source, { identity = "mine" }):get "x") end
    assert.equal(1, asked())
    for _ = 1, 3 do expect.success(client:token_source(source):get "x") end
    assert.equal(4, asked())
    expect.success(client:token_source(source, { identity = "mine\0 or not" }):get "x")
    assert.equal(5, asked())
  end)

  it("that fails or gives nonsense is a failure, and no stale token", function()
    local client = api()
    local give
    local session = client:token_source(function() return give() end)
    for words, made in pairs {
      ["raised an error"] = function() error "boom" end,
      ["gave nothing"] = function() end,
      ["failed: no luck"] = function() return nil, "no luck" end,
      ["a table without an access_token"] = function() return {} end,
      ["a token that is a number"] = function() return { access_token = 7 } end,
      ["an empty token"] = function() return "" end,
      ["that no token may have"] = function() return "a\nb" end,
      ["a lifetime of -1 s"] = function() return "a", -1 end,
      ["a lifetime of 0 s"] = function() return "a", 0 end,
      ["no number (NaN)"] = function() return "a", 0 / 0 end,
      ["a lifetime that is a string"] = function() return "a", "60" end,
      ["gave a boolean"] = function() return true end,
      ["isn't a Bearer token"] = function() return { access_token = "a", token_type = "DPoP" } end,
    } do
      give = made
      local _, message = expect.failure({ kind = "oauth", code = "source_failed" }, session:get "x")
      assert.is_truthy(message:find(words, 1, true), message)
    end
    give = function() return "good", 100 end
    expect.success(session:get "x")
    core.advance(95)
    give = function() return nil, "gone", { outcome = "interaction_required" } end
    expect.failure({ code = "source_failed", outcome = "interaction_required" }, session:get "x")
    give = function() return "again", 100 end
    assert.equal("again", expect.success(session:get "x").token)
  end)

  it("is told to on_event like any other, and session:refresh() asks it", function()
    local events = {}
    local client = api { on_event = function(event)
      if event.event:find "^token" then events[#events + 1] = event.event end
    end }
    local source, asked = counting(60)
    local session = client:token_source(source)
    expect.success(session:get "x")
    expect.success(session:refresh())
    assert.equal(2, asked())
    assert.same({ "token_received", "token_received" }, events)
    expect.success(session:logout()) -- whoever made the token ends it
    expect.failure({ code = "login_required" }, session:get "x")
  end)

  it("keeps its token in the client's store, where the next process finds it", function()
    local folder = stage.folder() .. "/store"
    local source, asked = counting(60)
    for _ = 1, 2 do
      local client = api { store = folder }
      local session = client:token_source(source, { identity = "deploy" })
      assert.equal("token-1", expect.success(session:get "x").token)
      session:close()
      core.advance(0)
    end
    assert.is_true(asked() <= 2)
    assert.equal(1, #require("airlock.store").list(folder))
    local record = require("airlock.store").list(folder)[1]
    assert.same({ "token_source", "deploy" }, { record.grant, record.account })
  end)

  it("says what is wrong with it at once", function()
    local client = api()
    expect.raise("a source of tokens was expected", function() client:token_source "token" end)
    expect.raise("a source of tokens was expected", function() client:token_source() end)
    expect.raise("unknown option 'name'", function() client:token_source(function() end, { name = "x" }) end)
    expect.raise("option 'identity' is empty", function() client:token_source(function() end, { identity = "" }) end)
  end)
end)
