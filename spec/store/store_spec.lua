-- The file store: what is written, who may read it, and that one process takes over where another left off.

local airlock = require "airlock"
local core = require "airlock.core"
local crowd = require "spec.support.crowd"
local expect = require "spec.support.expect"
local record = require "spec.support.record"
local stage = require "spec.support.stage"

describe("the file store", function()
  local space, folder, others
  after_each(stage.clear)
  before_each(function()
    space, folder, others = stage.space { rotate = true }, stage.folder() .. "/tokens", 0
  end)

  -- Another process, as far as tokens go: its clients share no memory with those made before.
  local function elsewhere(more)
    others = others + 1
    local config = { store = folder, introspection_endpoint = space.url .. "/other/" .. others }
    for name, value in pairs(more or {}) do config[name] = value end
    return stage.client(space, config)
  end

  local function refresh_token() return space:issue { person = "alice.first", offline = true }.refresh_token end
  local function asked() return space:count "/oauth/token" end

  local function record_path() return record.path(folder) end
  local function expire() record.expire(folder) end

  describe("keeps a token", function()
    it("for the next process, which asks nobody", function()
      local first = elsewhere():client_credentials { scope = "**" }
      local token = expect.success(first:token())
      local second = elsewhere():client_credentials { scope = "**" }
      assert.equal(token, second:token())
      assert.equal(1, asked())
      assert.equal(folder, second:info().store)
      assert.equal(first:info().expires_at, second:info().expires_at)
    end)

    it("in a folder and a file that nobody else can read, with no secret of the client's in it", function()
      local app = stage.client(space, { store = folder }):client_credentials { scope = "**" }
      expect.success(app:token())
      assert.equal("drwx------", stage.shell("ls -ld '" .. folder .. "'"):match "%S+")
      assert.equal("-rw-------", stage.shell("ls -l '" .. record_path() .. "'"):match "%S+")
      local text = record.text(folder)
      assert.is_nil(text:find(space.client_secret, 1, true))
      local kept = core.json.decode(text)
      assert.same({ 1, "client_credentials", space.client_id, 1, app:token() },
        { kept.airlock, kept.grant, kept.client_id, kept.generation, kept.access_token })
    end)

    it("of one client, grant, account and scope by a name of its own", function()
      for _, session in ipairs { elsewhere():client_credentials { scope = "**" }, elsewhere():client_credentials(),
        elsewhere():refresh_token(refresh_token(), { account = "a" }),
          elsewhere():refresh_token(refresh_token(), { account = "b" }) } do
        expect.success(session:token())
      end
      assert.equal("4", stage.shell("ls '" .. folder .. "' | grep -cE '^[0-9a-f]{64}$'"):match "%S+")
    end)

    it("not where it was made by hand, nor where nobody could name it again", function()
      expect.success(elsewhere():permanent_token(space:permanent_token { person = "alice.first" }):get "organization")
      expect.success(elsewhere():password { username = "alice.first", password = "password-of-alice.first",
        scope = "**" })
      assert.equal("0", stage.shell("ls '" .. folder .. "' 2>/dev/null | wc -l"):match "%d+")
    end)

    it("under $XDG_STATE_HOME/airlock, or else ~/.local/state/airlock, where it is told only that", function()
      local code = ([[
        local app = airlock.space { url = %q, client_id = %q, client_secret = %q, store = true }:client_credentials()
        assert(app:token())
        return app:info().store
      ]]):format(space.url, space.client_id, space.client_secret)
      local home = stage.folder()
      assert.equal(home .. "/state/airlock", crowd.run(1, code, ("XDG_STATE_HOME='%s/state'"):format(home))[1])
      assert.equal(home .. "/.local/state/airlock", crowd.run(1, code,
        ("env -u XDG_STATE_HOME HOME='%s'"):format(home))[1])
      assert.equal("drwx------", stage.shell("ls -ld '" .. home .. "/.local/state/airlock'"):match "%S+")
    end)

    it("with what a newer version of the same format has put beside it", function()
      local user = elsewhere():refresh_token(refresh_token())
      expect.success(user:token())
      record.change(folder, '"refresh_token":', '"beside":{"of": [1,"\\u00e9"]},%0')
      expire()
      expect.success(elsewhere():refresh_token(refresh_token()):token())
      assert.is_truthy(record.text(folder):find('"beside":{"of": [1,"\\u00e9"]}', 1, true))
      assert.equal(3, core.json.decode(record.text(folder)).generation)
    end)

    it("and asks no file while the one in memory is fresh", function()
      local app = elsewhere():client_credentials()
      local token = expect.success(app:token())
      os.execute("rm -rf '" .. folder .. "'")
      assert.equal(token, app:token())
      expect.success(app:get "organization")
      assert.equal("", stage.shell("ls -d '" .. folder .. "' 2>/dev/null"))
    end)
  end)

  describe("decides what counts:", function()
    it("a living token wins over a refresh token that is handed in", function()
      local given = refresh_token()
      expect.success(elsewhere():refresh_token(given):token())
      expire()
      expect.success(elsewhere():refresh_token(given):token()) -- used up long ago: the server would end the family
      expect.success(elsewhere():refresh_token("never-heard-of"):token())
      assert.equal(2, asked())
    end)

    it("a dead one gives way to another, but not to the same", function()
      local given, events = refresh_token(), {}
      expect.success(elsewhere():refresh_token(given):token())
      local now = core.json.decode(record.text(folder))
      space:revoke(now.refresh_token)
      expire()
      expect.failure({ kind = "oauth", code = "login_required", outcome = "revoked", error = "invalid_grant" },
        elsewhere():refresh_token(given):token())
      local count = asked()
      for _, text in ipairs { given, now.refresh_token } do
        expect.failure({ code = "login_required", outcome = "revoked" }, elsewhere():refresh_token(text):token())
      end
      assert.equal(count, asked()) -- it is remembered, for any process
      assert.is_nil(record.text(folder):find(now.refresh_token, 1, true))
      local client = elsewhere { on_event = function(e) events[#events + 1] = e.event end }
      expect.success(client:refresh_token(refresh_token()):token())
      assert.equal(count + 1, asked())
    end)

    it("a session that found its token dead looks again: somebody may have logged in", function()
      local user = elsewhere():refresh_token(refresh_token())
      expect.success(user:token())
      space:revoke(core.json.decode(record.text(folder)).refresh_token)
      core.advance(700)
      space:advance(700)
      expect.failure({ outcome = "revoked" }, user:token())
      expect.failure({ outcome = "revoked" }, user:token())
      local token = expect.success(elsewhere():refresh_token(refresh_token()):token())
      assert.equal(token, user:token())
    end)

    it("after a 401 a newer token of another process is taken, and else one request made", function()
      local one, two = elsewhere():client_credentials(), elsewhere():client_credentials()
      space:revoke(expect.success(one:token()))
      expect.success(two:token())
      expect.success(one:get "organization")
      assert.equal(2, asked())
      expect.success(two:get "organization")
      assert.equal(2, asked())
    end)

    it("session:refresh() gets a new one, or takes what another process got since", function()
      local one, two = elsewhere():client_credentials(), elsewhere():client_credentials()
      local first = expect.success(one:token())
      expect.success(two:refresh())
      assert.equal(2, asked())
      assert.not_equal(first, two:token())
      expect.success(one:refresh())
      assert.equal(2, asked())
      assert.equal(two:token(), one:token())
    end)
  end)

  describe("refuses", function()
    local function refused(mend)
      local detail, message = expect.failure({ kind = "store", code = "unsafe", outcome = "misconfigured" },
        elsewhere():client_credentials():token())
      assert.is_truthy(message:find(mend, 1, true), message)
      return detail
    end

    it("a folder or a file that others can read or write, and says how to mend it", function()
      os.execute("mkdir -m 750 '" .. folder .. "'")
      refused("chmod 700 " .. folder)
      os.execute("chmod 702 '" .. folder .. "'")
      refused("chmod 700 " .. folder)
      os.execute("chmod 700 '" .. folder .. "'")
      expect.success(elsewhere():client_credentials():token())
      os.execute("chmod 640 '" .. record_path() .. "'")
      refused("chmod 600 " .. record_path())
      assert.equal(1, asked())
    end)

    it("a link in place of the folder, the file or its lock, and a file with a second name", function()
      os.execute(("mkdir -m 700 '%s.real'; ln -s '%s.real' '%s'"):format(folder, folder, folder))
      refused "it is a link"
      os.execute("rm '" .. folder .. "'")
      expect.success(elsewhere():client_credentials():token())
      local path = record_path()
      os.execute(("mv '%s' '%s/other'; ln -s '%s/other' '%s'"):format(path, folder, folder, path))
      refused "it is a link"
      os.execute(("rm '%s'; ln '%s/other' '%s'"):format(path, folder, path))
      refused "one name"
      os.execute(("rm '%s' '%s.lock'; ln -s '%s/elsewhere' '%s.lock'"):format(path, path, folder, path))
      refused "it is a link"
      assert.is_nil(stage.read(folder .. "/elsewhere"))
      assert.equal(1, asked())
    end)

    it("what belongs to another user", function()
      if stage.shell("id -u"):match "%d+" ~= "0" then pending "giving files away needs root" end
      os.execute(("mkdir -m 700 '%s'; chown 65534 '%s'"):format(folder, folder))
      refused "another user"
    end)
  end)

  describe("sets aside, and says so,", function()
    local function test(what, text, code)
      it(what, function()
        local events = {}
        expect.success(elsewhere():client_credentials():token())
        local path = record_path()
        if type(text) == "function" then text = text(stage.read(path)) end
        stage.write(path, text)
        local app = elsewhere { on_event = function(e) if e.event:find "^store" then
          events[#events + 1] = e.event .. " " .. e.code end end }
          :client_credentials()
        expect.success(app:token())
        assert.same({ "store_set_aside " .. code }, events)
        local aside = stage.shell("ls '" .. folder .. "'/*.aside-*"):match "%S+"
        assert.equal(text, stage.read(aside))
        assert.equal("-rw-------", stage.shell("ls -l '" .. aside .. "'"):match "%S+")
        assert.equal(1, core.json.decode(stage.read(path)).generation)
      end)
    end
    test("an empty file", "", "corrupt")
    test("one that is cut off", function(text) return text:sub(1, #text - 20) end, "corrupt")
    test("one that isn't JSON", "\0\1\2 hello", "corrupt")
    test("one of another kind", '{"access_token":"x"}', "corrupt")
    test("one whose members have other types", '{"airlock":1,"login":"x","generation":"2","access_token":"y"}',
      "corrupt")
    test("one of a later version", '{"airlock":2,"tokens":[]}', "future")
  end)

  it("lists what a folder holds, and shows no secret", function()
    expect.success(elsewhere():client_credentials { scope = "**" }:token())
    expect.success(elsewhere():refresh_token(refresh_token(), { account = "alice" }):token())
    stage.write(folder .. "/" .. ("0"):rep(64), "?")
    os.execute("chmod 600 '" .. folder .. "'/*")
    local store = require "airlock.store"
    local found, shown = {}, {}
    for _, entry in ipairs(expect.success(store.list(folder))) do
      found[entry.grant or "?"] = entry
      for _, value in pairs(entry) do shown[#shown + 1] = tostring(value) end
    end
    assert.same({ space.url, space.client_id, "alice", 2, false, true, false },
      { found.refresh_token.issuer, found.refresh_token.client_id,
      found.refresh_token.account, found.refresh_token.generation, found.refresh_token.dead,
        found.refresh_token.renewable,
      found.refresh_token.unreadable })
    assert.is_true(math.abs(found.client_credentials.expires_at - os.time() - 600) < 20)
    assert.is_true(found["?"].unreadable)
    local text = table.concat(shown, " ")
    for _, name in ipairs { "access_token", "refresh_token" } do
      for secret in stage.shell("cat '" .. folder .. "'/*"):gmatch('"' .. name .. '":"([^"]+)"') do
        assert.is_nil(text:find(secret, 1, true))
      end
    end
    assert.same({}, store.list(folder .. "/nowhere"))
  end)

  it("of a login spares the user the browser, and logging out removes it", function()
    local native = space.applications.native
    local function client()
      others = others + 1
      return airlock.space { url = space.url, client_id = native.client_id, store = folder,
        revocation_endpoint = space.url .. "/oauth/revoke", introspection_endpoint = space.url .. "/other/" .. others }
    end
    local opened = 0
    local function open(url)
      opened = opened + 1
      os.execute(("curl -s '%s' >/dev/null &"):format(space:approve(url, { person = "bob.second" })))
    end
    local function login(account)
      return client():login { account = account, scope = "global:Profile.View", open = open }
    end
    local user = expect.success(login "bob")
    expire()
    assert.equal("bob.second", expect.success(login "bob"):get("team-directory/profiles/me").username)
    assert.equal(1, opened)
    assert.equal("bob.second", expect.success(client():session { account = "bob", scope = "global:Profile.View" }):get(
      "team-directory/profiles/me").username)
    expect.failure({ kind = "oauth", code = "login_required", outcome = "interaction_required" },
      client():session { account = "eve" })
    expect.success(user:logout())
    assert.is_nil(record_path())
    expect.failure({ code = "login_required" }, user:get "organization")
    expect.failure({ code = "login_required" }, client():session { account = "bob", scope = "global:Profile.View" })
    expect.success(login "bob")
    assert.equal(2, opened)
  end)

  it("keeps a web login, a password's and a device's session where the program names the account", function()
    local web = space.applications.web
    local function client()
      others = others + 1
      return airlock.space { url = space.url, client_id = web.client_id, client_secret = web.client_secret,
        store = folder,
        redirect_uri = "http://localhost/callback", introspection_endpoint = space.url .. "/other/" .. others }
    end
    local login = client():authorization_code { scope = "global:Profile.View", access_type = "offline" }
    expect.success(login:finish(space:approve(login.url, { person = "chen.third" }), { account = "chen" }))
    local chen = expect.success(client():session { account = "chen", scope = "global:Profile.View" })
    assert.equal("chen.third", chen:get("team-directory/profiles/me").username)
    local again = client():authorization_code { scope = "global:Profile.View", access_type = "offline" }
    -- who logs in last counts
    expect.success(again:finish(space:approve(again.url, { person = "bob.second" }), { account = "chen" }))
    chen = expect.success(client():session { account = "chen", scope = "global:Profile.View" })
    assert.equal("bob.second", chen:get("team-directory/profiles/me").username)
    expect.success(client():password { username = "dora.fourth", password = "password-of-dora.fourth", scope = "**",
      account = "dora" })
    local dora = expect.success(client():session { account = "dora", scope = "**", grant = "password" })
    assert.equal("dora.fourth", dora:get("team-directory/profiles/me").username)
    local kept = stage.shell("cat '" .. folder .. "'/*")
    assert.is_truthy(kept:find('"account":"dora"', 1, true))
    assert.is_nil(kept:find("password-of", 1, true))
    expect.failure({ code = "invalid_grant" }, client():password { username = "dora.fourth", password = "wrong",
      scope = "**", account = "dora" })
    expect.success(client():session { account = "dora", scope = "**", grant = "password" })
    expect.raise("must be", client().session, client(), { grant = "implicit" })
  end)
end)
