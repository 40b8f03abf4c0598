-- Nothing holds a host up for more than 15 ms: not the first HTTPS connection, not a name server that never answers,
-- not a call that is cancelled.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local nginx = require "spec.support.nginx"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"
local stopwatch = require "spec.support.stopwatch"

local under = os.getenv "AIRLOCK_UNDER" or ""
local bundle = "/etc/ssl/certs/ca-certificates.crt"

describe("a host is not held up", function()
  after_each(stage.clear)

  -- Runs a program in a process of its own, until it tells of less: a stall that is ours is there every time.
  local function in_time(program, wanted, environment)
    if under ~= "" then return pending "a tool that watches over memory makes everything slow" end
    local least = math.huge
    for _ = 1, 4 do
      local said = stage.shell(("%s %s %s 2>&1"):format(environment or "", os.getenv "AIRLOCK_LUA" or "lua5.4",
        program))
      assert.is_truthy(said:find("ended as%s+" .. wanted), said)
      least = math.min(least, tonumber(said:match "longest%s+(%S+)"))
      if least < 15 then return end
    end
    error(("%.1f ms"):format(least), 0)
  end

  -- A first connection is one in a new process: libcurl keeps certificates that it has read.
  local function first(config, wanted)
    local program = stage.file(([[
      local stopwatch = require "spec.support.stopwatch"
      local airlock, core = require "airlock", require "airlock.core"
      local watch = stopwatch.new()
      for _ = 1, 2 do
        local session = watch:time(function() return airlock.client { %s, timeout = 10 }:permanent_token "p" end)
        local call = watch:time(core.start, session, "GET", "hello")
        watch:run(10, function() return call:wants() end)
        local status, _, detail = call:proceed()
        print("ended as", status or detail.code)
      end
      print("longest", watch.longest)
    ]]):format(config), "program.lua")
    return in_time(program, wanted)
  end

  local hello = [[ location = /hello { return 200 '{"hello":"you"}'; } ]]

  it("by the first HTTPS connection with the system's certificates", function()
    local server = nginx.start(hello)
    first(("base_url = %q"):format(server.https), "tls") -- its certificate is looked for among all of them, in vain
  end)

  it("by the first HTTPS connection with the system's bundle as ca_file", function()
    if not stage.read(bundle) then return pending(bundle .. " isn't there") end
    local server = nginx.start(hello)
    first(("base_url = %q, ca_file = %q"):format(server.https, bundle), "tls")
  end)

  it("by a first HTTPS connection that succeeds", function()
    local server = nginx.start(hello)
    first(("base_url = %q, ca_file = %q"):format(server.https, server.ca), "200")
  end)

  it("by a call that is cancelled, wherever it is", function()
    if under ~= "" then return pending "a tool that watches over memory makes everything slow" end
    local watch
    local server = nginx.start [[ location = /slow { limit_rate 100; try_files /big.json =404; } ]]
    local file = assert(io.open(server.folder .. "/big.json", "wb"))
    file:write(("x"):rep(200000))
    file:close()
    local silent = raw.listen(function() return nil end)
    local places = { { base_url = server.https, ca_file = server.ca }, { base_url = server.http },
      { base_url = silent },
      { base_url = ("https://127.0.0.1:%d"):format(raw.stuck_port()) }, { base_url = silent:gsub("^http", "https") } }
    local least = stopwatch.least(function(new)
    watch = new
    for _, config in ipairs(places) do
      local session = airlock.client(config):permanent_token "p"
      for _, wait in ipairs { 0, 0.002, 0.1 } do
        local call = core.start(session, "GET", "slow")
        watch:run(wait, function() return false end)
        watch:time(call.close, call)
        local other = airlock.client(config):permanent_token "p"
        call = core.start(other, "GET", "slow")
        watch:run(wait, function() return false end)
        watch:time(other.close, other)
        expect.failure({ kind = "cancelled", code = "closed" }, call:proceed())
      end
    end
    end)
    assert.is_true(least < 15, ("%.1f ms"):format(least))
  end)

  it("by a name server that never answers", function()
    local program = stage.file([[
      local stopwatch = require "spec.support.stopwatch"
      local airlock, core = require "airlock", require "airlock.core"
      local watch = stopwatch.new()
      local function session(more)
        return airlock.client { base_url = "https://space.example", timeout = more or 30 }:permanent_token "p"
      end
      local never = function() return false end
      local call = core.start(session(0.1), "GET", "x")
      watch:run(5, function() return call:wants() end)
      local _, _, detail = call:proceed()
      print("ended as", detail.code)
      local closed = core.start(session(), "GET", "x")
      watch:run(0.05, never)
      watch:time(closed.close, closed)
      local owner = session()
      local owned = core.start(owner, "GET", "x")
      watch:run(0.05, never)
      watch:time(owner.close, owner)
      owned = nil
      core.start(session(), "GET", "x") -- and nobody holds it
      watch:run(0.05, never)
      watch:time(collectgarbage)
      watch:time(collectgarbage)
      watch:run(0.1, never)
      print("longest", watch.longest)
    ]], "program.lua")
    local before = core.now()
    in_time(program, "timeout", "LD_PRELOAD=" .. os.getenv "AIRLOCK_BUILD" .. "/deaf.so")
    assert.is_true(core.now() - before < 2.8, "the process ended only when the look-ups did, after 3 s")
  end)
end)
