-- Many processes, one login: one renewal however many ask, and what happens to those who are killed, stopped, or can't
-- write.

local core = require "airlock.core"
local crowd = require "spec.support.crowd"
local expect = require "spec.support.expect"
local poll = require "airlock.loop.poll"
local record = require "spec.support.record"
local stage = require "spec.support.stage"

describe("processes that share a store", function()
  local space, folder, others, given
  after_each(stage.clear)

  local function begin(options)
    space, folder, others = stage.space(options or { rotate = true }), stage.folder() .. "/tokens", 0
    given = space:issue { person = "alice.first", offline = true }.refresh_token
  end

  local function config(more)
    others = others + 1
    local made = { store = folder, introspection_endpoint = space.url .. "/other/" .. others }
    for name, value in pairs(more or {}) do made[name] = value end
    return made
  end

  local function user(more) return stage.client(space, config(more)):refresh_token(given, { account = "alice" }) end

  -- The beginning of a process's code: the same session there.
  local function there(more)
    return ([[
      local config = { url = %q, client_id = %q, client_secret = %q, store = %q%s }
      local user = airlock.space(config):refresh_token(%q, { account = "alice" })
    ]]):format(space.url, space.client_id, space.client_secret, folder, more or "", given)
  end

  local function asked() return space:count "/oauth/token" end
  local function record_path() return record.path(folder) end
  local function change(from, to) record.change(folder, from, to) end
  local function expire() record.expire(folder) end

  local function lock_is_free()
    local result = os.execute(("flock -n '%s.lock' true"):format(record_path()))
    return result == true or result == 0
  end

  -- A process that holds the record's lock, until it is killed.
  local function hold_lock()
    local pid = tonumber((stage.shell(("flock -x '%s.lock' sleep 60 >/dev/null 2>&1 & echo $!"):format(record_path()))))
    stage.keep(function() os.execute(("pkill -P %d; kill %d 2>/dev/null"):format(pid, pid)) end)
    while lock_is_free() do poll.run(0.01) end
    return function()
      os.execute(("pkill -P %d"):format(pid))
      while not lock_is_free() do poll.run(0.01) end
    end
  end

  it("make one token request, however many calls find one expired token that rotates", function()
    begin()
    expect.success(user():token())
    for _ = 1, 2 do
      expire()
      space:forget_journal()
      local said = crowd.run(10, there() .. [[
        local done = 0
        local function call() if user:get "team-directory/profiles/me" then done = done + 1 end end
        airlock.gather(call, call, call, call)
        return done
      ]])
      assert.same({ "4", "4", "4", "4", "4", "4", "4", "4", "4", "4" }, said)
      assert.equal(1, asked())
    end
  end)

  it("use the old token while one of them gets the new one", function()
    begin()
    local one = user()
    local token = expect.success(one:token())
    change('("expires_clock"):(%d+)', function(name) return name .. ":" .. math.floor(core.now()) + 15 end)
    local before = asked()
    local free = hold_lock()
    local started = core.now()
    assert.equal(token, user():token())
    assert.is_true(core.now() - started < 5)
    assert.equal(before, asked())
    free()
    core.advance(1) -- the busy lock isn't tried again at once
    assert.not_equal(token, user():token())
    assert.equal(before + 1, asked())
  end)

  it("end in store/locked where the lock can't be had in time, and never renew without it", function()
    begin()
    expect.success(user():token())
    expire()
    local before, free = asked(), hold_lock()
    local detail = expect.failure({ kind = "store", code = "locked", outcome = "transient" },
      user({ timeout = 0.3 }):token())
    assert.equal(before, asked(), tostring(detail.code))
    free()
    expect.success(user({ timeout = 5 }):token())
    assert.equal(before + 1, asked())
  end)

  it("take what the holder of the lock has written, without waiting for the lock", function()
    begin()
    local one = user()
    expect.success(one:token())
    local text = record.text(folder):gsub('"generation":2', '"generation":3')
    expire()
    hold_lock()
    local waiting = core.start_token(user(), 20)
    poll.run(0.1)
    assert.is_nil((waiting:wants()))
    stage.write(record_path(), text)
    waiting:wait()
    assert.equal(one:token(), waiting:proceed())
  end)

  it("don't wait for a holder that was killed", function()
    begin { rotate = true, grace = 60 }
    expect.success(user():token())
    expire()
    space:fault { path = "^/oauth/token$", delay = 30 }
    local holder = crowd.start(1, there() .. "return user:token()")
    holder:go()
    local before = asked()
    while asked() == before do poll.run(0.01) end
    expect.failure({ kind = "store", code = "locked" }, user({ timeout = 0.2 }):token())
    assert.is_truthy(record.text(folder):find('"begun":2', 1, true))
    holder:kill()
    space:clear_faults()
    expect.success(user():token())
    assert.is_nil(record.text(folder):find('"begun"', 1, true))
  end)

  it("wait for a holder that sleeps, and go on once it wakes", function()
    begin()
    expect.success(user():token())
    expire()
    space:fault { path = "^/oauth/token$", delay = 0.5 }
    local holder = crowd.start(1, there() .. "return (user:token())")
    holder:go()
    local before = asked()
    while asked() == before do poll.run(0.01) end
    holder:kill "STOP"
    expect.failure({ kind = "store", code = "locked", outcome = "transient" }, user({ timeout = 0.7 }):token())
    holder:kill "CONT"
    local said = holder:wait()[1]
    assert.equal(said, user():token())
    assert.equal(before + 1, asked())
  end)

  it("try a renewal again whose answer was lost, with the same refresh token, within the server's grace", function()
    begin { rotate = true, grace = 60 }
    expect.success(user():token())
    for _, times in ipairs { 1, 3 } do
      expire()
      space:forget_journal()
      space:fault { path = "^/oauth/token$", drop = "reply", times = times }
      local session, tries = user(), 0
      repeat tries = tries + 1 until session:token() or tries > 3
      assert.is_true(tries <= 2, "tries: " .. tries)
      local sent = {}
      for _, entry in ipairs(space:journal()) do
        if entry.path == "/oauth/token" then sent[entry.form.refresh_token] = true end
      end
      assert.is_truthy(next(sent) and next(sent, next(sent)) == nil, "one refresh token, again and again")
      space:clear_faults()
    end
  end)

  it("leave the token endpoint alone for as long as it told one of them", function()
    begin()
    expect.success(user():token())
    expire()
    local before = asked()
    space:fault { path = "^/oauth/token$", status = 429, headers = { { "Retry-After", 100 } } }
    expect.failure({ kind = "oauth", code = "slow_down", outcome = "transient" }, user({ retries = 0 }):token())
    local detail = expect.failure({ kind = "oauth", code = "slow_down", outcome = "transient" }, user():token())
    assert.is_true(detail.retry_after > 90 and detail.retry_after <= 100)
    assert.equal(before + 1, asked())
    change('"retry_clock":%d+', '"retry_clock":1')
    expect.success(user():token())
  end)

  it("leave the token endpoint alone for minutes, where it told one of them to do so for years", function()
    begin()
    expect.success(user():token())
    expire()
    local before = asked()
    space:fault { path = "^/oauth/token$", status = 429, headers = { { "Retry-After", 315360000 } } }
    expect.failure({ outcome = "transient" }, user({ retries = 0 }):token())
    local at, wall = record.text(folder):match '"retry_at":(%d+)', os.time()
    assert.is_true(tonumber(at) > wall + 290 and tonumber(at) <= wall + 301, at)
    assert.is_true(expect.failure({ code = "slow_down" }, user():token()).retry_after <= 300)
    assert.equal(before + 1, asked())
    change('"retry_(%w+)":%d+', '"retry_%1":99999999999') -- as an older Airlock would have written it
    expect.success(user():token())
  end)

  it("that can't write ask for nothing that they couldn't keep", function()
    begin()
    expect.success(user():token())
    expire()
    local before, text = asked(), record.text(folder)
    local said = crowd.run(1, there() .. [[
      local token, message, detail = user:token()
      return ("%s %s %s %s"):format(tostring(token), detail.kind, detail.code, detail.outcome)
    ]], [[sh -c 'trap "" XFSZ; ulimit -f 1; exec "$0" "$@"']])[1] -- files of 512 bytes at most: as good as a full disk
    assert.equal("nil store full transient", said)
    assert.equal(before, asked())
    assert.equal(text, record.text(folder))
  end)

  it("in a folder that is read-only go on as long as the token in it lives", function()
    begin()
    expect.success(user():token())
    local root = stage.shell("id -u"):match "%d+" == "0"
    local as = root and "setpriv --reuid=65534 --regid=65534 --clear-groups" or ""
    local function run()
      os.execute(("chmod 500 '%s'; %s"):format(folder, root
        and "chown -R 65534 '" .. folder .. "' && chmod 711 \"$(dirname '" .. folder .. "')\"" or "true"))
      local said = crowd.run(1, there() .. [[
        local token, message, detail = user:token()
        return token and "token" or ("%s %s %s"):format(detail.kind, detail.code, detail.outcome)
      ]], as)[1]
      os.execute(("chmod 700 '%s'; %s"):format(folder, root and "chown -R 0 '" .. folder .. "'" or "true"))
      return said
    end
    assert.equal("token", run())
    expire()
    local before = asked()
    assert.equal("store unwritable misconfigured", run())
    assert.equal(before, asked())
  end)

  it("keep a refresh token that couldn't be saved, and save it before anything else", function()
    begin()
    local session = user()
    expect.success(session:token())
    expire()
    core.advance(700)
    space:advance(700)
    space:fault { path = "^/oauth/token$", reply = function(_, proceed)
      os.execute("chmod 750 '" .. folder .. "'") -- while the answer is on its way
      return proceed()
    end }
    local before, calls = asked(), space:count "^/api/"
    expect.failure({ kind = "store", code = "unsafe", outcome = "misconfigured" }, session:get "organization")
    expect.failure({ kind = "store", code = "unsafe", outcome = "misconfigured" }, session:get "organization")
    assert.equal(calls, space:count "^/api/")
    os.execute("chmod 700 '" .. folder .. "'")
    expect.success(session:get "organization")
    assert.equal(before + 1, asked())
    local kept = core.json.decode(record.text(folder))
    assert.same({ 3, session:token() }, { kept.generation, kept.access_token })
    expire()
    expect.success(user():token())
  end)

  it("make the folder anew where somebody removed it", function()
    begin()
    local session = user()
    expect.success(session:token())
    core.advance(700)
    space:advance(700)
    space:fault { path = "^/oauth/token$", reply = function(_, proceed)
      os.execute("rm -rf '" .. folder .. "'")
      return proceed()
    end }
    expect.success(session:token())
    assert.equal(session:token(), core.json.decode(record.text(folder)).access_token)
  end)

  describe("whose wall clock is set", function()
    -- Setting the clock on by a day is as if what was written were a day older.
    local function shift(seconds)
      change('("%w+_at"):(%d+)', function(name, value) return ("%s:%d"):format(name, value + seconds) end)
    end

    it("a day forward or back renew nothing that lives", function()
      begin()
      local token = expect.success(user():token())
      shift(-86400)
      assert.equal(token, user():token())
      shift(2 * 86400)
      assert.equal(token, user():token())
      assert.equal(1, asked())
    end)

    it("a day forward or back use nothing that is dead", function()
      for i, seconds in ipairs { -86400, 86400 } do
        begin()
        expect.success(user():token())
        change('("expires_clock"):%d+', "%1:1")
        shift(seconds)
        expect.success(user():token())
        assert.equal(2, asked(), "case " .. i)
        stage.clear()
      end
    end)

    it("go by it where the record is of another boot, but never beyond the token's life", function()
      begin()
      local token = expect.success(user():token())
      change('"clock":"', '"clock":"another ')
      assert.equal(token, user():token())
      shift(86400) -- obtained tomorrow: the clock was set back
      assert.not_equal(token, user():token())
    end)
  end)

  it("after a fork leave the parent's lock to the parent", function()
    local has_ffi, ffi = pcall(require, "ffi")
    if not has_ffi then pending "forking needs LuaJIT's ffi" end
    pcall(ffi.cdef, "int fork(void); void _exit(int); int waitpid(int, int *, int);")
    begin()
    expect.success(user():token())
    expire()
    space:fault { path = "^/oauth/token$", delay = 0.5 }
    local call = core.start_token(user(), 20)
    local before = asked()
    while asked() == before do poll.run(0.01) end
    local pid = ffi.C.fork()
    if pid == 0 then
      pcall(function()
        core.step() -- enters: lets go of what is the parent's
        local detail = select(3, user({ timeout = 0.2 }):token())
        stage.write(folder .. "/child", detail and detail.kind .. " " .. detail.code or "token")
      end)
      ffi.C._exit(0)
    end
    ffi.C.waitpid(pid, nil, 0)
    assert.equal("store locked", stage.read(folder .. "/child"))
    call:wait()
    expect.success(call:proceed())
    assert.equal(before + 1, asked())
  end)
end)
