-- What few scripts need is loaded when it is first used.

local interpreter, under = os.getenv "AIRLOCK_LUA" or "lua5.4", os.getenv "AIRLOCK_UNDER" or ""
local core = require "airlock.core"
local lazy = require "airlock.lazy"
local stage = require "spec.support.stage"

require "airlock"

describe("lazy", function()
  -- The modules of Airlock that are there after this code, in a Lua of its own; Lua's paths are the environment's.
  local function loaded(code)
    local listing = "for name in pairs(package.loaded) do if name:find '^airlock' then io.write(name, ' ') end end"
    local script = stage.file(code .. "\n" .. listing)
    local names = {}
    for name in stage.shell(("%s %s '%s' 2>&1"):format(under, interpreter, script)):gmatch "%S+" do
      names[name] = true
    end
    return names
  end

  after_each(stage.clear)

  it("loads no login, no page, no discovery and no server for a script that makes requests", function()
    local names = loaded [[
      local airlock = require "airlock"
      local session = airlock.client { base_url = "http://127.0.0.1:1/" }:permanent_token "t"
      assert(not session:get "x")
      assert(session:token() == "t")]]
    assert.is_true(names["airlock"] and names["airlock.core"] and names["airlock.session"])
    for _, name in ipairs { "grant.login", "grant.device", "grant.jwt_bearer", "grant.token_exchange", "id_token",
      "jwt", "paging",
      "discovery", "registration", "providers", "server",
      "loop", "loop.wait", "call", "form", "loop.gather", "loop.task", "grant", "client.server", "session.login",
      "grant.authorization" } do
      assert.is_nil(names["airlock." .. name], name)
    end
  end)

  it("loads it for one that needs it", function()
    local names = loaded [[
      local airlock = require "airlock"
      assert(#airlock.providers() > 3)
      local client = airlock.client { token_endpoint = "http://127.0.0.1:1/", client_id = "c", client_secret = "s" }
      client:jwt_bearer { assertion = "a.b.c" }
      assert(not airlock.discover("http://127.0.0.1:1", { client_id = "c" }))]]
    for _, name in ipairs { "providers", "grant.jwt_bearer", "discovery" } do
      assert.is_true(names["airlock." .. name], name)
    end
  end)

  it("gives what the module has, and nothing that it hasn't", function()
    local page = lazy "airlock.paging"
    assert.equal(require "airlock.paging".items, page.items)
    assert.equal(page.items, rawget(page, "items")) -- is found here the next time
    assert.is_nil(page.nothing)
    local _, message, detail = lazy "airlock.nowhere".f()
    assert.same({ "network", "missing_module" }, { detail.kind, detail.code })
    assert.is_truthy(message:find("airlock.nowhere", 1, true))
  end)

  it("gives objects the methods that a module has, all of them", function()
    local class = {}
    lazy("airlock.form", class, { "encode" })
    assert.equal("a=1", class.encode({ a = 1 }, "query"))
    for module, name in pairs { grant = "client", ["client.server"] = "client", ["session.token"] = "session",
      ["session.login"] = "session", ["grant.authorization"] = "authorization" } do
      local made = require("airlock." .. module)
      for each in pairs(made.methods or made) do assert.is_function(core.classes[name][each], each) end
    end
  end)
end)
