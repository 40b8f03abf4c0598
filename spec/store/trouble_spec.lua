-- What the machine can do to a store: a disk that is full or read-only, a lock or a folder that somebody removes, a
-- clock that is set. docs/store.md says what comes of each; where processes die or sleep, spec/store/crowd_spec.lua and
-- spec/store/redis_spec.lua say it.

local core = require "airlock.core"
local crowd = require "spec.support.crowd"
local expect = require "spec.support.expect"
local poll = require "airlock.loop.poll"
local record = require "spec.support.record"
local stage = require "spec.support.stage"

describe("a store", function()
  local space, folder, given, others
  after_each(stage.clear)

  local function begin(at)
    space, folder, others = stage.space { rotate = true }, (at or stage.folder()) .. "/tokens", 0
    given = space:issue { person = "alice.first", offline = true }.refresh_token
  end

  -- Another process, as far as tokens go: its clients share no memory with those made before.
  local function elsewhere(more)
    others = others + 1
    local config = { store = folder, introspection_endpoint = space.url .. "/other/" .. others }
    for name, value in pairs(more or {}) do config[name] = value end
    return stage.client(space, config)
  end

  local function user(more) return elsewhere(more):refresh_token(given, { account = "alice" }) end
  local function asked() return space:count "/oauth/token" end

  local function events_of(list)
    return function(e) if e.event:find "^store" then list[#list + 1] = e.event .. " " .. e.code end end
  end

  describe("on a disk", function()
    -- A real one of 64 KiB, which is gone afterwards; and what fills it to the last byte, and empties it again.
    local function small_disk()
      if stage.shell("id -u"):match "%d+" ~= "0" then pending "mounting a disk needs root" end
      local at = stage.folder()
      local said = stage.shell(("mount -t tmpfs -o size=64k,mode=700 tmpfs '%s' 2>&1"):format(at))
      if said ~= "" then pending("this machine lets root mount nothing: " .. said) end
      stage.keep(function() os.execute(("umount -l '%s'"):format(at)) end)
      local function fill() os.execute(("head -c 1000000 /dev/zero >'%s/filler' 2>/dev/null"):format(at)) end
      local function empty() os.remove(at .. "/filler") end
      return at, fill, empty
    end

    it("that is full serves what lives, and asks for nothing that couldn't be kept", function()
      local at, fill, empty = small_disk()
      begin(at)
      local token = expect.success(user():token())
      fill()
      assert.equal(token, user():token())
      record.expire(folder)
      local before, text = asked(), record.text(folder)
      for _ = 1, 2 do expect.failure({ kind = "store", code = "full", outcome = "transient" }, user():token()) end
      assert.same({ before, text }, { asked(), record.text(folder) })
      assert.equal("2", stage.shell("ls '" .. folder .. "' | wc -l"):match "%d+") -- the record and its lock
      empty()
      expect.success(user():token())
      assert.equal(before + 1, asked())
    end)

    it("that fills up under way keeps the new refresh token in memory, and saves it before anything else", function()
      local at, fill, empty = small_disk()
      begin(at)
      local session = user()
      expect.success(session:token())
      core.advance(700)
      space:advance(700)
      space:fault { path = "^/oauth/token$", reply = function(_, proceed)
        fill() -- while the answer is on its way
        return proceed()
      end }
      local before, text = asked(), nil
      for _ = 1, 2 do
        expect.failure({ kind = "store", code = "full", outcome = "transient" }, session:get "organization")
        text = text or record.text(folder)
      end
      assert.same({ before + 1, 0, text }, { asked(), space:count "^/api/", record.text(folder) })
      empty()
      expect.success(session:get "organization")
      assert.equal(before + 1, asked())
      assert.equal(session:token(), core.json.decode(record.text(folder)).access_token)
    end)

    it("that is full is no reason to throw away a token without a refresh token", function()
      local at, fill = small_disk()
      begin(at)
      expect.success(user():token()) -- the folder is there
      fill()
      local events = {}
      expect.success(elsewhere { on_event = events_of(events) }:client_credentials():get "organization")
      assert.same({ "store_failed full" }, events)
    end)

    it("that is read-only serves what lives, and asks for nothing that couldn't be kept", function()
      local at = small_disk()
      begin(at)
      local token = expect.success(user():token())
      local function remount(how) os.execute(("mount -o remount,%s '%s'"):format(how, at)) end
      remount "ro"
      assert.equal(token, user():token())
      remount "rw"
      record.expire(folder)
      remount "ro"
      local before = asked()
      expect.failure({ kind = "store", code = "unwritable", outcome = "misconfigured" }, user():token())
      assert.equal(before, asked())
      remount "rw"
      expect.success(user():token())
      assert.equal(before + 1, asked())
    end)
  end)

  -- A renewal under way in this process, whose answer is on its way for a while; and how to wait for its end.
  local function renewing(session)
    space:fault { path = "^/oauth/token$", delay = 0.4, times = 1 }
    local before, call = asked(), core.start_token(session, 30)
    while asked() == before do poll.run(0.01) end
    return call
  end

  it("whose lock is removed under way is written to by nobody without a new one", function()
    begin()
    expect.success(user():token())
    record.expire(folder)
    local before, call = asked(), renewing(user())
    local path, text = record.path(folder), record.text(folder)
    os.remove(path .. ".lock")
    local pid = tonumber((stage.shell(("umask 077; flock -x '%s.lock' sleep 60 >/dev/null 2>&1 & echo $!"):format(
      path))))
    stage.keep(function() os.execute(("pkill -P %d; kill %d 2>/dev/null"):format(pid, pid)) end)
    poll.run(1) -- the answer is there
    assert.is_nil((call:wants()))
    assert.equal(text, record.text(folder)) -- somebody else has the lock now
    os.execute(("pkill -P %d"):format(pid))
    call:wait()
    local token = expect.success(call:proceed())
    local kept = core.json.decode(record.text(folder))
    assert.same({ token, 3, before + 1 }, { kept.access_token, kept.generation, asked() })
  end)

  it("whose folder is removed under way is made anew, with what has come", function()
    begin()
    expect.success(user():token())
    record.expire(folder)
    local call = renewing(user())
    os.execute("rm -rf '" .. folder .. "'")
    call:wait()
    local token = expect.success(call:proceed())
    assert.equal(token, core.json.decode(record.text(folder)).access_token)
    assert.equal("drwx------", stage.shell("ls -ld '" .. folder .. "'"):match "%S+")
    record.expire(folder)
    expect.success(user():token()) -- the login goes on
  end)

  it("with a file in a record's place that is larger than any record sets it aside", function()
    begin()
    local events = {}
    expect.success(elsewhere():client_credentials():token())
    stage.write(record.path(folder), (" "):rep(5 * 1024 * 1024))
    expect.success(elsewhere { on_event = events_of(events) }:client_credentials():token())
    assert.same({ "store_set_aside corrupt" }, events)
    assert.equal(2, asked())
  end)

  describe("whose wall clock is set", function()
    -- The code of a process with a clock that is wrong: `set(seconds)` sets it, `user()` is as good as another process.
    local function with_clock(code)
      if (os.getenv "AIRLOCK_UNDER" or "") ~= "" then pending "the tool around it has preloaded something else" end
      local clock = stage.folder() .. "/clock"
      stage.write(clock, "0\n")
      return crowd.run(1, ([[
        local function set(seconds)
          local file = assert(io.open(%q, "wb"))
          file:write(("%%d\n"):format(seconds))
          file:close()
        end
        local others = 0
        local function user()
          others = others + 1
          local client = airlock.space { url = %q, client_id = %q, client_secret = %q, store = %q,
            introspection_endpoint = %q .. others }
          return client:refresh_token(%q, { account = "alice" })
        end
        %s
      ]]):format(clock, space.url, space.client_id, space.client_secret, folder, space.url .. "/skewed/", given, code),
        ("env WALL_CLOCK='%s' LD_PRELOAD='%s/skewed.so'"):format(clock, os.getenv "AIRLOCK_BUILD"))[1]
    end

    for _, case in ipairs { { "on by a day", 86400 }, { "back by a day", -86400 } } do
      it(case[1] .. " goes on with what lives, in memory and in the store", function()
        begin()
        local token = expect.success(user():token())
        local said = with_clock(([[
          local before, one = os.time(), user()
          local first = assert(one:token())
          set(%d)
          assert(math.abs(os.time() - before - %d) < 60, "the clock wasn't set")
          assert(one:token() == first and user():token() == first)
          set(0)
          assert(one:token() == first and user():token() == first)
          return first
        ]]):format(case[2], case[2]))
        assert.equal(token, said)
        assert.equal(1, asked())
      end)

      it(case[1] .. " renews what is over once, and whose clock is right takes that over", function()
        begin()
        expect.success(user():token())
        record.expire(folder)
        local said = with_clock(([[
          set(%d)
          local token = assert(user():token())
          assert(user():token() == token)
          return token
        ]]):format(case[2]))
        assert.equal(said, user():token())
        assert.equal(2, asked())
        local left = core.json.decode(record.text(folder)).expires_clock - core.now()
        assert.is_true(left > 500 and left <= 600) -- by the clock that nobody sets
        record.expire(folder)
        expect.success(user():token())
        assert.equal(3, asked())
      end)
    end
  end)
end)
