local curl = require "spec.support.curl"
local emulator = require "airlock.emulator"
local visitor = require "spec.support.visitor"

describe("emulator pages", function()
  local space, alice

  local function start(options)
    space = emulator.start(options)
    alice = visitor.new(space)
    return space
  end

  after_each(function()
    if space then space:stop() end
    space = nil
  end)

  local function ask(changes, who)
    return (who or alice):get(visitor.url(space, changes))
  end

  local function consent_of(changes)
    return alice:login(ask(changes), "alice.first")
  end

  local function is_consent(r)
    assert.equal(200, r.status)
    assert.is_truthy(r.body:find("wants to do the following on your behalf", 1, true), r.body)
  end

  local function is_login(r)
    assert.is_truthy(r.body:find("<h1>Sign in</h1>", 1, true), r.body)
  end

  local function out_of_date(r)
    assert.equal(403, r.status)
    assert.is_nil(r.location)
    assert.is_truthy(r.body:find("out of date", 1, true))
  end

  describe("login and consent", function()
    it("lead to the redirect", function()
      start()
      local page = ask()
      assert.equal(200, page.status)
      is_login(page)
      local sent = alice:submit(page, { username = "alice.first", password = "password-of-alice.first" })
      assert.equal(303, sent.status)
      local consent = alice:get(sent.location)
      is_consent(consent)
      local done = alice:submit(consent, { answer = "accept" })
      assert.equal(303, done.status)
      assert.is_truthy(done.location:find "^http://localhost/callback%?code=[%w_-]+&state=s1$")
    end)

    it("say access_denied where the person cancels", function()
      start()
      local done = alice:submit(consent_of(), { answer = "cancel" })
      assert.equal(303, done.status)
      local fields = visitor.answer(done.location)
      assert.same({ "access_denied", "s1", nil }, { fields.error, fields.state, fields.code })
      is_consent(ask()) -- and nothing was remembered
    end)

    it("don't say whether the name or the password was wrong", function()
      start { people = { { username = "alice.first" }, { username = "gone", archived = true } } }
      local page, texts = ask(), {}
      for i, who in ipairs { { "alice.first", "x" }, { "nobody", "x" }, { "nobody", "" },
        { "gone", "password-of-gone" }, { "alice.first", "" } } do
        local r = alice:submit(page, { username = who[1], password = who[2] })
        assert.equal(403, r.status)
        assert.equal(who[1], r.form.fields.username)
        assert.is_truthy(r.body:find("The username or the password is wrong.", 1, true))
        texts[i] = r.body:gsub('value=".-"', "")
        assert.equal(texts[1], texts[i])
      end
      is_consent(alice:login(page, "alice.first"))
    end)

    it("ask again as somebody else who isn't the one at the screen", function()
      start()
      local r = alice:submit(consent_of(), { answer = "other" })
      r = alice:get(r.location)
      is_login(r)
      r = alice:login(r, "bob.second")
      is_consent(r)
      assert.is_truthy(r.body:find("Bob Second (bob.second)", 1, true))
    end)

    it("want an answer that is one", function()
      start()
      local consent = consent_of()
      assert.equal(400, alice:submit(consent, { answer = "perhaps" }).status)
      assert.equal(400, alice:submit(consent).status)
      assert.equal(303, alice:submit(consent, { answer = "accept" }).status)
    end)

    it("list what is asked for, in words", function()
      start()
      local r = consent_of { access_type = "offline",
        scope = "global:Profile.View project:key:AB:Project.Issues.View channel:c1:Channel.ViewMessages" }
      for _, text in ipairs { "My Company", "Come in", "<h1>Team dashboard</h1>",
        "<li>View profile <span>in the whole organization",
        "<li>View project issues <span>in project AB", "<li>Channel: view messages <span>in channel c1",
        "<li>Access My Company while you are offline</li>", ">Cancel<", ">Accept<", "Alice First (alice.first)" } do
        assert.is_truthy(r.body:find(text, 1, true), text .. " is missing in " .. r.body)
      end
      r = ask { scope = "**" }
      assert.is_truthy(r.body:find("<li>All actions</li>", 1, true))
      assert.is_nil(r.body:find "offline")
    end)
  end)

  describe("remembered", function()
    it("consents need no page while the same or less is asked for", function()
      start()
      local wide = "global:Profile.View global:Project.View"
      alice:submit(consent_of { scope = wide, access_type = "offline" }, { answer = "accept" })
      for _, scope in ipairs { wide, "global:Project.View global:Profile.View", "global:Project.View",
        "project:key:A:Project.View" } do
        assert.equal(302, ask({ scope = scope }).status)
        assert.equal(302, ask({ scope = scope, access_type = "offline" }).status)
      end
      is_consent(ask { scope = "**" })
      is_consent(ask { scope = "global:Team.View" })
      is_consent(ask { client_id = space.applications.service.client_id, scope = "global:Project.View" })
      assert.is_truthy(space:approve(visitor.url(space, { scope = wide })):find "code=") -- Alice, at another browser
      local bob = visitor.new(space)
      is_consent(bob:login(ask({ scope = wide }, bob), "bob.second"))
    end)

    it("are asked for anew for offline use", function()
      start()
      alice:submit(consent_of { scope = "**" }, { answer = "accept" })
      assert.equal(302, ask({ scope = "**" }).status)
      local r = ask { scope = "global:Profile.View", access_type = "offline" }
      is_consent(r)
      alice:submit(r, { answer = "accept" })
      assert.equal(302, ask({ scope = "global:Profile.View", access_type = "offline" }).status)
      is_consent(ask { scope = "**", access_type = "offline" })
    end)

    it("people must log in again where the application requires it", function()
      start()
      alice:submit(consent_of(), { answer = "accept" })
      assert.equal(302, ask({ request_credentials = "default" }).status)
      assert.equal(302, ask({ request_credentials = "skip" }).status)
      local r = ask { request_credentials = "required" }
      is_login(r)
      is_login(ask()) -- logged out, not only asked
      r = alice:submit(r, { username = "alice.first", password = "password-of-alice.first" })
      r = alice:get(r.location)
      assert.equal(302, r.status)
      assert.is_truthy(r.location:find "code=")
    end)
  end)

  describe("guarded", function()
    it("send what keeps a page safe", function()
      start()
      for _, r in ipairs { ask(), ask { client_id = "x" }, consent_of() } do
        local h = r.headers
        assert.same({ "text/html; charset=utf-8", "no-store", "no-referrer", "DENY", "nosniff" },
          { h["content-type"], h["cache-control"],
          h["referrer-policy"], h["x-frame-options"], h["x-content-type-options"] })
        assert.is_truthy(h["content-security-policy"]:find("default-src 'none'", 1, true))
        assert.is_truthy(h["content-security-policy"]:find("frame-ancestors 'none'", 1, true))
        assert.is_nil(r.body:find "<script" or r.body:find "https?://" or r.body:find " style="
          or r.body:find " on%l+=")
      end
      local css = curl.run { space.url .. "/emulator.css" }
      assert.same({ 200, "text/css; charset=utf-8" }, { css.status, css.headers["content-type"] })
      assert.is_nil(css.body:find "url%(" or css.body:find "@import")
      assert.equal(304, curl.run({ space.url .. "/emulator.css", "-H", "If-None-Match: " .. css.headers.etag }).status)
    end)

    it("aren't for programs of other origins", function()
      start()
      local r = alice:get(visitor.url(space), "-H", "Origin: http://evil.example")
      assert.is_nil(r.headers["access-control-allow-origin"])
    end)

    it("set a cookie that scripts and other sites don't get, another one after the login", function()
      start()
      local page = ask()
      local set, before = page.headers["set-cookie"], alice.cookie
      assert.is_truthy(set:find "^airlock_emulator_%d+=[%w_-]+; Path=/; HttpOnly; SameSite=Lax$")
      assert.equal(43, #before:match "=(.*)")
      assert.is_nil(ask().headers["set-cookie"])
      alice:login(page, "alice.first")
      assert.is_false(before == alice.cookie)
      local stale = visitor.new(space)
      stale.cookie = before
      is_login(ask(nil, stale))
    end)

    it("take no form without its token, or with another's", function()
      start()
      local mallory = visitor.new(space)
      local foreign = ask(nil, mallory).form.fields.csrf
      local login = ask()
      for _, token in ipairs { false, "", "x", foreign } do
        out_of_date(alice:submit(login, { username = "alice.first", password = "password-of-alice.first",
          csrf = token }))
      end
      is_login(ask())
      local consent = alice:login(login, "alice.first")
      for _, token in ipairs { false, "", foreign, login.form.fields.csrf } do
        out_of_date(alice:submit(consent, { answer = "accept", csrf = token }))
      end
    end)

    it("take no form with another's cookie, or none", function()
      start()
      local consent, mallory = consent_of(), visitor.new(space)
      out_of_date(mallory:submit(consent, { answer = "accept" }))
      local page = ask(nil, mallory)
      out_of_date(mallory:submit(consent, { answer = "accept" }))
      out_of_date(mallory:submit(consent, { answer = "accept", csrf = page.form.fields.csrf }))
      out_of_date(mallory:get((consent.form.action:gsub("consent", "continue"))))
      mallory.cookie = mallory.cookie:gsub("=.*", "=guess")
      out_of_date(mallory:submit(page, { username = "bob.second", password = "password-of-bob.second" }))
      out_of_date(alice:submit(consent, { answer = "accept", csrf = page.form.fields.csrf }))
      assert.equal(303, alice:submit(consent, { answer = "accept" }).status)
    end)

    it("are good once", function()
      start()
      local consent = consent_of()
      alice:submit(consent, { answer = "accept" })
      out_of_date(alice:submit(consent, { answer = "accept" }))
      out_of_date(alice:get "/oauth/continue/guess")
    end)

    it("decide nothing before the login", function()
      start()
      local login = ask()
      local r = alice:post(login.form.action:gsub("login", "consent"),
        { csrf = login.form.fields.csrf, answer = "accept" })
      assert.equal(303, r.status)
      is_login(alice:get(r.location))
    end)

    it("know their cookie among others", function()
      start()
      ask()
      alice.cookie = "a=b; airlock_emulator_1=x; " .. alice.cookie:gsub("=.*", "=wrong") .. "; " .. alice.cookie
        .. ";;c"
      assert.is_nil(ask().headers["set-cookie"])
    end)

    it("escape whatever they show", function()
      local evil = "<script>alert('1')</script>\"&{csrf}"
      start { organization = { name = evil, slogan = evil },
        people = { { username = "alice.first", first_name = evil, last_name = evil } },
        applications = { web = { name = evil, settings = { codeFlowEnabled = true,
          codeFlowRedirectURIs = "http://localhost/callback" } } } }
      local function harmless(r)
        assert.is_nil(r.body:find("<script", 1, true) or r.body:find("alert('", 1, true))
        return r
      end
      local login = harmless(ask { state = evil })
      assert.is_truthy(login.body:find("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;{csrf}", 1, true))
      harmless(alice:submit(login, { username = evil, password = evil }))
      harmless(alice:login(login, "alice.first"))
      harmless(ask { redirect_uri = evil })
      harmless(ask { client_id = evil })
      harmless(ask { scope = evil, state = evil })
      harmless(alice:get("/oauth/device?user_code=" .. evil:gsub("[^%w]",
        function(c) return ("%%%02x"):format(c:byte()) end)))
      local r = ask { scope = "project:key:<script>:Project.View" }
      assert.is_truthy(harmless(r).body:find("in project &lt;script&gt;", 1, true))
    end)
  end)
end)
