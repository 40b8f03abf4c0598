-- What `make soak` proves of the store, at length. `make test` has short versions: store_crowd_spec, store_redis_spec,
-- store_kill_spec.

local core = require "airlock.core"
local crowd = require "spec.support.crowd"
local expect = require "spec.support.expect"
local hunt = require "spec.support.hunt"
local record = require "spec.support.record"
local redis = require "spec.support.redis"
local stage = require "spec.support.stage"

local rounds = tonumber(os.getenv "ROUNDS" or nil) or 100
local kills = tonumber(os.getenv "KILLS" or nil) or 1000
local processes, calls = 32, 8

local storm = [[
  local user = airlock.space { url = %q, client_id = %q, client_secret = %q, store = store }:refresh_token(%q)
  local done, jobs = 0, {}
  for i = 1, %d do
    jobs[i] = function() if user:get "team-directory/profiles/me" then done = done + 1 end end
  end
  airlock.gather((table.unpack or unpack)(jobs))
  return done
]]

local function say(text, ...)
  io.stderr:write("  ", text:format(...), "\n")
end

describe("soak:", function()
  after_each(stage.clear)

  -- `opening` is code that makes `store`, `expire` ends the life of the token in it.
  local function rage(name, space, given, opening, expire)
    local code = opening .. storm:format(space.url, space.client_id, space.client_secret, given, calls)
    local requests, successes, began = 0, 0, core.now()
    for round = 1, rounds do
      expire()
      space:forget_journal()
      local sum = 0
      for _, said in ipairs(crowd.run(processes, code)) do sum = sum + (tonumber(said) or 0) end
      local asked = space:count "/oauth/token"
      assert.same({ 1, processes * calls }, { asked, sum }, ("%s, round %d"):format(name, round))
      requests, successes = requests + asked, successes + sum
    end
    say("storm on %s: %d rounds of %d processes x %d calls, one expired rotating token: %d token requests, "
      .. "%d successes, 0 failures, %.0f s", name, rounds, processes, calls, requests, successes, core.now() - began)
  end

  local function begin()
    local space = stage.space { rotate = true }
    return space, space:issue { person = "alice.first", offline = true }.refresh_token
  end

  it("a storm on the file store makes one token request", function()
    local space, given = begin()
    local folder = stage.folder() .. "/tokens"
    expect.success(stage.client(space, { store = folder }):refresh_token(given):token())
    rage("disk", space, given, ("local store = %q\n"):format(folder), function()
      record.expire(folder)
    end)
  end)

  it("a storm on Redis makes one token request", function()
    if not redis.here() then pending "redis-server or lua-redis isn't installed" end
    local space, given = begin()
    local port = redis.start()
    local store = (loadstring or load)(redis.code(port) .. " return store")() -- luacheck: ignore 113
    local connection = require "redis".connect("127.0.0.1", port)
    expect.success(stage.client(space, { store = store }):refresh_token(given):token())
    rage("Redis", space, given, redis.code(port), function()
      for _, key in ipairs(connection:keys "airlock:*") do
        if key:find "}$" then connection:set(key, (connection:get(key):gsub('("expires_%w+"):%d+', "%1:1"))) end
      end
    end)
  end)

  it("kills at random moments cost no login, and leave the store whole", function()
    local began = core.now()
    local counts = hunt.run(kills, 4)
    say("kill -9: %d of processes that renew a 1 s rotating token, %d of them between question and answer; %d "
      .. "renewals; "
      .. "every record whole, no login lost, %.0f s", counts.kills, counts.pending, counts.renewals, core.now() - began)
  end)
end)
