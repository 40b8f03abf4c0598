-- The playground by HTTP: every way, every message, and what is broken on purpose. spec/playground/browser_spec.lua has
-- the page.

local core = require "airlock.core"
local player = require "spec.support.player"
local stage = require "spec.support.stage"
local visitor = require "spec.support.visitor"

local function has(list, line)
  for _, each in ipairs(list) do
    if each == line then return true end
  end
  error(("'%s' is not in:\n  %s"):format(line, table.concat(list, "\n  ")), 2)
end

describe("the playground", function()
  after_each(stage.clear)

  it("knows all ways, and says of each what it is for, for whom it acts, and what to think of it", function()
    local ways = player.new():get("api/catalogue").json.ways
    local names = {}
    for i, way in ipairs(ways) do
      names[i] = way.name
      assert.is_truthy(#way.best > 20 and #way.behalf > 3 and #way.why > 20 and way.source:find "RFC")
    end
    table.sort(names)
    assert.same({ "authorization_code", "client_credentials", "device_code", "implicit", "password", "permanent_token",
      "refresh_token" }, names)
  end)

  it("shows the real messages of client credentials, and the token with its signature checked", function()
    local state = player.new():run {}
    assert.equal("done", state.run.status)
    assert.same({ "app > server POST /oauth/token 200", "app > server GET /oauth/jwks.json 200",
      "app > server GET /api/http/organization 200" }, player.messages(state))
    assert.is_true(state.run.token.verdict.good)
    assert.is_true(state.run.token.expires_in > 500 and state.run.token.expires_in <= 600)
    assert.equal("application", state.run.token.subject)
  end)

  it("covers every secret until its owner uncovers it", function()
    local me = player.new()
    local state = me:run { way = "authorization_code", offline = true, person = "alice.first" }
    local text = core.json.encode(state)
    local token = me.at.run.session:token()
    local secrets = { token, me.at.space.client_secret }
    for _, m in ipairs(player.entries(state, "message")) do
      local r = me:post("uncover", { id = m.id }).json
      local code = (r.request.head .. r.request.body):match "[?&]code=([^&%s]+)"
      local verifier = r.request.body:match "code_verifier=([^&%s]+)"
      local refresh = r.response and r.response.body:match '"refresh_token":"([^"]+)"'
      for _, each in pairs { code, verifier, refresh } do secrets[#secrets + 1] = each end
      if m.path == "/oauth/token" then
        assert.is_truthy(r.response.body:find(token, 1, true))
        assert.is_truthy(m.response.body:find('"access_token":"***"', 1, true))
        assert.is_truthy(m.request.head:find("Authorization: Basic ***", 1, true))
      end
    end
    assert.is_true(#secrets >= 6)
    for _, secret in ipairs(secrets) do assert.is_nil(text:find(secret, 1, true)) end
    assert.equal(token, me:post("uncover", { id = "token" }).json.text)
    assert.equal(404, me:post("uncover", { id = 4711 }).status)
  end)

  it("goes step by step", function()
    local me = player.new()
    me:post("go", { steps = 1 })
    local state = me:rest()
    assert.same({ "paused", "Look at the token" }, { state.run.status, state.run.next_step })
    assert.same({ "app > server POST /oauth/token 200" }, player.messages(state))
    me:post("go", { steps = 1 })
    assert.equal("Call the API", me:rest().run.next_step)
    me:post "go"
    assert.equal("done", me:rest().run.status)
  end)

  it("shows what the user's own browser does at the emulator, and takes the redirect", function()
    local me = player.new()
    local state = me:run { way = "authorization_code", scope = "global:Profile.View",
      path = "team-directory/profiles/me" }
    assert.equal("waiting", state.run.status)
    local bob = visitor.new(me.at.space)
    local page = bob:login(bob:get(state.run.wait.url), "bob.second")
    local redirect = bob:submit(page, { answer = "accept" }).location
    assert.equal(200, bob:get(redirect).status)
    state = me:rest()
    assert.equal("done", state.run.status)
    local messages = player.messages(state)
    has(messages, "browser > server GET /oauth/auth 200")
    has(messages, "browser > app GET /callback 200")
    has(messages, "app > server POST /oauth/token 200")
    has(messages, "app > server GET /api/http/team-directory/profiles/me 200")
    assert.equal("user", state.run.token.subject)
    assert.is_nil(core.json.encode(state.run):find("password-of-bob", 1, true))
  end)

  it("goes every way", function()
    local me = player.new()
    for _, given in ipairs {
      { way = "authorization_code", person = "bob.second", pkce = false, application = 1 },
      { way = "authorization_code", pkce = true, application = 2 }, { way = "implicit", application = 3 },
      { way = "password", application = 1, username = "bob.second", password = "password-of-bob.second" },
        { way = "device_code" },
      { way = "permanent_token" }, { way = "refresh_token" },
    } do
      local state = me:run(given)
      assert.equal("done", state.run.status, given.way)
      assert.is_true(state.run.token.verdict.good, given.way)
      has(player.messages(state), "app > server GET /api/http/organization 200")
    end
  end)

  it("draws a device's asking again and again once, and says how often", function()
    local me = player.new()
    local state = me:run { way = "device_code" }
    require("spec.support.curl").pass(10, function() return me.at.space:count "/oauth/token" >= 2 end)
    assert(me.at.space:enter_device_code(state.run.wait.user_code))
    require("spec.support.curl").pass(10, function() return me.at.run.status == "done" end)
    local lines = player.messages(me:rest())
    assert.equal("app > server POST /oauth/device 200", lines[1])
    assert.equal("app > server POST /oauth/token 200", lines[2])
  end)

  it("narrows the scope with a refresh token, where that is wished", function()
    local state = player.new():run { way = "refresh_token", narrow = true, scope = "global:Profile.View",
      path = "absences" }
    assert.equal("global:Profile.View", state.run.token.scope)
    assert.equal("http/permission-denied/misconfigured", player.failure(state))
  end)

  it("reads the implicit flow's fragment from the page's script", function()
    local me = player.new()
    local state = me:run { way = "implicit", application = 3 }
    local redirect = assert(me.at.space:approve(state.run.wait.url))
    local curl = require "spec.support.curl"
    assert.is_truthy(curl.run({ me.origin .. "/callback" }).body:find("callback.js", 1, true))
    local body = core.json.encode { fragment = redirect:match "#(.*)$" }
    local foreign = curl.run { me.origin .. "/callback/fragment", "-H", "Origin: http://evil.example", "-d", body }
    assert.equal(403, foreign.status)
    assert.equal(200, curl.run({ me.origin .. "/callback/fragment", "-H", "Origin: " .. me.origin, "-d", body }).status)
    assert.equal("done", me:rest().run.status)
  end)

  it("lets the token expire and shows the renewal, then revokes it and shows the failure", function()
    local me = player.new()
    me:run { way = "authorization_code", offline = true, person = "alice.first" }
    me:act "expire"
    local messages = player.messages(me:act "call")
    local n = #messages
    assert.same({ "app > server GET /api/http/organization 401", "app > server POST /oauth/token 200",
      "app > server GET /api/http/organization 200" }, { messages[n - 2], messages[n - 1], messages[n] })
    local state = me:act "logout"
    assert.is_nil(state.run.token)
    assert.is_true(state.run.left)
    assert.equal(409, me:post("act", { what = "call" }).status)
    me:run { way = "permanent_token" }
    me:act "revoke"
    assert.is_truthy(player.failure(me:act "call"):find "/authentication%-required/")
    assert.equal(409, (function()
      me:post "reset"
      return me:post("act", { what = "call" }).status
    end)())
  end)

  describe("breaks", function()
    local wanted = {
      wrong_state = "state/state_mismatch/interaction_required", reused_code = "oauth/login_required/revoked",
      wrong_verifier = "oauth/invalid_grant/interaction_required", denied = "oauth/access_denied/interaction_required",
      wrong_secret = "oauth/invalid_client/misconfigured", narrowed_scope = "http/permission-denied/misconfigured",
      rate_limited = _VERSION == "Lua 5.4" and "http/rate-limited/transient" or nil, -- it takes seconds
    }
    for name, failure in pairs(wanted) do
      it(name .. ", and ends in " .. failure, function()
        local state = player.new():run { way = "authorization_code", offline = true, person = "alice.first",
          breakage = name }
        assert.equal(failure, player.failure(state))
      end)
    end

    it("wrong_state without asking the token endpoint", function()
      local me = player.new()
      me:run { way = "authorization_code", person = "alice.first", breakage = "wrong_state" }
      assert.equal(0, me.at.space:count "/oauth/token")
    end)

    it("expired_token, and the renewal makes up for it", function()
      local state = player.new():run { breakage = "expired_token" }
      assert.equal("done", state.run.status)
      has(player.messages(state), "app > server GET /api/http/organization 401")
      assert.is_nil(player.failure(state))
    end)
  end)

  it("takes only choices it knows, of their kind", function()
    local me = player.new()
    for _, given in ipairs { { nope = 1 }, { way = "magic" }, { way = 1 }, { server = "space", url = "ftp://x" },
      { server = "space", url = "http://far.example" },
      { pkce = "yes" }, { application = 1.5 }, { breakage = "all" } } do
      assert.equal(400, me:post("choose", given).status)
    end
    assert.equal("client_credentials", me:get("api/state").json.choice.way)
    assert.equal(400, me:post("act", { what = "dance" }).status)
  end)

  it("goes to a Space that isn't its own, and says where that isn't one", function()
    local space = stage.space()
    local me = player.new()
    local state = me:run { server = "space", url = space.url .. "/", client_id = space.client_id,
      client_secret = space.client_secret }
    assert.equal("done", state.run.status)
    assert.equal(1, space:count "/oauth/token")
    assert.is_nil(core.json.encode(state):find(space.client_secret, 1, true))
    state = me:run { client_secret = "wrong" }
    assert.equal("oauth/invalid_client/misconfigured", player.failure(state))
  end)

  it("discovers an issuer's endpoints, and shows how", function()
    local space = stage.space()
    local url
    url = stage.server(function(x)
      if x.path ~= "/.well-known/oauth-authorization-server" then return x:reply { status = 404 } end
      x:reply { headers = { ["Content-Type"] = "application/json" },
        body = core.json.encode { issuer = url, token_endpoint = space.url .. "/oauth/token",
        authorization_endpoint = space.url .. "/oauth/auth", jwks_uri = space.url .. "/oauth/jwks.json",
          response_types_supported = { "code" } } }
    end)
    local me = player.new()
    local state = me:run { server = "issuer", url = url, base_url = space.url .. "/api/http",
      client_id = space.client_id, client_secret = space.client_secret }
    assert.equal("done", state.run.status)
    assert.equal("app > server GET /.well-known/oauth-authorization-server 200", player.messages(state)[1])
    assert.is_false(state.run.token.verdict.good) -- the token names another issuer
    assert.is_truthy(state.run.token.verdict.message:find "issuer")
    local lua = me:post("code", { language = "lua" }).json.text
    assert.is_truthy(lua:find("assert(airlock.discover(\"" .. url .. "\"", 1, true))
    assert.is_truthy(me:post("code", { language = "curl" }).json.text:find(space.url .. "/oauth/token", 1, true))
  end)

  it("goes to a server that Airlock knows by name, with what its profile needs", function()
    local space = stage.space()
    local me = player.new()
    local known = {}
    for _, each in ipairs(me:get("api/catalogue").json.providers) do known[each.name] = each end
    assert.same({ { name = "url", field = "url", needed = true }, { name = "realm", field = "realm", needed = true } },
      known.keycloak.options)
    assert.equal("common", known.microsoft.options[1].default)
    assert.equal("failed", me:run({ server = "provider", provider = "space" }).run.status)
    local state = me:run { url = space.url, client_id = space.client_id, client_secret = space.client_secret }
    assert.equal("done", state.run.status)
    assert.is_true(state.run.token.verdict.good)
    assert.is_truthy(me:post("code", { language = "lua" }).json.text:find('airlock.provider("space", {', 1, true))
    for _, each in pairs(known) do
      assert.equal(200, me:post("choose", { provider = each.name, url = space.url, realm = "r", tenant = "t" }).status,
        each.name)
      for _, language in ipairs { "lua", "curl", "spec" } do
        assert.equal(200, me:post("code", { language = language }).status, each.name)
      end
    end
    assert.equal(400, me:post("choose", { provider = "nobody" }).status)
    assert.equal(400, me:post("choose", { provider = "keycloak", url = "ftp://x" }).status)
  end)

  it("can be asked for a server that isn't named yet, and says so", function()
    local me = player.new()
    for _, server in ipairs { "space", "issuer" } do
      local state = me:run { server = server }
      assert.equal("failed", state.run.status)
      local notes = player.entries(state, "note")
      assert.is_truthy(notes[#notes].text:find "address is missing")
      for _, language in ipairs { "lua", "curl" } do
        assert.equal(200, me:post("code", { language = language }).status)
      end
    end
  end)

  it("knows Space's permissions and contexts, and says why a scope isn't one", function()
    local me = player.new()
    local catalogue = me:get("api/catalogue").json
    assert.equal(228, #catalogue.permissions)
    assert.equal("global", catalogue.contexts[1].prefix)
    assert.is_nil(me:choose(
      { scope = "global:Profile.View project:key:A:Project.Issues.View channel:x:Channel.ViewMessages" }).scope_why)
    assert.is_truthy(me:choose({ scope = "global:Nope" }).scope_why:find "not a permission")
    assert.is_truthy(me:choose({ scope = "planet:Profile.View" }).scope_why:find "not a context")
  end)

  it("lets a run go that nobody wants any more, and records nothing once it has stopped", function()
    local me = player.new()
    me:run { way = "device_code", person = "" }
    assert.is_string(me:get("api/state").json.run.wait.user_code)
    local state = me:run { way = "client_credentials" }
    assert.equal("done", state.run.status)
    local polls = me.at.space:count(function(entry) return entry.form and entry.form.device_code end)
    require("spec.support.curl").pass(1.3)
    assert.equal(polls, me.at.space:count(function(entry) return entry.form and entry.form.device_code end))
    me.at:stop()
    local space = stage.space()
    assert(stage.app(space):get "organization")
    assert.equal("", core.tapped())
  end)
end)
