-- Who a program is at an authorization server that it never heard of, and what is kept of that.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local protected = require "spec.support.protected"
local stage = require "spec.support.stage"

describe("a registration for a protected resource", function()
  after_each(stage.clear)

  local function open(server, at, config)
    config.login = protected.login(server)
    return airlock.resource(at.url, config)
  end

  it("is kept in the store's folder, for its owner alone, and found by the next program", function()
    local server = protected.server()
    local at = protected.resource(server)
    local folder = stage.folder() .. "/store"
    for _ = 1, 2 do expect.success(open(server, at, { store = folder, account = "a" }):get()) end
    assert.equal(1, server.space:count "/oauth/register")
    local name = stage.shell(("ls '%s'"):format(folder)):match "(client%-%x+)\n"
    assert.equal(64 + 7, #name)
    assert.equal("600", stage.shell(("stat -c %%a '%s/%s'"):format(folder, name)):match "%d+")
    local kept = core.json.decode(stage.read(folder .. "/" .. name))
    assert.same({ "Airlock", "none" }, { kept.client_name, kept.token_endpoint_auth_method })
    assert.is_truthy(kept.redirect_uris[1]:find "^http://127%.0%.0%.1:%d+/callback$")
    assert.equal(1, #require("airlock.store").list(folder)) -- it isn't a token
  end)

  it("is sealed where the store's records are, and found by the next program with the key", function()
    local server = protected.server { token_endpoint_auth_methods_supported = { "client_secret_basic" } }
    local at = protected.resource(server)
    local folder = stage.folder() .. "/store"
    local store = { folder = folder, key = function() return ("k"):rep(32) end }
    for _ = 1, 2 do expect.success(open(server, at, { store = store, account = "a" }):get()) end
    assert.equal(1, server.space:count "/oauth/register")
    local name = stage.shell(("ls '%s'"):format(folder)):match "(client%-%x+)\n"
    local text = stage.read(folder .. "/" .. name)
    assert.is_truthy(text:find "^airlock%-sealed 1 %d+\n")
    for _, plain in ipairs { "client_id", "client_secret", "redirect_uris" } do
      assert.is_nil(text:find(plain, 1, true))
    end
  end)

  it("is kept in the program's own store", function()
    local server = protected.server()
    local at = protected.resource(server)
    local texts, fences = {}, 0
    local store = {
      load = function(name) return texts[name] end,
      save = function(name, text) texts[name] = text return true end,
      lock = function() fences = fences + 1 return fences end,
      unlock = function() end,
    }
    for _ = 1, 2 do expect.success(open(server, at, { store = store }):get()) end
    assert.equal(1, server.space:count "/oauth/register")
  end)

  it("that the server has forgotten is made anew", function()
    local server = protected.server()
    local at = protected.resource(server)
    local folder = stage.folder() .. "/store"
    expect.success(open(server, at, { store = folder, account = "a" }):get())
    local name = stage.shell(("ls '%s'"):format(folder)):match "(client%-%x+)\n"
    local kept = core.json.decode(stage.read(folder .. "/" .. name))
    kept.client_id = "00000000-0000-0000-0000-000000000000"
    stage.write(folder .. "/" .. name, core.json.encode(kept))
    stage.shell(("chmod 600 '%s/%s'"):format(folder, name))
    local refusing = protected.login(server)
    local resource = airlock.resource(at.url, { store = folder, account = "b", login = function(client, options)
      if client:settings().client_id == kept.client_id then
        return nil, "the client is unknown", { kind = "oauth", code = "invalid_client", outcome = "misconfigured" }
      end
      return refusing(client, options)
    end })
    expect.success(resource:get())
    assert.equal(2, server.space:count "/oauth/register")
  end)

  it("whose secret has expired is made anew", function()
    local server = protected.server { token_endpoint_auth_methods_supported = { "client_secret_basic" } }
    local at = protected.resource(server)
    local folder = stage.folder() .. "/store"
    expect.success(open(server, at, { store = folder }):get())
    local name = stage.shell(("ls '%s'"):format(folder)):match "(client%-%x+)\n"
    local kept = core.json.decode(stage.read(folder .. "/" .. name))
    assert.is_string(kept.client_secret)
    kept.client_secret_expires_at = 1
    stage.write(folder .. "/" .. name, core.json.encode(kept))
    stage.shell(("chmod 600 '%s/%s'"):format(folder, name))
    expect.success(open(server, at, { store = folder, account = "other" }):get())
    assert.equal(2, server.space:count "/oauth/register")
  end)

  it("isn't made where the server takes the document of the program", function()
    local server = protected.server { client_id_metadata_document_supported = true }
    local at = protected.resource(server)
    local seen
    local resource = airlock.resource(at.url, { client_metadata = "https://app.example/client.json",
      login = function(client)
        seen = client:settings().client_id
        return nil, "that was all", { kind = "cancelled", code = "cancelled", outcome = "interaction_required" }
      end })
    expect.failure({ code = "cancelled" }, resource:get())
    assert.equal("https://app.example/client.json", seen)
    assert.equal(0, server.space:count "/oauth/register")
  end)
end)
