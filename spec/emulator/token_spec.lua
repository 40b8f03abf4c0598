local curl = require "spec.support.curl"
local core = require "airlock.core"
local crypto = require("airlock.server").crypto
local emulator = require "airlock.emulator"

describe("emulator token endpoint", function()
  local space

  local function start(options)
    space = emulator.start(options)
    return space
  end

  after_each(function()
    if space then space:stop() end
    space = nil
  end)

  -- Posts a form; `auth` is "id:secret", true for the first application's own, false for none.
  local function ask(fields, auth, ...)
    local words = { space.url .. "/oauth/token", ... }
    if auth == nil or auth == true then auth = space.client_id .. ":" .. space.client_secret end
    if auth then
      words[#words + 1] = "-u"
      words[#words + 1] = auth
    end
    words[#words + 1] = "-d"
    words[#words + 1] = type(fields) == "string" and fields or ""
    if type(fields) == "table" then
      for name, value in pairs(fields) do
        words[#words + 1] = "--data-urlencode"
        words[#words + 1] = name .. "=" .. value
      end
    end
    local r = curl.run(words)
    r.json = core.json.decode(r.body)
    return r
  end

  local function refused(r, code, status)
    assert.equal(status or 400, r.status)
    assert.equal(code, r.json.error)
    assert.is_string(r.json.error_description)
    assert.equal("no-store", r.headers["cache-control"])
    assert.equal("no-cache", r.headers["pragma"])
    assert.equal("application/json", r.headers["content-type"])
  end

  local function base64(text)
    local url = crypto.base64url(text)
    return (url:gsub("%-", "+"):gsub("_", "/")) .. ("="):rep((4 - #url % 4) % 4)
  end

  local function part(jwt, i)
    local parts = {}
    for each in jwt:gmatch "[^.]+" do parts[#parts + 1] = each end
    assert.equal(3, #parts)
    return i < 3 and core.json.decode(crypto.base64url_decode(parts[i])) or parts
  end

  describe("client credentials", function()
    it("gives a bearer token for 600 seconds", function()
      start()
      local r = ask "grant_type=client_credentials"
      assert.equal(200, r.status)
      assert.equal("Bearer", r.json.token_type)
      assert.equal(600, r.json.expires_in)
      assert.equal("**", r.json.scope)
      assert.is_nil(r.json.refresh_token)
      assert.truthy(r.body:find('"expires_in":600,', 1, true))
      assert.equal("no-store", r.headers["cache-control"])
      assert.equal("no-cache", r.headers["pragma"])
    end)

    it("signs it with RS512, by the key in the JWKS", function()
      start { clock = 1700000000 }
      local token = ask("grant_type=client_credentials&scope=**").json.access_token
      local head, claims, parts = part(token, 1), part(token, 2), part(token, 3)
      local keys = core.json.decode(curl.run({ space.url .. "/oauth/jwks.json" }).body).keys
      assert.equal("RS512", head.alg)
      assert.equal(head.kid, keys[1].kid)
      assert.same({ "RSA", "sig", "RS512", "AQAB" }, { keys[1].kty, keys[1].use, keys[1].alg, keys[1].e })
      assert.equal(space.client_id, claims.aud)
      assert.equal(space.url, claims.iss)
      assert.equal(space.applications[1].id, claims.sub)
      assert.equal("SERVICE", claims.principal_type)
      assert.equal("mycompany", claims.orgDomain)
      assert.equal("**", claims.scope)
      assert.equal(12, #claims.sid)
      assert.equal(600, claims.exp - claims.iat)
      assert.is_true(claims.iat >= 1700000000 and claims.iat < 1700000060)
      local public = crypto.rsa_public(space.signer.pem)
      assert.equal(public.n, keys[1].n)
      assert.is_true(crypto.verify("RS512", public.pem, parts[1] .. "." .. parts[2], crypto.base64url_decode(parts[3])))
    end)

    it("gives a new token each time, and the lifetime asked for", function()
      start { token_lifetime = 5 }
      local one, two = ask("grant_type=client_credentials").json, ask("grant_type=client_credentials").json
      assert.equal(5, one.expires_in)
      assert.is_false(one.access_token == two.access_token)
    end)

    it("are refused to an application that has them switched off", function()
      start { applications = { { settings = { clientCredentialsFlowEnabled = false } } } }
      refused(ask "grant_type=client_credentials", "unauthorized_client")
    end)

    it("are no matter for a public client", function()
      start()
      refused(ask("grant_type=client_credentials&client_id=" .. space.applications[2].client_id, false),
        "invalid_client", 401)
    end)
  end)

  describe("client authentication", function()
    local body = "grant_type=client_credentials"

    it("takes Basic as it is, and form-encoded first", function()
      start { applications = { { client_id = "an id", client_secret = "p+q/r%41s:t" } } }
      assert.equal(200, ask(body, "an id:p+q/r%41s:t").status)
      assert.equal(200, ask(body, "an+id:p%2Bq%2Fr%2541s%3At").status)
      assert.equal(401, ask(body, "an id:p q/rAs:t").status)
    end)

    it("takes the body", function()
      start { applications = { { client_id = "an id", client_secret = "p+q/r%41s:t" } } }
      assert.equal(200, ask({ grant_type = "client_credentials", client_id = "an id", client_secret = "p+q/r%41s:t" },
        false).status)
      local wrong = ask({ grant_type = "client_credentials", client_id = "an id", client_secret = "p" }, false)
      refused(wrong, "invalid_client", 401)
      assert.is_nil(wrong.headers["www-authenticate"])
    end)

    it("takes both where they are equal, and nothing that contradicts itself", function()
      start()
      local id, secret = space.client_id, space.client_secret
      assert.equal(200, ask(body .. "&client_id=" .. id .. "&client_secret=" .. secret).status)
      assert.equal(200, ask(body .. "&client_id=" .. id).status)
      refused(ask(body .. "&client_id=" .. id .. "&client_secret=other"), "invalid_request")
      refused(ask(body .. "&client_id=" .. space.applications[2].client_id), "invalid_request")
      refused(ask(body .. "&client_secret=other"), "invalid_request")
    end)

    it("refuses the wrong, with a challenge where the header was tried", function()
      start()
      for _, auth in ipairs { space.client_id .. ":wrong", "nobody:" .. space.client_secret, space.client_id .. ":",
        ":" } do
        -- a newer curl sends nothing for `-u :`
        local r = ask(body, auth ~= ":" and auth, auth == ":" and "-HAuthorization: Basic Og==" or nil)
        refused(r, "invalid_client", 401)
        assert.truthy(r.headers["www-authenticate"]:find "^Basic ")
      end
      refused(ask(body, false), "invalid_client", 401)
      refused(ask(body .. "&client_id=" .. space.client_id, false), "invalid_client", 401)
    end)

    it("refuses a header that is no Basic", function()
      start()
      for _, header in ipairs { "Bearer abc", "Basic", "Basic ***", "Basic " .. base64 "nocolon",
        "Basic " .. base64 "a:b" .. "=", "x" } do
        local r = ask(body, false, "-H", "Authorization: " .. header)
        refused(r, "invalid_client", 401)
        assert.truthy(r.headers["www-authenticate"])
      end
    end)
  end)

  describe("a request", function()
    it("needs a grant type that is known", function()
      start()
      refused(ask "scope=**", "invalid_request")
      refused(ask "grant_type=", "invalid_request")
      refused(ask "grant_type=magic", "unsupported_grant_type")
    end)

    it("may not repeat a parameter", function()
      start()
      refused(ask "grant_type=client_credentials&scope=**&scope=**", "invalid_request")
      refused(ask "grant_type=client_credentials&grant_type=client_credentials", "invalid_request")
    end)

    it("must be a form, well encoded", function()
      start()
      refused(ask("grant_type=client_credentials&scope=%zz", true), "invalid_request")
      refused(ask("grant_type=client_credentials%", true), "invalid_request")
      refused(ask('{"grant_type":"client_credentials"}', true, "-H", "Content-Type: application/json"),
        "invalid_request")
      refused(ask("grant_type=client_credentials", true, "-H", "Content-Type:"), "invalid_request")
      local fine = "Content-Type: Application/X-WWW-Form-Urlencoded ; charset=UTF-8"
      assert.equal(200, ask("grant_type=client_credentials", true, "-H", fine).status)
      assert.equal(200, ask("grant_type=client_credentials&unknown=ignored&&scope=", true).status)
    end)

    it("must be a POST", function()
      start()
      local r = curl.run { space.url .. "/oauth/token?grant_type=client_credentials" }
      assert.same({ 405, "POST" }, { r.status, r.headers.allow })
      assert.equal("invalid_request", core.json.decode(r.body).error)
    end)

    it("from another origin is allowed after a preflight", function()
      start()
      local r = curl.run { space.url .. "/oauth/token", "-X", "OPTIONS", "-H", "Origin: http://app.example",
        "-H", "Access-Control-Request-Method: POST", "-H", "Access-Control-Request-Headers: authorization" }
      assert.equal(204, r.status)
      assert.equal("http://app.example", r.headers["access-control-allow-origin"])
      assert.truthy(r.headers["access-control-allow-headers"]:find "Authorization")
      assert.truthy(r.headers["access-control-allow-methods"]:find "POST")
      r = ask("grant_type=client_credentials", true, "-H", "Origin: http://app.example")
      assert.equal("http://app.example", r.headers["access-control-allow-origin"])
    end)

    it("over the server's ceiling hears 413", function()
      start()
      local name = os.tmpname()
      local file = io.open(name, "wb")
      file:write("grant_type=client_credentials&x=", ("x"):rep(9 * 1024 * 1024))
      file:close()
      local r = curl.run { space.url .. "/oauth/token", "--data-binary", "@" .. name }
      os.remove(name)
      assert.equal(413, r.status)
    end)
  end)

  describe("scope", function()
    local function wanted(scope)
      return ask({ grant_type = "client_credentials", scope = scope })
    end

    it("is read by the last colon, in every context", function()
      start()
      for _, scope in ipairs { "global:Profile.View", "project:key:MY-PROJECT-KEY:Project.Issues.View",
        "project:id:3x:Project.View",
        "channel:42P9E54DAkJW:Channel.ViewMessages", "packageRepository:1:PackageRepository.Write2",
          "taskId:9:Todo.Task.View",
        "global:Superadmin", "global:Rd.CloudPolicy.edit", "global:Profile.Edit.2",
        "global:Profile.View global:Profile.Memberships.View" } do
        local r = wanted(scope)
        assert.same({ 200, scope }, { r.status, r.json.scope })
      end
    end)

    it("says a repeated element once", function()
      start()
      assert.equal("global:Profile.View", wanted("global:Profile.View global:Profile.View").json.scope)
    end)

    it("of the old syntax, or unknown, is refused", function()
      start()
      for _, scope in ipairs { "Profile.View", "Profile:ViewProfile", "AddNewProfile,AddNewTeam Team:EditTeam",
        "Project:*", "*",
        "** global:Profile.View", "global:Profile.view", "global:Nonsense", "global:", ":Profile.View",
          "project:KEY:Project.View",
        "project:key::Project.View", "global:Profile.View  global:Profile.View", " global:Profile.View",
          "global:Profile.View ",
        "global:Profile.View\tglobal:Profile.View", "openid" } do
        refused(wanted(scope), "invalid_scope")
      end
    end)

    it("beyond what the application was granted is refused", function()
      start { applications = { { rights = "global:Profile.View project:key:A:Project.Issues.View" } } }
      assert.equal(200, wanted("project:key:A:Project.Issues.View").status)
      assert.equal(200, wanted("project:key:A:Profile.View").status) -- granted globally, so in every context
      assert.equal("**", wanted("**").json.scope)
      refused(wanted("project:key:B:Project.Issues.View"), "invalid_scope")
      refused(wanted("global:Project.Issues.View"), "invalid_scope")
    end)
  end)

  describe("refreshing", function()
    local function refresh(token, more, auth, ...)
      local fields = { grant_type = "refresh_token", refresh_token = token }
      for name, value in pairs(more or {}) do fields[name] = value end
      return ask(fields, auth, ...)
    end

    local function get(path, token)
      local r = curl.run { space.url .. path, "-H", "Authorization: Bearer " .. token }
      r.json = core.json.decode(r.body)
      return r
    end

    it("gives access tokens again and again, and no new refresh token", function()
      start()
      local held = space:issue { person = "alice.first", offline = true }
      for _ = 1, 2 do
        local r = refresh(held.refresh_token)
        assert.same({ 200, "**", 600 }, { r.status, r.json.scope, r.json.expires_in })
        assert.is_nil(r.json.refresh_token)
        assert.equal("alice.first", get("/api/http/team-directory/profiles/me", r.json.access_token).json.username)
      end
    end)

    it("may narrow the scope for once, and never widens it", function()
      start()
      local held = space:issue { person = "alice.first", offline = true,
        scope = "global:Profile.View global:Project.View" }
      assert.equal("global:Profile.View", refresh(held.refresh_token, { scope = "global:Profile.View" }).json.scope)
      assert.equal("global:Profile.View global:Project.View", refresh(held.refresh_token).json.scope)
      refused(refresh(held.refresh_token, { scope = "global:Profile.Edit" }), "invalid_scope")
      refused(refresh(held.refresh_token, { scope = "**" }), "invalid_scope")
      refused(refresh(held.refresh_token, { scope = "nonsense" }), "invalid_scope")
    end)

    it("refuses a token that is missing, unknown, revoked, or another application's", function()
      start()
      local held = space:issue { person = "alice.first", offline = true }
      refused(ask "grant_type=refresh_token", "invalid_request")
      refused(refresh "nonsense", "invalid_grant")
      local other = space.applications[2]
      refused(refresh(held.refresh_token, nil, other.client_id .. ":" .. other.client_secret), "invalid_grant")
      assert.is_true(space:revoke(held.refresh_token))
      refused(refresh(held.refresh_token), "invalid_grant")
    end)

    it("serves a public client by its id", function()
      start()
      local app = space.applications[2]
      local held = space:issue { application = app, person = "bob.second", offline = true }
      assert.equal(200, refresh(held.refresh_token, { client_id = app.client_id }, false).status)
      refused(refresh(held.refresh_token, nil, false), "invalid_client", 401)
    end)

    it("is of use after the access token's end", function()
      start { clock = 1700000000 }
      local held = space:issue { person = "alice.first", offline = true }
      space:advance(601)
      local r = get("/api/http/team-directory/profiles/me", held.access_token)
      assert.same({ 401, "authentication-required", "Access token has expired" },
        { r.status, r.json.error, r.json.error_description })
      r = refresh(held.refresh_token)
      assert.equal(200, get("/api/http/team-directory/profiles/me", r.json.access_token).status)
    end)

    describe("with rotation", function()
      it("gives a new refresh token of the same scope, whatever was asked for", function()
        start { rotate = true }
        local held = space:issue { person = "alice.first", offline = true,
          scope = "global:Profile.View global:Project.View" }
        local r = refresh(held.refresh_token, { scope = "global:Profile.View" })
        assert.is_string(r.json.refresh_token)
        assert.is_false(r.json.refresh_token == held.refresh_token)
        assert.equal("global:Profile.View global:Project.View", refresh(r.json.refresh_token).json.scope)
      end)

      it("takes a second use for theft, and revokes the whole family", function()
        start { rotate = true }
        local held = space:issue { person = "alice.first", offline = true }
        local r = refresh(held.refresh_token)
        refused(refresh(held.refresh_token), "invalid_grant")
        refused(refresh(r.json.refresh_token), "invalid_grant")
        local why = "Refresh token associated with the access token is revoked"
        for _, token in ipairs { held.access_token, r.json.access_token } do
          local seen = get("/api/http/team-directory/profiles/me", token)
          assert.same({ 401, "authentication-required", why },
            { seen.status, seen.json.error, seen.json.error_description })
        end
      end)

      it("repeats its answer within the grace, and not after it", function()
        start { rotate = true, grace = 30, clock = 1700000000 }
        local held = space:issue { person = "alice.first", offline = true }
        local one = refresh(held.refresh_token)
        local two = refresh(held.refresh_token)
        assert.same({ one.json.refresh_token, one.json.access_token },
          { two.json.refresh_token, two.json.access_token })
        space:advance(31)
        refused(refresh(held.refresh_token), "invalid_grant")
      end)

      it("a failed request doesn't use the token up", function()
        start { rotate = true }
        local held = space:issue { person = "alice.first", offline = true }
        refused(refresh(held.refresh_token, { scope = "nonsense" }), "invalid_scope")
        refused(refresh(held.refresh_token, nil, space.client_id .. ":wrong"), "invalid_client", 401)
        assert.equal(200, refresh(held.refresh_token).status)
      end)
    end)
  end)
end)
