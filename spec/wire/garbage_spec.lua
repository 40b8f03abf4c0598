-- What is dropped is gone: calls under way, sessions, clients; and what is closed says so.

local airlock = require "airlock"
local wait = require "airlock.loop.wait"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local nginx = require "spec.support.nginx"
local poll = require "airlock.loop.poll"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

describe("garbage", function()
  after_each(stage.clear)

  it("that is a call under way is cancelled, and nothing is heard of it", function()
    local space = stage.space()
    local app = stage.app(space)
    expect.success(app:token())
    space:fault { path = "organization", delay = 0.05, times = 5 }
    local weak = setmetatable({}, { __mode = "k" })
    for _ = 1, 5 do weak[core.start(app, "GET", "organization")] = true end
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(weak))
    poll.run(0.1)
    assert.is_nil(core.attend())
    expect.success(app:get "organization")
  end)

  it("that began a renewal leaves it to those who wait for it", function()
    local space = stage.space()
    local app = stage.app(space)
    space:fault { path = "/oauth/token", delay = 0.05 }
    local first = core.start(app, "GET", "organization")
    local results = airlock.gather(function()
      first:close() -- its renewal is under way
      return app:get "organization"
    end)
    assert.equal("My Company", results[1][1].name)
    assert.equal(1, space:count "/oauth/token")
  end)

  -- A coroutine that waits for an answer which never comes, and how to see that its transfer is gone.
  local function waiting(loop, start)
    local url, listener = raw.listen(function() return nil end)
    local session = airlock.client { base_url = url, loop = loop }:permanent_token "permanent"
    start(function() session:get "never" end)
    poll.run(2, function() return listener.connections[1] and listener.connections[1].silent end)
    assert.is_true(listener.connections[1].silent)
    return function()
      collectgarbage()
      collectgarbage()
      poll.run(2, function() return listener.connections[1].over end)
      return listener.connections[1].over
    end
  end

  it("that is a coroutine which its host dropped takes its transfer along", function()
    local thread
    local loop = { mine = function() return coroutine.running() == thread end, park = coroutine.yield,
      unpark = coroutine.resume }
    local gone = waiting(loop, function(f)
      thread = coroutine.create(f)
      assert(coroutine.resume(thread))
    end)
    thread = nil
    assert.is_true(gone())
  end)

  it("that is a coroutine in a login takes the listener along", function()
    local space = stage.space()
    local thread
    local loop = { mine = function() return thread ~= nil and coroutine.running() == thread end, park = coroutine.yield,
      unpark = coroutine.resume }
    local native = airlock.space { url = space.url, client_id = space.applications.native.client_id, loop = loop }
    local port
    thread = coroutine.create(function()
      native:login { open = function(url) port = tonumber(url:match "127%.0%.0%.1%%3A(%d+)%%2Fcallback") end }
    end)
    assert(coroutine.resume(thread))
    assert.is_true(raw.answers(port))
    thread = nil
    collectgarbage()
    collectgarbage()
    wait.step()
    assert.is_false(raw.answers(port))
    expect.success(stage.app(space):get "organization")
  end)

  it("that is a controller of cqueues takes its coroutines and their transfers along", function()
    local there, cqueues = pcall(require, "cqueues")
    if not there then return pending "cqueues isn't installed for this Lua" end
    local controller = cqueues.new()
    local gone = waiting(require "airlock.loop.cqueues", function(f)
      controller:wrap(f)
      controller:step(0)
      controller:step(0)
    end)
    controller = nil -- luacheck: ignore 311
    assert.is_true(gone())
  end)

  it("of a thousand sessions and clients leaves nothing to be noticed", function()
    local space = stage.space()
    for i = 1, 1000 do
      local session = stage.client(space):client_credentials { scope = "**" }
      if i % 100 == 0 then expect.success(session:get "organization") end
    end
    collectgarbage()
    assert.equal(1, space:count "/oauth/token") -- all meant the same
  end)

  it("includes a client and its on_event once nobody has them, though its last call was answered", function()
    local space = stage.space()
    local weak = setmetatable({}, { __mode = "v" })
    do
      local function on_event() end
      local app = stage.app(space, { on_event = on_event })
      expect.success(app:get "organization")
      weak.app, weak.on_event = app, on_event
    end
    collectgarbage()
    collectgarbage()
    assert.is_nil(weak.app)
    assert.is_nil(weak.on_event)
  end)

  it("of large bodies is collected as they come, however much else there is", function()
    local web, size = nginx.start(), 1024 * 1024
    os.execute(("truncate -s %d '%s/large'"):format(size, web.folder))
    local session = airlock.client({ base_url = web.http }):permanent_token "t"
    local held = {}
    for i = 1, 50000 do held[i] = { i } end
    collectgarbage()
    collectgarbage()
    local before, most = collectgarbage "count", 0
    for i = 0, 199 do -- each of another length, as LuaJIT would find the same string again
      local response = expect.success(session:request { url = "large", headers = { Range = ("bytes=%d-"):format(i) } })
      assert.equal(size - i, #response.body)
      most = math.max(most, collectgarbage "count")
    end
    assert.equal(50000, #held)
    assert.is_true(most < 4 * before + 20 * 1024, ("from %.0f to %.0f KiB"):format(before, most))
  end)

  it("may be closed, twice, and says so when it is used again", function()
    local space = stage.space()
    local app = stage.app(space)
    expect.success(app:token())
    app:close()
    app:close()
    for _, method in ipairs { "get", "token", "info", "refresh", "logout", "each" } do
      expect.raise("closed", function()
        local result = app[method](app, "organization")
        if type(result) == "function" then result() end
      end)
    end
    assert.equal("airlock.session (closed)", tostring(app))
  end)
end)
