-- airlock doctor and airlock providers: what is good, what isn't, and the next step in words.

local airlock = require "airlock"
local command = require "spec.support.command"
local core = require "airlock.core"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

if not pcall(require, "argparse") then return end -- spec/command/command_spec.lua says so

describe("airlock doctor", function()
  after_each(stage.clear)

  -- The row of a check: its verdict, and what was seen.
  local function row(said, name)
    for line in said.out:gmatch "[^\n]+" do
      local verdict, text = line:match("^(%l+) +" .. name .. ": (.*)$")
      if verdict then return verdict, text end
    end
  end

  local function expect_bad(said, code, name, step)
    local verdict, text = row(said, name)
    assert.equal("bad", verdict, said.out .. said.err)
    assert.is_truthy(said.out:find(step, 1, true), said.out)
    assert.equal(code, said.rc)
    return text
  end

  -- A server whose answers have this date.
  local function dated(seconds)
    local url = raw.listen(function()
      local text = "{}"
      return ("HTTP/1.1 200 OK\r\nDate: %s\r\nContent-Length: %d\r\n\r\n%s"):format(
        os.date("!%a, %d %b %Y %H:%M:%S GMT", os.time() + seconds), #text, text)
    end)
    return { AIRLOCK_URL = url, AIRLOCK_CLIENT_ID = "porter", AIRLOCK_CLIENT_SECRET = "canary-1" }
  end

  it("warns of hosts that are spoken to without TLS", function()
    local space = stage.space()
    local config = stage.folder() .. "/config.lua"
    stage.write(config, ([[return { work = { url = %q, client_id = "porter",
      plain_http = { "keycloak.auth.svc", "other.svc" } } }]]):format(space.url))
    local said = command.run({ "doctor", "--profile", "work" }, { env = { AIRLOCK_CONFIG = config } })
    local verdict, text = row(said, "plain")
    assert.equal("note", verdict, said.out .. said.err)
    assert.truthy(text:find("keycloak.auth.svc, other.svc", 1, true), text)
    assert.is_nil((row(command.run({ "doctor" }, { env = command.env(space) }), "plain")))
  end)

  it("finds all good where it is, and shows no secret", function()
    local said = command.run({ "doctor" }, { env = command.env(stage.space(), {}) })
    assert.equal(0, said.rc, said.out .. said.err)
    for _, name in ipairs { "configuration", "secrets", "client", "server", "clock" } do
      assert.equal("good", (row(said, name)), name)
    end
    assert.equal("note", (row(said, "discovery")))
    assert.is_nil(row(said, "redirect"))
    assert.is_nil(said.out:find("bad", 1, true))
    local space = stage.space()
    assert.is_nil(command.run({ "doctor" }, { env = command.env(space) }).out:find(space.client_secret, 1, true))
  end)

  it("tells a server that isn't there from one whose certificate isn't trusted", function()
    expect_bad(command.run({ "doctor" }, { env = { AIRLOCK_URL = "http://127.0.0.1:" .. raw.free_port(),
      AIRLOCK_CLIENT_ID = "x" } }), 4, "server", "Check that the server runs")
    if stage.shell "command -v nginx || true" == "" then pending "nginx isn't installed" end
    local web = require("spec.support.nginx").start 'location / { return 200 "{}"; }'
    local env = { AIRLOCK_URL = web.https, AIRLOCK_CLIENT_ID = "x" }
    expect_bad(command.run({ "doctor" }, { env = env }), 4, "server", "name that with --ca-file")
    local said = command.run({ "doctor", "--ca-file", web.ca }, { env = env })
    assert.is_truthy(select(2, row(said, "server")):find("over TLS", 1, true), said.out)
  end)

  it("compares the clock with the server's Date", function()
    assert.equal("good", (row(command.run({ "doctor" }, { env = dated(0) }), "clock")))
    local verdict, text = row(command.run({ "doctor" }, { env = dated(-30) }), "clock")
    assert.equal("note", verdict)
    assert.is_truthy(text:find "ahead of", text)
    assert.is_truthy(expect_bad(command.run({ "doctor" }, { env = dated(86400 * 400) }), 1, "clock",
      "Set this machine's clock"):find("behind", 1, true))
  end)

  it("compares the configuration with what the server says of itself", function()
    local url
    url = stage.server(function(x)
      if not x.path:find "well%-known" then return x:reply { body = "{}" } end
      x:reply { body = core.json.encode { issuer = url, token_endpoint = url .. "/token",
        authorization_endpoint = url .. "/auth", response_types_supported = { "code" }, jwks_uri = url .. "/keys" } }
    end)
    local home = command.home()
    command.configure(home, ("return { default = { issuer = %q, client_id = 'x', grant = 'login' } }"):format(url))
    local said = command.run({ "doctor" }, { home = home })
    assert.equal(0, said.rc, said.out .. said.err)
    assert.equal("good", (row(said, "discovery")))
    assert.equal("good", (row(said, "redirect")))
    command.configure(home, ("return { default = { provider = 'gitea', url = %q, issuer = %q, client_id = 'x', "
      .. "client_secret = { env = 'HOME' } } }")
      :format(url, url))
    expect_bad(command.run({ "doctor" }, { home = home }), 2, "discovery", "Take the server's")
  end)

  it("sees that the redirect leads here, and that its port is free", function()
    local home, space = command.home(), stage.space()
    local function configure(uri)
      command.configure(home,
        ("return { default = { url = %q, client_id = 'x', redirect_uri = %q, grant = 'login' } }"):format(space.url,
        uri))
    end
    configure(("http://127.0.0.1:%d/callback"):format(raw.free_port()))
    assert.equal("good", (row(command.run({ "doctor" }, { home = home }), "redirect")))
    configure(("http://127.0.0.1:%s/callback"):format(space.url:match "%d+$"))
    expect_bad(command.run({ "doctor" }, { home = home }), 4, "redirect", "End the program that has the port")
    configure "https://example.com/callback"
    expect_bad(command.run({ "doctor" }, { home = home }), 2, "redirect", "Register http://127.0.0.1/callback")
  end)

  it("sees that secrets are there, and that others can't read them", function()
    local home, space = command.home(), stage.space()
    local path = stage.file("canary-2\n")
    command.configure(home,
      ("return { default = { url = %q, client_id = 'x', client_secret = { file = %q } } }"):format(space.url, path))
    os.execute(("chmod 644 '%s'"):format(path))
    local said = command.run({ "doctor" }, { home = home })
    expect_bad(said, 2, "secrets", "chmod go-r")
    os.execute(("chmod 600 '%s'"):format(path))
    assert.equal("good", (row(command.run({ "doctor" }, { home = home }), "secrets")))
    os.remove(path)
    expect_bad(command.run({ "doctor" }, { home = home }), 2, "secrets", "say in the profile where else it is")
    assert.is_nil(said.out:find("canary", 1, true))
  end)

  it("says what is missing where nothing is configured", function()
    expect_bad(command.run { "doctor" }, 2, "client", "man airlock")
  end)
end)

describe("airlock providers", function()
  after_each(stage.clear)

  it("lists the names that --provider takes", function()
    assert.equal(table.concat(airlock.providers(), "\n") .. "\n", command.run({ "providers" }).out)
  end)

  it("are found by a profile, with options of their own", function()
    local home = command.home()
    command.configure(home, "return { a = { provider = 'microsoft', tenant = 'x y', client_id = 'c' }, b = { provider "
      .. "= 'microsoft', tennant = 'x', client_id = 'c' } }")
    local said = command.run({ "token", "-p", "b" }, { home = home, env = { AIRLOCK_TOKEN = "t" } })
    assert.equal(2, said.rc)
    assert.is_truthy(said.err:find("'tennant'", 1, true), said.err)
    assert.equal("t\n", command.run({ "token", "-p", "a" }, { home = home, env = { AIRLOCK_TOKEN = "t" } }).out)
    said = command.run({ "token", "--provider", "none", "--client-id", "x" })
    assert.equal(2, said.rc)
    assert.is_truthy(said.err:find("no provider is called 'none'", 1, true), said.err)
  end)
end)
