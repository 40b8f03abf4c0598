-- How a web application's sessions end: here, at the server, and by the server (back-channel).

local airlock = require "airlock"
local core = require "airlock.core"
local keys = require "spec.support.keys"
local stage = require "spec.support.stage"
local webuser = require "spec.support.webuser"

local event = "http://schemas.openid.net/event/backchannel-logout"

describe("a web application's logout", function()
  after_each(stage.clear)

  it("ends the session here, also for whoever kept its cookie, and the tokens [RPIL-03]", function()
    local web, space = webuser.application()
    local alice = webuser.new(web, space)
    alice:login "/"
    local kept = alice.cookies["__Host-airlock"]
    local _, user = alice:ask "/"
    assert.is_table(assert(user.session:get "team-directory/profiles/me"))
    local response = alice:ask "/logout"
    assert.same({ 303, "/" }, { response.status, response.headers.Location })
    assert.equal(302, alice:ask("/").status)
    alice.cookies["__Host-airlock"] = kept
    assert.equal(302, alice:ask("/").status)
    assert.is_nil((user.session:get "team-directory/profiles/me"))
    assert.equal(303, webuser.new(web, space):ask("/logout").status) -- nobody's
  end)

  -- An issuer whose keys and words the spec has: gives the application, a browser that is logged in, and a signer.
  local function provider(more)
    local key = keys.pem "P-256"
    local claims, url, nonce = { sub = "u1", sid = "s1" }, nil, nil
    local function sign(payload, header)
      header = header or { alg = "ES256", kid = "k", typ = "JWT" }
      return assert(core.sign("ES256", key, core.json.encode(header), core.json.encode(payload)))
    end
    url = stage.server(function(x)
      local headers = { ["Content-Type"] = "application/json" }
      if x.path == "/keys" then
        return x:reply { headers = headers, body = core.json.encode { keys = { keys.public("P-256", { kid = "k" }) } } }
      elseif x.path == "/.well-known/openid-configuration" or x.path == "/.well-known/oauth-authorization-server" then
        return x:reply { headers = headers, body = core.json.encode { issuer = url,
          authorization_endpoint = url .. "/auth", token_endpoint = url .. "/token", jwks_uri = url .. "/keys",
          response_types_supported = { "code" },
          end_session_endpoint = url .. "/end" } }
      end
      local now = os.time()
      x:reply { headers = headers, body = core.json.encode { access_token = "a", token_type = "Bearer",
        expires_in = 600, id_token = sign { iss = url, aud = "app", sub = claims.sub, sid = claims.sid, iat = now,
          exp = now + 600, nonce = nonce } } }
    end)
    local client = assert(airlock.discover(url, { client_id = "app", client_secret = "secret",
      redirect_uri = "http://127.0.0.1/callback" }))
    local given = { client = client, cookie = { key = webuser.key } }
    for name, value in pairs(more or {}) do given[name] = value end
    local web = airlock.web(given)
    local function login(sub, sid)
      claims = { sub = sub, sid = sid }
      local user = webuser.new(web)
      local first = user:ask "/"
      local fields = core.form(first.headers.Location:match "%?(.*)$")
      nonce = fields.nonce
      local back = user:ask(("/callback?code=c&state=%s"):format(fields.state))
      assert.equal(302, back.status, back.failure and back.failure.message)
      return user
    end
    return web, login, sign, url
  end

  local function in_session(user)
    return select(2, user:ask "/") ~= nil
  end

  local function token_of(url, change)
    local made = { iss = url, aud = "app", iat = os.time(), exp = os.time() + 120, jti = tostring(math.random(1e9)),
      sub = "u1", sid = "s1", events = { [event] = core.json.decode "{}" } }
    for name, value in pairs(change or {}) do made[name] = value ~= false and value or nil end
    return made
  end

  it("at the server is asked for with the ID token [RPIL-01] [RPIL-02]", function()
    local web, login, _, url = provider { after_logout = "https://app.example/bye" }
    local alice = login("u1", "s1")
    local to = alice:ask("/logout").headers.Location
    assert.equal(url .. "/end", to:match "^[^?]*")
    local fields = core.form(to:match "%?(.*)$")
    assert.same({ "app", "https://app.example/bye" }, { fields.client_id, fields.post_logout_redirect_uri })
    assert.is_truthy(fields.id_token_hint:find "^[%w_-]+%.[%w_-]+%.[%w_-]+$")
    assert.is_false(in_session(alice))
    assert.is_table(web)
  end)

  it("by the server ends the sessions of its sid, or else of its sub, and no other [BCLO-03] [BCLO-04]", function()
    local web, login, sign, url = provider()
    local one, two, other = login("u1", "s1"), login("u1", "s2"), login("u2", "s3")
    assert.is_true(in_session(one) and in_session(two) and in_session(other))
    local function post(claims, header)
      return web:handle { method = "POST", url = "/backchannel-logout", headers = {},
        body = "logout_token=" .. sign(claims, header) }.status
    end
    local first = token_of(url)
    assert.equal(200, post(first))
    assert.is_false(in_session(one))
    assert.is_true(in_session(two) and in_session(other))
    assert.equal(400, post(first)) -- its jti was here before
    assert.equal(200, post(token_of(url, { sid = false })))
    assert.is_false(in_session(two))
    assert.is_true(in_session(other))
    assert.equal(200, post(token_of(url, { sub = false, sid = "s3" }), { alg = "ES256", kid = "k",
      typ = "logout+jwt" }))
    assert.is_false(in_session(other))
  end)

  it("by the server ends a user's sessions that have no sid of their own, too", function()
    local web, login, sign, url = provider()
    local alice, other = login("u1"), login("u2")
    assert.equal(200, web:handle({ method = "POST", url = "/backchannel-logout", headers = {},
      body = "logout_token=" .. sign(token_of(url)) }).status)
    assert.is_false(in_session(alice))
    assert.is_true(in_session(other))
  end)

  it("by the server isn't told to be done while the memory takes nothing, and may be sent again [BCLO-05]", function()
    local kept, full = {}, true
    local web, login, sign, url = provider { sessions = { get = function(key) return kept[key] end,
      set = function(key, value)
        if full then return nil, "no memory" end
        kept[key] = value
        return true
      end } }
    local alice = login("u1", "s1")
    local request = { method = "POST", url = "/backchannel-logout", headers = {},
      body = "logout_token=" .. sign(token_of(url)) }
    local refused = web:handle(request)
    assert.same({ 503, "no-store" }, { refused.status, refused.headers["Cache-Control"] })
    assert.is_truthy(refused.failure.message:find("takes no more", 1, true))
    assert.is_true(in_session(alice))
    full = false
    assert.equal(200, web:handle(request).status)
    assert.is_false(in_session(alice))
    assert.equal(400, web:handle(request).status)
  end)

  it("by the server counts only where its token is one in every point [BCLO-01] [BCLO-02] [BCLO-03]", function()
    local web, login, sign, url = provider()
    local alice = login("u1", "s1")
    for what, change in pairs {
      issuer = { iss = "https://other" }, audience = { aud = "other" }, no_audience = { aud = false },
      no_iat = { iat = false },
      no_exp = { exp = false }, old = { iat = os.time() - 1000 }, early = { iat = os.time() + 1000 },
      expired = { exp = os.time() - 1000 }, no_jti = { jti = false }, nobody = { sub = false, sid = false },
      nonce = { nonce = "n" }, no_events = { events = false }, other_event = { events = { other = {} } },
      text_event = { events = { [event] = "yes" } }, number_sub = { sub = 7, sid = false },
      long_sid = { sid = ("x"):rep(1000), sub = false },
    } do
      local response = web:handle { method = "POST", url = "/backchannel-logout", headers = {},
        body = "logout_token=" .. sign(token_of(url, change)) }
      assert.equal(400, response.status, what)
    end
    for _, header in ipairs { { alg = "ES256", kid = "k", typ = "at+jwt" }, { alg = "ES256", kid = "other" } } do
      assert.equal(400, web:handle({ method = "POST", url = "/backchannel-logout", headers = {},
        body = "logout_token=" .. sign(token_of(url), header) }).status)
    end
    assert.is_true(in_session(alice))
  end)
end)
