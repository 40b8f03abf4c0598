-- Logins whose tokens are bound to a key (RFC 9449): the key goes where the refresh token goes.

local airlock = require "airlock"
local core = require "airlock.core"
local crowd = require "spec.support.crowd"
local crypto = require("airlock.server").crypto
local emulator = require "airlock.emulator"
local expect = require "spec.support.expect"
local keys = require "spec.support.keys"
local stage = require "spec.support.stage"

local callback = "http://127.0.0.1/callback"

-- The thumbprint of the key that a proof is made with.
local function thumbprint(proof)
  return crypto.thumbprint(core.json.encode(core.json.decode(core.decode(proof:match "^[^.]*")).jwk))
end

describe("a login with DPoP", function()
  local space
  after_each(stage.clear)

  local function public(more)
    local config = { url = space.url, client_id = space.applications.native.client_id, redirect_uri = callback,
      dpop = true }
    for name, value in pairs(more or {}) do config[name] = value end
    return airlock.space(config)
  end

  local function log_in(client, account)
    local login = expect.success(client:authorization_code { scope = "**", access_type = "offline" })
    return expect.success(login:finish(space:approve(login.url), account and { account = account })), login
  end

  it("binds the code to its key, in the URL and where the request is pushed with a proof", function()
    space = stage.space { dpop = "required", dpop_nonce = true }
    local one, two = public():authorization_code { scope = "**" }, public():authorization_code { scope = "**" }
    local jkt = one.url:match "[?&]dpop_jkt=([%w_-]+)"
    assert.equal(43, #jkt)
    assert.not_equal(jkt, two.url:match "[?&]dpop_jkt=([%w_-]+)")
    local redirect = space:approve(one.url)
    local stolen = space:approve(two.url):match "code=([^&]*)"
    expect.failure({ code = "invalid_grant" }, two:finish(
      (space:approve(two.url):gsub("code=[^&]*", "code=" .. redirect:match "code=([^&]*)"))))
    assert.truthy(stolen)
    expect.success(one:finish(redirect))
    expect.raise("'dpop_jkt'", function() public():authorization_code { params = { dpop_jkt = "x" } } end)

    space:forget_journal()
    local client = public { pushed_authorization_request_endpoint = space.url .. "/oauth/par" }
    local user = log_in(client)
    local first, second = space:journal()[1], space:journal()[2]
    assert.same({ "/oauth/par", 400, "/oauth/par", 201 }, { first.path, first.status, second.path, second.status })
    assert.equal(first.form.dpop_jkt, second.form.dpop_jkt)
    expect.success(user:get "organization")
  end)

  it("keeps its key for each refresh, which nobody else can make [9449-06]", function()
    space = stage.space { rotate = true }
    local user = log_in(public())
    local thumb = {}
    for i = 1, 3 do
      space:advance(601)
      expect.success(user:get "organization")
      thumb[i] = thumbprint(space:journal()[space:count()].headers.dpop)
    end
    assert.same({ thumb[1], thumb[1], thumb[1] }, thumb)
    local stolen = space:issue { application = "native", person = "alice.first", offline = true }.refresh_token
    space.tokens.refresh[stolen].family.jkt = thumb[1]
    expect.failure({ code = "login_required", error = "invalid_grant" }, public():refresh_token(stolen):token())
  end)

  it("keeps its key across another process that finishes it, sealed [9449-06]", function()
    space = stage.space { dpop_nonce = true }
    local login = public():authorization_code { scope = "**", access_type = "offline" }
    local saved = login:save { public = true }
    local again = expect.success(public():authorization(saved))
    assert.equal(login.url, again.url)
    local code = ([[
      local client = airlock.space { url = %q, client_id = %q, redirect_uri = %q, dpop = true }
      local user = assert(assert(client:authorization(%q)):finish(%q))
      assert(user:get "organization")
      return user:info().token_type
    ]]):format(space.url, space.applications.native.client_id, callback, saved, space:approve(login.url))
    assert.equal("DPoP", crowd.run(1, code)[1])
    assert.is_nil((public { dpop = false }:authorization(saved)))
  end)

  it("keeps its key beside the refresh token in the store, for the next process [9449-06]", function()
    space = stage.space { rotate = true, dpop_nonce = true }
    local folder = stage.folder() .. "/tokens"
    local user = log_in(public { store = folder }, "alice")
    local path = stage.shell("ls -d '" .. folder .. "'/* | grep -E '/[0-9a-f]{64}$'"):match "%S+"
    local record = core.json.decode(stage.read(path))
    assert.equal("DPoP", record.token_type)
    assert.truthy(record.dpop_key:find "^%-%-%-%-%-BEGIN PRIVATE KEY%-%-%-%-%-\n")
    local code = ([[
      local client = airlock.space { url = %q, client_id = %q, redirect_uri = %q, dpop = true, store = %q }
      local user = assert(client:session { account = "alice", scope = "**" })
      assert(user:refresh())
      assert(user:get "organization")
      return user:token()
    ]]):format(space.url, space.applications.native.client_id, callback, folder)
    local said = crowd.run(1, code)[1]
    assert.equal(said, expect.success(user:refresh() and core.json.decode(stage.read(path)).access_token) and said)
    assert.equal(record.dpop_key, core.json.decode(stage.read(path)).dpop_key)
    expect.success(user:get "organization")
  end)

  it("works with an emulator that is a process of its own, too", function()
    local process = emulator.spawn { dpop = "required", dpop_nonce = "api" }
    stage.keep(function() process:stop() end)
    local app = airlock.space({ url = process.url, client_id = process.client_id, client_secret = process.client_secret,
      dpop = true }):client_credentials()
    expect.success(app:get "organization")
    assert.equal("DPoP", app:info().token_type)
  end)

  it("has a record of its own: a client without DPoP, or with another key, doesn't find it [9449-06]", function()
    space = stage.space()
    local folder = stage.folder() .. "/tokens"
    local own = { private_key = keys.pem "P-256" }
    local _ = log_in(public { store = folder, dpop = own }, "alice")
    local text = stage.read(stage.shell("ls -d '" .. folder .. "'/* | grep -E '/[0-9a-f]{64}$'"):match "%S+")
    assert.is_nil(text:find("PRIVATE KEY", 1, true)) -- the program has that key itself
    for _, other in ipairs { false, true, { private_key = keys.pem "Ed25519" } } do
      expect.failure({ code = "login_required" }, public { store = folder, dpop = other }:session { account = "alice",
        scope = "**" })
    end
    local code = ([[
      local client = airlock.space { url = %q, client_id = %q, dpop = { private_key = %q }, store = %q }
      local user = assert(client:session { account = "alice", scope = "**" })
      assert(user:refresh())
      return assert(user:get "organization").name
    ]]):format(space.url, space.applications.native.client_id, keys.pem "P-256", folder)
    assert.equal("My Company", crowd.run(1, code)[1])
  end)

  it("by a refresh token that was kept elsewhere needs the key that was, too [9449-06]", function()
    space = stage.space()
    local own = { private_key = keys.pem "P-256" }
    local jkt = crypto.thumbprint(crypto.public_jwk(keys.pem "P-256"))
    local function kept()
      local text = space:issue { application = "native", person = "alice.first", offline = true }.refresh_token
      space.tokens.refresh[text].family.jkt = jkt
      return text
    end
    expect.success(public { dpop = own }:refresh_token(kept()):get "organization")
    expect.failure({ code = "login_required" }, public { dpop = true }:refresh_token(kept()):get "organization")
  end)

  it("by password and by one token for another is bound as well", function()
    space = stage.space()
    local confidential = stage.client(space, { dpop = true })
    local user = expect.success(confidential:password { username = "alice.first", password = "password-of-alice.first",
      scope = "**" })
    expect.success(user:get "organization")
    assert.equal("DPoP", user:info().token_type)
    local other = confidential:token_exchange { subject_token = user }
    expect.success(other:get "organization")
    assert.equal("DPoP", other:info().token_type)
  end)

  it("with a token that was made by hand isn't: nobody asked a server for it", function()
    space = stage.space()
    local session = public():permanent_token(space:permanent_token { person = "alice.first" })
    expect.success(session:get "organization")
    assert.is_nil(space:journal()[1].headers.dpop)
  end)
end)
