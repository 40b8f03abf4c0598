-- The program's own store: four functions in Lua, which may wait, fail and raise.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

-- A store in memory, as several machines would share it: locks with leases and fencing numbers. `shared.clock` is its
-- time.
local function open(shared)
  shared.records, shared.locks, shared.fences, shared.asked = shared.records or {}, shared.locks or {},
    shared.fences or {}, shared.asked or {}
  shared.clock, shared.fence = shared.clock or 0, shared.fence or 0
  local function note(what) shared.asked[#shared.asked + 1] = what end
  return {
    load = function(name)
      note "load"
      if shared.wait then shared.wait() end
      return shared.records[name]
    end,
    lock = function(name, lease)
      note "lock"
      if shared.wait then shared.wait() end
      local held = shared.locks[name]
      if held and held.ends > shared.clock then return nil end
      shared.fence = shared.fence + 1
      shared.locks[name] = { fence = shared.fence, ends = shared.clock + lease }
      shared.lease = lease
      return shared.fence
    end,
    save = function(name, text, fence)
      note "save"
      if shared.wait then shared.wait() end
      if shared.full then return nil, "the shelf is full" end
      if fence < (shared.fences[name] or 0) or fence < (shared.locks[name] or { fence = 0 }).fence then return false end
      shared.fences[name], shared.records[name] = fence, text
      return true
    end,
    unlock = function(name, fence)
      note "unlock"
      if shared.locks[name] and shared.locks[name].fence == fence then shared.locks[name] = nil end
    end,
  }
end

describe("the program's own store", function()
  local space, shared, given
  after_each(stage.clear)
  before_each(function()
    space, shared = stage.space { rotate = true }, {}
    given = space:issue { person = "alice.first", offline = true }.refresh_token
  end)

  local function user(more)
    local config = { store = open(shared) }
    for name, value in pairs(more or {}) do config[name] = value end
    return stage.client(space, config):refresh_token(given)
  end

  local function asked() return space:count "/oauth/token" end
  local function record() return core.json.decode(select(2, next(shared.records))) end

  local function expire()
    local name, text = next(shared.records)
    shared.records[name] = text:gsub('("expires_%w+"):%d+', "%1:1")
  end

  it("is locked, read again, marked, written and unlocked for one renewal", function()
    local session = user()
    expect.success(session:token())
    assert.equal("load lock load save save unlock", table.concat(shared.asked, " "))
    assert.equal("program", session:info().store)
    assert.equal(40, shared.lease)
    assert.same({ 2, session:token() }, { record().generation, record().access_token })
    shared.asked = {}
    expect.success(user():token())
    assert.equal("load", table.concat(shared.asked, " "))
    assert.equal(1, asked())
  end)

  it("gives two hosts that share a rotating login one renewal", function()
    expect.success(user():token())
    local pause = stage.client(space):permanent_token "x"
    shared.wait = function() pause:request { url = "organization" } end -- its functions wait
    for _ = 1, 3 do
      expire()
      local before, one, two = asked(), user(), user()
      local function token_of(session) return function() return session:token() end end
      local results = airlock.gather(token_of(one), token_of(two), token_of(one))
      assert.is_string(results[1][1])
      assert.same({ results[1], results[1] }, { results[2], results[3] })
      assert.equal(before + 1, asked())
    end
  end)

  it("whose lock somebody else has for too long is a failure, and nothing is asked", function()
    expect.success(user():token())
    expire()
    local name = next(shared.records)
    shared.locks[name] = { fence = 99, ends = shared.clock + 1 }
    local before = asked()
    expect.failure({ kind = "store", code = "locked", outcome = "transient" }, user({ timeout = 0.3 }):token())
    assert.equal(before, asked())
    shared.clock = 2
    expect.success(user():token())
    assert.equal(before + 1, asked())
  end)

  it("is looked at again before the old token's life is over, however short that is, while another host renews it",
    function()
    space = stage.space { rotate = true, token_lifetime = 10 }
    given = space:issue { person = "alice.first", offline = true }.refresh_token
    local session = user()
    local old = expect.success(session:token())
    core.advance(9.6)
    local name, text = next(shared.records)
    shared.locks[name] = { fence = 9, ends = math.huge }
    expect.success(session:get "team-directory/profiles/me") -- the lock is busy, and the old one good for 0.4 s
    assert.equal(1, asked())
    shared.records[name] = text:gsub('"generation":2', '"generation":3'):gsub('("expires_%w+"):%d+',
      "%1:9999999999"):gsub('"access_token":"[^"]*"', '"access_token":"newer"')
    core.advance(0.21)
    local token = expect.success(session:token())
    assert.are_not.equal(old, token)
    assert.equal("newer", token)
  end)

  it("may refuse a holder whose lease ran out: the newer token is taken", function()
    expect.success(user():token())
    expire()
    local late = user()
    local text
    space:fault { path = "^/oauth/token$", reply = function(_, proceed)
      local name, now = next(shared.records)
      shared.fence = shared.fence + 1
      shared.fences[name], shared.locks[name] = shared.fence, nil -- as somebody else has written with a higher number
      text = now:gsub('"generation":2', '"generation":3'):gsub('("expires_%w+"):%d+',
        "%1:9999999999"):gsub('"access_token":"[^"]*"', '"access_token":"newer"')
      shared.records[name] = text
      return proceed()
    end }
    assert.equal("newer", late:token())
    assert.equal(text, (select(2, next(shared.records))))
  end)

  it("that fails makes the calls fail as kind store, and nothing is asked that can't be kept", function()
    local session = user()
    expect.success(session:token())
    expire()
    shared.full = true
    local before = asked()
    local _, message = expect.failure({ kind = "store", code = "unavailable", outcome = "transient" }, user():token())
    assert.is_truthy(message:find("the shelf is full", 1, true))
    assert.equal(before, asked())
    shared.full = false
    expect.success(user():token())
    assert.equal(before + 1, asked())
  end)

  it("may raise in any function", function()
    for _, name in ipairs { "load", "lock", "save", "unlock" } do
      shared = {}
      local store = open(shared)
      store[name] = function() error { name } end
      local session = stage.client(space, { store = store }):client_credentials()
      if name == "unlock" then expect.success(session:token())
      elseif name == "save" then expect.success(session:token()) -- a token of the application is no loss
      else expect.failure({ kind = "store", code = "unavailable" }, session:token()) end
    end
  end)

  it("keeps a new refresh token in memory that couldn't be saved, and saves it before anything else", function()
    local session = user()
    expect.success(session:token())
    core.advance(700)
    space:advance(700)
    space:fault { path = "^/oauth/token$", reply = function(_, proceed)
      shared.full = true
      return proceed()
    end }
    local before = asked()
    expect.failure({ kind = "store" }, session:token())
    expect.failure({ kind = "store" }, session:token())
    shared.full = false
    expect.success(session:token())
    assert.equal(before + 1, asked())
    assert.same({ 3, session:token() }, { record().generation, record().access_token })
  end)

  it("goes on being served where the call that brought the renewal there is dropped", function()
    local session = user()
    expect.success(session:token())
    expire()
    session = user()
    local before = asked()
    local dropped = core.start_token(session)
    dropped:wait()
    assert.equal("store", (dropped:wants()))
    local number, what = dropped:store()
    assert.equal("load", what)
    local waiting = core.start_token(session)
    dropped:close()
    dropped = nil -- luacheck: ignore
    assert.is_number(number)
    local calls = require "airlock.call"
    assert.is_string(expect.success(calls.serve(waiting, nil, session)))
    assert.equal(before + 1, asked())
  end)

  it("is never handed a client secret", function()
    expect.success(stage.client(space, { store = open(shared) }):client_credentials():token())
    for _, text in pairs(shared.records) do assert.is_nil(text:find(space.client_secret, 1, true)) end
  end)

  it("is told to remove a record when the user logs out", function()
    local session = user()
    expect.success(session:token())
    assert.is_string((next(shared.records)))
    expect.success(session:logout())
    assert.is_nil((next(shared.records)))
    expect.failure({ code = "login_required" }, session:token())
  end)

  it("with a record that can't be read isn't written over", function()
    expect.success(user():token())
    local name = next(shared.records)
    shared.records[name] = "broken"
    expect.failure({ kind = "store", code = "corrupt", outcome = "misconfigured" }, user():token())
    assert.equal("broken", shared.records[name])
  end)

  it("must have all its functions", function()
    for _, name in ipairs { "load", "save", "lock", "unlock" } do
      local store = open {}
      store[name] = nil
      expect.raise("store", stage.client, space, { store = store })
      assert.is_truthy(expect.raise("'" .. name .. "'", stage.client, space, { store = store }))
    end
    expect.raise("must be true, a folder's path or a table of functions", stage.client, space, { store = 1 })
  end)
end)
