-- What came after RFC 6749, against oidc-provider: resource indicators.

local core = require "airlock.core"
local expect = require "spec.support.expect"
local oidc = require "spec.support.oidc"
local stage = require "spec.support.stage"

describe("oidc-provider", function()
  local server

  setup(function()
    if not oidc.obstacle() then server = oidc.start() end
  end)
  teardown(function()
    if server then server:stop() end
  end)
  after_each(stage.clear)

  local function test(name, run)
    it(name, function()
      if not server then pending(oidc.obstacle()) end
      run()
    end)
  end

  local function claims_of(token)
    return core.json.decode(core.decode(token:match "%.([^.]+)%."))
  end

  describe("resource indicators", function()
    test("name the API that a token is for, with client credentials [8707-01]", function()
      local client = server:client "basic"
      local one = client:client_credentials { scope = "api:read", resource = "https://api1.example.test" }
      local two = client:client_credentials { scope = "api:read", resource = "https://api2.example.test" }
      assert.equal("https://api1.example.test", claims_of(expect.success(one:token())).aud)
      assert.equal("https://api2.example.test", claims_of(expect.success(two:token())).aud)
      expect.failure({ kind = "oauth", code = "invalid_target", outcome = "misconfigured" },
        client:client_credentials({ resource = "https://elsewhere.example" }):token())
    end)

    test("go along with a login and each refresh [8707-01]", function()
      local login = server:client "web":authorization_code { scope = "openid offline_access api:read", params = { prompt = "consent" },
        resource = "https://api.example.test" }
      local user = expect.success(login:finish(server:approve(login.url)))
      assert.equal("https://api.example.test", claims_of(user:token()).aud)
      expect.success(user:refresh())
      assert.equal("https://api.example.test", claims_of(user:token()).aud)
    end)
  end)
end)
