-- What says which server and application: --tenant, --realm, --option; and login --device where there are no codes.

local command = require "spec.support.command"
local stage = require "spec.support.stage"

if not pcall(require, "argparse") then return end -- spec/command/command_spec.lua says so

describe("the command's options", function()
  after_each(stage.clear)

  local asked, url

  before_each(function()
    asked = {}
    url = stage.server(function(x)
      asked[#asked + 1] = { path = x.path, headers = x.headers, body = x.body }
      x:reply { headers = { ["Content-Type"] = "application/json" },
        body = stage.token { access_token = "canary-token", token_type = "Bearer", expires_in = 600 } }
    end)
  end)

  local function run(words, env, home)
    env = env or {}
    env.AIRLOCK_CLIENT_SECRET = env.AIRLOCK_CLIENT_SECRET or "canary-secret"
    local said = command.run(words, { env = env, home = home })
    assert.is_nil(said.err:find("canary", 1, true), said.err)
    return said
  end

  local function refused(words, text)
    local said = run(words)
    assert.equal(2, said.rc, said.err)
    assert.truthy(said.err:find(text, 1, true), said.err)
    assert.equal(0, #asked)
  end

  local keycloak = { "token", "--provider", "keycloak", "--client-id", "porter" }

  local function with(more)
    local words = { (table.unpack or unpack)(keycloak) } -- luacheck: ignore 143
    for _, word in ipairs(more) do words[#words + 1] = word end
    return words
  end

  it("name a realm, by a flag, a variable, a profile or --option", function()
    assert.equal(0, run(with { "--url", url, "--realm", "house" }).rc)
    assert.equal("/realms/house/protocol/openid-connect/token", asked[1].path)
    assert.equal(0, run(with { "--url", url }, { AIRLOCK_REALM = "garden" }).rc)
    assert.equal("/realms/garden/protocol/openid-connect/token", asked[2].path)
    local home = command.home()
    command.configure(home, ([[return { k = { provider = "keycloak", url = %q, realm = "attic", client_id = "porter",
      client_secret = { env = "MINE" } } }]]):format(url))
    assert.equal(0, run({ "token", "-p", "k" }, { MINE = "canary-s" }, home).rc)
    assert.equal("/realms/attic/protocol/openid-connect/token", asked[3].path)
    assert.equal(0, run({ "token", "-p", "k", "--realm", "cellar" }, { MINE = "canary-s" }, home).rc)
    assert.equal("/realms/cellar/protocol/openid-connect/token", asked[4].path)
  end)

  it("don't let a variable change the realm of a profile that is named, and say so", function()
    local home = command.home()
    command.configure(home, ([[return { k = { provider = "keycloak", url = %q, realm = "attic", client_id = "porter",
      client_secret = { env = "MINE" } } }]]):format(url))
    local said = run({ "token", "-p", "k" }, { MINE = "canary-s", AIRLOCK_REALM = "other" }, home)
    assert.equal(0, said.rc, said.err)
    assert.equal("/realms/attic/protocol/openid-connect/token", asked[1].path)
    assert.truthy(said.err:find("no use made of AIRLOCK_CLIENT_SECRET, AIRLOCK_REALM", 1, true), said.err)
  end)

  it("of a variable don't count against what a profile says that is named, and fill what it doesn't say", function()
    local home = command.home()
    command.configure(home, ([[return { default = "p", p = { token_endpoint = "%s/t", client_id = "porter",
      scope = "mine", grant = "client_credentials", client_secret = { env = "MINE" } } }]]):format(url))
    local env = { MINE = "canary-s", AIRLOCK_CLIENT_SECRET = "canary-s", AIRLOCK_SCOPE = "theirs",
      AIRLOCK_GRANT = "login", AIRLOCK_STORE = "memory" }
    local said = command.run({ "token", "-p", "p" }, { env = env, home = home })
    assert.equal(0, said.rc, said.err)
    assert.truthy(asked[1].body:find("scope=mine", 1, true), asked[1].body)
    assert.is_nil(said.err:find("AIRLOCK_SCOPE", 1, true), said.err)
    assert.equal("", stage.shell(("ls '%s/state'"):format(home)))
    env.AIRLOCK_GRANT = nil
    said = command.run({ "token" }, { env = env, home = home })
    assert.equal(0, said.rc, said.err)
    assert.truthy(asked[2].body:find("scope=theirs", 1, true), asked[2].body)
  end)

  it("take any other option, of the library's or the provider's", function()
    local endpoint = "token_endpoint=" .. url .. "/t"
    assert.equal(0, run({ "token", "--client-id", "porter", "--option", endpoint, "--option",
      "client_auth=client_secret_post", "--option", "retries=0" }).rc)
    assert.truthy(asked[1].body:find("client_secret=canary%-secret"))
    assert.is_nil(asked[1].headers.authorization)
    assert.equal(0, run({ "token", "--client-id", "porter", "--option", endpoint, "--option", "dpop=false" }).rc)
    assert.equal(0, run(with { "--url", url, "--realm", "r", "--option", endpoint }).rc)
    assert.equal("/t", asked[3].path)
  end)

  it("refuse what can't be, without a word of a secret", function()
    refused({ "token", "--option", "novalue" }, "--option takes NAME=VALUE")
    refused({ "token", "--option", "client_secret=canary-x" }, "a secret isn't taken from the command line")
    refused({ "token", "--option", "refresh_token=canary-x" }, "AIRLOCK_REFRESH_TOKEN")
    refused({ "token", "--option", "private_key=canary-x" }, "'private_key' is a secret")
    refused({ "token", "--option", "client_id=x" }, "--client-id")
    refused({ "token", "--option", "retries=often" }, "the value must be a number")
    refused({ "token", "--option", "dpop=perhaps" }, "the value must be a boolean")
    refused({ "token", "--option", "params=x" }, "can only stand in a profile")
    refused({ "token", "--option", "token_endpont=x" }, "; did you mean 'token_endpoint'?")
    refused(with { "--url", url, "--realm", "r", "--option", "tennant=x" }, "unknown option 'tennant'")
    refused({ "token", "--client-id", "porter", "--tenant", "t", "--option", "token_endpoint=" .. url }, "tenant")
  end)

  it("are carried by the hint to log in", function()
    local said = run { "token", "--grant", "login", "--client-id", "porter", "--raw-basic", "--option",
      "token_endpoint=" .. url .. "/t", "--option", "authorization_endpoint=" .. url .. "/a" }
    assert.equal(3, said.rc, said.err)
    assert.truthy(said.err:find(("--grant login --raw-basic --option token_endpoint=%s/t --option "
      .. "authorization_endpoint=%s/a"):format(url, url), 1, true), said.err)
  end)

  it("of login: --device says where there are no codes, and what else works", function()
    local space = stage.space()
    local said = command.run({ "login", "--device", "--url", space.url, "--client-id", space.client_id })
    assert.equal(2, said.rc, said.err)
    assert.truthy(said.err:find(("is missing: '%s' is known to have no login with a code"):format(space.url), 1, true),
      said.err)
    assert.truthy(said.err:find(("run: airlock login --url %s --client-id %s\n"):format(space.url, space.client_id), 1,
      true), said.err)
    assert.truthy(said.err:find("--no-open", 1, true))
  end)
end)
