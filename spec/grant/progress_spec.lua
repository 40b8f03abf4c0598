-- The line that says what is waited for: at a terminal, and only there. And what the command needs of the system
-- (airlock.command).

local command = require "spec.support.command"
local progress = require "airlock.progress"
local stage = require "spec.support.stage"
local system = require "airlock.command"

local interpreter = os.getenv "AIRLOCK_LUA" or "lua5.4"
local under = os.getenv "AIRLOCK_UNDER" or ""

local function need_script()
  if stage.shell "command -v script || true" == "" then pending "script(1), which makes a terminal, is missing" end
end

-- Starts a program at a terminal (or not), with a Space it can log in to.
local function start(space, text, terminal, env)
  local application = space.applications.native
  local path = stage.file(([[
local airlock = require "airlock"
local space = airlock.space { url = %q, client_id = %q, device_authorization_endpoint = %q }
%s]]):format(space.url, application.client_id, space.url .. "/oauth/device", text))
  return command.start({}, { shell = ("exec %s %s %s"):format(under, command.quote(interpreter), path),
    terminal = terminal, env = env })
end

local device_program = [[
local device = assert(space:device_code { scope = "global:Profile.View" })
print("code " .. device.user_code)
io.stdout:flush()
print(assert(device:wait()):info().subject)
]]

local login_program = [[
print(select(2, space:login { scope = "global:Profile.View", open = function() end, timeout = 0.8 }))
]]

describe("a line at the terminal", function()
  after_each(stage.clear)

  local function device(terminal)
    local space = stage.space { device_interval = 1 }
    local job, code = start(space, device_program, terminal), nil
    command.pass(function()
      code = command.said(job):match "code (%S+)"
      return code or command.ended(job)
    end)
    if terminal then command.pass(function() return command.said(job):find "Waiting" or command.ended(job) end) end
    space:enter_device_code(code, { person = space.people[1] })
    local said = command.wait(job)
    assert.equal(0, said.rc, said.out .. said.err)
    return said, code
  end

  it("shows the code and the time left while a device code is waited for, and goes away", function()
    need_script()
    local said, code = device(true)
    assert.is_truthy(said.out:find("\rWaiting for the code " .. code .. " to be entered (9:5", 1, true), said.out)
    assert.is_truthy(said.out:find "\r\27%[Kuser\r?\n$", said.out)
  end)

  it("isn't shown where there is no terminal, or one that can't", function()
    local said = device(false)
    assert.equal("", said.err)
    need_script()
    assert.is_nil(command.wait(start(stage.space(), login_program, true, { TERM = "dumb" })).out:find "Waiting")
  end)

  it("shows the time left while the browser is waited for", function()
    need_script()
    local said = command.wait(start(stage.space(), login_program, true))
    assert.is_truthy(said.out:find("\rWaiting for the browser (0:00 left)", 1, true), said.out)
    assert.is_truthy(said.out:find("\27%[Knobody logged in within 0.8 seconds", 1) or said.out:find "nobody logged in",
      said.out)
    assert.is_nil(command.wait(start(stage.space(), login_program, false)).err:find "Waiting")
  end)

  it("isn't shown inside of a host that owns the screen", function()
    need_script()
    local said = command.wait(start(stage.space(), "vim = {}\n" .. login_program, true))
    assert.is_nil(said.out:find "Waiting", said.out)
  end)

  it("writes spans as people do", function()
    assert.same({ "0:00", "0:42", "12:03", "1:02:03", "all the time" },
      { progress.span(-1), progress.span(42.9), progress.span(723), progress.span(3723), progress.span(math.huge) })
  end)
end)

describe("airlock.command", function()
  after_each(stage.clear)

  it("tells whose a file is and who else can read and write it; a folder with the sticky bit isn't written by others",
    function()
    local path = stage.file("x")
    local function mode(bits)
      os.execute(("chmod %s '%s'"):format(bits, path))
      return system.permissions(path)
    end
    assert.same({ kind = "file", ours = true, readable = false, writable = false }, mode "600")
    assert.same({ kind = "file", ours = true, readable = true, writable = false }, mode "644")
    assert.same({ kind = "file", ours = true, readable = true, writable = true }, mode "666")
    assert.is_false(system.permissions("/tmp").writable)
    assert.equal("folder", system.permissions("/tmp").kind)
    assert.equal("other", system.permissions("/dev/null").kind)
    assert.same({ nil, "No such file or directory" }, { system.permissions "/no/such/file" })
  end)

  it("makes a file whole or not at all", function()
    local home = stage.folder()
    local function there() return stage.shell(("ls -A '%s'"):format(home)) end
    local file = assert(system.file(home .. "/a", true))
    assert.is_true(file:write "one")
    assert.is_nil(stage.read(home .. "/a"))
    assert.is_true(file:keep())
    assert.equal("one", stage.read(home .. "/a"))
    assert.equal("a\n", there())
    file:close()
    assert.is_nil((file:write "more"))
    assert.is_nil((file:keep()))
    local other = assert(system.file(home .. "/b"))
    other:write "two"
    other = nil -- luacheck: ignore 311
    collectgarbage()
    collectgarbage()
    assert.equal("a\n", there())
    assert.is_nil((system.file(home .. "/none/c")))
    local first, second = assert(system.file(home .. "/d")), assert(system.file(home .. "/d")) -- two at once don't meet
    first:write "1"
    second:write "2"
    assert.is_true(second:keep())
    first:close()
    assert.equal("2", stage.read(home .. "/d"))
    assert.equal("a\nd\n", there())
  end)
end)

describe("session:request", function()
  after_each(stage.clear)

  it("tells its progress beside a sink: bytes so far, and of how many where the server says so", function()
    local told = {}
    local api = stage.api(function(x) x:reply { body = ("z"):rep(1000), dribble = { bytes = 500, every = 0.05 } } end)
    local got = 0
    assert(api:request { url = "x", sink = function(bytes) got = got + #bytes end,
      progress = function(n, total) told[#told + 1] = { n, total } end })
    assert.equal(1000, got)
    assert.same({ 1000, 1000 }, told[#told])
    assert.is_truthy(#told >= 1 and told[1][2] == 1000)
    told = {}
    assert(api:request { url = "x", progress = function(n) told[#told + 1] = n end })
    assert.equal(0, #told)
    local ok, why = pcall(api.request, api, { url = "x", sink = function() end,
      progress = function() error("enough", 0) end })
    assert.same({ false, "enough" }, { ok, why })
    ok, why = pcall(api.request, api, { url = "x", progress = true })
    assert.is_false(ok)
    assert.is_truthy(why:find("option 'progress' must be a function, not a boolean", 1, true), why)
  end)

  it("gives a response whose failure() is what session:get would say", function()
    local api = stage.api(function(x) x:reply { status = x.path == "/fine" and 200 or 404,
      body = '{"error":"not-found"}' } end)
    assert.is_nil((assert(api:request { url = "fine" }):failure()))
    local message, detail = assert(api:request { url = "none" }):failure()
    local _, wanted, told = api:get "none"
    assert.equal(wanted, message)
    assert.same({ told.kind, told.code, told.outcome, told.status },
      { detail.kind, detail.code, detail.outcome, detail.status })
  end)
end)
