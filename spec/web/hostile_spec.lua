-- Hostile requests to a web application's login: none of them gets a session, leads elsewhere or splits a header.

local stage = require "spec.support.stage"
local webuser = require "spec.support.webuser"

describe("a web application's login withstands", function()
  after_each(stage.clear)

  local function no_session(web, response, user)
    assert.is_nil(user)
    assert.is_table(response)
    assert.is_true(response.status ~= 200)
    local set = response.headers["Set-Cookie"]
    for _, line in ipairs(type(set) == "table" and set or { set }) do
      local name, value = line:match "^([^=]+)=([^;]*)"
      assert.is_false(name == web.cookie.name and value ~= "", line)
      assert.is_nil(line:find "[\r\n]")
    end
  end

  local function path_of(redirect)
    return (redirect:gsub("^http://[^/]*", ""))
  end

  it("a redirect of another browser, one that comes twice, and one that was altered", function()
    local web, space = webuser.application()
    local alice, mallory = webuser.new(web, space), webuser.new(web, space)
    local first = alice:ask "/"
    local redirect = path_of(alice:approve(first))
    no_session(web, mallory:ask(redirect)) -- state of another browser
    mallory:ask "/"
    no_session(web, mallory:ask(redirect)) -- … with a login of its own under way
    local code, state = redirect:match "code=([^&]+)", redirect:match "state=([^&]+)"
    for _, query in ipairs { "?code=" .. code, "?state=" .. state, "", "?code=" .. code .. "&state=x", "?" .. state,
      "?code=" .. code .. "&state=", "?code=" .. code .. "&state=" .. state .. "x", "?error=access_denied",
      "?code=" .. code .. "&state=" .. state .. "&state=" .. state, "?code=x&code=" .. code .. "&state=" .. state,
      "#code=" .. code .. "&state=" .. state, "?code=" .. code .. "&state=%00" .. state,
      "?code=" .. code .. "&state[]=" .. state } do
      local copy = webuser.new(web, space)
      for name, value in pairs(alice.cookies) do copy.cookies[name] = value end
      no_session(web, copy:ask("/callback" .. query))
    end
    local bob = webuser.new(web, space)
    redirect = path_of(bob:approve(bob:ask "/"))
    assert.equal(302, bob:ask(redirect).status)
    assert.is_nil((bob:ask "/"))
    no_session(web, webuser.new(web, space):ask(redirect))
  end)

  it("a login whose cookie was kept, and is played again", function()
    local web, space = webuser.application()
    local alice = webuser.new(web, space)
    local first = alice:ask "/"
    local kept = {}
    for name, value in pairs(alice.cookies) do kept[name] = value end
    local redirect = path_of(alice:approve(first))
    alice:ask(redirect)
    local thief = webuser.new(web, space)
    thief.cookies = kept
    no_session(web, thief:ask(redirect)) -- the code and its state are spent
  end)

  it("an open redirect in every spelling", function()
    local web, space = webuser.application()
    for _, url in ipairs { "//evil.example/", "///evil.example", "/\\evil.example", "\\\\evil.example",
      "http://evil.example/x", "https://evil.example", "/%09//evil.example", "/\t//evil.example", "/\r\nLocation: x",
      "/x\r\nSet-Cookie: a=b", "http:evil.example", "javascript:alert(1)", "/..//evil.example", "//evil.example%2f..",
      "?//evil.example", "/x\0y", "http://evil.example\\@host/", "http://user@evil.example/", "/\127x", "/\200x" } do
      local alice = webuser.new(web, space)
      local first = alice:ask(url)
      assert.equal(302, first.status, url)
      assert.is_truthy(first.headers.Location:find(space.url, 1, true) == 1, url)
      local back = alice:ask(path_of(alice:approve(first)))
      local to = back.headers.Location
      assert.is_truthy(to:find "^/" and not to:find "^//" and not to:find "[%c\\\127-\255]", url .. " leads to " .. to)
    end
    -- the host that a client names counts nowhere
    local alice = webuser.new(web, space)
    local first = alice:ask("/x", { headers = { Host = "evil.example", ["X-Forwarded-Host"] = "evil.example" } })
    assert.is_nil(first.headers.Location:find("evil", 1, true))
  end)

  it("cookies that were made up, altered, cut, tossed, swapped or grown", function()
    local web, space = webuser.application()
    local alice = webuser.new(web, space)
    alice:login "/"
    local good = alice.cookies["__Host-airlock"]
    assert.is_string(good)
    local name = "__Host-airlock"
    local login_name, login_value
    local second = webuser.new(web, space)
    second:ask "/"
    for each, value in pairs(second.cookies) do login_name, login_value = each, value end
    for what, field in pairs {
      made_up = name .. "=x", empty = name .. "=", cut = name .. "=" .. good:sub(1, -2),
      grown = name .. "=" .. good .. "A",
      twice = name .. "=" .. good .. "; " .. name .. "=x", tossed = name .. "=x; " .. name .. "=" .. good,
      same_twice = name .. "=" .. good .. "; " .. name .. "=" .. good,
      flipped = name .. "=" .. good:sub(1, 20) .. (good:sub(21, 21) == "A" and "B" or "A") .. good:sub(22),
      other_name = "airlock=" .. good, login_as_session = name .. "=" .. login_value,
      session_as_login = login_name .. "=" .. good, huge = name .. "=" .. ("A"):rep(70000),
      many = ("a=b; "):rep(200) .. name .. "=" .. good, bytes = name .. "=\0\1\2", nothing = "", signs = ";;;===;;; =",
      continued = name .. "=" .. good .. "; " .. name .. ".1=AAAA", quoted = name .. '="' .. good .. '"',
      spaces = name .. " = " .. good, prefix = "x" .. name .. "=" .. good,
    } do
      local thief = webuser.new(web, space)
      local response, user = thief:ask("/", { headers = { Cookie = field } })
      assert.is_nil(user, what)
      assert.equal(302, response.status, what)
    end
    assert.is_nil((alice:ask "/"))
  end)

  it("a session that was there before the login (fixation)", function()
    local web, space = webuser.application()
    local mallory, alice = webuser.new(web, space), webuser.new(web, space)
    mallory:login("/", "bob.second")
    for name, value in pairs(mallory.cookies) do alice.cookies[name] = value end
    local before = alice.cookies["__Host-airlock"]
    alice.cookies["__Host-airlock"] = nil
    alice:login("/", "alice.first")
    assert.not_equal(before, alice.cookies["__Host-airlock"])
    local _, hers = alice:ask "/"
    local _, his = mallory:ask "/"
    assert.not_equal(hers.claims.sub, his.claims.sub)
    assert.not_equal(hers.id, his.id)
  end)

  it("a copy of the cookie from before another login of that browser", function()
    local web, space = webuser.application()
    local alice, thief = webuser.new(web, space), webuser.new(web, space)
    local waiting = alice:ask "/tab" -- a second tab, whose login ends after the first one's
    alice:login "/"
    thief.cookies["__Host-airlock"] = alice.cookies["__Host-airlock"]
    local _, stolen = thief:ask "/"
    assert.is_table(stolen)
    assert.equal("/tab", alice:ask(path_of(alice:approve(waiting))).headers.Location)
    no_session(web, thief:ask "/")
    assert.is_nil((stolen.session:get "team-directory/profiles/me"), "its token is good")
    local _, user = alice:ask "/"
    assert.is_table(assert(user.session:get "team-directory/profiles/me"))
  end)

  it("claims that would split or break a header of the upstream's", function()
    local web = webuser.application()
    local out = web:headers { claims = { sub = "a\r\nX-Admin: 1", email = "e\0\127@x",
      groups = { "a", { "b" }, "c\nd", 7 },
      preferred_username = {} } }
    for name, value in pairs(out) do assert.is_nil(value:find "[%c\127]", name) end
    assert.is_truthy(out["X-Forwarded-Groups"]:find "^a,c.+,7$", out["X-Forwarded-Groups"])
  end)

  it("a logout by another site, and other methods", function()
    local web, space = webuser.application()
    local alice = webuser.new(web, space)
    alice:login "/"
    assert.equal(403, alice:ask("/logout", { headers = { ["Sec-Fetch-Site"] = "cross-site" } }).status)
    assert.equal(405, alice:ask("/logout", { method = "DELETE" }).status)
    assert.equal(403, alice:ask("/logout", { headers = { ["Sec-Fetch-Site"] = "same-site" } }).status) -- a subdomain's
    for _, origin in ipairs { "https://evil.example", "null", "http://127.0.0.1.evil.example", "http://127.0.0.1:81",
      "https://127.0.0.1", "" } do
      assert.equal(403, alice:ask("/logout", { method = "POST", headers = { Origin = origin } }).status, origin)
    end
    assert.is_nil((alice:ask "/"))
  end)

  it("logout tokens that the server didn't send", function()
    local web, space = webuser.application()
    local alice = webuser.new(web, space)
    alice:login "/"
    local id_token = select(2, alice:ask "/").session:_id_token()
    for _, body in ipairs { "", "logout_token=", "logout_token=x", "logout_token=a.b.c", "logout_token=" .. id_token,
      "logout_token=" .. ("A"):rep(70000), "token=" .. id_token, "logout_token=" .. id_token .. "&logout_token=x",
      "logout_token=eyJhbGciOiJub25lIn0.e30." } do
      assert.equal(400, alice:ask("/backchannel-logout", { method = "POST", body = body }).status, body:sub(1, 60))
    end
    assert.equal(400, alice:ask("/backchannel-logout").status)
    assert.is_nil((alice:ask "/"))
  end)
end)
