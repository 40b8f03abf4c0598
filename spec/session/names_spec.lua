-- A text that names something has a length: what stands behind a NUL tells it from others, or is refused.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local server = require "airlock.server"
local stage = require "spec.support.stage"

describe("a name with a NUL in it", function()
  after_each(stage.clear)

  local function opened(client, account)
    return client:password { username = "alice.first", password = "password-of-alice.first", scope = "**",
      account = account }
  end

  it("is another account than what stands before the NUL, in memory", function()
    local client = stage.client(stage.space())
    local alice = expect.success(opened(client, "alice"))
    expect.failure({ code = "login_required" },
      client:session { grant = "password", scope = "**", account = "alice\0mallory" })
    expect.success(alice:token())
    assert.equal(alice:token(), client:session({ grant = "password", scope = "**", account = "alice" }):token())
  end)

  it("is another account in the store, whose record says it whole", function()
    local space, folder = stage.space(), stage.folder() .. "/tokens"
    local function client(more)
      return stage.client(space, { store = folder, introspection_endpoint = space.url .. "/other/" .. more })
    end
    local alice = expect.success(opened(client "1", "alice"))
    expect.failure({ code = "login_required" },
      client("2"):session { grant = "password", scope = "**", account = "alice\0mallory" })
    local mallory = expect.success(opened(client "3", "alice\0mallory"))
    assert.not_equal(alice:token(), mallory:token())
    local accounts = {}
    for _, each in ipairs(core.records(folder)) do accounts[each.account] = true end
    assert.same({ alice = true, ["alice\0mallory"] = true }, accounts)
    assert.equal(mallory:token(),
      client("4"):session({ grant = "password", scope = "**", account = "alice\0mallory" }):token())
  end)

  it("is refused where a client's option can't hold it", function()
    local usual = { token_endpoint = "https://door.example/token", client_id = "i", client_secret = "s" }
    for option, value in pairs { token_endpoint = "https://door.example/token\0x", issuer = "https://door.example\0x",
      client_id = "i\0x", client_auth = "client_secret_post\0x", user_agent = "a\0x", proxy = "http://127.0.0.1:1\0x",
      ca_file = "/etc/hostname\0x", cert_file = "/etc/hostname\0x", store = "/tmp\0x",
      id_token_signed_response_alg = "RS256\0x", private_key_file = "/etc/hostname\0x", dpop = { alg = "ES256\0x" } } do
      local config = { [option] = value }
      for name, text in pairs(usual) do config[name] = config[name] or text end
      expect.raise(option == "dpop" and "'alg'" or ("'%s'"):format(option), airlock.client, config)
    end
    usual["timeout\0x"] = 1
    expect.raise("unknown option", airlock.client, usual)
  end)

  it("is refused as the audience of a client's assertion", function()
    local config = { token_endpoint = "https://door.example/token", client_id = "i", client_secret = ("s"):rep(32),
      client_auth = "client_secret_jwt", client_assertion_audience = "https://door.example\0x" }
    expect.raise("client_assertion_audience", airlock.client, config)
  end)

  it("is no endpoint, no grant and no field of an authorization", function()
    local client = stage.client(stage.space(), { redirect_uri = "http://127.0.0.1/" })
    assert.is_false(pcall(client.has, client, "token_endpoint\0x"))
    assert.is_false(pcall(client.session, client, { grant = "password\0x" }))
    assert.is_nil(client:authorization_code({ scope = "**" })["url\0x"])
  end)

  it("is no name of a header that a local server answers with", function()
    local why
    local url = stage.server(function(exchange)
      local _, refused = pcall(exchange.reply, exchange, { headers = { ["X-Name\0x"] = "1" } })
      why = refused
      exchange:reply { body = "{}" }
    end)
    expect.success(airlock.client({ base_url = url }):permanent_token("t"):get "/")
    assert.truthy(tostring(why):find("NUL", 1, true), why)
    assert.is_false(pcall(server.crypto.hmac, "HS256\0x", "secret", "text"))
  end)
end)
