-- Scopes as sets: a wider login serves a narrower wish, and a session gets more scope.

local airlock = require "airlock"
local core = require "airlock.core"
local curl = require "spec.support.curl"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

local view, members, both = "global:Profile.View", "global:Profile.Memberships.View",
  "global:Profile.View global:Profile.Memberships.View"
local all = both .. " global:Profile.Locations.View"

describe("a wider login", function()
  local space, folder, others
  after_each(stage.clear)
  before_each(function()
    space, folder, others = stage.space { rotate = true }, stage.folder() .. "/tokens", 0
  end)

  local function asked() return space:count "/oauth/token" end

  -- Another process, as far as tokens go.
  local function elsewhere(more)
    others = others + 1
    local config = { store = folder, introspection_endpoint = space.url .. "/other/" .. others }
    for name, value in pairs(more or {}) do config[name] = value end
    return stage.client(space, config)
  end

  local function login(client, scope, more)
    local options = { username = "alice.first", password = "password-of-alice.first", scope = scope,
      account = "alice", access_type = "offline" }
    for name, value in pairs(more or {}) do options[name] = value end
    return expect.success(client:password(options))
  end

  local function session(client, scope, more)
    local options = { grant = "password", account = "alice", scope = scope }
    for name, value in pairs(more or {}) do options[name] = value end
    return client:session(options)
  end

  for _, place in ipairs { "memory", "the store", "a sealed store", "a store of the program's own" } do
    describe("in " .. place, function()
      local texts, inside
      before_each(function()
        texts = {}
        local function save(name, text)
          texts[name] = text
          return true
        end
        local store = place == "the store" and folder
          or place == "a sealed store" and { folder = folder, key = { file = stage.folder() .. "/key" } }
          or place == "a store of the program's own" and {
            load = function(name) return texts[name] end, lock = function() return 1 end, save = save,
            unlock = function() end,
            list = function()
              local names = {}
              for name in pairs(texts) do names[#names + 1] = name end
              return names
            end,
          } or nil
        local one = place == "memory" and stage.client(space)
        inside = function() return one or elsewhere { store = store } end
      end)

      it("serves a narrower wish, and is the same token", function()
        local wide = login(inside(), both)
        local narrow = expect.success(session(inside(), members))
        assert.equal(wide:token(), narrow:token())
        assert.equal(1, asked())
        assert.is_true(core.scope_covers(narrow:info().scope, both))
      end)

      it("doesn't where exact_scope is true, nor for another word or another account", function()
        login(inside(), both)
        local login_required = { kind = "oauth", code = "login_required" }
        expect.failure(login_required, session(inside(), members, { exact_scope = true }))
        expect.failure(login_required, session(inside(), "global:Profile.Locations.View"))
        expect.failure(login_required, session(inside(), "global:Profile.Vie"))
        expect.failure(login_required, session(inside(), both .. " " .. all))
        expect.failure(login_required, session(inside(), members, { account = "bob" }))
        expect.failure(login_required, session(inside(), members, { grant = "device_code" }))
        expect.failure(login_required, session(inside(), members, { params = { audience = "x" } }))
        expect.failure(login_required, session(inside(), ""))
        assert.equal(1, asked())
      end)

      it("is the narrowest of several, and the exact one before it", function()
        local widest, wide = login(inside(), all), login(inside(), both)
        assert.equal(wide:token(), session(inside(), members):token())
        assert.not_equal(wide:token(), widest:token())
        local exact = login(inside(), members)
        assert.equal(exact:token(), session(inside(), members):token())
      end)

      it("serves no more once it is logged out", function()
        expect.success(login(inside(), both):logout())
        expect.failure({ code = "login_required" }, session(inside(), members))
      end)
    end)
  end

  it("is taken for what was granted, not for what was asked", function()
    local token = 0
    local url = stage.server(function(request)
      token = token + 1
      request:reply { headers = { ["content-type"] = "application/json" },
        body = ('{"access_token":"t%d","token_type":"Bearer","expires_in":600,"scope":"a c"}'):format(token) }
    end)
    local client = airlock.client { token_endpoint = url .. "/token", client_id = "x" }
    expect.success(client:password { username = "u", password = "p", scope = "a b", account = "u" })
    expect.failure({ code = "login_required" },
      client:session { grant = "password", account = "u", scope = "b" })
    expect.success(client:session { grant = "password", account = "u", scope = "c" })
    expect.success(client:session { grant = "password", account = "u", scope = "b a" })
    assert.equal(1, token)
  end)

  it("isn't looked for in place of one that can't be asked just now", function()
    login(elsewhere(), both)
    login(elsewhere(), members)
    stage.shell(("sed -i 's/\\(\"expires_[a-z]*\"\\):[0-9.]*/\\1:1/' '%s'/*[0-9a-f]"):format(folder))
    space:stop()
    expect.failure({ kind = "network", outcome = "transient" },
      session(elsewhere { timeout = 2, retries = 0 }, members))
  end)

  it("raises for a list that is no function, and for an exact_scope that is no boolean", function()
    local function nothing() end
    expect.raise("list", stage.client, space, { store = { load = nothing, save = nothing, lock = nothing,
      unlock = nothing, list = true } })
    expect.raise("exact_scope", function() stage.client(space):session { exact_scope = "yes" } end)
  end)
end)

describe("session:widen", function()
  local space, client, jobs
  before_each(function()
    space, jobs = stage.space(), {}
    client = airlock.space { url = space.url, client_id = space.applications.native.client_id }
  end)
  after_each(function()
    for _, job in ipairs(jobs) do curl.wait(job) end
    stage.clear()
  end)

  -- A user who says yes, and is counted.
  local function browser(person, told)
    return function(url)
      told.n, told.url = (told.n or 0) + 1, url
      jobs[#jobs + 1] = curl.start { space:approve(url, { person = person }) }
    end
  end

  local function scope_of(url)
    return (url:match "[?&]scope=([^&]*)":gsub("+", " "):gsub("%%(%x%x)", function(hex)
      return string.char(tonumber(hex, 16))
    end))
  end

  local function log_in(told, more)
    local options = { scope = view, timeout = 20, open = browser("alice.first", told) }
    for name, value in pairs(more or {}) do options[name] = value end
    return expect.success(client:login(options))
  end

  it("logs in for all of it, by the login's own way, and tells what was granted", function()
    local told = {}
    local session = log_in(told)
    local before = session:token()
    local granted = expect.success(session:widen(members))
    assert.is_true(core.scope_covers(granted, both) and core.scope_covers(both, granted))
    assert.equal(2, told.n)
    assert.equal(both, scope_of(told.url))
    assert.not_equal(before, session:token())
    assert.equal(session:token(), expect.success(client:login { scope = both }):token())
    assert.equal(granted, session:widen(view))
    assert.equal(2, told.n)
  end)

  it("keeps the old login until the new one is there, and where none comes", function()
    local told = {}
    local session = log_in(told)
    local before, during = session:token(), nil
    expect.failure({ kind = "cancelled", code = "timeout" }, session:widen(members, { timeout = 0.2, open = function()
      during = session:token()
    end }))
    assert.same({ before, before, view }, { during, session:token(), session:info().scope })
  end)

  it("leaves other sessions of the old login alone", function()
    local told = {}
    local session, other = log_in(told), log_in(told)
    local before = other:token()
    expect.success(session:widen(members))
    assert.same({ before, view }, { other:token(), other:info().scope })
  end)

  it("keeps a session that is like no other so", function()
    local told = {}
    local redirect = "http://127.0.0.1:1/callback"
    local app = airlock.space { url = space.url, client_id = space.applications.native.client_id,
      redirect_uri = "http://127.0.0.1/callback" }
    local pending = app:authorization_code { scope = view, redirect_uri = redirect }
    local session = expect.success(pending:finish(space:approve(pending.url, { person = "alice.first" })))
    expect.success(session:widen(members, { open = browser("alice.first", told), timeout = 20 }))
    assert.equal(1, told.n)
    expect.failure({ code = "login_required" }, app:session { scope = both })
  end)

  it("asks for all of it by client credentials, and changes nothing where the server says no", function()
    local app = stage.client(space):client_credentials { scope = view }
    local before = app:token()
    expect.failure({ code = "invalid_scope" }, app:widen "global:Nothing.There")
    assert.equal(before, app:token())
    local granted = expect.success(app:widen(members))
    assert.is_true(core.scope_covers(granted, both))
    assert.not_equal(before, app:token())
    assert.equal(app:token(), stage.client(space):client_credentials { scope = both }:token())
  end)

  it("says what to do where the grant can't", function()
    local user = expect.success(stage.client(space):password { username = "alice.first",
      password = "password-of-alice.first", scope = view })
    local _, message = expect.failure({ kind = "oauth", code = "cannot_widen", outcome = "interaction_required" },
      user:widen(members))
    assert.is_truthy(message:find(both, 1, true))
    expect.failure({ code = "cannot_widen" }, stage.client(space):permanent_token "x":widen(members))
    expect.failure({ code = "cannot_widen" }, stage.client(space):anonymous():widen(members))
  end)

  it("raises for what is no scope, or no option", function()
    local app = stage.client(space):client_credentials { scope = view }
    expect.raise("session:widen", app.widen, app, 1)
    expect.raise("a scope can't have", app.widen, app, "a\"b")
    expect.raise("unknown option 'scope'", app.widen, app, "a", { scope = "b" })
  end)
end)
