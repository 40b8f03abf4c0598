-- airlock.store.redis against a real redis-server.

local airlock = require "airlock"
local core = require "airlock.core"
local crowd = require "spec.support.crowd"
local expect = require "spec.support.expect"
local server = require "airlock.server"
local stage = require "spec.support.stage"

local built = pcall(require, "airlock.redis") and stage.shell("command -v redis-server") ~= ""
local only = built and it or pending

describe("airlock.store.redis", function()
  local space, given, port, folder
  after_each(stage.clear)

  local function free_port()
    local listener = assert(server.listen { handler = function() end })
    local found = listener:port()
    listener:close()
    return found
  end

  local function cli(command)
    return (stage.shell(("redis-cli -s '%s/socket' %s 2>&1"):format(folder, command)):gsub("%s+$", ""))
  end

  local function start(more)
    folder, port = stage.folder(), free_port()
    local pid = tonumber((stage.shell(("redis-server --port %d --bind 127.0.0.1 --unixsocket '%s/socket' --save '' "
      .. "--appendonly no --dir '%s' %s >'%s/log' 2>&1 & echo $!"):format(port, folder, folder, more or "", folder))))
    stage.keep(function() os.execute(("kill -CONT %d 2>/dev/null; kill -9 %d 2>/dev/null"):format(pid, pid)) end)
    local stop = core.now() + 20
    repeat core.wait(0.02) until cli("ping"):find "PONG" or cli("ping"):find "NOAUTH" or core.now() > stop
    return pid
  end

  local function begin(more)
    space = stage.space { rotate = true }
    given = space:issue { person = "alice.first", offline = true }.refresh_token
    return start(more)
  end

  local function store(options)
    options = options or {}
    options.url = options.url or ("redis://127.0.0.1:%d"):format(port)
    return require "airlock.store.redis"(options)
  end

  local function user(options)
    return stage.client(space, { store = store(options) }):refresh_token(given)
  end

  local function expire()
    local key = cli("--scan --pattern 'airlock:*}'")
    local text = cli(("get '%s'"):format(key))
    stage.write(folder .. "/text", (text:gsub('("expires_%w+"):%d+', "%1:1")))
    cli(("-x set '%s' < '%s/text'"):format(key, folder))
  end

  only("shares one rotating login between processes: one renewal however many ask", function()
    begin()
    expect.success(user():token())
    for _ = 1, 2 do
      expire()
      local before = space:count "/oauth/token"
      local said = crowd.run(8, ([[
        local store = require "airlock.store.redis" { url = "redis://127.0.0.1:%d" }
        local user = airlock.space { url = %q, client_id = %q, client_secret = %q, store = store }:refresh_token(%q)
        local done = 0
        local function call() if user:get "team-directory/profiles/me" then done = done + 1 end end
        airlock.gather(call, call, call, call)
        return done
      ]]):format(port, space.url, space.client_id, space.client_secret, given))
      assert.same({ "4", "4", "4", "4", "4", "4", "4", "4" }, said)
      assert.equal(before + 1, space:count "/oauth/token")
    end
  end)

  only("gives each lock a higher number, and lets only the newest write", function()
    begin()
    local one, two = store(), store()
    local first = one.lock("name", 0.05)
    assert.is_nil((two.lock("name", 10)))
    local second
    repeat second = two.lock("name", 10) until second -- the lease of the first runs out
    assert.is_true(second > first)
    assert.is_false(one.save("name", "old", first))
    assert.is_true(two.save("name", "new\0\r\n", second))
    one.unlock("name", first)
    assert.is_nil((one.lock("name", 10)))
    assert.equal("new\0\r\n", one.load "name")
    two.unlock("name", second)
    assert.is_number((one.lock("name", 10)))
    assert.is_nil((one.load "another"))
  end)

  only("seals its records where it is given a key", function()
    begin()
    local key = function() return ("k"):rep(32) end
    local token = expect.success(user({ key = key }):token())
    local kept = cli("get '" .. cli("--scan --pattern 'airlock:*}'") .. "'")
    assert.truthy(kept:find "^airlock%-sealed 1 ")
    assert.is_nil(kept:find(token, 1, true))
    assert.equal(token, user({ key = key }):token())
    expect.failure({ kind = "store", code = "sealed" }, user({ key = function() return ("x"):rep(32) end }):token())
  end)

  only("shows a password and chooses a database, over a unix socket, too", function()
    begin "--requirepass s3cr%t"
    local good = ("redis://:s3cr%%25t@127.0.0.1:%d/3"):format(port)
    local one = store { url = good }
    local fence = assert(one.lock("name", 10))
    assert.is_true(one.save("name", "text", fence))
    assert.equal("text", store({ url = good }).load "name")
    assert.is_nil((store({ password = "s3cr%t" }).load "name")) -- in database 0
    assert.is_nil((select(2, store({ password = "s3cr%t" }).load "name")))
    assert.is_nil((select(2, store({ url = "redis+unix://" .. folder .. "/socket", password = "s3cr%t" }).load "name")))
    assert.truthy(select(2, store({ password = "wrong" }).load "name"):find "WRONGPASS")
    expect.failure({ kind = "store", code = "unavailable", outcome = "transient" }, user({ password = "no" }):token())
  end)

  only("that is gone is a failure of kind store, and a new connection is made once it is back", function()
    begin()
    local session = user()
    expect.success(session:token())
    local same = store()
    assert.is_nil((select(2, same.load "name")))
    cli "client kill type normal"
    local _, why = same.load "name"
    if why then assert.is_nil((select(2, same.load "name"))) end
    local away = require "airlock.store.redis" { url = "redis://127.0.0.1:" .. free_port() }
    expect.failure({ kind = "store", code = "unavailable", outcome = "transient" },
      stage.client(space, { store = away }):refresh_token(given):token())
  end)

  only("that is stopped, full or read-only fails in time, and asks nobody for a token", function()
    local pid = begin()
    os.execute("kill -STOP " .. pid)
    expect.failure({ kind = "store", code = "unavailable" }, user({ timeout = 0.2 }):token())
    os.execute("kill -CONT " .. pid)
    cli "config set maxmemory 1"
    local _, message = user():token()
    assert.truthy(message:find "OOM")
    cli "config set maxmemory 0"
    cli "replicaof 127.0.0.1 1"
    _, message = user():token()
    assert.truthy(message:find "READONLY")
    assert.equal(0, space:count "/oauth/token")
    cli "replicaof no one"
    expect.success(user():token())
  end)

  only("goes on where the other side's scripts were flushed", function()
    begin()
    local session = user()
    expect.success(session:token())
    cli "script flush"
    expect.success(session:refresh())
  end)

  only("waits beside others in a coroutine", function()
    local pid = begin()
    os.execute("kill -STOP " .. pid)
    local one, order = store(), {}
    airlock.gather(function()
      local fence = one.lock("name", 10)
      order[#order + 1] = "lock"
      assert.is_number(fence)
    end, function()
      order[#order + 1] = "other"
      os.execute("kill -CONT " .. pid)
    end)
    assert.same({ "other", "lock" }, order)
  end)

  only("names what is wrong with its options", function()
    local make = require "airlock.store.redis"
    expect.raise("option 'url' must be", make, { url = "http://x" })
    expect.raise("unknown option 'uri'", make, { uri = "x" })
    expect.raise("has no TLS", make, { url = "rediss://x" })
    expect.raise("'key' must be", make, { url = "redis://x", key = 5 })
  end)
end)
