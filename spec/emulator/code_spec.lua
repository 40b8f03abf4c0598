local crypto = require("airlock.server").crypto
local emulator = require "airlock.emulator"
local visitor = require "spec.support.visitor"

describe("emulator grants of people", function()
  local space, web

  local function start(options)
    space = emulator.start(options)
    web = space.applications.web
    return space
  end

  after_each(function()
    if space then space:stop() end
    space = nil
  end)

  local function code(changes, given)
    return visitor.answer(assert(space:approve(visitor.url(space, changes), given))).code
  end

  local function ask(fields, app)
    return visitor.ask(space, "/oauth/token", fields, app)
  end

  local function exchange(text, changes, app)
    local fields = { grant_type = "authorization_code", code = text, redirect_uri = "http://localhost/callback" }
    for name, value in pairs(changes or {}) do fields[name] = value or nil end
    if app == nil then app = web end
    return ask(fields, app)
  end

  local function refused(r, wanted, status)
    assert.same({ status or 400, wanted }, { r.status, r.json and r.json.error })
    assert.is_string(r.json.error_description)
    assert.equal("no-store", r.headers["cache-control"])
  end

  local function me(token)
    return visitor.api(space, "team-directory/profiles/me", token)
  end

  describe("authorization_code", function()
    it("gives a token of the person", function()
      start()
      local r = exchange(code(nil, { person = "bob.second" }))
      assert.same({ 200, "Bearer", 600, "global:Profile.View", nil },
        { r.status, r.json.token_type, r.json.expires_in, r.json.scope, r.json.refresh_token })
      assert.equal("bob.second", me(r.json.access_token).json.username)
    end)

    it("gives a refresh token for offline access", function()
      start()
      local r = exchange(code { access_type = "offline" }).json
      local again = ask({ grant_type = "refresh_token", refresh_token = r.refresh_token }, web).json
      assert.equal("alice.first", me(again.access_token).json.username)
      assert.is_string(exchange(code { access_type = "offline" }).json.refresh_token) -- and each time
    end)

    it("takes a code once; a second use ends what came from the first", function()
      start()
      for _, kind in ipairs { "online", "offline" } do
        local text = code { access_type = kind }
        local first = exchange(text).json
        assert.equal(200, me(first.access_token).status)
        refused(exchange(text, { code_verifier = "whatever" }), "invalid_grant")
        assert.equal(401, me(first.access_token).status)
        refused(exchange(text), "invalid_grant")
        if kind == "offline" then
          refused(ask({ grant_type = "refresh_token", refresh_token = first.refresh_token }, web), "invalid_grant")
          assert.equal("Refresh token associated with the access token is revoked",
            me(first.access_token).json.error_description)
        end
      end
    end)

    it("takes it for a minute, or as long as it is told", function()
      start()
      local early, late = code(), code()
      space:advance(59)
      assert.equal(200, exchange(early).status)
      space:advance(2)
      refused(exchange(late), "invalid_grant")
      space:stop()
      start { code_lifetime = 5 }
      late = code()
      space:advance(6)
      refused(exchange(late), "invalid_grant")
    end)

    it("takes it from its client alone, and a try of another doesn't spend it", function()
      start()
      local text = code()
      refused(exchange(text, nil, space.applications.service), "invalid_grant")
      refused(exchange(text, nil, web.client_id .. ":wrong"), "invalid_client", 401)
      refused(exchange(text, { client_id = space.applications.native.client_id }, false), "invalid_grant")
      assert.equal(200, exchange(text).status)
      refused(exchange "made up", "invalid_grant")
    end)

    it("takes it with its own redirect_uri alone", function()
      start()
      local text = code { redirect_uri = "http://localhost:5555/callback" }
      for _, uri in ipairs { "http://localhost/callback", "http://localhost:5556/callback",
        "http://localhost:5555/callback/" } do
        refused(exchange(text, { redirect_uri = uri }), "invalid_grant")
      end
      refused(exchange(text, { redirect_uri = false }), "invalid_request")
      refused(exchange(text, { code = false }), "invalid_request")
      assert.equal(200, exchange(text, { redirect_uri = "http://localhost:5555/callback" }).status)
    end)

    it("wants the verifier of its challenge", function()
      start()
      local verifier = ("v"):rep(43)
      local s256 = { code_challenge = crypto.base64url(crypto.sha256(verifier)), code_challenge_method = "S256" }
      local text = code(s256)
      for _, wrong in ipairs { false, "", ("w"):rep(43), s256.code_challenge, verifier .. "v", ("v"):rep(42),
        ("v"):rep(42) .. "+" } do
        refused(exchange(text, { code_verifier = wrong }), "invalid_grant")
      end
      assert.equal(200, exchange(text, { code_verifier = verifier }).status)
      for _, method in ipairs { "plain", false } do
        text = code { code_challenge = verifier, code_challenge_method = method }
        refused(exchange(text, { code_verifier = ("w"):rep(43) }), "invalid_grant")
        assert.equal(200, exchange(text, { code_verifier = verifier }).status)
      end
      refused(exchange(code(), { code_verifier = verifier }), "invalid_grant") -- nothing was promised
    end)

    it("takes a public client's id in place of a secret", function()
      start()
      local native, verifier = space.applications.native, ("v"):rep(64)
      local text = code { client_id = native.client_id, access_type = "offline",
        code_challenge = crypto.base64url(crypto.sha256(verifier)), code_challenge_method = "S256" }
      refused(exchange(text, { client_id = native.client_id }, false), "invalid_grant")
      refused(exchange(text, { code_verifier = verifier }, false), "invalid_client", 401)
      local r = exchange(text, { client_id = native.client_id, code_verifier = verifier }, false)
      assert.equal(200, r.status)
      r = ask { grant_type = "refresh_token", refresh_token = r.json.refresh_token, client_id = native.client_id }
      assert.equal(200, r.status)
    end)

    it("may be refused with another status", function()
      start()
      space:fault { token_error_status = 403 }
      local text = code()
      assert.equal(200, exchange(text).status) -- it waits for one that fails
      refused(exchange(text), "invalid_grant", 403)
      refused(exchange(text), "invalid_grant")
      space:fault { path = "/oauth/token", reply = function(x) x:reply { status = 403,
        body = '{"error":"permission-denied"}' } end }
      assert.equal(403, exchange(code()).status)
    end)
  end)

  describe("password", function()
    local function login(changes, app)
      local fields = { grant_type = "password", username = "alice.first", password = "password-of-alice.first",
        scope = "**" }
      for name, value in pairs(changes or {}) do fields[name] = value or nil end
      if app == nil then app = web end
      return ask(fields, app)
    end

    it("gives a token of the person", function()
      start()
      local r = login()
      assert.same({ 200, nil }, { r.status, r.json.refresh_token })
      assert.equal("alice.first", me(r.json.access_token).json.username)
      assert.is_string(login({ access_type = "offline" }).json.refresh_token)
    end)

    it("refuses what is missing or wrong", function()
      start()
      refused(login { password = "guess" }, "invalid_grant")
      refused(login { username = "nobody" }, "invalid_grant")
      refused(login { username = false }, "invalid_request")
      refused(login { password = "" }, "invalid_request")
      refused(login { scope = false }, "invalid_scope")
      refused(login { scope = "openid" }, "invalid_scope")
      refused(login { access_type = "ever" }, "invalid_request")
      refused(login({}, false), "invalid_client", 401)
      refused(login({ client_id = space.applications.native.client_id }, false), "invalid_client", 401)
    end)

    it("is closed to those who have left", function()
      start { people = { { username = "gone", archived = true, password = "p" } } }
      refused(login { username = "gone", password = "p" }, "invalid_grant")
    end)
  end)

  describe("revocation (RFC 7009)", function()
    local function revoke(token, app)
      if app == nil then app = web end
      return visitor.ask(space, "/oauth/revoke", { token = token }, app)
    end

    it("ends an access token, or a refresh token with all that came from it", function()
      start()
      local one = space:issue { application = "web", person = "alice.first", offline = true }
      assert.equal(200, revoke(one.access_token).status)
      assert.equal("Access token has been revoked", me(one.access_token).json.error_description)
      local fresh = ask({ grant_type = "refresh_token", refresh_token = one.refresh_token }, web).json.access_token
      assert.equal(200, revoke(one.refresh_token).status)
      assert.equal("Refresh token associated with the access token is revoked", me(fresh).json.error_description)
      refused(ask({ grant_type = "refresh_token", refresh_token = one.refresh_token }, web), "invalid_grant")
    end)

    it("is fine with a token that isn't known, not with a stranger", function()
      start()
      assert.equal(200, revoke("made up").status)
      refused(revoke(""), "invalid_request")
      refused(revoke("made up", false), "invalid_client", 401)
      local one = space:issue { application = "web", person = "alice.first" }
      refused(revoke(one.access_token, space.applications.service), "invalid_grant")
      assert.equal(200, me(one.access_token).status)
    end)

    it("can be left out, as Space has none", function()
      start { revocation = false }
      assert.equal(404, revoke("made up").status)
    end)
  end)
end)
