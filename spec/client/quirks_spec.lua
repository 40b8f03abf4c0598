-- What real servers send that the RFCs don't say, byte by byte as they send it (tokens are made up). Pains 14 to 21 of
-- those who wrote clients before us: lifetimes, types and scopes in odd shapes, failures with status 200, replies that
-- aren't JSON, proofs.

-- luacheck: no max line length

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

describe("quirks", function()
  after_each(stage.clear)

  local function http(body, headers, status)
    return ("HTTP/1.1 %s\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n%s"):format(status or "200 OK",
      headers or "Content-Type: application/json; charset=utf-8\r\n", #body, body)
  end

  -- A server that answers with these bytes, one after the other (the last one again and again); requests are kept.
  local function serve(...)
    local replies, requests = { ... }, {}
    local url = raw.listen(function(request)
      requests[#requests + 1] = request
      return replies[math.min(#requests, #replies)]
    end)
    return url, requests
  end

  local function client(url, provider, more)
    local config = { token_endpoint = url .. "/token", authorization_endpoint = url .. "/authorize",
      base_url = url .. "/api/", client_id = "porter",
      client_secret = "hush", redirect_uri = "http://127.0.0.1/callback", retries = 0 }
    for name, value in pairs(more or {}) do config[name] = value end
    return provider and airlock.provider(provider, config) or airlock.client(config)
  end

  -- A user's session from these replies: begun with a refresh token, or with a code.
  local function by_refresh(provider, ...)
    local url, requests = serve(...)
    return client(url, provider):refresh_token "r1", requests
  end

  local function by_code(provider, ...)
    local url, requests = serve(...)
    local authorization = client(url, provider):authorization_code()
    local user, message, detail = authorization:finish("?code=c1&state=" .. authorization.state)
    return user, message, detail, requests
  end

  local function lifetime(session)
    expect.success(session:token())
    local at = session:info().expires_at
    return at and at - os.time()
  end

  local function about(seconds, found)
    assert.is_truthy(found and math.abs(found - seconds) <= 2,
      ("%s should be about %d"):format(tostring(found), seconds))
  end

  local function header(request, name)
    for field, value in request:gmatch "\r\n([^:\r\n]+): *([^\r\n]*)" do
      if field:lower() == name then return value end
    end
  end

  describe("of lifetimes", function()
    it("Microsoft's v1 endpoint, GitHub: expires_in in quotes (14) [6749-30]", function()
      about(3599, lifetime((by_refresh("microsoft", http('{"token_type":"Bearer","scope":"User.Read",'
        .. '"expires_in":"3599","ext_expires_in":"3599","expires_on":"1762000000","not_before":"1761996101",'
        .. '"resource":"00000003-0000-0000-c000-000000000000","access_token":"eyJ0eXAi.A.B",'
        .. '"refresh_token":"0.ARwA"}')))))
      about(28800, lifetime((by_refresh("github", http('{"access_token":"ghu_16C7e42F292c6912E7710c838347Ae178B4a",'
        .. '"expires_in":"28800",'
        .. '"refresh_token":"ghr_1B4a2e77838347a7E420ce178F2E7c6912E169246c34E1ccbF66C46812d16D5B1A9Dc86A1498",'
        .. '"refresh_token_expires_in":"15811200","scope":"","token_type":"bearer"}')))))
    end)

    it("as a float, and in quotes with a fraction (14) [6749-30]", function()
      about(3600, lifetime((by_refresh(nil, http '{"access_token":"a","token_type":"Bearer","expires_in":3600.0}'))))
      about(3599, lifetime((by_refresh(nil, http '{"access_token":"a","token_type":"Bearer","expires_in":"3599.94"}'))))
    end)

    it("GitHub's OAuth apps: no expires_in at all; the token serves until it is refused (15) [6749-29]", function()
      local url, requests = serve(http('{"access_token":"gho_16C7e42F292c6912E7710c838347Ae178B4a","scope":"repo,'
        .. 'gist","token_type":"bearer"}'), http "{}")
      local user = client(url, "github"):refresh_token "r1"
      assert.is_nil(lifetime(user))
      core.advance(400 * 24 * 3600)
      expect.success(user:get "user")
      assert.equal(2, #requests)
      assert.equal("Bearer gho_16C7e42F292c6912E7710c838347Ae178B4a", header(requests[2], "authorization"))
    end)

    it("VK: expires_in 0 means never; null says nothing (15) [6749-30]", function()
      for _, said in ipairs { "0", "null", '"0"', "-1", '""', '"never"', "{}" } do
        local user = by_refresh(nil, http(('{"access_token":"533bacf01e11f55b536a565b57531ad114461ae8736d6506",'
          .. '"expires_in":%s,"user_id":66748}'):format(said)))
        assert.is_nil(lifetime(user), said)
        core.advance(24 * 3600)
        expect.success(user:token())
      end
    end)

    it("Slack without rotation: no expires_in; with it, twelve hours", function()
      assert.is_nil(lifetime((by_code("slack", http('{"ok":true,'
        .. '"access_token":"xoxb-17653672481-19874698323-pdFZKVeTuE8sk7oOcBrzbqgy","token_type":"bot",'
        .. '"scope":"commands,incoming-webhook","bot_user_id":"U0KRQLJ9H","app_id":"A0KRD7HC3",'
        .. '"team":{"name":"Slack Pickleball League","id":"T9TK3CUKW"},"enterprise":null,'
        .. '"authed_user":{"id":"U1234"},"is_enterprise_install":false}')))))
      about(43200, lifetime((by_refresh("slack", http('{"ok":true,"access_token":"xoxe.xoxb-1-x","expires_in":43200,'
        .. '"refresh_token":"xoxe-1-abcdefg","token_type":"bot","scope":"commands","bot_user_id":"U0KRQLJ9H"}')))))
    end)
  end)

  describe("of types and scopes", function()
    it("Twitch: a scope that is a list (16) [6749-20]", function()
      local user = by_refresh(nil, http('{"access_token":"rfx2uswqe8l4g1mkagrvg5tv0ks3","expires_in":14124,'
        .. '"refresh_token":"5b93chm6hdve3mycz05zfzatkfdenfspp1h1ar2xxdalen01","scope":["channel:moderate",'
        .. '"chat:edit","chat:read"],"token_type":"bearer"}'))
      expect.success(user:token())
      assert.equal("channel:moderate chat:edit chat:read", user:info().scope)
    end)

    it("GitHub and Slack: a scope with commas (16) [6749-20]", function()
      local user = by_refresh("github", http '{"access_token":"gho_x","scope":"repo,gist","token_type":"bearer"}')
      expect.success(user:token())
      assert.equal("repo gist", user:info().scope)
      -- to others a comma is part of a scope's name
      user = by_refresh(nil, http '{"access_token":"a","scope":"repo,gist","token_type":"bearer"}')
      expect.success(user:token())
      assert.equal("repo,gist", user:info().scope)
    end)

    it("token_type in any case, or left out: sent as Bearer all the same (16) [6749-18] [6749-19]", function()
      for _, said in ipairs { ',"token_type":"BEARER"', ',"token_type":"bearer"', ',"token_type":"bEaReR"', "" } do
        local url, requests = serve(http(('{"access_token":"2YotnFZFEjr1zCsicMWpAA"%s,"expires_in":3600}'):format(
          said)), http "{}")
        expect.success(client(url):refresh_token("r1"):get "me")
        assert.equal("Bearer 2YotnFZFEjr1zCsicMWpAA", header(requests[2], "authorization"))
      end
    end)

    it("Slack: token_type bot and user, for Slack alone (16) [6749-17]", function()
      local bot = http '{"ok":true,"access_token":"xoxb-1","token_type":"bot","scope":"commands"}'
      local session = expect.success(by_code("slack", bot))
      assert.equal("xoxb-1", session:token())
      expect.failure({ kind = "oauth", code = "unsupported_token_type" }, by_code(nil, bot))
      expect.failure({ kind = "oauth", code = "unsupported_token_type" },
        by_code("slack", http '{"ok":true,"access_token":"m","token_type":"mac"}'))
    end)
  end)

  describe("of failures with status 200", function()
    it("GitHub: an error object, or an error in a form (17) [6749-28]", function()
      local said = '{"error":"bad_verification_code","error_description":"The code passed is incorrect or '
        .. 'expired.","error_uri":"https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/#bad-verification-code"}'
      local wanted = { kind = "oauth", code = "bad_verification_code", status = 200, outcome = "interaction_required",
        description = "The code passed is incorrect or expired.",
        error_uri =
          "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/#bad-verification-code",
      }
      expect.failure(wanted, by_code("github", http(said)))
      local form = "error=bad_verification_code&error_description=The+code+passed+is+incorrect+or+expired."
        .. "&error_uri=https%3A%2F%2Fdocs.github.com%2Fapps%2Fmanaging-oauth-apps%2Ftroubleshooting-oauth-app"
        .. "-access-token-request-errors%2F%23bad-verification-code"
      expect.failure(wanted, by_code("github", http(form,
        "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n")))
      -- elsewhere it is a word like any other
      expect.failure({ code = "bad_verification_code", outcome = "misconfigured" }, by_code(nil, http(said)))
    end)

    it("GitHub: bad_refresh_token is what others call invalid_grant: the login is over, and nobody asks again (17)",
      function()
      local user, requests = by_refresh("github", http('{"error":"bad_refresh_token","error_description":"The '
        .. 'refresh token passed is incorrect or expired.","error_uri":"https://docs.github.com"}'))
      local detail, message = expect.failure({ kind = "oauth", code = "login_required", error = "bad_refresh_token",
        outcome = "revoked" }, user:token())
      assert.equal("The refresh token passed is incorrect or expired.", detail.description)
      assert.is_truthy(message:find "bad_refresh_token")
      expect.failure({ outcome = "revoked" }, user:token())
      assert.equal(1, #requests)
    end)

    it("GitHub's device flow: pending and slow_down come with status 200, too (17) [8628-04]", function()
      local url, requests = serve(
        http("device_code=3584d83530557fdd1f46af8289938c8ef79f9dc5&expires_in=900&interval=5&user_code=WDJB-MJHT"
          .. "&verification_uri=https%3A%2F%2Fgithub.com%2Flogin%2Fdevice",
          "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"),
        http('{"error":"authorization_pending","error_description":"The authorization request is still '
          .. 'pending.","error_uri":"https://developer.github.com/v3/oauth/#error-codes-for-the-device-flow"}'),
        http('{"error":"slow_down","error_description":"Too many requests have been made in the same '
          .. 'timeframe.","error_uri":"https://docs.github.com","interval":10}'),
        http '{"access_token":"gho_16C7e42F292c6912E7710c838347Ae178B4a","token_type":"bearer","scope":"repo,gist"}',
          http "{}")
      local device = expect.success(airlock.provider("github",
        { url = url, client_id = "porter" }):device_code { scope = "repo gist" })
      assert.same({ "WDJB-MJHT", "https://github.com/login/device", 5, 900 },
        { device.user_code, device.verification_uri, device.interval, device.expires_in })
      assert.is_truthy(requests[1]:find "^POST /login/device/code " and requests[1]:find("scope=repo+gist", 1, true))
      local user, over
      local other = client(serve(http "{}")):permanent_token "p"
      airlock.gather(function()
        user = expect.success(device:wait())
        over = true
      end, function()
        for _ = 1, 200 do
          if over then return end
          core.advance(5)
          other:request { url = "x" } -- lets the other go on
        end
      end)
      assert.equal("repo gist", user:info().scope)
      assert.equal(4, #requests)
    end)

    it("Slack: ok is false (17) [6749-28]", function()
      expect.failure({ kind = "oauth", code = "invalid_code", status = 200, outcome = "interaction_required" },
        by_code("slack", http '{"ok":false,"error":"invalid_code"}'))
      expect.failure({ kind = "oauth", code = "bad_client_secret", outcome = "misconfigured" },
        by_code("slack", http '{"ok":false,"error":"bad_client_secret"}'))
      expect.failure({ kind = "oauth", code = "login_required", error = "invalid_refresh_token", outcome = "revoked" },
        by_refresh("slack", http '{"ok":false,"error":"invalid_refresh_token"}'):token())
      expect.failure({ kind = "oauth", code = "malformed_reply" }, by_code("slack", http '{"ok":false}'))
    end)

    it("Slack's API: ok is false, and session:get says so (17)", function()
      local url = serve(http '{"ok":false,"error":"channel_not_found"}',
        http '{"ok":true,"channel":{"id":"C012AB3CD"}}')
      local bot = client(url, "slack"):permanent_token "xoxb-1"
      expect.failure({ kind = "http", code = "channel_not_found", status = 200 }, bot:get "conversations.info")
      assert.equal("C012AB3CD", bot:get("conversations.info").channel.id)
      -- to others `ok` is a member like any other
      assert.is_false(client(serve(http '{"ok":false}')):permanent_token("p"):get("x").ok)
    end)

    it("Slack's API: ok is false, and response:failure says so (17)", function()
      local no, yes = http '{"ok":false,"error":"channel_not_found"}', http '{"ok":true}'
      local bot = client(serve(no, yes, http "<html>", no, yes, http("{}", nil, "500 Broken")),
        "slack"):permanent_token "xoxb-1"
      local function failure(response)
        local message, detail = response:failure()
        return message, detail and detail.code, detail and detail.status
      end
      local message, code, status = failure(expect.success(bot:request { url = "conversations.info" }))
      assert.same({ "channel_not_found", 200 }, { code, status })
      assert.is_truthy(message:find("channel_not_found", 1, true))
      assert.is_nil(failure(expect.success(bot:request { url = "conversations.info" })))
      assert.is_nil(failure(expect.success(bot:request { url = "file" }))) -- what isn't JSON says nothing
      local parts = expect.success(bot:all { "one", "two" })
      local codes = { (select(2, failure(parts[1]))) or "none", (select(2, failure(parts[2]))) or "none" }
      table.sort(codes)
      assert.same({ "channel_not_found", "none" }, codes)
      assert.equal("http_500", (select(2, failure(expect.success(bot:request { url = "x" })))))
      local taken = {} -- a sink took the body, and nobody looks at it again
      local other = client(serve(no), "slack"):permanent_token "xoxb-1"
      assert.is_nil(failure(expect.success(other:request { url = "x",
        sink = function(part) taken[#taken + 1] = part end })))
      assert.is_nil(failure(expect.success(client(serve(no)):permanent_token("p"):request { url = "x" })))
    end)

    it("Slack: a user's token stands in authed_user; a bot's token goes first (17)", function()
      local user = expect.success(by_code("slack", http('{"ok":true,"app_id":"A012","authed_user":{"id":"U1234",'
        .. '"scope":"chat:write,users:read","access_token":"xoxp-1234","token_type":"user","refresh_token":"xoxe-1-u",'
        .. '"expires_in":43200},"team":{"id":"T012"},"enterprise":null,"is_enterprise_install":false}')))
      assert.equal("xoxp-1234", user:token())
      assert.same({ "chat:write users:read", true }, { user:info().scope, user:info().renewable })
      about(43200, lifetime(user))
      local both = '{"ok":true,"access_token":"xoxb-1","token_type":"bot","scope":"commands",'
        .. '"authed_user":{"id":"U1234","scope":"chat:write","access_token":"xoxp-1234","refresh_token":"xoxe-1-u",'
        .. '"token_type":"user"}}'
      local bot = expect.success(by_code("slack", http(both)))
      assert.same({ "xoxb-1", "commands", false }, { bot:token(), bot:info().scope, bot:info().renewable })
      -- the order of members says nothing
      bot = expect.success(by_code("slack", http('{"authed_user":{"access_token":"xoxp-1234",'
        .. '"refresh_token":"xoxe-1-u","token_type":"user"},"ok":true,"token_type":"bot","access_token":"xoxb-1"}')))
      assert.same({ "xoxb-1", false }, { bot:token(), bot:info().renewable })
      -- to others authed_user is a member like any other
      expect.failure({ code = "malformed_reply" }, by_code(nil,
        http '{"authed_user":{"access_token":"xoxp-1234","token_type":"bearer"}}'))
    end)
  end)

  it("a profile says which member of a reply holds the token; user_token is its old name", function()
    for _, field in ipairs { "token_member", "user_token" } do
      local user = expect.success(by_code({ [field] = "data" },
        http '{"ok":true,"data":{"access_token":"nested","token_type":"bearer","expires_in":600}}'))
      assert.equal("nested", user:token(), field)
      about(600, lifetime(user))
    end
    local both = by_code({ token_member = "data", user_token = "other" },
      http '{"data":{"access_token":"new","token_type":"bearer"},"other":{"access_token":"old","token_type":"bearer"}}')
    assert.equal("new", both:token())
  end)

  describe("of replies", function()
    it("Accept asks for JSON, so that GitHub gives it (18)", function()
      local user, requests = by_refresh("github", http '{"access_token":"gho_x","token_type":"bearer","scope":""}')
      expect.success(user:token())
      assert.equal("application/json", header(requests[1], "accept"))
    end)

    it("a form, as GitHub gives without Accept; JSON as text/plain, or without a type (18)", function()
      for _, reply in ipairs {
        http("access_token=gho_16C7e42F292c6912E7710c838347Ae178B4a&scope=repo%2Cgist&token_type=bearer",
        "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\n"),
        http('{"access_token":"gho_16C7e42F292c6912E7710c838347Ae178B4a","scope":"repo,gist","token_type":"bearer"}',
          "Content-Type: text/plain;charset=UTF-8\r\n"),
        http('\n {"access_token":"gho_16C7e42F292c6912E7710c838347Ae178B4a","scope":"repo,gist",'
          .. '"token_type":"bearer"}\r\n', "") } do
        local user = by_refresh("github", reply)
        assert.equal("gho_16C7e42F292c6912E7710c838347Ae178B4a", expect.success(user:token()))
        assert.equal("repo gist", user:info().scope)
      end
    end)

    it("a web page, an empty body: a failure that says so (18)", function()
      for _, reply in ipairs { http("<!DOCTYPE html><html><title>Sign in</title></html>",
        "Content-Type: text/html\r\n"), http "" } do
        expect.failure({ kind = "oauth", code = "malformed_reply", outcome = "misconfigured" },
          by_refresh(nil, reply):token())
      end
    end)

    it("another scope than was asked for is told, and is no failure (19) [6749-20]", function()
      local url = serve(http('{"access_token":"ya29.a0","expires_in":3599,'
        .. '"scope":"https://www.googleapis.com/auth/userinfo.email openid","token_type":"Bearer"}'))
      local user = client(url, "google"):refresh_token("1//0g", { scope = "email" })
      expect.success(user:token())
      assert.equal("https://www.googleapis.com/auth/userinfo.email openid", user:info().scope)
    end)

    it("a refresh sends no scope that nobody asked to narrow (19) [6749-21]", function()
      local url, requests = serve(http '{"access_token":"a","token_type":"Bearer","expires_in":3599}')
      expect.success(client(url, "google", { scope = "email profile" }):refresh_token("1//0g"):token())
      assert.is_nil(requests[1]:find "scope=")
    end)

    it("Google: the refresh token comes with the first reply only, and stays (19) [6749-22]", function()
      local url, requests = serve(http('{"access_token":"ya29.1","expires_in":3599,"refresh_token":"1//0gFirst",'
        .. '"scope":"email","token_type":"Bearer"}'),
        http '{"access_token":"ya29.2","expires_in":3599,"scope":"email","token_type":"Bearer"}',
        http '{"access_token":"ya29.3","expires_in":3599,"scope":"email","token_type":"Bearer"}')
      local authorization = client(url, "google"):authorization_code()
      local user = expect.success(authorization:finish("?code=4%2F0A&state=" .. authorization.state))
      for _ = 2, 3 do expect.success(user:refresh()) end
      for n = 2, 3 do assert.is_truthy(requests[n]:find("refresh_token=1%2F%2F0gFirst", 1, true)) end
    end)
  end)

  describe("of proofs", function()
    it("are never tried out: a code is sent once, whatever the server says (20) [6749-13]", function()
      local _, _, detail, requests = by_code(nil, http('{"error":"invalid_client","error_description":"Client '
        .. 'authentication failed due to unknown client, no client authentication included, or unsupported '
        .. 'authentication method."}',
        'Content-Type: application/json\r\nWWW-Authenticate: Basic realm="Doorkeeper"\r\n', "401 Unauthorized"))
      assert.same({ "oauth", "invalid_client", "misconfigured" }, { detail.kind, detail.code, detail.outcome })
      assert.equal(1, #requests)
    end)

    it("one way in each request, the one that the server's pages say (20) [6749-08]", function()
      for provider, way in pairs { github = "post", slack = "basic", google = "post", bitbucket = "basic",
        microsoft = "post" } do
        local user, requests = by_refresh(provider, http '{"access_token":"a","token_type":"bearer"}')
        expect.success(user:token())
        assert.equal(way == "basic", header(requests[1], "authorization") ~= nil)
        assert.equal(way == "post", requests[1]:find("client_secret=hush", 1, true) ~= nil)
      end
    end)

    it("Basic is form-encoded first, but for servers that don't decode (21) [6749-09]", function()
      local odd = { client_id = "a:b c", client_secret = "%+é" }
      local function sent(provider)
        local url, requests = serve(http '{"access_token":"a","token_type":"bearer"}')
        expect.success(client(url, provider, { client_id = odd.client_id, client_secret = odd.client_secret,
          client_auth = "client_secret_basic" }):refresh_token("r1"):token())
        return core.decode(header(requests[1], "authorization"):match "^Basic (.*)$":gsub("=", ""):gsub("%+",
          "-"):gsub("/", "_"))
      end
      assert.equal("a%3Ab+c:%25%2B%C3%A9", sent(nil))
      assert.equal("a:b c:%+é", sent { name = "of old", raw_basic = true })
    end)
  end)
end)
