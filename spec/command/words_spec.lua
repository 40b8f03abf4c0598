-- The command speaks of its own flags, variables and profile, not of Lua's options; and its hints can be run as they
-- are.

local command = require "spec.support.command"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

if not pcall(require, "argparse") then return end -- spec/command/command_spec.lua says so

describe("the command's words", function()
  after_each(stage.clear)

  it("are its own options, where the library names one of Lua's", function()
    local nowhere = "http://127.0.0.1:" .. raw.free_port()
    local server = { "--url", nowhere }
    local known = { "--url", nowhere, "--client-id", "x" }
    for _, each in ipairs {
      { { "token", "--url", "http://example.com" }, {}, "airlock: --url is plain http://" },
      { { "token" }, server, "airlock: --client-id is missing" },
      { { "token", "--provider", "gitea", "--client-id", "x" }, {}, "airlock: --url is missing" },
      { { "token", "--scope", "a\nb" }, known, "airlock: --scope has a character" },
      { { "token", "--base-url", "foo" }, known, "airlock: --base-url doesn't begin" },
      { { "login", "--wait", "0" }, known, "airlock: --wait must be more than 0 seconds" },
      { { "login", "--wait", "0.1", "--no-open" }, known, "nobody logged in within 0.1 seconds (--wait)" },
      { { "login", "--port", "99999" }, known, "airlock: --port must be a whole number" },
      { { "login", "--device" }, known, "airlock: the profile's 'device_authorization_endpoint' is missing" },
      { { "request", "G T", "x" }, known, "airlock: METHOD is not an HTTP method" },
      { { "request", "GET", "a b" }, known, "airlock: PATH has a space in it" },
      { { "request", "GET", "x", "-H", "Authorization: x" }, known, "airlock: --header: 'Authorization'" },
    } do
      local words = { (table.unpack or unpack)(each[1]) }
      for _, word in ipairs(each[2]) do words[#words + 1] = word end
      local said = command.run(words, { env = { AIRLOCK_TOKEN = words[1] == "request" and "t" or "" } })
      assert.is_truthy(said.err:find(each[3], 1, true), said.err)
      assert.is_nil(said.err:find "options? [%l']", said.err)
    end
  end)

  it("are --timeout where a request took too long", function()
    local env = { AIRLOCK_CLIENT_ID = "x", AIRLOCK_CLIENT_SECRET = "s" }
    env.AIRLOCK_URL = ("http://127.0.0.1:%d"):format(raw.stuck_port())
    local said = command.run({ "token", "--timeout", "0.2" }, { env = env })
    assert.equal(4, said.rc)
    assert.is_truthy(said.err:find("(--timeout)", 1, true), said.err)
    said = command.run({ "doctor", "--timeout", "0.2" }, { env = env })
    assert.is_truthy(said.out:find("(--timeout)", 1, true), said.out)
    assert.is_nil(said.out:find("option timeout", 1, true), said.out)
  end)

  it("carry the flags that chose server, application and account into the hint to log in", function()
    local space, home = stage.space(), command.home()
    local native = space.applications.native
    command.configure(home, ([[return { work = { url = %q, client_id = %q } }]]):format(space.url, native.client_id))
    for _, words in ipairs { { "token" }, { "request", "GET", "x" }, { "status" }, { "refresh" } } do
      local all = { (table.unpack or unpack)(words) }
      for _, word in ipairs { "-p", "work", "--account", "o'hara 2" } do all[#all + 1] = word end
      local said = command.run(all, { home = home })
      assert.equal(3, said.rc)
      assert.is_truthy(said.err:find("run: airlock login -p work --account 'o'\\''hara 2'\n", 1, true), said.err)
    end
    local said = command.run({ "status" }, { home = home, env = { AIRLOCK_PROFILE = "work" } })
    assert.equal("airlock: not logged in; run: airlock login\n", said.err)
  end)

  it("of doctor name a next step where discovery fails, and promise nothing below it", function()
    local said = command.run { "doctor", "--issuer", "http://127.0.0.1:" .. raw.free_port(), "--client-id", "x" }
    assert.equal(4, said.rc)
    assert.is_truthy(said.out:find("next step: Check that the server runs, the port", 1, true), said.out)
    local url = stage.server(function(x) x:reply { status = 500, body = "" } end)
    said = command.run { "doctor", "--issuer", url, "--client-id", "x" }
    assert.is_truthy(said.out:find("next step: Try again later", 1, true), said.out)
    assert.is_nil(said.out:find "[Ss]ee below")
  end)
end)
