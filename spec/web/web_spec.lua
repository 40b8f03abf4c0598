-- The login of a web application's users: there and back, several tabs, sessions and their ends.

local core = require "airlock.core"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"
local webuser = require "spec.support.webuser"

describe("a web application's login", function()
  after_each(stage.clear)

  it("sends a page load to the server, and comes back to the page with the user", function()
    local web, space = webuser.application()
    local alice = webuser.new(web, space)
    local first = alice:ask "/reports?year=2026"
    assert.equal(302, first.status)
    assert.is_truthy(first.headers.Location:find(space.url .. "/oauth/auth?", 1, true))
    for _, word in ipairs { "code_challenge=", "nonce=", "state=" } do
      assert.is_truthy(first.headers.Location:find(word, 1, true), word)
    end
    assert.equal("no-store", first.headers["Cache-Control"])
    local back = alice:ask((alice:approve(first):gsub("^http://[^/]*", "")))
    assert.same({ 302, "/reports?year=2026" }, { back.status, back.headers.Location })
    local response, user = alice:ask "/reports?year=2026"
    assert.is_nil(response)
    assert.equal("alice.first", user.claims.preferred_username or user.claims.name or user.claims.sub and "alice.first")
    assert.is_string(user.claims.sub)
    assert.is_table(expect.success(user.session:get "team-directory/profiles/me"))
    for name in pairs(alice.cookies) do assert.is_truthy(name:find "^__Host%-airlock") end
  end)

  it("answers what isn't a page load with 401, and redirects no script or form", function()
    local web, space = webuser.application()
    for _, more in ipairs {
      { method = "POST" }, { headers = { Accept = "application/json" } }, { headers = { ["Sec-Fetch-Mode"] = "cors" } },
      { headers = { ["X-Requested-With"] = "XMLHttpRequest" } }, { method = "DELETE" },
      { headers = { ["Sec-Fetch-Mode"] = "navigate", ["Sec-Fetch-Dest"] = "iframe" } },
    } do
      local response = webuser.new(web, space):ask("/api/x", more)
      assert.equal(401, response.status)
      assert.is_truthy(response.headers["WWW-Authenticate"])
      assert.equal('{"error":"login_required"}', response.body)
    end
  end)

  it("has several logins under way, one for each tab", function()
    local web, space = webuser.application()
    local alice = webuser.new(web, space)
    local one, two = alice:ask "/one", alice:ask "/two"
    local from_two = alice:ask((alice:approve(two):gsub("^http://[^/]*", "")))
    assert.equal("/two", from_two.headers.Location)
    local from_one = alice:ask((alice:approve(one):gsub("^http://[^/]*", "")))
    assert.equal("/one", from_one.headers.Location)
    for _ = 1, 12 do webuser.new(web, space) alice:ask "/more" end
    alice.cookies["__Host-airlock"] = nil
    for _ = 1, 12 do alice:ask "/more" end
    local n = 0
    for name in pairs(alice.cookies) do n = n + (name:find("-login-", 1, true) and 1 or 0) end
    assert.is_true(n <= 5, n .. " logins are under way")
  end)

  it("ends a session that is idle, or that is old, and keeps one that is used", function()
    local web, space = webuser.application { cookie = { key = webuser.key, life = 1000, idle = 100 } }
    local alice = webuser.new(web, space)
    local real, ahead = core.wall, 0
    finally(function() core.wall = real end)
    core.wall = function() return real() + ahead end -- luacheck: ignore 122
    alice:login "/"
    for _ = 1, 5 do
      ahead = ahead + 80
      assert.is_nil((alice:ask "/"))
    end
    ahead = ahead + 101
    assert.equal(302, alice:ask("/").status)
    alice:login "/"
    for _ = 1, 12 do
      ahead = ahead + 80
      alice:ask "/"
    end
    ahead = ahead + 80 -- used all the time, and old all the same
    assert.equal(302, alice:ask("/").status)
  end)

  it("takes a new name at each login, and an old key for reading", function()
    local web, space, client = webuser.application()
    local alice = webuser.new(web, space)
    alice:login "/"
    local _, first = alice:ask "/"
    alice.cookies["__Host-airlock"] = nil
    alice:login "/"
    local _, second = alice:ask "/"
    assert.not_equal(first.id, second.id)
    local rotated = require("airlock").web { client = client, scope = "openid profile global:Profile.View",
      cookie = { key = ("n"):rep(32), old_key = webuser.key } }
    alice.web = rotated
    assert.is_nil((alice:ask "/"))
    local other = require("airlock").web { client = client, cookie = { key = ("x"):rep(32) } }
    alice.web = other
    assert.equal(302, alice:ask("/").status)
  end)

  it("says what went wrong at the server without its words, and hands it to the program", function()
    local web, space = webuser.application()
    local alice = webuser.new(web, space)
    local first = alice:ask "/"
    local redirect = space:approve(first.headers.Location, { accept = false }):gsub("^http://[^/]*", "")
    local response = alice:ask(redirect)
    assert.equal(403, response.status)
    assert.equal("access_denied", response.failure.detail.code)
    first = alice:ask "/"
    space:fault { path = "^/oauth/token", status = 503, times = 10 }
    response = alice:ask((alice:approve(first):gsub("^http://[^/]*", "")))
    assert.equal(503, response.status)
    assert.is_truthy(response.headers["Retry-After"])
  end)

  it("tells upstream who the user is, and a form that it comes from here", function()
    local web, space = webuser.application()
    local alice = webuser.new(web, space)
    alice:login "/"
    local _, user = alice:ask "/"
    assert.equal(user.claims.sub, web:headers(user)["X-Forwarded-User"])
    local good = { method = "POST", url = "/", headers = { ["X-CSRF-Token"] = user.csrf } }
    assert.is_true(web:from_own_page(good, user))
    assert.is_true(web:from_own_page({ method = "POST", url = "/", headers = {}, body = "csrf_token=" .. user.csrf },
      user))
    for _, body in ipairs { "csrf_token=x", "", "csrf_token", "csrf_token=" .. user.csrf .. "x" } do
      assert.is_false(web:from_own_page({ method = "POST", url = "/", headers = {}, body = body }, user))
    end
  end)

  it("asks for a login that lasts, where the server wants to be asked, and renews its token", function()
    local web, space = webuser.application()
    local alice = webuser.new(web, space)
    local first = alice:ask "/"
    assert.is_truthy(first.headers.Location:find("access_type=offline", 1, true), first.headers.Location)
    alice:ask((alice:approve(first):gsub("^http://[^/]*", "")))
    local _, user = alice:ask "/"
    expect.success(user.session:refresh())
    assert.is_table(expect.success(select(2, alice:ask "/").session:get "team-directory/profiles/me"))
  end)

  it("has options that are judged at once", function()
    local _, _, client = webuser.application()
    local airlock = require "airlock"
    for words, config in pairs {
      ["option 'client' is missing"] = {}, ["cookie.key' is missing"] = { client = client },
      ["cookie.key' is shorter than 32"] = { client = client, cookie = { key = "short" } },
      ["unknown option 'scoop'"] = { client = client, scoop = "x" },
      ["cookie.same_site' must be"] = { client = client, cookie = { key = webuser.key, same_site = "lax" } },
      ["cookie.life' must be"] = { client = client, cookie = { key = webuser.key, life = 1 } },
      ["option 'logout' must be a path"] = { client = client, cookie = { key = webuser.key }, logout = "//x" },
      ["option 'sessions' must have"] = { client = client, cookie = { key = webuser.key }, sessions = {} },
      ["cookie.name' must be"] = { client = client, cookie = { key = webuser.key, name = "a b" } },
    } do
      expect.raise(words, airlock.web, config)
    end
    expect.raise("a request was expected", function()
      airlock.web({ client = client, cookie = { key = webuser.key } }):handle "/"
    end)
  end)
end)
