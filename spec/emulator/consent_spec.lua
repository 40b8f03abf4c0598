local emulator = require "airlock.emulator"
local visitor = require "spec.support.visitor"

describe("emulator oauth-consents", function()
  local space, admin

  before_each(function()
    space = emulator.start()
    admin = space:issue({ person = "alice.first" }).access_token
  end)

  after_each(function() space:stop() end)

  local place = "team-directory/profiles/oauth-consents/"

  local function call(path, method, token)
    return visitor.api(space, place .. path, token or admin, "-g", "-X", method or "GET")
  end

  local fields = "?$fields=clientApplication(name,clientId),approvedScopes(id,scope,offlineAllowed),refreshTokens(id,"
    .. "scope,lastAccess)"

  local function list(owner, token)
    return call((owner or "me") .. fields, "GET", token).json
  end

  local function login(changes, app)
    app = app or space.applications.web
    local wanted = { client_id = app.client_id, access_type = "offline" }
    for name, value in pairs(changes or {}) do wanted[name] = value end
    local code = visitor.answer(space:approve(visitor.url(space, wanted))).code
    return visitor.ask(space, "/oauth/token", { grant_type = "authorization_code", code = code,
      redirect_uri = "http://localhost/callback" }, app).json
  end

  local function refresh(t)
    return visitor.ask(space, "/oauth/token", { grant_type = "refresh_token", refresh_token = t.refresh_token },
      space.applications.web)
  end

  local revoked = "Refresh token associated with the access token is revoked"

  local function is_revoked(t)
    local r = visitor.api(space, "team-directory/profiles/me", t.access_token)
    assert.same({ 401, "authentication-required", revoked }, { r.status, r.json.error, r.json.error_description })
    assert.equal("invalid_grant", refresh(t).json.error)
  end

  local function is_good(t)
    assert.equal(200, visitor.api(space, "team-directory/profiles/me", t.access_token).status)
  end

  it("are listed by application", function()
    assert.same({}, list())
    local t = login()
    login({ access_type = "online", scope = "**" }, space.applications.service)
    local found = list()
    assert.same({ "Automation script", "Team dashboard" },
      { found[1].clientApplication.name, found[2].clientApplication.name })
    assert.same({ { "**", false }, 0 }, { { found[1].approvedScopes[1].scope,
      found[1].approvedScopes[1].offlineAllowed }, #found[1].refreshTokens })
    local web = found[2]
    assert.same({ 1, "global:Profile.View", true }, { #web.approvedScopes, web.approvedScopes[1].scope,
      web.approvedScopes[1].offlineAllowed })
    assert.same({ 1, "global:Profile.View" }, { #web.refreshTokens, web.refreshTokens[1].scope })
    assert.is_nil(tonumber(web.refreshTokens[1].lastAccess))
    refresh(t)
    assert.is_number(list()[2].refreshTokens[1].lastAccess.timestamp)
    assert.same(found[1], list("username:alice.first")[1])
    assert.same({}, list "username:bob.second")
  end)

  it("end with the application", function()
    local one, two, other = login(), login { scope = "**" }, login({}, space.applications.service)
    assert.equal(204, call("me/applications/clientId:" .. space.applications.web.client_id, "DELETE").status)
    is_revoked(one)
    is_revoked(two)
    is_good(other)
    assert.equal(1, #list())
    assert.equal(404, call("me/applications/clientId:" .. space.applications.web.client_id, "DELETE").status)
    assert.equal(404, call("me/applications/id:nothing", "DELETE").status)
    local who = visitor.new(space) -- who is asked again
    assert.equal(200, who:login(who:get(visitor.url(space)), "alice.first").status)
  end)

  it("end scope by scope", function()
    local one, two = login(), login { scope = "**" }
    local id
    for _, each in ipairs(list()[1].approvedScopes) do
      if each.scope == "**" then id = each.id end
    end
    assert.equal(204, call("me/approved-scopes/" .. id, "DELETE").status)
    is_revoked(two)
    is_good(one)
    assert.equal(404, call("me/approved-scopes/" .. id, "DELETE").status)
  end)

  it("end refresh token by refresh token", function()
    local one = login()
    local id = list()[1].refreshTokens[1].id
    local two = login()
    assert.equal(2, #list()[1].refreshTokens)
    assert.equal(204, call("me/refresh-tokens/" .. id, "DELETE").status)
    is_revoked(one)
    is_good(two)
    assert.equal(404, call("me/refresh-tokens/" .. id, "DELETE").status)
    assert.equal(204, visitor.api(space, place .. "me/refresh-tokens/self", two.access_token, "-X", "DELETE").status)
    is_revoked(two)
    assert.equal(1, #list()[1].approvedScopes) -- the consent stays
  end)

  it("are for those who may", function()
    login()
    local id = list()[1].refreshTokens[1].id
    local guest = space:issue({ person = "guest.seventh" }).access_token
    local narrow = space:issue({ person = "alice.first", scope = "global:Profile.View" }).access_token
    for _, token in ipairs { guest, narrow } do
      assert.equal(403, call("username:alice.first", "GET", token).status)
      assert.equal(403, call("username:alice.first/refresh-tokens/" .. id, "DELETE", token).status)
    end
    assert.equal(404, call("username:nobody").status)
    assert.equal(404, call("username:bob.second/refresh-tokens/" .. id, "DELETE").status)
    assert.equal(404, call("me", "GET", space:issue().access_token).status) -- an application is nobody
    assert.equal(1, #list())
  end)

  it("hold one refresh token of each login, also when they rotate", function()
    space:stop()
    space = emulator.start { rotate = true }
    admin = space:issue({ person = "alice.first" }).access_token
    local t = login()
    refresh(t)
    assert.equal(1, #list()[1].refreshTokens)
  end)
end)
