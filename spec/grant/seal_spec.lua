-- What a saved authorization is sealed with, and that nobody seals with what all can know.

local airlock = require "airlock"
local expect = require "spec.support.expect"
local keys = require "spec.support.keys"
local stage = require "spec.support.stage"

describe("a saved authorization", function()
  after_each(stage.clear)

  local usual = { authorization_endpoint = "https://door.example/authorize", client_id = "i",
    token_endpoint = "https://door.example/token", redirect_uri = "https://app.example/callback" }
  local random = ("0123456789abcdef"):rep(2)

  local function client(more)
    local config = {}
    for name, value in pairs(usual) do config[name] = value end
    for name, value in pairs(more or {}) do config[name] = value end
    return airlock.client(config)
  end

  local function with_certificate(more)
    local config = { client_auth = "tls_client_auth", cert_file = "/nowhere/cert.pem" }
    for name, value in pairs(more or {}) do config[name] = value end
    return client(config)
  end

  for what, make in pairs { ["nothing"] = client, ["a certificate"] = with_certificate } do
    it("of a client with only " .. what .. " isn't sealed with public data unless the program says so", function()
      local login = make():authorization_code()
      expect.raise("'seal_key'", login.save, login)
      expect.raise("'seal_key'", login.save, login, { public = false })
      local saved = login:save { public = true }
      assert.equal(login.state, expect.success(make():authorization(saved)).state)
    end)

    it("of a client with only " .. what .. " is sealed with its seal_key, and with no other", function()
      local login = make({ seal_key = random }):authorization_code()
      local saved = login:save()
      assert.equal(login.state, expect.success(make({ seal_key = random }):authorization(saved)).state)
      for _, other in ipairs { make(), make { seal_key = random:reverse() } } do
        expect.failure({ kind = "state", code = "altered" }, other:authorization(saved))
      end
      assert.is_nil(saved:find(random, 1, true))
    end)
  end

  it("outlives a change of secret where there is a seal_key, and asks no function", function()
    local login = client({ seal_key = random, client_secret = "old" }):authorization_code()
    local again = client { seal_key = random, client_secret = "new" }
    assert.equal(login.state, expect.success(again:authorization(login:save())).state)
    local silent = client { seal_key = random, client_secret = function() error "asked" end }
    assert.equal(43, #expect.success(silent:authorization(silent:authorization_code():save())).state)
  end)

  it("needs no seal_key beside a secret, a key or a function", function()
    for _, more in ipairs { { client_secret = "s" }, { private_key = keys.pem "P-256" },
      { client_secret = function() return "s" end } } do
      local login = client(more):authorization_code()
      assert.equal(login.state, expect.success(client(more):authorization(login:save())).state)
      expect.failure({ kind = "state", code = "altered" },
        client(more):authorization(client():authorization_code():save { public = true }))
    end
  end)

  it("takes no short seal_key, and no other option", function()
    expect.raise("'seal_key'", client, { seal_key = "short" })
    expect.raise("'seal_key'", client, { seal_key = 1 })
    local login = client({ seal_key = random }):authorization_code()
    expect.raise("'publik'", login.save, login, { publik = true })
  end)
end)
