-- "Did you mean": mistakes in names say which known one is near.

local airlock = require "airlock"
local emulator = require "airlock.emulator"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

describe("a mistyped name", function()
  after_each(stage.clear)

  local function meant(name, f, ...)
    return expect.raise(("; did you mean '%s'?"):format(name), f, ...)
  end

  it("of the client's options is told with the one that was meant, and with all of them", function()
    local why = meant("client_id", airlock.client, { clientId = "x" })
    assert.truthy(why:find("unknown option 'clientId'; did you mean 'client_id'? (it takes: ", 1, true), why)
    meant("token_endpoint", airlock.client, { token_endpont = "https://x.example/token" })
    meant("client_secret", airlock.space, { url = "https://x.example", client_secert = "x" })
    meant("max_body", airlock.provider, "github", { client_id = "x", maxbody = 1 })
  end)

  it("of a grant's or a session's options, too", function()
    local client = airlock.client { base_url = "https://x.example/", client_id = "i", client_secret = "s",
      token_endpoint = "https://x.example/token" }
    meant("scope", client.client_credentials, client, { scopes = "x" })
    meant("assertion", client.jwt_bearer, client, { asertion = "x" })
    meant("account", client.session, client, { acount = "x" })
  end)

  it("of a request's options, too", function()
    local session = airlock.client({ base_url = "https://x.example/" }):permanent_token "p"
    meant("headers", session.request, session, { url = "x", header = {} })
    meant("multipart", session.request, session, { url = "x", mutlipart = {} })
    meant("timeout", session.get, session, "x", nil, { timout = 1 })
    meant("query", session.post, session, "x", nil, { qeury = {} })
    meant("filename", session.request, session, { url = "x", multipart = { a = { body = "x", file_name = "y" } } })
  end)

  it("of a provider, a profile's field and a habit, too", function()
    meant("github", airlock.provider, "gihub", { client_id = "x" })
    meant("paging", airlock.provider, { pagging = "link" }, { client_id = "x" })
    meant("applications", emulator.start, { aplications = {} })
    meant("empty_refusals", emulator.start, { habits = { empty_refusal = true } })
  end)

  it("that is near to none is told without a guess", function()
    local why = expect.raise("unknown option 'colour'", airlock.client, { colour = 1 })
    assert.is_nil(why:find("did you mean", 1, true))
  end)
end)
