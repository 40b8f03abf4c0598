-- README.md and the guides in docs/: their programs run, one after the other as a reader has them, against the
-- emulator.

local airlock = require "airlock"
local command = require "spec.support.command"
local core = require "airlock.core"
local keys = require "spec.support.keys"
local stage = require "spec.support.stage"

local here = stage.shell("pwd"):match "%C+"

local function blocks(page)
  local list = {}
  for text in (stage.read(page or "README.md")):gmatch "\n```lua\n(.-)\n```" do list[#list + 1] = text .. "\n" end
  return list
end

-- The block of a page that has these words in it.
local function block(page, words)
  for _, text in ipairs(blocks(page)) do
    if text:find(words, 1, true) then return text end
  end
  error(page .. " has no program with " .. words)
end

-- Runs a block; what it names at its outermost level is there for the next ones.
local function run(text, env)
  local code = ("\n" .. text):gsub("\nlocal ", "\n")
  local f
  if setfenv then f = setfenv(assert(loadstring(code, "@README.md")), env)
    else f = assert(load(code, "@README.md", "t", env)) end
  f()
end

-- The servers that the README only names: metadata at one, a device's code at another.
local function elsewhere()
  local url
  url = stage.server(function(x)
    local body = x.path:find "well%-known" and { issuer = url, token_endpoint = url .. "/token",
      response_types_supported = { "code" } }
      or { device_code = "d", user_code = "U", verification_uri = url .. "/device", expires_in = 600 }
    x:reply { headers = { ["Content-Type"] = "application/json" }, body = core.json.encode(body) }
  end)
  return url
end

-- The reader's environment: a Space, a browser where somebody accepts, a home.
local function reader(space, said)
  local given = { AIRLOCK_URL = space.url, AIRLOCK_CLIENT_ID = space.client_id,
    AIRLOCK_CLIENT_SECRET = space.client_secret }
  local env = { url = space.url, id = space.client_id, secret = space.client_secret,
    callback_uri = "http://127.0.0.1/callback" }
  env.os = setmetatable({ getenv = function(name) return given[name] end }, { __index = os })
  env.print = function(...)
    for i = 1, select("#", ...) do said[#said + 1] = tostring((select(i, ...))) end
  end
  return setmetatable(env, { __index = function(_, name)
    if name == "request_uri" then return (space:approve(rawget(env, "login").url)) end
    return _G[name]
  end })
end

-- What stands for places on the reader's machine, and for servers that can't be asked.
local function localized(text, server, folder)
  local changes = { ["https://login%.example\""] = server .. '"', ["store = true"] = ("store = %q"):format(folder),
    ["/etc/porter/key%.pem"] = folder .. "/key.pem", ['"github", {'] = ('"github", { url = %q,'):format(server) }
  for old, new in pairs(changes) do text = text:gsub(old, (new:gsub("%%", "%%%%"))) end
  return text
end

describe("README", function()
  after_each(stage.clear)

  it("and docs/guide.md have programs that run", function()
    local space, folder, said = stage.space(), stage.folder(), {}
    local file = assert(io.open(folder .. "/key.pem", "wb"))
    file:write(keys.pem "P-256")
    file:close()
    local login = core.classes.client.login
    core.classes.client.login = function(client, options)
      options.open = function(url) os.execute(("curl -s --noproxy '*' '%s' >/dev/null 2>&1 &"):format(
        space:approve(url))) end
      return login(client, options)
    end
    finally(function() core.classes.client.login = login end)
    local server, env, count = elsewhere(), reader(space, said), 0
    for _, page in ipairs { "README.md", "docs/guide.md" } do
      for _, text in ipairs(blocks(page)) do
        if not text:find "describe%(" and not text:find "airlock%.loop%." then -- these two have hosts of their own
          run(localized(text, server, folder), env)
          count = count + 1
        end
      end
    end
    assert.is_true(count >= 14)
    local heard = table.concat(said, "\n")
    for _, words in ipairs { "Project 25", "alice.first", "Paint the door", "My Company", "not-found",
      "misconfigured" } do
      assert.is_truthy(heard:find(words, 1, true), words .. " in\n" .. heard)
    end
    assert.is_nil(heard:find "not all came")
  end)

  it("and docs/emulator.md have specs that pass", function()
    local folder = stage.folder()
    for page, name in pairs { ["README.md"] = "readme", ["docs/emulator.md"] = "emulator" } do
      local file = assert(io.open(("%s/%s_spec.lua"):format(folder, name), "wb"))
      file:write(block(page, "describe("))
      file:close()
    end
    local job = command.wait(command.start({}, { cwd = folder,
      shell = ("exec %s %s %s/tools/busted.lua -o plainTerminal ."):format(
      os.getenv "AIRLOCK_UNDER" or "", command.quote(os.getenv "AIRLOCK_LUA" or "lua5.4"), here) }))
    assert.equal(0, job.rc, job.out .. job.err)
    assert.is_truthy(job.out:find("3 successes", 1, true), job.out)
  end)

  it("and docs/emulator.md have programs about a person's part, the journal and faults that run", function()
    local space = stage.space()
    local env = setmetatable({ airlock = airlock, emulator = require "airlock.emulator", space = space,
      assert = assert }, { __index = _G })
    for _, text in ipairs(blocks "docs/emulator.md") do
      if not text:find "describe%(" and not text:find "emulator%.spawn" then
        run(text:gsub("curl %-s", "curl -s --noproxy '*'"), env)
      end
    end
    assert.equal("mallory.first", env.user:get("team-directory/profiles/me").username) -- as the last fault has it
  end)

  it("and docs/hosts.md have programs that run in their hosts", function()
    local space, said = stage.space(), {}
    local env = reader(space, said)
    for host, words in pairs { luv = "uv.run()", cqueues = "controller:loop()" } do
      if pcall(require, host) then run(block("docs/hosts.md", words), env) end
    end
    env.app = airlock.space { url = space.url, client_id = space.client_id,
      client_secret = space.client_secret }:client_credentials()
    run(block("docs/hosts.md", "local task ="), env) -- a plain script: it blocks, and calls back
    assert.equal("25", table.remove(said))
    for _, name in ipairs(said) do assert.equal("Automation script", name) end
  end)

  it("and docs/providers.md have a profile that serves", function()
    local env = reader(stage.space(), {})
    env.airlock = airlock
    run(block("docs/providers.md", "local acme ="), env)
    assert.equal("airlock.client (porter)", tostring(env.client))
  end)

  it("shows every way to a token that there is", function()
    local text = stage.read "README.md"
    for _, name in ipairs { "client_credentials", "permanent_token", "refresh_token", "authorization_code", "login",
      "device_code", "implicit", "password", "jwt_bearer", "token_exchange" } do
      assert.is_function(core.classes.client[name])
      assert.is_truthy(text:find("`client:" .. name, 1, true), name)
    end
  end)

  it("and the other pages lead only to pages and headings that are there", function()
    local wrong = {}
    local function anchors(text)
      local found = {}
      for heading in ("\n" .. text):gmatch "\n#+ ([^\n]*)" do
        found[(heading:lower():gsub("`", ""):gsub("[^%w%-_ \128-\255]", ""):gsub(" ", "-"))] = true
      end
      return found
    end
    for path in stage.shell "ls *.md bench/*.md docs/*.md docs/api/*.md examples/*/*.md":gmatch "%C+" do
      local text = stage.read(path):gsub("\n```.-\n```", "")
      for link in text:gmatch "%]%(([^%s%)]+)%)" do
        local file, anchor = link:match "^([^#]*)#?(.*)$"
        local target = file == "" and path or (path:match "^.*/" or "") .. file
        local there = link:find "^%a+:" and true or stage.shell(("test -e '%s' && echo yes"):format(target)) ~= ""
        if there and anchor ~= "" and target:find "%.md$" then
          there = anchors(stage.read(target):gsub("\n```.-\n```", ""))[anchor]
        end
        if not there then wrong[#wrong + 1] = path .. ": " .. link end
      end
    end
    assert.equal("", table.concat(wrong, "\n"))
  end)
end)
