local emulator = require "airlock.emulator"
local visitor = require "spec.support.visitor"

describe("emulator /oauth/auth", function()
  local space

  local function start(options)
    space = emulator.start(options)
    return space
  end

  after_each(function()
    if space then space:stop() end
    space = nil
  end)

  local function get(changes, more)
    return visitor.new(space):get(visitor.url(space, changes) .. (more or ""))
  end

  -- The person is told, and sent nowhere.
  local function told(r, text)
    assert.equal(400, r.status)
    assert.is_nil(r.location)
    assert.is_truthy(r.body:find(text, 1, true), r.body)
  end

  -- The application is told, by a redirect.
  local function refused(r, code, place)
    assert.equal(302, r.status)
    local fields, at = visitor.answer(r.location)
    assert.equal(place or "http://localhost/callback", at)
    assert.equal(code, fields.error)
    assert.is_string(fields.error_description)
    assert.is_nil(fields.code)
    return fields
  end

  local challenge = ("c"):rep(43)

  it("gives a code for what a person accepted, with the state as it was", function()
    start()
    local state = "a b+c&d=e%41<é>'\""
    local fields, place = visitor.answer(assert(space:approve(visitor.url(space, { state = state }))))
    assert.equal("http://localhost/callback", place)
    assert.same({ state, nil, nil }, { fields.state, fields.error, fields.iss })
    assert.equal(43, #fields.code)
    fields = visitor.answer(space:approve(visitor.url(space, { state = false })))
    assert.is_nil(fields.state)
  end)

  it("tells the person, not the address, where the application or the address is wrong", function()
    start { applications = { web = { name = "Web", settings = { codeFlowEnabled = true,
      codeFlowRedirectURIs = "http://localhost/callback" } },
      bare = { name = "Bare", settings = { codeFlowEnabled = true } } } }
    told(get { client_id = false }, "client_id is missing")
    told(get { client_id = "nobody" }, "client_id is wrong")
    told(get { redirect_uri = false }, "redirect_uri is missing")
    told(get({}, "&client_id=other"), "client_id twice")
    told(get({}, "&redirect_uri=http%3A%2F%2Fevil.example%2F"), "redirect_uri twice")
    told(get { client_id = space.applications.bare.client_id }, "No redirect URI is registered for Bare")
    told(get({}, "&x=%zz"), "malformed")
    for _, uri in ipairs { "http://evil.example/callback", "http://localhost/callback/",
      "http://localhost/callback?x=1", "http://localhost/",
      "http://LOCALHOST/callback", "https://localhost/callback", "http://localhost/callback#x",
        "http://localhost.evil.example/callback",
      "http://localhost:80@evil.example/callback", "http://localhost:x/callback", "http://localhost:0/callback",
      "http://localhost:65536/callback", "http://127.0.0.1/callback", "http://localhost:8080.evil.example/callback",
      "http://localhost/callback\r\nX: y", "javascript:alert(1)" } do
      told(get { redirect_uri = uri }, "isn&#39;t registered")
    end
  end)

  it("takes any port of a loopback address that is registered without one", function()
    start()
    for _, uri in ipairs { "http://localhost:8080/callback", "http://127.0.0.1:1/callback",
      "http://[::1]:65535/callback" } do
      local back = assert(space:approve(visitor.url(space, { redirect_uri = uri })))
      assert.equal(uri .. "?", back:sub(1, #uri + 1))
    end
    local service = space.applications.service.client_id -- that one has a port registered too, and it stays what it is
    assert.is_string((space:approve(visitor.url(space, { client_id = service,
      redirect_uri = "http://127.0.0.1:8765/callback" }))))
    space:stop()
    start { loopback_any_port = false }
    told(get { redirect_uri = "http://localhost:8080/callback" }, "isn&#39;t registered")
    assert.equal(200, get().status)
  end)

  it("keeps the query of a redirect URI", function()
    start { applications = { web = { settings = { codeFlowEnabled = true,
      codeFlowRedirectURIs = "app.x:/cb?a=1\nhttp://h/?\n  http://h/3  \n" } } } }
    assert.is_truthy(space:approve(visitor.url(space, {
      redirect_uri = "app.x:/cb?a=1" })):find "^app%.x:/cb%?a=1&code=")
    assert.is_truthy(space:approve(visitor.url(space, { redirect_uri = "http://h/?" })):find "^http://h/%?code=")
    assert.is_truthy(space:approve(visitor.url(space, { redirect_uri = "http://h/3" })):find "^http://h/3%?code=")
  end)

  it("tells the application what else is wrong", function()
    start()
    assert.equal("s1", refused(get { response_type = false }, "unsupported_response_type").state)
    refused(get { response_type = "id_token" }, "unsupported_response_type")
    refused(get { scope = false }, "invalid_scope")
    refused(get { scope = "" }, "invalid_scope")
    refused(get { scope = "global:No.Such" }, "invalid_scope")
    refused(get { scope = "Profile:ViewProfile" }, "invalid_scope")
    refused(get { scope = "<script>alert(1)</script>" }, "invalid_scope")
    refused(get { access_type = "forever" }, "invalid_request")
    refused(get { request_credentials = "silent" }, "invalid_request")
    refused(get({}, "&scope=%2A%2A"), "invalid_request")
    assert.is_nil(refused(get({}, "&state=s2"), "invalid_request").state)
    assert.equal(200, get({ request_credentials = "skip" }, "&unknown=1").status)
  end)

  it("tells an application of which flow it may not use", function()
    start { applications = { web = { settings = { codeFlowRedirectURIs = "http://localhost/callback",
      implicitFlowRedirectURIs = "http://localhost/callback" } } } }
    refused(get(), "unauthorized_client")
    local r = get { response_type = "token" }
    assert.is_truthy(r.location:find "^http://localhost/callback#error=unauthorized_client")
  end)

  it("wants a sound code_challenge, from a public client always", function()
    start()
    refused(get { code_challenge = "short", code_challenge_method = "S256" }, "invalid_request")
    refused(get { code_challenge = ("c"):rep(42) .. "~", code_challenge_method = "S256" }, "invalid_request")
    refused(get { code_challenge = challenge, code_challenge_method = "S512" }, "invalid_request")
    refused(get { code_challenge_method = "S256" }, "invalid_request")
    refused(get { code_challenge = "short" }, "invalid_request")
    assert.equal(200, get({ code_challenge = ("~"):rep(128) }).status)
    local native = space.applications.native.client_id
    refused(get { client_id = native }, "invalid_request")
    assert.equal(200, get({ client_id = native, code_challenge = challenge, code_challenge_method = "S256" }).status)
    space:stop()
    start { applications = { web = { settings = { codeFlowEnabled = true, publicClientsAllowed = true,
      codeFlowRedirectURIs = "http://localhost/callback" } } } }
    refused(get(), "invalid_request")
  end)

  it("takes a form as well", function()
    start()
    local query = visitor.url(space):match "%?(.*)$"
    local r = visitor.new(space):get("/oauth/auth", "-d", query)
    assert.equal(200, r.status)
    assert.is_truthy(r.form)
    r = visitor.new(space):get("/oauth/auth", "-d", query .. "&scope=**")
    assert.equal(303, r.status)
    r = visitor.new(space):get("/oauth/auth", "-d", query, "-H", "Content-Type: text/plain")
    assert.equal(400, r.status)
  end)

  it("gives a token in the fragment, by the implicit flow", function()
    start()
    local back = assert(space:approve(visitor.url(space, { response_type = "token", access_type = "offline" }),
      { person = "bob.second" }))
    assert.is_truthy(back:find "^http://localhost/callback#access_token=")
    local fields = visitor.answer(back)
    assert.same({ "Bearer", "600", "global:Profile.View", "s1", nil },
      { fields.token_type, fields.expires_in, fields.scope, fields.state, fields.refresh_token })
    assert.equal("bob.second", visitor.api(space, "team-directory/profiles/me", fields.access_token).json.username)
    back = space:approve(visitor.url(space, { response_type = "token", scope = "**" }), { accept = false })
    assert.is_truthy(back:find "^http://localhost/callback#error=access_denied")
  end)

  it("names itself where that is wanted (RFC 9207)", function()
    start { iss = true }
    assert.equal(space.url, visitor.answer(space:approve(visitor.url(space))).iss)
    assert.equal(space.url, refused(get { scope = false }, "invalid_scope").iss)
    assert.equal(space.url, visitor.answer(space:approve(visitor.url(space, { response_type = "token" }))).iss)
  end)

  it("has faults, as everything has", function()
    start()
    space:fault { path = "^/oauth/auth$", status = 503 }
    assert.equal(503, get().status)
    assert.equal(200, get().status)
  end)

  describe("approve", function()
    it("says what a page said that leads nowhere", function()
      start()
      local back, says, status = space:approve(visitor.url(space), { password = "guess" })
      assert.same({ nil, "The username or the password is wrong.", 403 }, { back, says, status })
      back, says, status = space:approve(visitor.url(space, { client_id = "nobody" }))
      assert.is_nil(back)
      assert.is_truthy(says:find "isn't known")
      assert.equal(400, status)
    end)

    it("is the person it is told to be, and cancels", function()
      start { people = { { username = "first" }, { username = "anna.smith", password = "p w", email = "a@x" } } }
      assert.is_string((space:approve(visitor.url(space), { person = "anna.smith", password = "p w" })))
      assert.is_string((space:approve(visitor.url(space):sub(#space.url + 1), { person = "email:a@x" })))
      assert.equal("access_denied", visitor.answer(space:approve(visitor.url(space), { accept = false })).error)
      assert.equal(0, space:count())
    end)

    it("names mistakes", function()
      start()
      assert.error_matches(function() space:approve(visitor.url(space), { persn = 1 }) end, "unknown option 'persn'")
      assert.error_matches(function() space:approve(visitor.url(space), { person = "nobody" }) end,
        "no such person: nobody")
      assert.error_matches(function() space:approve "http://elsewhere/oauth/auth" end, "isn't this emulator's")
    end)
  end)

  it("has its applications by name", function()
    start()
    local apps = space.applications
    assert.same({ apps[1], apps[2], apps[3] }, { apps.service, apps.native, apps.web })
    assert.equal(space.client_id, apps.service.client_id)
    assert.is_string(space:issue({ application = "web", person = "alice.first" }).access_token)
    space:stop()
    start { applications = { { name = "one" }, b = { name = "three" }, a = { name = "two" } } }
    apps = space.applications
    assert.same({ "one", "two", "three", "three" }, { apps[1].name, apps[2].name, apps[3].name, apps.b.name })
  end)
end)
