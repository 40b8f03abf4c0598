-- Grants of the program's own, more fields for token requests, and what replies say beside their tokens.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

describe("a token request", function()
  after_each(stage.clear)

  local function client(more, reply)
    local forms = {}
    local url = stage.server(function(x)
      forms[#forms + 1] = core.form(x.body)
      x:reply { headers = { ["Content-Type"] = "application/json" }, body = reply
        or ('{"access_token":"t%d","token_type":"Bearer","expires_in":60}'):format(#forms) }
    end)
    local config = { token_endpoint = url .. "/token", base_url = url, client_id = "porter", client_secret = "hush",
      client_auth = "client_secret_post", authorization_endpoint = url .. "/auth",
      redirect_uri = "http://127.0.0.1/cb" }
    for name, value in pairs(more or {}) do config[name] = value end
    return airlock.client(config), forms
  end

  it("of a grant of the program's own has its fields, and the client's proof", function()
    local made, forms = client()
    local session = made:grant { grant_type = "urn:example:card", card = "4711", scope = "doors", many = { "a", "b" } }
    assert.equal("t1", (session:token()))
    assert.same({ "urn:example:card", "4711", "doors", "porter", "hush" }, { forms[1].grant_type, forms[1].card,
      forms[1].scope, forms[1].client_id, forms[1].client_secret })
    expect.success(session:refresh())
    assert.equal("4711", forms[2].card) -- asked with again
    assert.equal("t2", (made:grant({ grant_type = "urn:example:card", card = "4711", scope = "doors",
      many = { "a", "b" } }):token())) -- the same fields mean the same token
    assert.equal("t3", (made:grant({ grant_type = "urn:example:card", card = "4712" }):token()))
    assert.same({ "extension", "doors" }, { session:info().grant, session:info().scope })
  end)

  it("of such a grant is judged at once", function()
    local made = client()
    expect.raise("client:grant: a table of fields was expected", function() made:grant "x" end)
    expect.raise("option 'grant_type' is missing", function() made:grant { card = "1" } end)
    expect.raise("option 'client_id' can't be given", function() made:grant { grant_type = "x", client_id = "y" } end)
    expect.raise("option 'scope' must be a string", function() made:grant { grant_type = "x", scope = 7 } end)
  end)

  it("has the grant's params, also when it renews, and they tell logins apart", function()
    local made, forms = client()
    expect.success(made:client_credentials({ params = { audience = "https://a" } }):token())
    expect.success(made:client_credentials({ params = { audience = "https://b" } }):token())
    expect.success(made:client_credentials({ params = { audience = "https://a" } }):token())
    assert.equal(2, #forms)
    assert.same({ "https://a", "https://b" }, { forms[1].audience, forms[2].audience })
    local session = made:refresh_token("r", { params = { tenant = "t" }, resource = "https://api.example" })
    expect.success(session:refresh())
    assert.same({ "refresh_token", "t", "https://api.example" }, { forms[3].grant_type, forms[3].tenant,
      forms[3].resource })
    expect.success(made:password { username = "u", password = "p", params = { x = "1" } })
    assert.same({ "password", "1" }, { forms[4].grant_type, forms[4].x })
    local login = made:authorization_code { params = { x = "of the URL" } }
    expect.success(login:finish("?code=c&state=" .. login.state, { params = { y = "2" } }))
    assert.same({ "authorization_code", nil, "2" }, { forms[5].grant_type, forms[5].x, forms[5].y })
    expect.success(made:jwt_bearer({ assertion = "a", params = { z = "3" } }):token())
    assert.equal("3", forms[6].z)
  end)

  it("can't have a field overridden that the flow sets itself", function()
    local made = client()
    for _, name in ipairs { "grant_type", "client_id", "client_secret", "scope", "code_verifier", "refresh_token",
      "client_assertion", "redirect_uri", "resource" } do
      expect.raise(("option 'params' can't have '%s'"):format(name), function()
        made:client_credentials { params = { [name] = "x" } }
      end)
    end
  end)

  it("is answered with more than tokens, which session:reply() gives", function()
    local reply = '{"access_token":"secret-token","refresh_token":"secret-refresh","id_token":"secret-id",'
      .. '"instance_url":"https://eu.example","n":7,"deep":{"list":[1,null]},"token_type":"Bearer","expires_in":60}'
    local made = client(nil, reply)
    local session = made:client_credentials()
    local told = expect.success(session:reply())
    assert.same({ "https://eu.example", 7, 1 }, { told.instance_url, told.n, told.deep.list[1] })
    assert.is_nil(told.access_token or told.refresh_token or told.id_token)
    assert.is_nil(core.json.encode(told):find("secret", 1, true))
    assert.same({}, expect.success(made:permanent_token("p"):reply()))
  end)

  it("keeps that in the store, where the next process finds it", function()
    local folder = stage.folder() .. "/store"
    local reply = '{"access_token":"t","refresh_token":"r","instance_url":"https://eu.example","expires_in":60}'
    local made = client({ store = folder }, reply)
    local login = made:authorization_code {}
    expect.success(login:finish("?code=c&state=" .. login.state, { account = "a" })):close()
    local path = stage.shell(("ls '%s'"):format(folder)):match "(%x+)\n"
    assert.is_truthy(stage.read(folder .. "/" .. path):find("instance_url", 1, true))
    assert.equal("https://eu.example", expect.success(expect.success(made:session { account = "a" }):reply())
      .instance_url)
  end)
end)
