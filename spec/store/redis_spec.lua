-- Two hosts that share a rotating login through a real Redis, by the store of the example.

local core = require "airlock.core"
local crowd = require "spec.support.crowd"
local expect = require "spec.support.expect"
local poll = require "airlock.loop.poll"
local redis = require "spec.support.redis"
local stage = require "spec.support.stage"

local open = loadstring or load -- luacheck: ignore 113

describe("a store in Redis", function()
  local space, given, port, connection
  after_each(stage.clear)

  local function begin(options)
    if not redis.here() then pending "redis-server or lua-redis isn't installed" end
    space = stage.space(options or { rotate = true })
    given, port = space:issue { person = "alice.first", offline = true }.refresh_token, redis.start()
    connection = require "redis".connect("127.0.0.1", port)
    stage.keep(function() connection:quit() end)
  end

  local function store() return open(redis.code(port) .. " return store")() end
  local function user() return stage.client(space, { store = store() }):refresh_token(given) end
  local function asked() return space:count "/oauth/token" end

  local function record_key()
    for _, key in ipairs(connection:keys "airlock:*") do
      if key:find "}$" then return key end
    end
  end

  local function expire()
    connection:set(record_key(), (connection:get(record_key()):gsub('("expires_%w+"):%d+', "%1:1")))
  end

  it("shares one rotating login between hosts: one renewal however many ask", function()
    begin()
    expect.success(user():token())
    for _ = 1, 2 do
      expire()
      local before = asked()
      local said = crowd.run(8, redis.code(port) .. ([[
        local user = airlock.space { url = %q, client_id = %q, client_secret = %q, store = store }:refresh_token(%q)
        local done = 0
        local function call() if user:get "team-directory/profiles/me" then done = done + 1 end end
        airlock.gather(call, call, call, call)
        return done
      ]]):format(space.url, space.client_id, space.client_secret, given))
      assert.same({ "4", "4", "4", "4", "4", "4", "4", "4" }, said)
      assert.equal(before + 1, asked())
    end
  end)

  it("gives each lock a higher number, and lets only the newest write", function()
    begin()
    local one, two = store(), store()
    local first = one.lock("name", 0.05)
    assert.is_nil((two.lock("name", 10)))
    core.wait(0)
    local second
    repeat second = two.lock("name", 10) until second -- the lease of the first runs out
    assert.is_true(second > first)
    assert.is_false(one.save("name", "old", first))
    assert.is_true(two.save("name", "new", second))
    one.unlock("name", first)
    assert.is_nil((one.lock("name", 10)))
    assert.equal("new", one.load "name")
    two.unlock("name", second)
    assert.is_number((one.lock("name", 10)))
  end)

  it("gives a holder that slept past its lease the newer token, and keeps nothing of its own", function()
    begin { rotate = true, grace = 60 } -- as the server sees the refresh token twice
    expect.success(user():token())
    expire()
    space:fault { path = "^/oauth/token$", delay = 0.3, times = 1 }
    local holder = crowd.start(1, redis.code(port) .. ([[
      local user = airlock.space { url = %q, client_id = %q, client_secret = %q, store = store }:refresh_token(%q)
      return (user:token())
    ]]):format(space.url, space.client_id, space.client_secret, given))
    local before = asked()
    holder:go()
    while asked() == before do poll.run(0.01) end
    holder:kill "STOP"
    expect.failure({ kind = "store", code = "locked", outcome = "transient" },
      stage.client(space, { store = store(), timeout = 0.2 }):refresh_token(given):token())
    -- its lease runs out
    assert.is_true(connection:eval("return redis.call('pexpire', KEYS[1], 1)", 1, record_key() .. ":lock") == 1)
    local session = user()
    expect.success(session:token())
    expect.success(session:refresh()) -- a token that the holder hasn't got
    local text = connection:get(record_key())
    holder:kill "CONT"
    assert.equal(session:token(), holder:wait()[1])
    assert.equal(text, connection:get(record_key()))
    expect.success(session:refresh())
  end)

  it("that is gone is a failure of kind store, and comes back as it was", function()
    begin()
    local session = user()
    expect.success(session:token())
    expire()
    local theirs = store()
    local late = stage.client(space, { store = theirs }):refresh_token(given)
    theirs.load "name" -- Redis has taken the connection, which it may do later than a kill that comes by another
    connection:client("kill", "type", "normal")
    connection = require "redis".connect("127.0.0.1", port)
    expect.failure({ kind = "store", code = "unavailable", outcome = "transient" }, late:token())
    expect.success(user():token())
  end)
end)
