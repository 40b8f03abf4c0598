-- Pushed authorization requests (RFC 9126): what goes by POST, what the browser's URL has left, and what can go wrong.

local airlock = require "airlock"
local core = require "airlock.core"
local emulator = require "airlock.emulator"
local expect = require "spec.support.expect"
local keys = require "spec.support.keys"
local stage = require "spec.support.stage"

local callback = "http://127.0.0.1/callback"

describe("a pushed authorization request", function()
  local space
  after_each(stage.clear)

  local function start(more)
    local settings = { codeFlowEnabled = true, codeFlowRedirectURIs = callback }
    space = emulator.start { par = more, applications = {
      { client_id = "porter & son", client_secret = "hush", settings = settings },
      { client_id = "signer", jwks = { keys = { keys.public "P-256" } }, settings = settings },
      { client_id = "public", settings = { codeFlowEnabled = true, codeFlowRedirectURIs = callback,
        publicClientsAllowed = true } } } }
    stage.keep(function() space:stop() end)
  end

  local function client(more)
    local config = { url = space.url, client_id = "porter & son", client_secret = "hush", redirect_uri = callback,
      timeout = 20, pushed_authorization_request_endpoint = space.url .. "/oauth/par" }
    for name, value in pairs(more or {}) do
      if value == false and name ~= "par" then config[name] = nil else config[name] = value end
    end
    return airlock.space(config)
  end

  local function last() return space:journal()[#space:journal()] end

  it("goes by POST with the client's proof, and leaves client_id and request_uri to the browser [9126-01] [9126-02]",
    function()
    start()
    local login = expect.success(client():authorization_code { scope = "**", access_type = "offline",
      resource = "https://api.example" })
    local form = last().form
    assert.same({ "POST", "/oauth/par", 201 }, { last().method, last().path, last().status })
    assert.truthy(last().headers.authorization:find "^Basic ")
    assert.same({ "code", "porter & son", callback, "**", "S256", "offline", "https://api.example", login.state },
      { form.response_type, form.client_id, form.redirect_uri, form.scope, form.code_challenge_method, form.access_type,
        form.resource, form.state })
    assert.is_nil(form.request_uri)
    assert.truthy(login.url:find("^" .. space.url .. "/oauth/auth%?client_id=porter%+%%26%+son&request_uri=[%w%%_-]+$"),
      login.url)
    local user = expect.success(login:finish(space:approve(login.url)))
    expect.success(user:get "organization")
  end)

  it("names the client once, whatever its proof is [6749-03] [6749-08]", function()
    start()
    for _, config in ipairs { {}, { client_auth = "client_secret_post" },
      { client_id = "signer", client_secret = false, private_key = keys.pem "P-256" },
      { client_id = "public", client_secret = false } } do
      local login = expect.success(client(config):authorization_code { scope = "**" })
      local _, count = ("&" .. last().body):gsub("&client_id=", "")
      assert.equal(1, count)
      expect.success(login:finish(space:approve(login.url)))
    end
  end)

  it("is good once, and a new one is pushed for each login [9126-03]", function()
    start()
    local one = expect.success(client():authorization_code { scope = "**" })
    local two = expect.success(client():authorization_code { scope = "**" })
    assert.not_equal(one.url, two.url)
    expect.success(one:finish(space:approve(one.url)))
    assert.is_nil((space:approve(one.url)))
    space:advance(61)
    assert.is_nil((space:approve(two.url)))
  end)

  it("is made where the server's metadata asks for it, or the program; and not where it says no [9126-03]", function()
    start "required"
    local function pushes(config)
      local before = space:count "/oauth/par"
      local login = expect.success(client(config):authorization_code { scope = "**" })
      return space:count "/oauth/par" > before, login
    end
    assert.is_true((pushes {}))
    assert.is_true((pushes { par = true }))
    assert.is_true((pushes { require_pushed_authorization_requests = true }))
    local did, login = pushes { par = false }
    assert.is_false(did)
    assert.is_nil((space:approve(login.url)))
    for _, option in ipairs { "par", "require_pushed_authorization_requests" } do
      expect.raise("'pushed_authorization_request_endpoint' is missing", client,
        { [option] = true, pushed_authorization_request_endpoint = false })
      expect.raise("'" .. option .. "'", client, { [option] = "yes" })
    end
  end)

  it("is made by a discovered client where the server wants nothing else, or the program asks for it [9126-03]",
    function()
    local function server(more)
      return stage.server(function(x)
        if x.path == "/par" then return x:reply { status = 201, body = '{"request_uri":"urn:x","expires_in":60}' } end
        local here = "http://" .. x.headers.host
        local document = { issuer = here, token_endpoint = here .. "/t", authorization_endpoint = here .. "/a",
          pushed_authorization_request_endpoint = here .. "/par", require_pushed_authorization_requests = more }
        x:reply { body = core.json.encode(document) }
      end)
    end
    local function begins(url, par)
      local found = expect.success(airlock.discover(url, { client_id = "i", redirect_uri = callback, par = par }))
      return expect.success(found:authorization_code()).url
    end
    local may, must = server(nil), server(true)
    assert.truthy(begins(may):find("response_type=code", 1, true))
    assert.equal(may .. "/a?client_id=i&request_uri=urn%3Ax", begins(may, true))
    assert.equal(must .. "/a?client_id=i&request_uri=urn%3Ax", begins(must))
    assert.truthy(begins(must, false):find("response_type=code", 1, true))
    local none = stage.server(function(x)
      local here = "http://" .. x.headers.host
      x:reply { body = core.json.encode { issuer = here, token_endpoint = here .. "/t",
        authorization_endpoint = here .. "/a" } }
    end)
    expect.failure({ kind = "oauth", code = "unsupported_par" },
      airlock.discover(none, { client_id = "i", par = true }))
  end)

  it("is saved with its URL, and restored", function()
    start()
    local login = expect.success(client():authorization_code { scope = "**" })
    local again = expect.success(client():authorization(login:save()))
    assert.equal(login.url, again.url)
    expect.success(again:finish(space:approve(again.url)))
  end)

  it("fails with the server's words, or where its answer makes no sense", function()
    start()
    expect.failure({ kind = "oauth", code = "invalid_client", status = 401 },
      client { client_secret = "wrong" }:authorization_code { scope = "**" })
    expect.failure({ kind = "oauth", code = "invalid_scope", status = 400 },
      client():authorization_code { scope = "no such" })
    for _, body in ipairs { "", "{}", "[]", '{"request_uri":1}', '{"request_uri":""}', '{"request_uri":"a b"}' } do
      space:fault { path = "/oauth/par", status = 201, body = body }
      expect.failure({ kind = "oauth", code = "malformed_reply" }, client():authorization_code { scope = "**" })
    end
    space:fault { path = "/oauth/par", status = 302, headers = { Location = space.url } }
    expect.failure({ kind = "oauth", code = "unexpected_redirect" }, client():authorization_code { scope = "**" })
    expect.raise("'params' can't have 'request_uri'", function() client():authorization_code {
      params = { request_uri = "x" } } end)
  end)

  it("that fails ends a login with that failure, and the listener with it", function()
    start()
    local opened
    expect.failure({ kind = "oauth", code = "invalid_client" },
      client { client_secret = "wrong" }:login { scope = "**", open = function() opened = true end })
    assert.is_nil(opened)
  end)
end)
