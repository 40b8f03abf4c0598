local airlock = require "airlock"
local emulator = require "airlock.emulator"
local visitor = require "spec.support.visitor"

local grant_type = "urn:ietf:params:oauth:grant-type:device_code"

describe("emulator device login", function()
  local space, native

  local function start(options)
    space = emulator.start(options)
    native = space.applications.native
    return space
  end

  after_each(function()
    if space then space:stop() end
    space = nil
  end)

  local function begin(changes, app)
    local fields = { scope = "global:Profile.View", client_id = not app and native.client_id or nil }
    for name, value in pairs(changes or {}) do fields[name] = value or nil end
    return visitor.ask(space, "/oauth/device", fields, app)
  end

  local function poll(begun, app)
    return visitor.ask(space, "/oauth/token", { grant_type = grant_type, device_code = begun.json.device_code,
      client_id = not app and native.client_id or nil }, app)
  end

  local function says(wanted, r)
    assert.same({ 400, wanted }, { r.status, r.json and r.json.error })
  end

  it("begins with a code for the person", function()
    start()
    local r = begin()
    assert.equal(200, r.status)
    assert.is_truthy(r.json.user_code:find "^%u%u%u%u%-%u%u%u%u$" and not r.json.user_code:find "[AEIOUY]")
    assert.equal(space.url .. "/oauth/device", r.json.verification_uri)
    assert.equal(r.json.verification_uri .. "?user_code=" .. r.json.user_code, r.json.verification_uri_complete)
    assert.same({ 600, 5, 43, "no-store" }, { r.json.expires_in, r.json.interval, #r.json.device_code,
      r.headers["cache-control"] })
    assert.equal(200, begin({}, space.applications.service).status)
  end)

  it("refuses what is missing or wrong", function()
    start()
    says("invalid_scope", begin { scope = false })
    says("invalid_scope", begin { scope = "openid" })
    says("invalid_request", begin { access_type = "ever" })
    assert.equal(401, begin({ client_id = "nobody" }).status)
    assert.equal(401, begin({ client_id = space.applications.web.client_id }).status)
    says("invalid_request", visitor.ask(space, "/oauth/token",
      { grant_type = grant_type, client_id = native.client_id }))
    local r = begin()
    says("invalid_grant", poll(r, space.applications.service))
    says("invalid_grant", poll { json = { device_code = "made up" } })
  end)

  it("waits, and then gives a token once", function()
    start()
    local r = begin { access_type = "offline" }
    says("authorization_pending", poll(r))
    assert.is_true((space:enter_device_code(r.json.user_code, { person = "bob.second" })))
    local token = poll(r)
    assert.equal(200, token.status)
    assert.equal("bob.second", visitor.api(space, "team-directory/profiles/me", token.json.access_token).json.username)
    assert.is_string(token.json.refresh_token)
    says("invalid_grant", poll(r))
    r = begin()
    space:enter_device_code(r.json.user_code)
    assert.is_nil(poll(r).json.refresh_token)
  end)

  it("wants to be asked no faster than it said", function()
    start()
    local r = begin()
    says("authorization_pending", poll(r))
    says("slow_down", poll(r)) -- now it is 10 seconds
    space:advance(6)
    says("slow_down", poll(r)) -- and now 15
    space:advance(15)
    says("authorization_pending", poll(r))
    space:enter_device_code(r.json.user_code)
    assert.equal(200, poll(r).status)
  end)

  it("tells that the person said no", function()
    start()
    local r = begin()
    local done, text = space:enter_device_code(r.json.user_code, { accept = false })
    assert.is_true(done)
    assert.is_truthy(text:find "not connected")
    says("access_denied", poll(r))
    says("access_denied", poll(r))
    assert.is_nil((space:enter_device_code(r.json.user_code))) -- once is enough
  end)

  it("expires", function()
    start { device_lifetime = 30, device_interval = 1 }
    local r = begin()
    assert.same({ 30, 1 }, { r.json.expires_in, r.json.interval })
    space:advance(31)
    says("expired_token", poll(r))
    local done, text = space:enter_device_code(r.json.user_code)
    assert.is_nil(done)
    assert.is_truthy(text:find "expired")
  end)

  it("has a page: login, code, consent", function()
    start()
    local r, who = begin(), visitor.new(space)
    local page = who:login(who:get "/oauth/device", "alice.first")
    assert.is_truthy(page.body:find("Enter the code", 1, true))
    local wrong = who:submit(page, { user_code = "<i>" })
    assert.equal(400, wrong.status)
    assert.is_truthy(wrong.body:find('role="alert"', 1, true) and not wrong.body:find("<i>", 1, true))
    page = who:submit(page, { user_code = " " .. r.json.user_code:lower():gsub("-", " ") })
    page = who:get(page.location)
    assert.is_truthy(page.body:find(r.json.user_code, 1, true) and page.body:find("Desktop tool", 1, true))
    assert.equal(403, who:submit(page, { answer = "accept", csrf = "x" }).status)
    says("authorization_pending", poll(r))
    page = who:submit(page, { answer = "accept" })
    assert.is_truthy(page.body:find("The device is connected", 1, true))
    assert.equal(200, poll(r).status)
  end)

  it("has the code in the field where the link had it", function()
    start()
    local r, who = begin(), visitor.new(space)
    local page = who:login(who:get(r.json.verification_uri_complete), "alice.first")
    assert.equal(r.json.user_code, page.form.fields.user_code)
    page = who:get(who:submit(page).location)
    space:advance(601) -- while the person thinks
    assert.equal(400, who:submit(page, { answer = "accept" }).status)
    says("expired_token", poll(r))
  end)

  it("takes one answer of two people who have the same page", function()
    start()
    local r, alice, bob = begin(), visitor.new(space), visitor.new(space)
    local function consent(who, name)
      local page = who:login(who:get(r.json.verification_uri_complete), name)
      return who:get(who:submit(page).location)
    end
    local first, second = consent(alice, "alice.first"), consent(bob, "bob.second")
    assert.equal(200, alice:submit(first, { answer = "accept" }).status)
    assert.equal(400, bob:submit(second, { answer = "accept" }).status)
    assert.equal("alice.first", visitor.api(space, "team-directory/profiles/me",
      poll(r).json.access_token).json.username)
  end)

  it("can be left out, as Space has none", function()
    start { device = false }
    assert.equal(404, begin().status)
    assert.equal(404, visitor.new(space):get("/oauth/device").status)
    says("unsupported_grant_type", poll { json = { device_code = "x" } })
  end)

  it("serves Airlock", function()
    start { device_interval = 0.05 }
    local client = airlock.space { url = space.url, client_id = native.client_id,
      device_authorization_endpoint = space.url .. "/oauth/device" }
    local device = assert(client:device_code { scope = "global:Profile.View" })
    assert.is_true((space:enter_device_code(device.user_code, { person = "bob.second" })))
    assert.equal("bob.second", assert(device:wait()):get("team-directory/profiles/me").username)
  end)
end)
