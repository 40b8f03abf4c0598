-- A scope is a set: whatever its order, it is one token, one record, one login.

local core = require "airlock.core"
local expect = require "spec.support.expect"
local record = require "spec.support.record"
local stage = require "spec.support.stage"

describe("a scope as a set", function()
  local space, folder, others
  local wide = "global:Profile.Memberships.View global:Profile.View"
  local turned = "global:Profile.View global:Profile.Memberships.View"
  after_each(stage.clear)
  before_each(function()
    space, folder, others = stage.space { rotate = true }, stage.folder() .. "/tokens", 0
  end)

  local function elsewhere(more)
    others = others + 1
    local config = { store = folder, introspection_endpoint = space.url .. "/other/" .. others }
    for name, value in pairs(more or {}) do config[name] = value end
    return stage.client(space, config)
  end

  local function asked() return space:count "/oauth/token" end
  local function records() return stage.shell("ls '" .. folder .. "' | grep -E '^[0-9a-f]{64}$'") end
  local function count(text) return select(2, text:gsub("%x+", "")) end

  -- The name of a record in an Airlock whose scopes weren't sets.
  local function former(kept, scope)
    local parts = {}
    for i, text in ipairs { kept.issuer or kept.token_endpoint, kept.client_id, kept.grant, kept.account, scope } do
      parts[i] = #text .. ":" .. text
    end
    local file = stage.folder() .. "/name"
    stage.write(file, table.concat(parts))
    return stage.shell("sha256sum < '" .. file .. "'"):match "%x+"
  end

  -- A login of user alice, as an Airlock of that time left it behind for this scope.
  local function left_behind(scope)
    local session = elsewhere():password { username = "alice.first", password = "password-of-alice.first",
      scope = scope, account = "alice", access_type = "offline" }
    expect.success(session:token())
    local kept = core.json.decode(record.text(folder))
    local name = former(kept, scope)
    assert.is_true(os.rename(record.path(folder), folder .. "/" .. name))
    return kept, name
  end

  it("is one token in memory, sent as the program wrote it first", function()
    local client = stage.client(space)
    local first = client:client_credentials { scope = turned }
    assert.equal(expect.success(first:token()), client:client_credentials { scope = wide }:token())
    assert.equal(first:token(), client:client_credentials { scope = " " .. turned .. "  " .. turned }:token())
    assert.equal(1, asked())
    local journal = space:journal()
    assert.equal(turned, journal[#journal].form.scope)
  end)

  it("is one record", function()
    local token = expect.success(elsewhere():client_credentials { scope = turned }:token())
    assert.equal(token, elsewhere():client_credentials { scope = wide }:token())
    assert.equal(1, asked())
    assert.equal(1, count(records()))
  end)

  it("is one login of a user's", function()
    expect.success(elsewhere():password { username = "alice.first", password = "password-of-alice.first",
      scope = wide, account = "alice" })
    local again = expect.success(elsewhere():session { grant = "password", account = "alice", scope = turned })
    assert.equal(1, asked())
    expect.success(again:token())
  end)

  it("is no other scope's: not a part's, not another word's", function()
    local client = stage.client(space)
    local one = expect.success(client:client_credentials { scope = "global:Profile.View" }:token())
    assert.not_equal(one, client:client_credentials { scope = wide }:token())
    assert.equal(2, asked())
  end)

  it("finds a record under its former name, and writes it under the new one", function()
    local kept, name = left_behind(turned)
    local session = expect.success(elsewhere():session { grant = "password", account = "alice", scope = turned })
    assert.equal(kept.access_token, session:token())
    assert.equal(1, asked())
    local now = records()
    assert.equal(1, count(now))
    assert.is_nil(stage.shell("ls '" .. folder .. "'"):gsub("%.lock", ""):find(name .. "[^\n]", 1))
    assert.is_nil(now:find(name, 1, true))
    assert.equal(former(kept, wide), (now:match "%x+"))
    local moved = core.json.decode(record.text(folder))
    assert.same({ kept.refresh_token, kept.generation, kept.login },
      { moved.refresh_token, moved.generation, moved.login })
    assert.equal(kept.access_token, elsewhere():session { grant = "password", account = "alice", scope = wide }:token())
    assert.equal(1, asked())
  end)

  it("renews what it finds under a former name, whose record goes", function()
    local kept, name = left_behind(turned)
    record.expire(folder)
    local session = expect.success(elsewhere():session { grant = "password", account = "alice", scope = turned })
    assert.not_equal(kept.access_token, session:token())
    assert.equal(2, asked())
    assert.is_nil(records():find(name, 1, true))
    assert.equal(kept.generation + 1, core.json.decode(record.text(folder)).generation)
  end)

  it("ends a login under both names", function()
    left_behind(turned)
    local session = elsewhere():session { grant = "password", account = "alice", scope = turned }
    expect.success(session:logout())
    assert.equal(0, count(records()))
    expect.failure({ kind = "oauth", code = "login_required" },
      elsewhere():session { grant = "password", account = "alice", scope = turned })
  end)

  it("finds nothing in a record of a former name that can't be read, and leaves that alone", function()
    local _, name = left_behind(turned)
    stage.write(folder .. "/" .. name, "{")
    expect.failure({ kind = "oauth", code = "login_required" },
      elsewhere():session { grant = "password", account = "alice", scope = turned })
    assert.equal("{", stage.read(folder .. "/" .. name))
  end)

  it("finds and moves it in a store of the program's own", function()
    local kept, name = left_behind(turned)
    local texts, fences, held = { [name] = record.text(folder) }, 0, {}
    local store = {
      load = function(at) return texts[at] end,
      lock = function(at)
        if held[at] then return nil end
        fences = fences + 1
        held[at] = fences
        return fences
      end,
      save = function(at, text, fence)
        assert.equal(held[at], fence)
        texts[at] = text
        return true
      end,
      unlock = function(at, fence)
        assert.equal(held[at], fence)
        held[at] = nil
      end,
    }
    local session = expect.success(elsewhere { store = store }:session { grant = "password", account = "alice",
      scope = turned })
    assert.equal(kept.access_token, session:token())
    assert.is_nil(texts[name])
    assert.is_nil(next(held))
    local at, text = next(texts)
    assert.not_equal(name, at)
    assert.equal(kept.refresh_token, core.json.decode(text).refresh_token)
    assert.is_nil(next(texts, at))
  end)
end)
