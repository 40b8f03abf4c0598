-- Text from outside where a user reads it: it steers no terminal, turns no direction, hides nothing, makes no lines.

local command = require "spec.support.command"
local core = require "airlock.core"
local curl = require "spec.support.curl"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

if not pcall(require, "argparse") then return end -- spec/command/command_spec.lua says so

-- An 8-bit CSI, one of 7 bits, a text turned round, an isolate, no width, no UTF-8.
local hostile = "a\194\15531m\27[2Jb\226\128\174c\226\129\166d\226\128\139e\255f\127g"
local harmless = "a?31m?[2Jb?c?d?e?f?g"
local odd = { "\194[\128-\159]", "\27", "\226\128[\139-\143\168-\174]", "\226\129[\160-\175]", "\127", "\255" }

-- JSON as a hostile server writes it: our own codec refuses to write what isn't UTF-8.
local function encoded(value)
  return (core.json.encode(value):gsub("no UTF%-8", "\255"))
end

local told = hostile:gsub("\255", "no UTF-8")

local function need_script()
  if stage.shell "command -v script || true" == "" then pending "script(1), which makes a terminal, is missing" end
end

-- Our own colours and lines that are wiped aside.
local function is_clean(text)
  text = text:gsub("\27%[[%d;]*[mK]", "")
  for _, each in ipairs(odd) do assert.is_nil(text:find(each), text) end
end

describe("text from outside", function()
  after_each(stage.clear)

  it("is made printable in one pass, the same whatever was made printable before", function()
    assert.equal(harmless, core.printable(hostile))
    assert.equal(harmless, core.printable(core.printable(hostile)))
    local fine = "caf\195\169 \226\130\172 \240\159\152\128"
    assert.equal(fine, core.printable(fine))
    assert.equal("a?b?", core.printable "a\nb\t")
    assert.equal("a\nb\t?", core.printable("a\nb\t\r", "lines"))
    assert.equal('"\\u009b\\u202e\\u007f\\udb40\\udc41\\ufffd"',
      core.printable('"\194\155\226\128\174\127\243\160\129\129\255"', "json"))
    local long = ("\226\128\174"):rep(1024 * 1024)
    assert.equal(("?"):rep(1024 * 1024), core.printable(long))
    assert.is_false(pcall(core.printable, "x", "loud"))
  end)

  it("that an API or an authorization server says in a failure is one clean line", function()
    local url = stage.server(function(x)
      x:reply { status = 403, headers = { ["Content-Type"] = "application/json" },
        body = encoded { error = told, message = told .. "\nairlock: all is well" } }
    end)
    local env = { AIRLOCK_BASE_URL = url .. "/", AIRLOCK_CLIENT_ID = "porter", AIRLOCK_TOKEN = "canary-token" }
    local said = command.run({ "request", "GET", "x", "-o", "/dev/null" }, { env = env })
    assert.equal(1, said.rc)
    assert.is_truthy(said.err:find("c?d?e?f g airlock: all is well", 1, true), said.err)
    is_clean(said.err)
    assert.equal(2, #said.err:gsub("[^\n]", "") + 1)
  end)

  it("in a scope that was granted, and in a record of the store, is shown clean", function()
    local home = command.home()
    local url = stage.server(function(x)
      x:reply { headers = { ["Content-Type"] = "application/json" }, body = encoded(x.path == "/device"
        and { device_code = "d", user_code = "U", verification_uri = "http://127.0.0.1/", interval = 1 }
        or { access_token = "t", token_type = "Bearer", expires_in = 600, scope = "read " .. told }) }
    end)
    command.configure(home, ([[return { default = { token_endpoint = %q, device_authorization_endpoint = %q,
      client_id = "porter", grant = "device_code", account = "b\226\128\174ob" } }]]):format(url .. "/token",
      url .. "/device"))
    for _, words in ipairs { { "login" }, { "status" }, { "status", "--json" }, { "login" } } do
      local said = command.run(words, { home = home })
      is_clean(said.out .. said.err)
      assert.is_truthy((said.out .. said.err):find("scope[\": ]+read") or said.rc ~= 0, said.err)
    end
  end)

  it("in a path that somebody asks the emulator for makes no line of its own in what it prints", function()
    local job = command.start({ "emulator" }, {})
    local url
    command.pass(function()
      url = command.said(job):match "url (%S+)\n"
      return url or command.ended(job)
    end)
    curl.run { url .. "/x%0AGET%20/fake%20200%1B%5B2J%C2%9B%E2%80%AE" }
    command.pass(function() return command.said(job):find "fake" end)
    os.execute(("kill -INT %d"):format(command.pid(job)))
    local said = command.wait(job)
    is_clean(said.out)
    assert.is_truthy(said.out:find "\nGET /x%?GET /fake 200[^\n]* 404\n", said.out)
  end)

  it("in a body is escaped at a terminal where it is JSON, replaced where it isn't, and kept by --raw and in a pipe",
    function()
    need_script()
    local json = '{"k\226\128\174":"' .. hostile:gsub("[\27\255]", "") .. '"}'
    local text, got = ("z"):rep(65535) .. hostile, nil
    local url = stage.server(function(x) x:reply { headers = { ["X-Odd"] = "\194\155" }, body = got } end)
    local env = { AIRLOCK_BASE_URL = url .. "/", AIRLOCK_CLIENT_ID = "porter", AIRLOCK_TOKEN = "canary-token" }
    local function out(terminal, ...)
      return command.run({ "request", "GET", "x", ... }, { env = env, terminal = terminal }).out
    end
    got = json
    local shown = out(true, "-i")
    is_clean(shown)
    assert.is_truthy(shown:find("\\u009b31m", 1, true) and shown:find('"k\\u202e"', 1, true), shown)
    got = text
    shown = out(true)
    is_clean(shown)
    assert.is_truthy(shown:find(harmless, 1, true))
    assert.equal(text, out(false))
    assert.is_truthy(out(true, "--raw"):find(hostile, 1, true))
    env.TERM = "dumb" -- no bar, however long it takes
    got = ("\226\130\172"):rep(3 * 1024 * 1024) .. hostile -- more than is laid out
    shown = out(true)
    is_clean(shown)
    assert.is_truthy(shown == ("\226\130\172"):rep(3 * 1024 * 1024) .. harmless)
  end)

  it("in a device login's code or address is refused", function()
    local space = stage.space()
    local client = stage.client(space, { device_authorization_endpoint = space.url .. "/oauth/device" })
    local function answer(more)
      local reply = { device_code = "d", user_code = "U", verification_uri = space.url .. "/d" }
      for name, value in pairs(more) do reply[name] = value end
      space:fault { path = "/oauth/device", status = 200, body = core.json.encode(reply) }
      return client:device_code()
    end
    expect.success(answer {})
    for _, each in ipairs { "\27[2J", "\n", "\194\155", "\226\128\174", "\226\128\139", "\127" } do
      for name, value in pairs { user_code = "U" .. each, verification_uri = space.url .. "/d#" .. each,
        verification_uri_complete = space.url .. "/d?c=U#x" .. each } do
        local _, message = expect.failure({ kind = "oauth", code = "malformed_reply" }, answer { [name] = value })
        assert.is_nil(message and message:find(each, 1, true))
      end
    end
  end)
end)
