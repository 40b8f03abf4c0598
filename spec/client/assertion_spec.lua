-- A JWT that somebody else signed proves the client: federation without a secret.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

describe("a client's assertion of somebody else's", function()
  after_each(stage.clear)

  local function client(more)
    local forms = {}
    local url = stage.server(function(x)
      forms[#forms + 1] = core.form(x.body)
      x:reply { headers = { ["Content-Type"] = "application/json" },
        body = ('{"access_token":"t%d","token_type":"Bearer","expires_in":60}'):format(#forms) }
    end)
    local config = { token_endpoint = url .. "/token", base_url = url, client_id = "workload" }
    for name, value in pairs(more) do config[name] = value end
    return airlock.client(config), forms, url
  end

  local function proves(forms, n, jwt)
    assert.same({ jwt, "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "workload" },
      { forms[n].client_assertion, forms[n].client_assertion_type, forms[n].client_id })
  end

  it("is a text, a function that is called for each request, or a file that is read for each", function()
    local path, n = stage.file("one\n", "assertion"), 0
    local by_text, texts = client { client_assertion = "a.b.c" }
    expect.success(by_text:client_credentials():token())
    proves(texts, 1, "a.b.c")
    local by_function, asked = client { client_assertion = function()
      n = n + 1
      return "jwt" .. n
    end }
    local session = by_function:client_credentials()
    expect.success(session:token())
    expect.success(session:refresh())
    proves(asked, 1, "jwt1")
    proves(asked, 2, "jwt2")
    local by_file, read = client { client_assertion_file = path }
    session = by_file:client_credentials()
    expect.success(session:token())
    stage.write(path, "two") -- Kubernetes rotates
    expect.success(session:refresh())
    proves(read, 1, "one")
    proves(read, 2, "two")
    local by_source, sourced = client { client_assertion = airlock.source.file { path } }
    expect.success(by_source:client_credentials():token())
    proves(sourced, 1, "two")
  end)

  it("that can't be had is a failure, which tells no secret", function()
    local path = stage.file("", "assertion")
    for words, config in pairs {
      ["can't be read"] = { client_assertion_file = path .. ".not" }, ["is empty"] = { client_assertion_file = path },
      ["no luck"] = { client_assertion = function() return nil, "no luck" end },
      ["isn't set"] = { client_assertion = airlock.source.environment { "AIRLOCK_NO_SUCH" } },
    } do
      local made, forms = client(config)
      local _, message = expect.failure({ kind = "oauth", code = "source_failed" }, made:client_credentials():token())
      assert.is_truthy(message:find(words, 1, true), message)
      assert.equal(0, #forms)
    end
  end)

  it("that is refused is told of with the clock", function()
    local url = stage.server(function(x)
      x:reply { status = 401, headers = { ["Content-Type"] = "application/json" }, body = '{"error":"invalid_client"}' }
    end)
    local made = airlock.client { token_endpoint = url, base_url = url, client_id = "w", client_assertion = "a.b.c" }
    local _, message = expect.failure({ code = "invalid_client" }, made:client_credentials():token())
    assert.is_truthy(message:find("clock_skew", 1, true), message)
  end)

  it("stands beside no other proof, and is judged at once", function()
    expect.raise("option 'client_assertion' can't stand beside", client, { client_assertion = "a",
      client_secret = "s" })
    expect.raise("option 'client_assertion_file' can't stand beside", client, { client_assertion = "a",
      client_assertion_file = "f" })
    expect.raise("option 'client_assertion' must be", client, { client_assertion = {} })
    expect.raise("option 'client_assertion_file' must be a path", client, { client_assertion_file = 7 })
    expect.raise("option 'client_id' is missing", airlock.client, { client_assertion = "a",
      token_endpoint = "https://a" })
  end)
end)
