-- The playground beside oidc-provider, an authorization server that we did not write: found by its issuer.

local oidc = require "spec.support.oidc"
local player = require "spec.support.player"

describe("the playground, at an issuer of somebody else's,", function()
  local function obstacle()
    if _VERSION ~= "Lua 5.4" then
      return "this runs under Lua 5.4: what is Lua in it runs under all in spec/playground/playground_spec.lua"
    end
    return oidc.obstacle()
  end

  local server, test = oidc.beside(function(why) pending(why) end, obstacle)

  local function has(list, line)
    for _, each in ipairs(list) do
      if each == line then return end
    end
    error(("'%s' is not in:\n  %s"):format(line, table.concat(list, "\n  ")), 2)
  end

  test("gets a token for an application", function()
    local there = server.clients.basic
    local state = player.new():run { server = "issuer", url = server.issuer, scope = "", path = "",
      client_id = there.client_id, client_secret = there.client_secret }
    local messages = player.messages(state)
    has(messages, "app > server GET /.well-known/oauth-authorization-server 200")
    has(messages, "app > server POST /token 200")
    assert.is_true(state.run.token.expires_in > 0)
  end)

  test("takes a user through login and consent, with PKCE and with `iss` in the redirect", function()
    local me = player.new()
    local there = server.clients.native
    local state = me:run { server = "issuer", url = server.issuer, base_url = server.issuer,
      scope = "openid offline_access", path = "me", client_id = there.client_id, way = "authorization_code" }
    assert.equal("waiting", state.run.status)
    server:approve(state.run.wait.url)
    state = me:rest()
    local messages = player.messages(state)
    assert.equal("done", state.run.status, table.concat(messages, "\n"))
    has(messages, "browser > app GET /callback 200")
    has(messages, "app > server POST /token 200")
    has(messages, "app > server GET /me 200")
  end)

  test("sees it refuse the verifier of another login", function()
    local me = player.new()
    local there = server.clients.native
    local choice = { server = "issuer", url = server.issuer, scope = "openid", client_id = there.client_id,
      way = "authorization_code" }
    choice.breakage = "wrong_verifier"
    local state = me:run(choice)
    server:approve(state.run.wait.url)
    assert.equal("oauth/invalid_grant/interaction_required", player.failure(me:rest()))
  end)
end)
