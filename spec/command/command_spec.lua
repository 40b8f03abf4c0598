-- The command as a whole: how it is called, what it says, how it ends. Each subcommand has a spec of its own.

local command = require "spec.support.command"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

if not pcall(require, "argparse") then
  describe("command", function()
    it("needs lua-argparse", function() pending "lua-argparse isn't installed" end)
  end)
  return
end

local function starts_with(text, beginning)
  assert.equal(beginning, text:sub(1, #beginning))
end

describe("command", function()
  after_each(stage.clear)

  it("tells what it can, and its version, on standard output", function()
    for _, words in ipairs { {}, { "--help" }, { "-h" }, { "help" } } do
      local said = command.run(words)
      assert.equal(0, said.rc)
      starts_with(said.out, "Usage: airlock COMMAND")
      assert.equal("", said.err)
    end
    assert.equal("airlock " .. require("airlock").version .. "\n", command.run({ "--version" }).out)
  end)

  it("has help with examples for each subcommand, of lines that fit a terminal", function()
    local names = {}
    for name in command.run({ "--help" }).out:gmatch "\n  (%l+) " do names[#names + 1] = name end
    assert.is_true(#names >= 5)
    for _, name in ipairs(names) do
      local said = command.run { name, "--help" }
      assert.equal(0, said.rc, said.err)
      starts_with(said.out, "Usage: airlock " .. name)
      assert.is_truthy(said.out:find "\nExamples\n  %S", name)
      assert.equal(said.out, command.run({ "help", name }).out)
    end
  end)

  it("ends with 2 for a command line that is wrong, and says where help is", function()
    local wrong = {
      { { "toekn" }, "there is no command 'toekn'" },
      { { "token", "--colour" }, "unknown option '--colour'" },
      { { "request", "GET" }, "missing argument 'path'" },
      { { "token", "--grant", "magic" }, "must be one of 'client_credentials'" },
      { { "token", "--timeout", "soon" }, "must be a number" },
      { { "completion", "tcsh" }, "must be one of 'bash'" },
    }
    for _, each in ipairs(wrong) do
      local said = command.run(each[1])
      assert.equal(2, said.rc, said.err)
      assert.equal("", said.out)
      starts_with(said.err, "airlock: ")
      assert.is_truthy(said.err:find(each[2], 1, true), said.err)
    end
  end)

  it("refuses a secret in its arguments, doesn't repeat it, and says what to use", function()
    for flag, variable in pairs { ["--client-secret"] = "AIRLOCK_CLIENT_SECRET", ["--password"] = "AIRLOCK_PASSWORD",
      ["--token"] = "AIRLOCK_TOKEN",
      ["--refresh-token"] = "AIRLOCK_REFRESH_TOKEN" } do
      for _, words in ipairs { { "token", flag, "canary-1" }, { "token", flag .. "=canary-1" },
        { "request", "GET", "x", flag, "canary-1" } } do
        local said = command.run(words)
        assert.equal(2, said.rc)
        assert.is_truthy(said.err:find(variable, 1, true), said.err)
        assert.is_nil((said.err .. said.out):find("canary", 1, true))
      end
    end
  end)

  it("ends with 2 for a configuration that names no server, or a wrong one", function()
    local said = command.run { "token" }
    assert.equal(2, said.rc)
    assert.is_truthy(said.err:find("--url", 1, true), said.err)
    said = command.run { "token", "--url", "http://example.com", "--client-id", "x" }
    assert.equal(2, said.rc)
    assert.is_truthy(said.err:find("airlock: --url is plain http://", 1, true), said.err)
    assert.is_nil(said.err:find("%.lua:%d"), said.err)
  end)

  it("ends with 1 where the authorization server says no, with 3 where a login is needed, with 4 without an answer",
    function()
    local space = stage.space()
    local said = command.run({ "token" }, { env = command.env(space, { AIRLOCK_CLIENT_SECRET = "canary-2" }) })
    assert.equal(1, said.rc)
    assert.is_truthy(said.err:find("invalid_client", 1, true), said.err)
    assert.is_nil(said.err:find("canary", 1, true))
    said = command.run({ "token" }, { env = command.env(space, { AIRLOCK_CLIENT_SECRET = false }) })
    assert.equal(3, said.rc)
    assert.is_truthy(said.err:find("login", 1, true), said.err)
    said = command.run({ "token" }, { env = command.env(space,
      { AIRLOCK_URL = "http://127.0.0.1:" .. raw.free_port() }) })
    assert.equal(4, said.rc)
    assert.equal("", said.out)
  end)

  it("says which package is missing where argparse isn't there, and loads nothing from the folder it is run in",
    function()
    local folder = stage.folder()
    os.execute(("mkdir -p '%s/cjson'"):format(folder))
    for _, name in ipairs { "argparse.lua", "cjson/safe.lua", "airlock.lua" } do
      local file = assert(io.open(folder .. "/" .. name, "w"))
      file:write "io.stderr:write 'canary-3' os.exit(9)"
      file:close()
    end
    local said = command.run({ "providers" }, { cwd = folder })
    assert.equal(0, said.rc, said.err)
    said = command.run({ "providers" }, { cwd = folder,
      env = { LUA_INIT = "package.preload.argparse = function() error 'absent' end" } })
    assert.equal(2, said.rc)
    assert.is_truthy(said.err:find("lua-argparse", 1, true), said.err)
    assert.is_nil(said.err:find("canary", 1, true), said.err)
  end)

  it("is quiet where nobody reads its output any more", function()
    local space = stage.space()
    local said = command.run({ "request", "GET", "projects", "--page-all", "--raw" }, {
      env = command.env(space), shell = "set -o pipefail; AIRLOCK | head -n 1 >/dev/null; echo ${PIPESTATUS[0]}" })
    assert.equal("", said.err)
    assert.is_truthy(("0 141"):find(said.out:match "%d+", 1, true), said.out)
    said = command.run({ "--help" }, { shell = "AIRLOCK | true; echo ${PIPESTATUS[0]}" })
    assert.equal("", said.err)
    said = command.run({ "--help" }, { shell = "AIRLOCK >/dev/full" })
    assert.equal(5, said.rc)
    assert.is_truthy(said.err:find("standard output", 1, true), said.err)
  end)
end)
