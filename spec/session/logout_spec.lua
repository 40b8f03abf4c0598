-- What session:logout() says of the server's part in it.

local airlock = require "airlock"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

describe("session:logout() says whether the server took part:", function()
  after_each(stage.clear)

  local function session(more)
    local url = stage.server(function(x)
      if x.path == "/revoke" then return x:reply { status = 200, body = "" } end
      x:reply { headers = { ["Content-Type"] = "application/json" },
        body = '{"access_token":"a","token_type":"Bearer","expires_in":60}' }
    end)
    local config = { token_endpoint = url .. "/token", client_id = "porter", client_secret = "hush", base_url = url }
    for name, value in pairs(more or {}) do config[name] = value:gsub("URL", url) end
    return airlock.client(config):client_credentials()
  end

  it("one with a revocation endpoint does, one without doesn't, and of no token nothing is told", function()
    local told = session { revocation_endpoint = "URL/revoke" }
    expect.success(told:token())
    assert.same({ known = true, told = true }, select(3, told:logout()))
    local untold = session()
    expect.success(untold:token())
    local ok, message, detail = untold:logout()
    assert.same({ true, nil }, { ok, message })
    assert.same({ known = true, told = false }, detail)
    assert.is_true((session { revocation_endpoint = "URL/revoke" }:logout()))
  end)
end)
