-- --trace: each request and answer on standard error, and never a secret.

local command = require "spec.support.command"
local stage = require "spec.support.stage"

if not pcall(require, "argparse") then return end -- spec/command/command_spec.lua says so

describe("airlock --trace", function()
  after_each(stage.clear)

  local function lines_of(said)
    local lines = {}
    for line in said.err:gmatch "[^\n]+" do lines[#lines + 1] = line:gsub("%d+%.%d+ s", "T"):gsub("^[%d:.]+ ", "") end
    return lines
  end

  -- A server that grants canary tokens and refuses the first of them.
  local function server(more)
    local tokens = 0
    local url = stage.server(function(x)
      if x.path == "/token" then
        tokens = tokens + 1
        return x:reply { body = stage.token { access_token = "canary-t" .. tokens, token_type = "Bearer",
          expires_in = 600, refresh_token = "canary-r" .. tokens } }
      end
      if more and more(x) then return end
      x:reply { status = x.headers.authorization == "Bearer canary-t1" and 401 or 200, body = '{"canary":"canary-b"}' }
    end)
    local home = command.home()
    command.configure(home, ([[return { default = { token_endpoint = "%s/token", base_url = "%s/api/",
      client_id = "porter", client_secret = { env = "MINE" } } }]]):format(url, url))
    return url, function(words)
      return command.run(words, { home = home, env = { MINE = "canary-s" } })
    end
  end

  it("shows each request, each answer and what happened beside, without a secret", function()
    local url, run = server()
    local said = run { "request", "POST", "x/y?key=canary-q", "--json", '{"a":"canary-j"}', "-H", "X-Key: canary-h",
      "--query", "z=canary-z", "--trace" }
    assert.equal(0, said.rc, said.err)
    assert.is_nil(said.err:find("canary", 1, true), said.err)
    assert.truthy(said.out:find("canary-b", 1, true))
    local seen = {}
    for _, line in ipairs(lines_of(said)) do
      if line:find "^%[" then seen[#seen + 1] = line:gsub(", .*", ""):gsub("^%[%d+%]", "") end
    end
    assert.same({
      (" > POST %s/token (token)"):format(url), " < 200 in T",
      (" > POST %s/api/x/y"):format(url), " < 401 in T",
      (" > POST %s/token (token)"):format(url), " < 200 in T",
      (" > POST %s/api/x/y"):format(url), " < 200 in T",
    }, seen, said.err)
    assert.truthy(said.err:find("* token dropped, status 401", 1, true), said.err)
  end)

  it("gives an answer the number of its request, and says when", function()
    local _, run = server()
    local said = run { "request", "x", "--trace" }
    local asked, answered = {}, {}
    for id in said.err:gmatch "\n?%d%d:%d%d:%d%d%.%d%d%d %[(%d+)%] > " do asked[#asked + 1] = id end
    for id in said.err:gmatch "\n?%d%d:%d%d:%d%d%.%d%d%d %[(%d+)%] < %d%d%d in %d+%.%d%d%d s" do
      answered[#answered + 1] = id
    end
    assert.same({ 4, 4 }, { #asked, #answered }, said.err)
    assert.same(asked, answered)
  end)

  it("says why no answer came", function()
    local raw = require "spec.support.raw"
    local port = raw.free_port()
    local said = command.run({ "request", "x", "--trace" }, { env = { AIRLOCK_TOKEN = "canary-t",
      AIRLOCK_BASE_URL = ("http://127.0.0.1:%d/"):format(port) } })
    assert.equal(4, said.rc, said.err)
    assert.truthy(said.err:find("< connect in ", 1, true), said.err)
    assert.is_nil(said.err:find("canary", 1, true))
  end)

  it("shows what a server's path has in it so that a terminal can take it", function()
    local _, run = server(function(x)
      if x.path ~= "/api/go" then return false end
      x:reply { status = 302, headers = { Location = "/api/%1b%5bmoved?secret=canary" } }
      return true
    end)
    local said = run { "request", "go", "--trace" }
    assert.is_nil(said.err:find("\27", 1, true))
    assert.is_nil(said.err:find("canary", 1, true), said.err)
  end)

  it("goes with every command that speaks for an application, and isn't in a hint", function()
    local _, run = server()
    assert.truthy(run({ "token", "--trace" }).err:find("/token (token)", 1, true))
    assert.truthy(run({ "refresh", "--trace" }).err:find("/token (token)", 1, true))
    local said = command.run { "token", "--trace", "--grant", "login", "--url", "http://127.0.0.1:1", "--client-id",
      "x" }
    assert.equal(3, said.rc, said.err)
    local hint = "airlock login --url http://127.0.0.1:1 --client-id x --grant login\n"
    assert.truthy(said.err:find(hint, 1, true), said.err)
  end)

  it("says nothing where it isn't asked for", function()
    local _, run = server()
    assert.equal("", run({ "request", "x" }).err)
  end)
end)
