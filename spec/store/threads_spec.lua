-- Threads with a Lua state each, and workers that a master forked, share a store: one of them renews. The hosts are
-- small C programs (spec/threads), so that it runs under every Lua; `make sanitize` watches over it, and so does `make
-- sanitize-threads`.

local core = require "airlock.core"
local expect = require "spec.support.expect"
local poll = require "airlock.loop.poll"
local record = require "spec.support.record"
local stage = require "spec.support.stage"

local build = os.getenv "AIRLOCK_BUILD"

describe("a store", function()
  local space, folder, given
  after_each(stage.clear)

  -- A login whose token is in the store, and has expired. What takes its place lives for ten minutes.
  local function begin()
    if not build then pending "AIRLOCK_BUILD doesn't say where the hosts are; make spec does" end
    space, folder = stage.space { rotate = true }, stage.folder() .. "/tokens"
    given = space:issue { person = "alice.first", offline = true }.refresh_token
    expect.success(stage.client(space, { store = folder }):refresh_token(given, { account = "alice" }):token())
    record.expire(folder)
    space:forget_journal()
  end

  -- Runs code in a host, with `airlock`, `core` and `user`; serves it meanwhile, and gives what the host printed.
  local function run(host, n, code)
    local out = stage.folder() .. "/out"
    local path = stage.file(([[
      package.path, package.cpath = %q, %q
      local airlock, core = require "airlock", require "airlock.core"
      local user = airlock.space { url = %q, client_id = %q, client_secret = %q, store = %q }:refresh_token(%q,
        { account = "alice" })
      %s
    ]]):format(package.path, package.cpath, space.url, space.client_id, space.client_secret, folder,
      given, code), "code.lua")
    local command = "{ %s '%s/spec/%s' %d '%s'; echo status $?; } >'%s.part' 2>&1 </dev/null; mv '%s.part' '%s'"
    os.execute("{ " .. command:format(os.getenv "AIRLOCK_UNDER" or "", build, host, n, path, out, out, out) .. "; } &")
    local stop = core.now() + 120
    while not stage.read(out) and core.now() < stop do poll.run(0.01) end
    return stage.read(out) or "it didn't end: " .. (stage.read(out .. ".part") or "")
  end

  local function generation() return core.json.decode(record.text(folder)).generation end

  it("makes one renewal for four threads with a Lua state each", function()
    begin()
    assert.equal("4 of 4\nstatus 0\n", run("threads", 4, [[
      for _ = 1, 8 do assert(user:get "team-directory/profiles/me") end
    ]]))
    assert.same({ 1, 3 }, { space:count "/oauth/token", generation() })
  end)

  it("makes one renewal for eight workers that a master forks after it has opened it", function()
    begin()
    assert.equal("8 of 8\nstatus 0\n", run("forks", 8, [[
      assert(user:get "organization") -- it has a token, a connection and a poller
      core.advance(700) -- the token has expired, there and in the store
      return function() assert(user:get "team-directory/profiles/me") end
    ]]))
    assert.same({ 2, 4 }, { space:count "/oauth/token", generation() }) -- the master's, and one
  end)
end)
