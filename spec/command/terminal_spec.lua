-- What the command does at a terminal, and only there: colours, a bar, the line that says what is waited for; and
-- Ctrl-C.

local command = require "spec.support.command"
local stage = require "spec.support.stage"

if not pcall(require, "argparse") then return end -- spec/command/command_spec.lua says so

local function need_script()
  if stage.shell "command -v script || true" == "" then pending "script(1), which makes a terminal, is missing" end
end

describe("at a terminal", function()
  after_each(stage.clear)

  local function api(answer)
    local url = stage.server(answer)
    return { AIRLOCK_BASE_URL = url .. "/", AIRLOCK_CLIENT_ID = "porter", AIRLOCK_TOKEN = "canary-token" }
  end

  local function small(x) x:reply { headers = { ["Content-Type"] = "application/json" }, body = '{"a":"b"}' } end

  it("JSON is coloured, unless NO_COLOR or a dumb terminal forbid it", function()
    need_script()
    local env = api(small)
    local function out()
      return command.run({ "request", "GET", "x" }, { env = env, terminal = true }).out:gsub("\r", "")
    end
    local plain = '{\n  "a": "b"\n}\n'
    assert.equal('{\n  \27[34;1m"a"\27[0m: \27[32m"b"\27[0m\n}\n', (out()))
    env.NO_COLOR = "1"
    assert.equal(plain, (out()))
    env.NO_COLOR = ""
    assert.is_truthy(out():find "\27")
    env.NO_COLOR, env.TERM = nil, "dumb"
    assert.equal(plain, (out()))
  end)

  it("a bar shows how far a long body is, and is gone in the end", function()
    need_script()
    local home, env = command.home(), api(function(x)
      x:reply { headers = { ["Content-Type"] = "application/octet-stream" }, body = ("z"):rep(100000),
        dribble = { bytes = 10000, every = 0.15 } }
    end)
    local said = command.run({ "request", "GET", "x", "-o", home .. "/file" },
      { env = env, home = home, terminal = true })
    assert.equal(0, said.rc, said.out)
    assert.is_truthy(said.out:find "\r%[#+%.+%] %d%d%%  [%d.]+ KiB of 97%.7 KiB  0:0%d\27%[K", said.out)
    assert.is_truthy(said.out:find "\r\27%[K$", said.out)
    assert.equal(100000, #stage.read(home .. "/file"))
    local quiet = command.run({ "request", "GET", "x", "-o", home .. "/file" }, { env = env, home = home })
    assert.equal("", quiet.out .. quiet.err)
  end)

  it("a line never wraps, and says what is waited for after two seconds", function()
    need_script()
    local env = api(function(x) x:reply { body = "{}", delay = 2.6 } end)
    local said = command.run({ "request", "GET", "x" }, { env = env, terminal = true, columns = 12 })
    assert.is_truthy(said.out:find("\rWaiting for\27[K", 1, true), said.out)
    assert.is_truthy(said.out:find "\r\27%[K{}\r?\n$", said.out)
  end)

  it("Ctrl-C ends it with 130 and takes the line away", function()
    need_script()
    local begun = false
    local env = api(function(x)
      begun = true
      x:reply { body = ("z"):rep(1000000), dribble = { bytes = 1000, every = 0.1 } }
    end)
    local home = command.home()
    local job = command.start({ "request", "GET", "x", "-o", home .. "/file" },
      { env = env, home = home, terminal = true })
    command.pass(function() return begun and command.said(job):find "KiB" end)
    os.execute(("kill -INT %d"):format(command.pid(job)))
    local said = command.wait(job)
    assert.equal(130, said.rc, said.out)
    assert.is_truthy(said.out:find "\r\27%[K$", said.out)
    assert.equal("config\nstate\n", stage.shell(("ls '%s'"):format(home)))
  end)
end)
