--- Where home is: what `~` and `store = true` mean, whatever the environment says.

local airlock = require "airlock"
local core = require "airlock.core"
local crowd = require "spec.support.crowd"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

describe("the home folder", function()
  after_each(stage.clear)

  local function folders(environment)
    return crowd.run(1, [[
      local core = require "airlock.core"
      return core.store_folder(true) .. " " .. core.store_folder "~/kept" .. " " .. core.store_folder "~"
    ]], environment)[1]
  end

  it("is HOME", function()
    assert.equal("/h/.local/state/airlock /h/kept /h", folders "env -u XDG_STATE_HOME HOME=/h")
    assert.equal("/state/airlock /h/kept /h", folders "env XDG_STATE_HOME=/state HOME=/h")
  end)

  it("is what the system has for this user, where HOME isn't set or no path", function()
    local pipe = assert(io.popen "getent passwd $(id -u) | cut -d: -f6")
    local home = pipe:read "*l"
    pipe:close()
    assert.truthy(home and home:find "^/", home)
    local wanted = ("%s/.local/state/airlock %s/kept %s"):format(home, home, home)
    assert.equal(wanted, folders "env -u XDG_STATE_HOME -u HOME")
    assert.equal(wanted, folders "env -u XDG_STATE_HOME HOME=")
  end)

  it("isn't meant by a name that only begins with ~", function()
    assert.truthy(core.store_folder("~x"):find "/~x$")
  end)

  it("is where a client's store is", function()
    local folder = stage.folder()
    local said = crowd.run(1, [[
      local client = airlock.client { client_id = "c", token_endpoint = "http://127.0.0.1:1/", store = "~/kept",
        base_url = "http://127.0.0.1:1/" }
      return tostring(client:refresh_token("r"):info().store)
    ]], ("env HOME='%s'"):format(folder))[1]
    assert.equal(folder .. "/kept", said)
    expect.raise("option 'store'", airlock.client, { store = "" })
  end)
end)
