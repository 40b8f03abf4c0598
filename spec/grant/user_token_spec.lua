-- The other ways to a user's token, and its end: implicit, password, device code, logout, and tokens verified offline.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

local callback = "http://127.0.0.1:8080/callback"

local function of(space, name, more)
  local application = space.applications[name]
  local config = { url = space.url, client_id = application.client_id,
    client_secret = name ~= "native" and application.client_secret or nil }
  for key, value in pairs(more or {}) do config[key] = value end
  return airlock.space(config)
end

describe("implicit", function()
  after_each(stage.clear)

  it("reads the fragment, checks the state, expects no refresh token, says once it is deprecated [6749-24] [9700-01]",
    function()
    local space, events = stage.space(), {}
    local client = of(space, "web", { on_event = function(event)
      if not event.id then events[#events + 1] = event.event .. " " .. tostring(event.code) end
    end })
    local login = client:implicit { scope = "global:Profile.View", redirect_uri = callback }
    local other = client:implicit { scope = "**", redirect_uri = callback }
    local redirect = space:approve(login.url)
    expect.failure({ kind = "state", code = "state_mismatch" }, other:finish(redirect))
    local user = expect.success(login:finish(redirect))
    expect.success(user:get "team-directory/profiles/me")
    assert.same({ "user", "implicit", false }, { user:info().subject, user:info().grant, user:info().renewable })
    assert.same({ "deprecated implicit" }, events)
    expect.failure({ kind = "oauth", code = "access_denied" },
      other:finish(space:approve(other.url, { accept = false })))
    expect.failure({ code = "not_renewable" }, user:refresh())
  end)
end)

describe("password", function()
  after_each(stage.clear)

  it("asks at once, renews by its refresh token, and keeps no password [6749-24] [9700-02]", function()
    local space, said = stage.space(), {}
    local client = of(space, "service", { on_event = function(event) said[#said + 1] = event.event end })
    local user = expect.success(client:password { username = "bob.second", password = "password-of-bob.second",
      scope = "**", access_type = "offline" })
    assert.equal("bob.second", user:get("team-directory/profiles/me").username)
    space:advance(601)
    expect.success(user:get "team-directory/profiles/me")
    local sent = 0
    for _, request in ipairs(space:journal()) do
      sent = sent + ((request.body or ""):find("password-of", 1, true) and 1 or 0)
    end
    assert.equal(1, sent)
    assert.equal("deprecated", said[1])
    local _, message = expect.failure({ kind = "oauth", code = "invalid_grant", outcome = "interaction_required" },
      client:password { username = "bob.second", password = "canary-word", scope = "**" })
    assert.is_nil(message:find("canary", 1, true))
    expect.raise("'password'", client.password, client, { username = "bob.second" })
    expect.raise("'username'", client.password, client, { password = "x" })
  end)
end)

describe("device code", function()
  local space, client
  before_each(function()
    space = stage.space()
    client = of(space, "native", { device_authorization_endpoint = space.url .. "/oauth/device" })
  end)
  after_each(stage.clear)

  -- Waits for the device while the clock of both sides runs: each step is one interval.
  local function wait(device, steps)
    local session, message, detail, over
    airlock.gather(function()
      session, message, detail = device:wait()
      over = true
    end, function()
      for i = 1, 200 do
        if over then return end
        if steps[i] then steps[i]() end
        core.advance(device.interval)
        space:advance(device.interval)
        client:permanent_token("x"):request { url = "organization", timeout = 20 } -- lets the other go on
      end
    end)
    return session, message, detail
  end

  it("shows a code, asks no faster than it may, and ends in a session [8628-01] [8628-04] [8628-05]", function()
    local device = expect.success(client:device_code { scope = "global:Profile.View" })
    assert.is_truthy(#device.user_code > 4 and device.verification_uri:find(space.url, 1, true)
      and device.verification_uri_complete)
    local entered -- once the server has said that it waits
    local user = expect.success(wait(device, setmetatable({}, { __index = function()
      if entered or space:count "/oauth/token" == 0 then return nil end
      return function()
        entered = true
        space:enter_device_code(device.user_code, { person = "chen.third" })
      end
    end })))
    assert.equal("chen.third", user:get("team-directory/profiles/me").username)
    local polls = space:count "/oauth/token"
    assert.is_true(polls >= 2 and polls <= 6, "polls: " .. polls)
    for _, request in ipairs(space:journal()) do assert.is_nil((request.error or ""):find "slow_down") end
  end)

  it("begun anew asks with the newer code, also while the older one is waited for", function()
    local old = expect.success(client:device_code { scope = "global:Profile.View", account = "alice" })
    local new = expect.success(client:device_code { scope = "global:Profile.View", account = "alice" })
    local first
    airlock.gather(function() first = old:wait() end, function()
      expect.success(wait(new, { [3] = function() space:enter_device_code(new.user_code, {}) end }))
    end)
    assert.truthy(first) -- the same account's login
  end)

  it("waits no longer than it is told to, and can be waited for again", function()
    local device = expect.success(client:device_code { scope = "global:Profile.View" })
    expect.failure({ kind = "network", code = "timeout" }, device:wait(0.05))
    expect.raise("seconds", device.wait, device, -1)
    expect.success(wait(device, { [3] = function() space:enter_device_code(device.user_code, {}) end }))
    local old = expect.success(client:device_code { scope = "global:Profile.View", account = "bob" })
    expect.failure({ code = "timeout" }, old:wait(0.05))
    local new = expect.success(client:device_code { scope = "global:Profile.View", account = "bob" })
    expect.success(wait(new, { [3] = function() space:enter_device_code(new.user_code, {}) end }))
  end)

  it("slows down for good when it is told [8628-02]", function()
    local device = expect.success(client:device_code { scope = "global:Profile.View" })
    local slow = '{"error":"slow_down"}'
    space:fault { path = "/oauth/token", status = 400, body = slow, times = 2 }
    expect.success(wait(device, { [12] = function() space:enter_device_code(device.user_code, {}) end }))
    local times = {}
    for _, request in ipairs(space:journal()) do
      if request.path == "/oauth/token" then times[#times + 1] = request.at end
    end
    assert.is_true(times[2] - times[1] >= 10 and times[3] - times[2] >= 15,
      ("%g %g"):format(times[2] - times[1], times[3] - times[2]))
  end)

  it("goes on through a lost answer, and ends with the code or the user's no [8628-03] [8628-04] [8628-06]", function()
    local device = expect.success(client:device_code { scope = "global:Profile.View" })
    space:fault { path = "/oauth/token", drop = true, times = 2 }
    expect.failure({ kind = "oauth", code = "access_denied", outcome = "interaction_required" },
      wait(device, { [4] = function() space:enter_device_code(device.user_code, { accept = false }) end }))
    local late = expect.success(client:device_code { scope = "global:Profile.View" })
    expect.failure({ kind = "oauth", code = "expired_token", outcome = "interaction_required" }, wait(late, {}))
  end)

  it("needs an endpoint that answers as it should", function()
    local space_client = of(space, "native")
    expect.raise("'device_authorization_endpoint'", space_client.device_code, space_client)
    expect.failure({ kind = "oauth", code = "invalid_scope" }, client:device_code { scope = "No.Such" })
    for _, body in ipairs { "{}", "<html>", '{"device_code":"d"}', '{"device_code":"d","user_code":1}' } do
      space:fault { path = "/oauth/device", status = 200, body = body }
      expect.failure({ kind = "oauth", code = "malformed_reply" }, client:device_code())
    end
    space:fault { path = "/oauth/device", status = 302, headers = { Location = space.url .. "/elsewhere" } }
    expect.failure({ kind = "oauth", code = "unexpected_redirect" }, client:device_code())
    assert.equal(0, space:count "/elsewhere")
  end)
end)

describe("logout", function()
  after_each(stage.clear)

  local function login(space, client)
    local authorization = client:authorization_code { scope = "global:Profile.View", redirect_uri = callback,
      access_type = "offline" }
    return expect.success(authorization:finish(space:approve(authorization.url)))
  end

  it("ends the login at Space and here, for all who share it", function()
    local space = stage.space()
    local client = of(space, "web")
    local issued = space:issue { application = space.applications.web, person = "bob.second", scope = "**",
      offline = true }
    local user, shared = client:refresh_token(issued.refresh_token), client:refresh_token(issued.refresh_token)
    expect.success(user:get "team-directory/profiles/me")
    expect.success(user:logout())
    assert.equal(1, space:count(function(request) return request.method == "DELETE"
      and request.path:find "/oauth%-consents/me/refresh%-tokens/self$" end))
    for _, session in ipairs { user, shared } do
      expect.failure({ kind = "oauth", code = "login_required", outcome = "interaction_required" },
        session:get "team-directory/profiles/me")
    end
    assert.is_true(user:logout()) -- a second time does nothing
    expect.failure({ code = "login_required", error = "invalid_grant" },
      of(space, "web", { timeout = 5 }):refresh_token(issued.refresh_token .. "x"):token())
  end)

  it("is done where the server had ended the login, but its answer got lost", function()
    local space = stage.space()
    local user = login(space, of(space, "web"))
    -- the connection is kept, and so what breaks on it is asked again
    expect.success(user:get "team-directory/profiles/me")
    space:fault { path = "refresh%-tokens", drop = "reply" }
    assert.is_true(expect.success(user:logout()))
    expect.failure({ code = "login_required" }, user:get "team-directory/profiles/me")
  end)

  it("forgets also where the server can't be told", function()
    local space = stage.space()
    local user = login(space, of(space, "web"))
    space:fault { path = "refresh%-tokens", drop = true, times = 2 }
    expect.failure({ kind = "network" }, user:logout())
    expect.failure({ code = "login_required" }, user:get "team-directory/profiles/me")
  end)

  it("that the server couldn't be told, as it is in trouble, is over here, and may be told again [7009-03]", function()
    local space = stage.space()
    local application = space.applications.web
    for _, store in ipairs { false, stage.folder() .. "/tokens" } do
      local client = airlock.client { token_endpoint = space.url .. "/oauth/token",
        revocation_endpoint = space.url .. "/oauth/revoke",
        base_url = space.url .. "/api/http/", client_id = application.client_id,
          client_secret = application.client_secret, store = store or nil }
      local issued = space:issue { application = application, person = "bob.second", scope = "**", offline = true }
      local user = client:refresh_token(issued.refresh_token, { account = "bob" })
      expect.success(user:token())
      space:fault { path = "/oauth/revoke", status = 503, headers = { ["Retry-After"] = 4000 } }
      expect.failure({ kind = "oauth", code = "server_error", outcome = "transient", status = 503, retry_after = 4000 },
        user:logout())
      space:fault { path = "/oauth/revoke", drop = true }
      expect.failure({ kind = "network", outcome = "transient" }, user:logout())
      -- it is of no other use meanwhile
      expect.failure({ code = "login_required" }, user:get "team-directory/profiles/me")
      expect.failure({ code = "login_required" }, user:token())
      space:forget_journal()
      expect.success(user:logout())
      local request = space:journal()[1]
      assert.same({ "/oauth/revoke", issued.refresh_token, "refresh_token" },
        { request.path, request.form.token, request.form.token_type_hint })
      assert.is_true(user:logout()) -- and once more does nothing
      assert.equal(1, space:count "/oauth/revoke")
    end
    local client = airlock.client { token_endpoint = space.url .. "/oauth/token",
      revocation_endpoint = space.url .. "/oauth/revoke",
      client_id = space.client_id, client_secret = space.client_secret }
    local session = client:client_credentials { scope = "**" }
    local token = expect.success(session:token())
    space:fault { path = "/oauth/revoke", status = 503, headers = { ["Retry-After"] = 4000 } }
    expect.failure({ outcome = "transient" }, session:logout())
    space:forget_journal()
    expect.success(session:logout())
    assert.same({ token, "access_token" }, { space:journal()[1].form.token, space:journal()[1].form.token_type_hint })
    local other = client:client_credentials { scope = "global:Profile.View" }
    expect.success(other:token())
    space:fault { path = "/oauth/revoke", status = 400, body = '{"error":"unsupported_token_type"}' }
    expect.failure({ code = "unsupported_token_type", outcome = "misconfigured" }, other:logout())
    assert.is_true(other:logout()) -- a no is the last word
  end)

  it("revokes by RFC 7009 elsewhere [7009-01] [7009-02]", function()
    local space = stage.space()
    local application = space.applications.web
    local client = airlock.client {
      authorization_endpoint = space.url .. "/oauth/auth", token_endpoint = space.url .. "/oauth/token",
        revocation_endpoint = space.url .. "/oauth/revoke",
      base_url = space.url .. "/api/http/", client_id = application.client_id,
        client_secret = application.client_secret,
    }
    local issued = space:issue { application = application, person = "bob.second", scope = "**", offline = true }
    local user = client:refresh_token(issued.refresh_token)
    expect.success(user:token())
    expect.success(user:logout())
    local journal = space:journal()
    local request = journal[#journal]
    assert.same({ "POST", issued.refresh_token, "refresh_token" },
      { request.method, request.form.token, request.form.token_type_hint })
    assert.is_truthy(request.authorization:find "^Basic ")
    expect.failure({ code = "login_required" }, user:token())
  end)
end)

describe("verify", function()
  after_each(stage.clear)

  it("gives the claims of a good token, and fetches the keys once", function()
    local space = stage.space()
    local client = of(space, "service")
    local token = expect.success(client:client_credentials { scope = "**" }:token())
    local claims = expect.success(client:verify(token))
    assert.same({ space.url, space.applications.service.client_id }, { claims.iss, claims.aud })
    expect.success(client:verify(token))
    assert.equal(1, space:count "/oauth/jwks.json")
  end)

  it("refuses what was altered, isn't signed, or is meant for others [8725-01]", function()
    local space = stage.space()
    local client = of(space, "service")
    local token = expect.success(client:client_credentials { scope = "**" }:token())
    local head, body, signature = token:match "^([^.]*)%.([^.]*)%.([^.]*)$"
    local crypto = require("airlock.server").crypto
    local none = crypto.base64url '{"alg":"none"}'
    local hmac = crypto.base64url '{"alg":"HS256"}'
    local other = crypto.base64url '{"alg":"RS512","kid":"another"}'
    for _, bad in ipairs {
      head .. "." .. body .. "." .. signature:reverse(), head .. "." .. body:sub(1, -3) .. "AA." .. signature,
        none .. "." .. body .. ".",
      none .. "." .. body .. "." .. signature, hmac .. "." .. body .. "." .. signature,
        other .. "." .. body .. "." .. signature,
      "", "a.b", "a.b.c", token .. ".x", head .. "." .. body .. ".", ("x"):rep(70000),
    } do
      expect.failure({ kind = "oauth", code = "invalid_token" }, client:verify(bad))
    end
    expect.failure({ code = "invalid_token" }, client:verify(token, { audience = "somebody else" }))
    expect.failure({ code = "invalid_token" }, client:verify(token, { issuer = "https://x.example" }))
    expect.raise("string", client.verify, client, nil)
  end)

  it("judges time with the skew it was told", function()
    local now = os.time()
    local old = stage.space { clock = now - 610 }
    local token = old:issue { application = old.applications.service, scope = "**" }.access_token
    expect.failure({ code = "invalid_token", outcome = "interaction_required" }, of(old, "service"):verify(token))
    expect.success(of(old, "service", { clock_skew = 60 }):verify(token))
  end)

  it("looks once more for a key that it doesn't know, and says so when there is no key set", function()
    local space = stage.space()
    local client = of(space, "service")
    local token = expect.success(client:client_credentials { scope = "**" }:token())
    space:fault { path = "jwks", status = 200, body = '{"keys":"none"}' }
    expect.failure({ kind = "oauth", code = "malformed_reply" }, client:verify(token))
    space:fault { path = "jwks", drop = true, times = 2 }
    expect.failure({ kind = "network" }, client:verify(token))
    expect.success(client:verify(token))
  end)

  it("checks RS, PS and ES signatures with keys of the right kind", function()
    local openssl = stage.shell "command -v openssl || true"
    if openssl == "" then pending "openssl is missing" end
    local folder, crypto = stage.folder(), require("airlock.server").crypto
    local function run(command) return stage.shell(("cd '%s' && %s 2>/dev/null"):format(folder, command)) end
    local function bytes(hex)
      return (hex:gsub("%s", ""):gsub("%x%x", function(two) return string.char(tonumber(two, 16)) end))
    end
    run "openssl ecparam -name prime256v1 -genkey -noout -out ec.pem"
    local public = run "openssl ec -in ec.pem -pubout -outform DER 2>/dev/null | tail -c 64 | od -An -tx1 -v"
    local point = bytes(public)
    local jwks = { keys = { { kty = "EC", crv = "P-256", kid = "e", x = crypto.base64url(point:sub(1, 32)),
      y = crypto.base64url(point:sub(33)) } } }
    local url = stage.server(function(x) x:reply { body = core.json.encode(jwks) } end)
    local client = airlock.client { token_endpoint = url .. "/t", jwks_uri = url .. "/jwks", client_id = "me" }
    local text = crypto.base64url '{"alg":"ES256","kid":"e"}' .. "."
      .. crypto.base64url(('{"aud":"me","exp":%d}'):format(os.time() + 60))
    local file = assert(io.open(folder .. "/text", "wb"))
    file:write(text)
    file:close()
    -- DER: two INTEGERs, each with a zero byte before a high bit
    local numbers = run "openssl dgst -sha256 -sign ec.pem text 2>/dev/null | openssl asn1parse -inform DER"
    local raw = ""
    for hex in numbers:gmatch "INTEGER%s*:(%x+)" do raw = raw .. bytes((("0"):rep(64) .. hex):sub(-64)) end
    local token = text .. "." .. crypto.base64url(raw)
    assert.equal("me", expect.success(client:verify(token)).aud)
    expect.failure({ code = "invalid_token" }, client:verify(text .. "." .. crypto.base64url(raw:reverse())))
    expect.failure({ code = "invalid_token" }, client:verify(
      (token:gsub("^[^.]*", crypto.base64url '{"alg":"RS256","kid":"e"}'))))
  end)
end)
