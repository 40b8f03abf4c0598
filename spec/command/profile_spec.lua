-- Profiles, the environment and flags: which goes first, where secrets come from, and whose files are refused.

local command = require "spec.support.command"
local stage = require "spec.support.stage"

if not pcall(require, "argparse") then return end -- spec/command/command_spec.lua says so

local function fails(said, code, words)
  assert.equal(code, said.rc, said.err)
  assert.equal("", said.out)
  assert.is_truthy(said.err:find(words, 1, true), said.err)
  assert.is_nil(said.err:find("canary", 1, true), said.err)
end

describe("profile", function()
  after_each(stage.clear)

  local function profiles(space, more)
    return ([[return {
      default = "work",
      work = { provider = "space", url = %q, client_id = %q, client_secret = { env = "MY_SECRET" }, %s },
      other = { url = %q, client_id = "nobody", client_secret = { command = "echo wrong" } },
    }]]):format(space.url, space.client_id, more or "", space.url)
  end

  it("says server, application, and where the secret is: environment, file or command", function()
    local space, home = stage.space(), command.home()
    command.configure(home, profiles(space))
    local said = command.run({ "request", "GET", "organization" },
      { home = home, env = { MY_SECRET = space.client_secret } })
    assert.equal(0, said.rc, said.err)
    local secret = stage.file(space.client_secret .. "\n")
    for _, place in ipairs { ("file = %q"):format(secret), ("command = %q"):format("cat " .. secret) } do
      command.configure(home, (profiles(space):gsub('env = "MY_SECRET"', function() return place end)))
      said = command.run({ "token" }, { home = home })
      assert.equal(0, said.rc, said.err)
    end
    fails(command.run({ "token" }, { home = home, env = { AIRLOCK_PROFILE = "other" } }), 1, "invalid_client")
    fails(command.run({ "token", "-p", "none" }, { home = home }), 2, "no profile 'none'")
  end)

  it("may have tokens bound to a key, which no header of curl's could prove", function()
    local space, home = stage.space { dpop = "required", dpop_nonce = true }, command.home()
    local env = { MY_SECRET = space.client_secret }
    command.configure(home, profiles(space, "dpop = true"))
    local said = command.run({ "request", "GET", "organization" }, { home = home, env = env })
    assert.equal(0, said.rc, said.err)
    -- by token and key of the store
    assert.equal(0, command.run({ "request", "GET", "organization" }, { home = home, env = env }).rc)
    assert.equal(2, space:count "/oauth/token") -- the first was asked for a nonce
    fails(command.run({ "token", "--header" }, { home = home, env = env }), 2, "airlock request")
    command.configure(home, profiles(space, "dpop = { alg = 'RS256' }"))
    fails(command.run({ "token" }, { home = home, env = env }), 2, "'dpop'")
    command.configure(home, profiles(space, "dpop = 'yes'"))
    fails(command.run({ "token" }, { home = home, env = env }), 2, "option 'dpop' must be a boolean")
  end)

  it("comes after the environment, and that after flags", function()
    local space, home = stage.space(), command.home()
    command.configure(home, profiles(space))
    local env = { MY_SECRET = "canary-1", AIRLOCK_CLIENT_SECRET = space.client_secret, AIRLOCK_CLIENT_ID = "wrong" }
    fails(command.run({ "token" }, { home = home, env = env }), 1, "invalid_client")
    assert.equal(0, command.run({ "token", "--client-id", space.client_id }, { home = home, env = env }).rc)
  end)

  -- Another server, to which nothing of a profile's may go.
  local function foreign()
    local heard = {}
    local url = stage.server(function(x)
      heard[#heard + 1] = x.path .. (x.headers.authorization or "") .. (x.body or "")
      x:reply { body = "{}" }
    end)
    return url, heard
  end

  it("that an option names goes before the environment in what it says of server, application and secret", function()
    local space, home = stage.space(), command.home()
    local url, heard = foreign()
    command.configure(home, profiles(space))
    local env = { MY_SECRET = space.client_secret, AIRLOCK_URL = url, AIRLOCK_BASE_URL = url .. "/",
      AIRLOCK_ISSUER = url, AIRLOCK_PROVIDER = "gitea", AIRLOCK_CLIENT_ID = "canary-1",
      AIRLOCK_CLIENT_SECRET = "canary-2", AIRLOCK_TOKEN = "canary-3", AIRLOCK_REFRESH_TOKEN = "canary-4" }
    for _, flags in ipairs { { "-p", "work" }, { "--profile=work" } } do
      local words = { "request", "GET", "organization" }
      for _, each in ipairs(flags) do words[#words + 1] = each end
      local said = command.run(words, { home = home, env = env })
      assert.equal(0, said.rc, said.err)
      for _, name in ipairs { "URL", "BASE_URL", "ISSUER", "PROVIDER", "CLIENT_ID", "CLIENT_SECRET", "TOKEN",
        "REFRESH_TOKEN" } do
        assert.is_truthy(said.err:find("AIRLOCK_" .. name .. "[,\n]"), said.err)
      end
      assert.is_nil(said.err:find "canary", said.err)
    end
    assert.equal(0, #heard, heard[1])
  end)

  it("that an option names is changed by options, and says nothing of variables that agree or fill a gap", function()
    local space, home = stage.space(), command.home()
    command.configure(home, profiles(space))
    local env = { MY_SECRET = space.client_secret, AIRLOCK_URL = space.url, AIRLOCK_CLIENT_ID = space.client_id,
      AIRLOCK_SCOPE = "**" }
    local said = command.run({ "token", "-p", "work" }, { home = home, env = env })
    assert.equal(0, said.rc, said.err)
    assert.equal("", said.err)
    fails(command.run({ "token", "-p", "work", "--client-id", "wrong" }, { home = home, env = env }), 1,
      "invalid_client")
    command.configure(home, (profiles(space):gsub('client_secret = { env = "MY_SECRET" },', "")))
    env.AIRLOCK_CLIENT_SECRET = space.client_secret
    said = command.run({ "token", "-p", "work" }, { home = home, env = env })
    assert.equal(0, said.rc, said.err)
    assert.equal("", said.err)
  end)

  it("keeps its secrets from a server that the environment names in place of its own", function()
    local space, home = stage.space(), command.home()
    local url, heard = foreign()
    command.configure(home, profiles(space))
    local env = { MY_SECRET = space.client_secret, AIRLOCK_URL = url }
    for _, name in ipairs { "", "work" } do
      env.AIRLOCK_PROFILE = name
      local said = command.run({ "token", "--grant", "client_credentials" }, { home = home, env = env })
      assert.equal(2, said.rc, said.err)
      assert.is_truthy(said.err:find("AIRLOCK_URL names another server than the profile 'work'", 1, true), said.err)
    end
    env.AIRLOCK_URL, env.AIRLOCK_BASE_URL = nil, url .. "/"
    local said = command.run({ "request", "GET", "x" }, { home = home, env = env })
    assert.are_not.equal(0, said.rc)
    assert.equal(0, #heard, heard[1])
    env.AIRLOCK_CLIENT_SECRET, env.AIRLOCK_BASE_URL, env.AIRLOCK_URL = space.client_secret, nil, space.url .. "/"
    assert.equal(0, command.run({ "token" }, { home = home, env = env }).rc)
  end)

  it("asks for the secret only when it is needed, and says what is wrong when it isn't there", function()
    local space, home = stage.space(), command.home()
    command.configure(home, profiles(space))
    fails(command.run({ "token" }, { home = home }), 2, "MY_SECRET isn't set")
    command.configure(home, (profiles(space):gsub('env = "MY_SECRET"', 'file = "/no/such/file"')))
    fails(command.run({ "token" }, { home = home }), 2, "can't be read")
    command.configure(home, (profiles(space):gsub('env = "MY_SECRET"', 'command = "true"')))
    fails(command.run({ "token" }, { home = home }), 2, "printed nothing")
    command.configure(home, (profiles(space):gsub('{ env = "MY_SECRET" }', '"canary-2"')))
    fails(command.run({ "token" }, { home = home }), 2, "must say where it is")
  end)

  it("is refused where others can write the file or its folder", function()
    local space, home = stage.space(), command.home()
    local path = command.configure(home, profiles(space))
    local env = { MY_SECRET = space.client_secret }
    os.execute(("chmod 620 '%s'"):format(path))
    fails(command.run({ "token" }, { home = home, env = env }), 2, "chmod go-w")
    os.execute(("chmod 644 '%s'; chmod 777 '%s/config/airlock'"):format(path, home))
    fails(command.run({ "token" }, { home = home, env = env }), 2, "chmod go-w")
    os.execute(("chmod 755 '%s/config/airlock'"):format(home))
    assert.equal(0, command.run({ "token" }, { home = home, env = env }).rc)
  end)

  it("runs with nothing in reach: no functions, no files, no compiled code", function()
    local home = command.home()
    for text, words in pairs {
      ["os.execute 'echo canary'"] = "raised an error", ["return require 'airlock'"] = "raised an error",
        ["print 'canary'"] = "raised an error",
      ["return {"] = "isn't sound Lua", ["return 1"] = "must return a table",
        [string.dump(function() end)] = "not compiled Lua",
      ["return { default = { colour = 1 } }"] = "unknown option 'colour'",
        ["return { default = { url = 1 } }"] = "must be a string, not a number",
    } do
      command.configure(home, text)
      fails(command.run({ "token" }, { home = home }), 2, words)
    end
  end)

  it("is found by AIRLOCK_CONFIG, XDG_CONFIG_HOME or in ~/.config", function()
    local space, home = stage.space(), command.home()
    local path, env = command.configure(home, profiles(space)), { MY_SECRET = space.client_secret }
    os.execute(("mkdir -p '%s/.config' && mv '%s/config/airlock' '%s/.config/'"):format(home, home, home))
    assert.equal(2, command.run({ "token" }, { home = home, env = env }).rc)
    env.XDG_CONFIG_HOME = ""
    assert.equal(0, command.run({ "token" }, { home = home, env = env }).rc)
    env.XDG_CONFIG_HOME, env.AIRLOCK_CONFIG = nil, home .. "/.config/airlock/config.lua"
    assert.equal(0, command.run({ "token" }, { home = home, env = env }).rc)
    env.AIRLOCK_CONFIG = path
    fails(command.run({ "token" }, { home = home, env = env }), 2, "can't be read")
  end)
end)
