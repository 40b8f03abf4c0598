-- airlock login, status, refresh and logout: processes that share a store.

local command = require "spec.support.command"
local core = require "airlock.core"
local curl = require "spec.support.curl"
local record = require "spec.support.record"
local stage = require "spec.support.stage"

if not pcall(require, "argparse") then return end -- spec/command/command_spec.lua says so

describe("airlock login", function()
  local space, home, env
  before_each(function()
    space, home = stage.space { device_interval = 1 }, command.home()
    env = { AIRLOCK_URL = space.url, AIRLOCK_CLIENT_ID = space.applications.native.client_id,
      AIRLOCK_SCOPE = "global:Profile.View" }
  end)
  after_each(stage.clear)

  local function run(...)
    local said = command.run({ ... }, { home = home, env = env })
    for _, text in ipairs { said.out, said.err } do
      assert.is_nil(text:find("Bearer ", 1, true))
      assert.is_nil(text:find("eyJ", 1, true), text) -- how any JWT begins
      assert.is_nil(text:find("canary", 1, true), text)
    end
    return said
  end

  -- Logs in as this person, who follows the page's address in a browser.
  local function login(person, words)
    local job = command.start(words or { "login" }, { home = home, env = env })
    local url
    command.pass(function()
      url = command.said(job):match "\n  (http%S+/oauth/auth%S+)"
      return url or command.ended(job)
    end)
    assert.is_truthy(url, command.said(job))
    curl.run { space:approve(url, { person = space.people[person] }) }
    return command.wait(job)
  end

  local function me()
    local said = run("request", "GET", "team-directory/profiles/me")
    return said.rc == 0 and core.json.decode(said.out).username or said.rc, said
  end

  it("is kept: other commands use it, renew it and end it", function()
    assert.equal(3, run("status").rc)
    local who, refused = me()
    assert.equal(3, who)
    assert.is_truthy(refused.err:find("run: airlock login", 1, true), refused.err)
    local said = login(1)
    assert.equal(0, said.rc, said.err)
    assert.is_truthy(said.err:find("logged in, scope global:Profile.View, the token lives for", 1, true), said.err)
    assert.equal("", said.out)
    assert.equal(space.people[1].username, (me()))
    local status = run("status")
    assert.equal(0, status.rc)
    for _, words in ipairs { "a user, account 'default'", space.url, env.AIRLOCK_CLIENT_ID, "global:Profile.View",
      "lives for ", home .. "/state/airlock" } do
      assert.is_truthy(status.out:find(words, 1, true), words .. "\n" .. status.out)
    end
    assert.is_truthy(run("login").err:find("already logged in", 1, true))
    local before = space:count "/oauth/token"
    assert.is_truthy(run("refresh").err:find("a new token, which lives for", 1, true))
    assert.equal(before + 1, space:count "/oauth/token")
    assert.equal("airlock: logged out\n", run("logout").err) -- the server was told
    assert.equal("airlock: there was no login, and so nothing to end\n", run("logout").err)
    assert.equal(3, run("status").rc)
    assert.equal(3, (me()))
    assert.equal(0, run("logout").rc)
  end)

  it("ends here alone where the server has no way to end it, and says so", function()
    local url = stage.server(function(x)
      x:reply { headers = { ["Content-Type"] = "application/json" },
        body = core.json.encode { access_token = "t", token_type = "Bearer", expires_in = 600 } }
    end)
    local config = ([[return { default = { token_endpoint = "%s/token", client_id = "c",
      client_secret = { env = "HUSH" }, %%s } }]]):format(url)
    env = { HUSH = "s" }
    for more, words in pairs { [""] = "logged out here; the server wasn't told",
      [("revocation_endpoint = %q"):format(url .. "/revoke")] = "logged out\n" } do
      command.configure(home, config:format(more))
      assert.equal(0, command.run({ "token" }, { home = home, env = env }).rc)
      local asked = run "logout"
      assert.equal(0, asked.rc)
      assert.is_truthy(asked.err:find("airlock: " .. words, 1, true), asked.err)
    end
  end)

  it("of several accounts are kept apart", function()
    assert.equal(0, login(1).rc)
    assert.equal(0, login(2, { "login", "--account", "second" }).rc)
    assert.equal(space.people[1].username, (me()))
    env.AIRLOCK_ACCOUNT = "second"
    assert.equal(space.people[2].username, (me()))
    local all = core.json.decode(run("status", "--all", "--json").out)
    assert.equal(2, #all)
    run "logout"
    assert.equal(1, #core.json.decode(run("status", "--all", "--json").out))
  end)

  it("that the server has ended says so", function()
    login(1)
    local kept = stage.shell(("cat '%s/state/airlock'/*"):format(home))
    space:advance(601)
    assert.is_true(space:revoke(kept:match '"refresh_token": *"([^"]+)"'))
    assert.equal(3, run("request", "GET", "team-directory/profiles/me").rc)
    local status = run("status")
    assert.equal(3, status.rc)
    assert.is_truthy(status.out:find("the server ended this login", 1, true), status.out)
    assert.equal(0, login(2).rc)
    assert.equal(space.people[2].username, (me()))
  end)

  for what, habits in pairs { ["an empty refusal"] = { empty_refusals = true },
    ["invalid_request"] = { refresh_error = "invalid_request" } } do
    it("that the server has ended by " .. what .. " is made again, without --again", function()
      space = stage.space { habits = habits }
      env.AIRLOCK_URL, env.AIRLOCK_CLIENT_ID = space.url, space.applications.native.client_id
      assert.equal(0, login(1).rc)
      space:advance(601)
      for text in pairs(space.tokens.refresh) do space.tokens.refresh[text] = nil end
      record.expire(home .. "/state/airlock")
      local said = run "token"
      assert.equal(3, said.rc, said.err)
      assert.is_truthy(said.err:find("run: airlock login", 1, true), said.err)
      said = login(2)
      assert.equal(0, said.rc, said.err)
      assert.equal(space.people[2].username, (me()))
    end)
  end

  it("goes on past a renewal that fails for good, and not past one that may yet work", function()
    assert.equal(0, login(1).rc)
    record.expire(home .. "/state/airlock")
    space:fault { path = "/oauth/token", status = 400, body = "<html>", times = 3 }
    local said = run "token"
    assert.is_truthy(said.err:find("run: airlock login --again", 1, true), said.err)
    assert.equal(0, login(2).rc)
    record.expire(home .. "/state/airlock")
    space:fault { path = "/oauth/token", status = 500, body = "" }
    said = run "login"
    assert.equal(1, said.rc, said.err)
    space:clear_faults()
  end)

  it("takes --raw-basic, the environment's or the profile's word for a server that doesn't decode", function()
    space = stage.space { habits = { basic = "raw" }, applications = { { name = "A", client_secret = "a+b/c==" } } }
    command.configure(home, ("return { default = { token_endpoint = %q, client_id = %q }, raw = { raw_basic = true, "
      .. "token_endpoint = %q, client_id = %q } }"):format(space.url .. "/oauth/token", space.client_id,
      space.url .. "/oauth/token", space.client_id))
    env = { AIRLOCK_CLIENT_SECRET = "a+b/c==", AIRLOCK_STORE = "memory" }
    local said = run "token"
    assert.equal(1, said.rc)
    assert.is_truthy(said.err:find("--raw-basic", 1, true), said.err)
    assert.equal(0, command.run({ "token", "--raw-basic" }, { home = home, env = env }).rc)
    assert.equal(0, command.run({ "token", "-p", "raw" }, { home = home, env = env }).rc)
    env.AIRLOCK_RAW_BASIC = "1"
    assert.equal(0, command.run({ "token" }, { home = home, env = env }).rc)
    env.AIRLOCK_RAW_BASIC = "maybe"
    assert.equal(2, run("token").rc)
  end)

  it("works with a code on another device", function()
    command.configure(home, ("return { default = { url = %q, client_id = %q, scope = 'global:Profile.View', "
      .. "device_authorization_endpoint = %q } }")
      :format(space.url, env.AIRLOCK_CLIENT_ID, space.url .. "/oauth/device"))
    env = { AIRLOCK_GRANT = "device_code" }
    local job, code = command.start({ "login" }, { home = home, env = env }), nil
    command.pass(function()
      code = command.said(job):match "enter the code (%S+)"
      return code or command.ended(job)
    end)
    space:enter_device_code(code, { person = space.people[3] })
    local said = command.wait(job)
    assert.equal(0, said.rc, said.err)
    assert.equal(space.people[3].username, (me()))
    assert.equal(0, run("status").rc)
  end)

  it("asks for a password at the terminal without showing it, or takes it from the environment", function()
    local person = space.people[1]
    env.AIRLOCK_GRANT, env.AIRLOCK_USERNAME, env.AIRLOCK_CLIENT_ID = "password", person.username, space.client_id
    env.AIRLOCK_CLIENT_SECRET, env.AIRLOCK_PASSWORD = space.client_secret, "canary-1"
    local said = run("login")
    assert.equal(3, said.rc, said.err)
    env.AIRLOCK_PASSWORD = person.password
    said = run("login")
    assert.equal(0, said.rc, said.err)
    assert.equal(person.username, (me()))
    env.AIRLOCK_PASSWORD = nil
    if stage.shell "command -v script || true" == "" then return end
    run "logout"
    local fifo = home .. "/typed"
    os.execute(("mkfifo '%s'"):format(fifo))
    local job = command.start({ "login" }, { home = home, env = env, terminal = fifo })
    local keys = assert(io.open(fifo, "r+")) -- a reader that goes away is no SIGPIPE
    command.pass(function() return command.said(job):find "Password of " or command.ended(job) end)
    command.pass(function() return stage.shell("sleep 0.3") end)
    keys:write(person.password, "\n")
    keys:flush()
    said = command.wait(job)
    keys:close()
    assert.equal(0, said.rc, said.out)
    assert.is_nil(said.out:find(person.password, 1, true), said.out)
  end)

  it("ends with 3 where nobody comes, and with 130 at Ctrl-C", function()
    local said = run("login", "--wait", "0.3", "--no-open")
    assert.equal(3, said.rc)
    assert.is_truthy(said.err:find("nobody logged in", 1, true), said.err)
    local job = command.start({ "login", "--no-open" }, { home = home, env = env, shell = "exec AIRLOCK" })
    command.pass(function() return command.said(job):find "/oauth/auth" end)
    command.pass(function() return stage.shell "sleep 0.2" end) -- from there on it only waits
    os.execute(("kill -INT %d"):format(command.pid(job)))
    said = command.wait(job)
    assert.equal(130, said.rc, said.err)
    assert.is_nil(said.err:find("airlock:", 1, true), said.err)
  end)

  it("isn't for grants without a user", function()
    assert.equal(2, run("login", "--grant", "client_credentials").rc)
  end)
end)

describe("the store of the command", function()
  after_each(stage.clear)

  it("spares the second process the token endpoint, and the secret", function()
    local space, home = stage.space(), command.home()
    local secret = stage.file(space.client_secret)
    command.configure(home,
      ("return { default = { url = %q, client_id = %q, client_secret = { command = %q } } }"):format(space.url,
      space.client_id, ("cat '%s'"):format(secret)))
    local first = command.run({ "token" }, { home = home })
    assert.equal(0, first.rc, first.err)
    os.remove(secret)
    local second = command.run({ "token" }, { home = home })
    assert.equal(first.out, second.out, second.err)
    assert.equal(1, space:count "/oauth/token")
    local status = command.run({ "status" }, { home = home })
    assert.is_truthy(status.out:find("the application", 1, true), status.out)
    assert.is_nil(status.out:find(first.out:match "%S+", 1, true))
  end)

  it("is memory for --store memory, a folder where one is named, and a failure with code 5 where it can't be used",
    function()
    local space, home = stage.space(), command.home()
    local env = command.env(space)
    for _ = 1, 2 do assert.equal(0, command.run({ "token", "--store", "memory" }, { home = home, env = env }).rc) end
    assert.equal(2, space:count "/oauth/token")
    assert.equal("", stage.shell(("find '%s/state' -type f"):format(home)))
    assert.equal(0, command.run({ "token", "--store", home .. "/tokens" }, { home = home, env = env }).rc)
    assert.is_truthy(stage.shell(("find '%s/tokens' -type f"):format(home)) ~= "")
    local said = command.run({ "token", "--store", "/dev/null/tokens" }, { home = home, env = env })
    assert.equal(5, said.rc, said.err)
    assert.equal("", said.out)
  end)

  it("is looked at by the doctor", function()
    local space, home = stage.space(), command.home()
    local env = command.env(space)
    command.run({ "token" }, { home = home, env = env })
    local said = command.run({ "doctor" }, { home = home, env = env })
    assert.is_truthy(said.out:find("good store: " .. home .. "/state/airlock, which holds 1 record\n", 1, true),
      said.out)
    os.execute(("chmod 755 '%s/state/airlock'"):format(home))
    said = command.run({ "doctor" }, { home = home, env = env })
    assert.equal(5, said.rc)
    assert.is_truthy(said.out:find("Run: chmod 700", 1, true), said.out)
  end)
end)
