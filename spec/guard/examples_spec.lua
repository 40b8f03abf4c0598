-- The examples are documentation that runs: each is short, and does what its output says.

local stage = require "spec.support.stage"

local says = {
  client_credentials = "acts on behalf of the application",
  permanent_token = "acts on behalf of alice.first",
  authorization_code = "acts on behalf of the user alice.first, scope global:Profile.View, renewable true",
  refresh_token = "acts on behalf of bob.second through 4 renewals",
  login = "after logout this session was logged out",
  device_code = "acts on behalf of chen.third",
  password = "password: not recommended",
  implicit = "acts on behalf of alice.first, renewable false",
  luv = "the timer ticked meanwhile",
  cqueues = "another coroutine ran meanwhile",
  copas = "visitor 3 hears of My Company",
  guard_cqueues = "HTTP/1.0 200 Status  hello Automation script",
  guard_copas = "HTTP/1.0 200 OK  hello Automation script",
  demo = "25 projects: Project 1, Project 2",
}

-- Those that need a host: the module by which it is seen.
local host = { luv = "luv", cqueues = "cqueues", copas = "copas", guard_cqueues = "cqueues", guard_copas = "copas" }

local lua = os.getenv "AIRLOCK_LUA" or (arg and arg[-1]) or "lua5.4"
local under = os.getenv "AIRLOCK_UNDER" or ""

describe("example", function()
  for name, words in pairs(says) do
    it(name .. " runs, and is short", function()
      if host[name] and not pcall(require, host[name]) then
        return pending(host[name] .. " isn't installed for this Lua")
      end
      local output = stage.shell(("%s %s examples/%s.lua 2>/dev/null; echo status $?"):format(under, lua, name))
      assert.is_truthy(output:find(words, 1, true), output)
      assert.is_truthy(output:find("status 0", 1, true), output)
      local lines = select(2, stage.read(("examples/%s.lua"):format(name)):gsub("\n", ""))
      assert.is_true(lines < 40 or name == "demo")
    end)
  end
end)
