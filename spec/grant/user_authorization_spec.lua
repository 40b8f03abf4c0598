-- Authorization code with PKCE: the two halves of a web application's login, and what the hostile try in between.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local query = require "airlock.form"
local stage = require "spec.support.stage"

local callback = "http://127.0.0.1:8080/callback"

describe("authorization code", function()
  after_each(stage.clear)

  local function web(options, more)
    local space = stage.space(options)
    local application = space.applications.web
    local config = { url = space.url, client_id = application.client_id, client_secret = application.client_secret }
    for name, value in pairs(more or {}) do config[name] = value end
    return airlock.space(config), space
  end

  local function begin(client, more)
    local options = { scope = "global:Profile.View", redirect_uri = callback }
    for name, value in pairs(more or {}) do options[name] = value end
    return client:authorization_code(options)
  end

  local function fields(url)
    local found = {}
    for name, value in url:match "%?(.*)$":gmatch "([^&=]+)=([^&]*)" do found[name] = value end
    return found
  end

  it("sends the browser with PKCE by S256 and a state of 256 bits [7636-01] [7636-03] [9700-01]", function()
    local client, space = web()
    local login = begin(client, { access_type = "offline", request_credentials = "required",
      params = { theme = "dark" } })
    local sent = fields(login.url)
    assert.equal(space.url .. "/oauth/auth", login.url:match "^[^?]*")
    assert.same({ "code", "S256", "offline", "required", "dark", 43, 43 }, {
      sent.response_type, sent.code_challenge_method, sent.access_type, sent.request_credentials, sent.theme,
      #sent.state, #sent.code_challenge })
    assert.equal(login.state, sent.state)
    assert.not_equal(sent.state, fields(begin(client).url).state)
    assert.is_nil(login.url:find(space.applications.web.client_secret, 1, true)) -- [6749-10]
  end)

  -- What the token endpoint was sent as code_verifier, login after login.
  local function verifiers(count, refuse)
    local sent, urls = {}, {}
    local client, seen = stage.issuer(function(x)
      sent[#sent + 1] = x.body:match "code_verifier=([^&]*)"
      if refuse then
        return x:reply { status = 400,
          body = '{"error":"invalid_grant","error_description":"PKCE verification failed"}' }
      end
      stage.grant { access_token = "a", token_type = "Bearer" }(x)
    end, nil, { authorization_endpoint = "https://h.example/authorize" })
    for i = 1, count do
      local login = begin(client)
      urls[i] = login.url
      local _, message, detail = login:finish("?code=c&state=" .. login.state)
      if refuse then return detail, message, seen, urls end
    end
    return sent, urls
  end

  it("makes a verifier of 256 random bits for each login, which the browser never sees [7636-01] [7636-02] [7636-05]",
    function()
    local sent, urls = verifiers(40)
    local known, ones = {}, 0
    for i, verifier in ipairs(sent) do
      assert.is_truthy(verifier:find "^[%w_-]+$" and #verifier == 43)
      local bytes = core.decode(verifier)
      assert.equal(32, #bytes)
      for n = 1, 32 do
        local byte = bytes:byte(n)
        while byte > 0 do
          ones = ones + byte % 2
          byte = math.floor(byte / 2)
        end
      end
      assert.is_nil(known[verifier])
      known[verifier] = true
      for _, url in ipairs(urls) do assert.is_nil(url:find(verifier, 1, true)) end
      assert.is_truthy(urls[i]:find("code_challenge=", 1, true))
    end
    assert.equal(40, #sent)
    assert.is_true(math.abs(ones - 5120) < 400, ones .. " of 10240 bits are set") -- eight standard deviations
  end)

  it("never falls back to plain: what a server says against S256 is the answer [7636-04]", function()
    local client = stage.issuer(function() error "asked" end, nil,
      { authorization_endpoint = "https://h.example/authorize" })
    local login = begin(client)
    expect.failure({ kind = "oauth", code = "invalid_request", description = "transform algorithm not supported" },
      login:finish("?error=invalid_request&error_description=transform+algorithm+not+supported&state=" .. login.state))
    assert.equal("S256", fields(begin(client).url).code_challenge_method)
    local detail, _, seen, urls = verifiers(1, true)
    assert.same({ "invalid_grant", "interaction_required", 1 }, { detail.code, detail.outcome, seen.tokens })
    assert.equal("S256", fields(urls[1]).code_challenge_method)
  end)

  it("compares an iss that nobody announced, in errors too [9207-01] [9207-03]", function()
    local client, space = web()
    for _, answer in ipairs { "code=c", "error=access_denied" } do
      local login = begin(client)
      expect.failure({ kind = "state", code = "issuer_mismatch" },
        login:finish("?" .. answer .. "&iss=https%3A%2F%2Fevil.example&state=" .. login.state))
    end
    assert.equal(0, space:count "/oauth/token")
    local login = begin(client)
    expect.success(login:finish(space:approve(login.url):gsub("[?&]iss=[^&]*", "") .. "&iss="
      .. core.encode(space.url)))
  end)

  it("ends in a session on behalf of the user, from a whole URL, a path or a query", function()
    local client, space = web()
    for _, cut in ipairs { "^(.*)$", "^http://[^/]*(.*)$", "^[^?]*(.*)$" } do
      local login = begin(client)
      local user = expect.success(login:finish(space:approve(login.url, { person = "bob.second" }):match(cut)))
      assert.equal("bob.second", user:get("team-directory/profiles/me").username)
      assert.same({ "user", "authorization_code", false },
        { user:info().subject, user:info().grant, user:info().renewable })
    end
  end)

  it("renews itself after offline access, and asks for a login after online access [6749-22]", function()
    local client, space = web { rotate = true }
    local login = begin(client, { access_type = "offline" })
    local user = expect.success(login:finish(space:approve(login.url)))
    for _ = 1, 3 do
      space:advance(601)
      expect.success(user:get "team-directory/profiles/me")
    end
    assert.is_true(user:info().renewable)
    local online = begin(client)
    local short = expect.success(online:finish(space:approve(online.url)))
    space:advance(601)
    expect.failure({ kind = "http", status = 401 }, short:get "team-directory/profiles/me")
    core.advance(601)
    expect.failure({ kind = "oauth", code = "login_required", outcome = "interaction_required" },
      short:get "team-directory/profiles/me")
  end)

  it("says login_required once the server refuses to renew, and not for a network's sake", function()
    local client, space = web()
    local login = begin(client, { access_type = "offline" })
    local user = expect.success(login:finish(space:approve(login.url)))
    space:advance(601)
    -- libcurl tries once more where a kept connection breaks, and a lost answer is asked for again
    space:fault { path = "/oauth/token", drop = true, times = 3 }
    expect.failure({ kind = "network" }, user:get "team-directory/profiles/me")
    expect.success(user:get "team-directory/profiles/me")
    space:advance(601)
    space:fault { path = "/oauth/token", status = 400,
      body = '{"error":"invalid_grant","error_description":"It was revoked"}' }
    local detail = expect.failure({ code = "login_required", error = "invalid_grant", outcome = "revoked" },
      user:get "team-directory/profiles/me")
    assert.equal("It was revoked", detail.description)
    local asked = space:count "/oauth/token"
    expect.failure({ code = "login_required" }, user:get "team-directory/profiles/me")
    assert.equal(asked, space:count "/oauth/token") -- a dead token is remembered
  end)

  it("works for a public client, which names itself in the body [6749-11]", function()
    local space = stage.space()
    local client = airlock.space { url = space.url, client_id = space.applications.native.client_id }
    local login = begin(client)
    expect.success(login:finish(space:approve(login.url)))
    local request = space:journal()[1]
    assert.equal(space.applications.native.client_id, request.form.client_id)
    assert.is_nil(request.authorization)
    assert.equal(callback, request.form.redirect_uri) -- [6749-12]
  end)

  it("doesn't take a redirect that isn't its own, and asks nobody [6749-14]", function()
    local client, space = web()
    local mine, other = begin(client), begin(client)
    local redirect = space:approve(other.url)
    expect.failure({ kind = "state", code = "state_mismatch" }, mine:finish(redirect))
    expect.failure({ kind = "state", code = "state_mismatch" }, mine:finish "/callback?code=injected")
    -- [6749-03]
    expect.failure({ kind = "state", code = "repeated_parameter" },
      mine:finish("/callback?code=a&code=b&state=" .. mine.state))
    expect.failure({ kind = "state", code = "too_large" },
      mine:finish("/callback?state=" .. mine.state .. "&code=" .. ("x"):rep(2 ^ 20)))
    expect.failure({ kind = "state", code = "malformed_redirect" },
      mine:finish("/callback?code=%zz&state=" .. mine.state))
    assert.equal(0, space:count "/oauth/token")
    expect.success(mine:finish(space:approve(mine.url))) -- none of these was the answer, so it isn't spent
  end)

  it("is spent with the first answer [9700-04]", function()
    local client, space = web()
    local login = begin(client)
    local redirect, saved = space:approve(login.url), login:save()
    expect.success(login:finish(redirect))
    expect.failure({ kind = "state", code = "state_spent" }, login:finish(redirect))
    expect.failure({ kind = "state", code = "state_spent" }, client:authorization(saved):finish(redirect))
    assert.equal(1, space:count "/oauth/token") -- [6749-13]
  end)

  it("gives the server's no with all its fields [6749-16]", function()
    local client, space = web()
    local login = begin(client)
    expect.failure({ kind = "oauth", code = "access_denied", outcome = "interaction_required" },
      login:finish(space:approve(login.url, { accept = false })))
    local again = begin(client)
    local detail = expect.failure({ code = "server_error", outcome = "transient" },
      again:finish("?error=server_error&error_description=a+b%0Ac&error_uri=https%3A%2F%2Fx.example&state="
        .. again.state))
    assert.same({ "a b?c", "https://x.example" }, { detail.description, detail.error_uri })
    assert.equal(0, space:count "/oauth/token")
  end)

  it("sends a code once, also where the connection breaks [6749-13]", function()
    local client, space = web()
    expect.success(stage.app(space):get "applications/me") -- so that there is a connection to be kept
    local login = begin(client)
    local redirect = space:approve(login.url)
    space:forget_journal()
    space:fault { path = "/oauth/token", drop = true }
    expect.failure({ kind = "network" }, login:finish(redirect))
    assert.equal(1, space:count "/oauth/token")
  end)

  it("gives a failed exchange by its error, whatever the status", function()
    for _, status in ipairs { 400, 403 } do
      local client, space = web()
      local login = begin(client)
      space:fault { path = "/oauth/token", status = status, body = '{"error":"invalid_grant"}' }
      expect.failure({ kind = "oauth", code = "invalid_grant", status = status, outcome = "interaction_required" },
        login:finish(space:approve(login.url)))
    end
  end)

  it("checks who the redirect is from, where the server says so [9207-01] [9207-02]", function()
    local client, space = web({ iss = true }, { authorization_response_iss_parameter_supported = true })
    local login = begin(client)
    expect.success(login:finish(space:approve(login.url)))
    local wrong, missing = begin(client), begin(client)
    local _, message = expect.failure({ kind = "state", code = "issuer_mismatch" },
      wrong:finish("?code=c&iss=https%3A%2F%2Fevil.example%0A&state=" .. wrong.state))
    assert.truthy(message:find("https://evil.example? in place of " .. space.url, 1, true), message)
    expect.failure({ kind = "state", code = "issuer_mismatch" }, missing:finish("?code=c&state=" .. missing.state))
    assert.equal(1, space:count "/oauth/token")
  end)

  it("can be saved, and restored by whoever has the same configuration", function()
    local client, space = web()
    local login = begin(client, { access_type = "offline" })
    local saved = login:save()
    local twin = airlock.space { url = space.url, client_id = space.applications.web.client_id,
      client_secret = function() return space.applications.web.client_secret end }
    local altered = (saved:sub(1, 1) == "A" and "B" or "A") .. saved:sub(2)
    expect.failure({ kind = "state", code = "altered" }, twin:authorization(altered))
    local restored = expect.success(client:authorization(saved))
    assert.same({ login.url, login.state }, { restored.url, restored.state })
    expect.success(restored:finish(space:approve(login.url)))
    for _, secret in ipairs { space.applications.web.client_secret, login.state, "code_verifier" } do
      assert.is_nil(saved:find(secret, 1, true))
    end
    local stranger = airlock.space { url = space.url, client_id = space.applications.web.client_id,
      client_secret = "another" }
    expect.failure({ kind = "state", code = "altered" }, stranger:authorization(saved))
    expect.failure({ kind = "state", code = "altered" }, client:authorization(saved:sub(1, -5)))
    expect.failure({ kind = "state", code = "altered" }, client:authorization "")
  end)

  it("never gives one user another's token", function()
    local client, space = web()
    local first, second = begin(client, { access_type = "offline" }), begin(client, { access_type = "offline" })
    local bob = expect.success(first:finish(space:approve(first.url, { person = "bob.second" })))
    local alice = expect.success(second:finish(space:approve(second.url, { person = "alice.first" })))
    space:advance(601)
    assert.equal("bob.second", bob:get("team-directory/profiles/me").username)
    assert.equal("alice.first", alice:get("team-directory/profiles/me").username)
  end)

  it("lays mistakes at the program's door", function()
    local client = web()
    expect.raise("'scop'", begin, client, { scop = "x" })
    expect.raise("'access_type'", begin, client, { access_type = "always" })
    expect.raise("'request_credentials'", begin, client, { request_credentials = "skip" })
    expect.raise("'state'", begin, client, { params = { state = "mine" } })
    expect.raise("'redirect_uri'", client.authorization_code, client, { scope = "x" })
    expect.raise("'redirect_uri'", begin, client, { redirect_uri = "not a uri" })
    expect.raise("'redirect_uri'", begin, client, { redirect_uri = "https://x.example/#f" })
    expect.raise("string", begin(client).finish, begin(client), nil)
    expect.raise("'authorization_endpoint'", begin, airlock.client { token_endpoint = "https://x.example/t",
      client_id = "i" })
  end)

  it("keeps the query of an endpoint [6749-01]", function()
    local client = airlock.client { authorization_endpoint = "https://x.example/a?tenant=1",
      token_endpoint = "https://x.example/t", client_id = "i" }
    assert.is_truthy(begin(client).url:find("https://x.example/a?tenant=1&client_id=i&", 1, true))
    assert.is_truthy(begin(client).url:find(query.encode({ redirect_uri = callback }, "x"), 1, true))
  end)
end)
