local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local poll = require "airlock.loop.poll"
local stage = require "spec.support.stage"

describe("loop", function()
  after_each(stage.clear)

  local function api(delay)
    return (stage.api(function(x) x:reply { body = '"fine"', delay = delay } end))
  end

  it("steps what was put beside it, and no longer once it was taken away", function()
    local fd = core.fd()
    assert.is_true(fd >= 0)
    local steps = 0
    local busy = { fd = function() return fd end, step = function() steps = steps + 1 end }
    poll.add(busy)
    local session = api(0.02)
    expect.success(session:get "a")
    poll.remove(busy)
    poll.remove(busy)
    steps = 0
    expect.success(session:get "a")
    assert.equal(0, steps)
  end)

  it("raises an error of what is beside it where the program waits, and goes on afterwards", function()
    local session = stage.api(function(x)
      if x.path == "/bad" then error("oops", 0) end
      x:reply { body = "1" }
    end)
    expect.raise("oops", session.get, session, "bad")
    assert.equal(1, expect.success(session:get "good"))
  end)

  it("raises for what has no descriptor", function()
    local odd = { fd = function() return "x" end, step = function() end }
    poll.add(odd)
    stage.keep(function() poll.remove(odd) end)
    expect.raise("fd()", api().get, api(), "a")
  end)

  it("waits no longer than it is told", function()
    local before = core.now()
    poll.run(0.05)
    assert.is_true(core.now() - before >= 0.045)
    poll.run(0)
    poll.run(86400, function() return true end) -- or this spec never ends
  end)

  it("is no coroutine's but its own", function()
    assert.is_false(poll.mine())
    local inside, other
    airlock.gather(function()
      inside = poll.mine()
      other = coroutine.wrap(poll.mine)()
    end)
    assert.same({ true, false }, { inside, other })
  end)

  it("has a descriptor that is readable when there is something to do", function()
    -- a host's own loop: watch core.fd(), call step, serve what wants attention
    local wait = require "airlock.loop.wait"
    local session = api(0.02)
    local call = core.start(session, "GET", "a")
    local stop, done = core.now() + 5, false
    while not done and core.now() < stop do
      core.wait(0.01) -- stands for the host, which serves others too
      wait.step()
      done = call:wants() == "done"
    end
    local status, body = call:proceed()
    assert.same({ 200, '"fine"' }, { status, body })
  end)

  it("sleeps while a call blocks, though the alarm of a host's loop rings meanwhile", function()
    local delay = 0
    local session = stage.api(function(x) x:reply { body = '"fine"', delay = delay } end)
    core.fd() -- a host has it
    local call = core.start(session, "GET", "a")
    while not call:wants() do core.wait(0.1) end
    core.step() -- rings, as nobody has attended to the call
    delay = 0.5
    local before = os.clock()
    expect.success(session:get "b")
    core.wait(0.3)
    assert.is_true(os.clock() - before < 0.2, ("busy for %.2f s"):format(os.clock() - before))
  end)

  it("given to a client is asked whose coroutine runs", function()
    local log = {}
    local threads = {}
    local own = {
      mine = function() return threads[coroutine.running()] or false end,
      park = function()
        log[#log + 1] = "park"
        coroutine.yield()
      end,
      unpark = function(thread)
        log[#log + 1] = "unpark"
        assert(coroutine.resume(thread))
      end,
    }
    local space = stage.space()
    local app = stage.app(space, { loop = own })
    local answer
    local thread = coroutine.create(function() answer = app:get "projects" end)
    threads[thread] = true
    assert(coroutine.resume(thread))
    poll.run(5, function() return answer ~= nil end)
    assert.is_table(answer)
    assert.equal("park", log[1])
    assert.equal("unpark", log[#log])
    expect.success(app:get "projects") -- outside it blocks
  end)

  describe("seam for authors of loops", function()
    local engine = require "airlock.loop"

    it("has what a loop is made with, and nothing else", function()
      local names = {}
      for name, value in pairs(engine) do
        names[#names + 1] = name
        assert.is_function(value, name)
      end
      table.sort(names)
      assert.same({ "fd", "park", "running", "step", "unpark" }, names)
    end)

    it("is all that the loop of docs/hosts.md needs", function()
      local wanted = {}
      for name in require "spec.support.hosts".documented().code:gmatch "require%s*%(?[\"']([%w_.]+)" do
        wanted[#wanted + 1] = name
      end
      assert.same({ "airlock.loop", "socket" }, wanted)
    end)

    it("knows the running coroutine, and none in the main program", function()
      assert.is_nil(engine.running())
      local inside, thread
      thread = coroutine.create(function() inside = engine.running() end)
      assert(coroutine.resume(thread))
      assert.equal(thread, inside)
    end)

    it("lets a coroutine wait for something of the program's own", function()
      local thread, came
      poll.spawn(function()
        thread = engine.running()
        engine.park(poll)
        came = true
      end)
      assert.is_nil(came)
      engine.unpark(poll, thread)
      assert.is_true(came)
    end)

    it("lets task:cancel end such a wait", function()
      local ended, came
      local task = poll.spawn(function()
        local thread = engine.running()
        engine.park(poll, function()
          ended = true
          engine.unpark(poll, thread)
        end)
        came = true
      end)
      assert.is_true(task:cancel())
      assert.same({ true, true }, { ended, came })
      assert.is_false(task:cancel())
    end)

    it("can't end a wait that has no way to", function()
      local thread
      local task = poll.spawn(function()
        thread = engine.running()
        engine.park(poll)
      end)
      assert.is_false(task:cancel())
      engine.unpark(poll, thread)
    end)
  end)

  it("clock moves ahead only", function()
    expect.raise("forward", core.advance, -1)
    expect.raise("forward", core.advance, 1e12)
    assert.is_number(core.now())
  end)

  it("lets a request that is under way run into its time-out when the clock is pushed", function()
    local space = stage.space()
    local app = stage.app(space, { timeout = 60 })
    space:fault { path = "token", delay = 0.3 }
    local results = airlock.gather(function() return app:get "projects" end, function()
      poll.run(0.05)
      core.advance(61)
    end)
    expect.failure({ kind = "network", code = "timeout" }, (table.unpack or unpack)(results[1], 1, results[1].n))
    expect.success(app:get "projects")
  end)

  it("may hold 64 things, and says so beyond", function()
    local things = {}
    for i = 1, 65 do
      things[i] = { fd = function() return -1 end, step = function() end }
      poll.add(things[i])
    end
    local ok, why = pcall(poll.run, 1)
    for _, thing in ipairs(things) do poll.remove(thing) end
    assert.is_false(ok)
    assert.truthy(tostring(why):find("64", 1, true))
    poll.run(0.001)
  end)
end)
