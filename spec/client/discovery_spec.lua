-- airlock.discover: a client from the server's own metadata, and what is wrong with metadata.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local metadata = require "airlock.discovery.metadata"
local nginx = require "spec.support.nginx"
local oidc = require "spec.support.oidc"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

local rfc8414, connect = "/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"
local app = { client_id = "porter", client_secret = "hush" }

describe("discovery", function()
  after_each(stage.clear)

  -- A server with these documents: path → table, text, or a function that answers. Gives its URL, and the paths that
  -- were asked for.
  local function serve(documents)
    local asked, url = {}, nil
    url = stage.server(function(x)
      asked[#asked + 1] = x.path
      local document = documents[x.path]
      if type(document) == "function" then return document(x) end
      if document == nil then return x:reply { status = 404, body = "<html>not here" } end
      if type(document) == "table" then
        local whole = { issuer = url, token_endpoint = url .. "/token", authorization_endpoint = url .. "/authorize" }
        for name, value in pairs(document) do whole[name] = value end
        document = core.json.encode(whole)
      end
      x:reply { headers = { ["Content-Type"] = "application/json" }, body = document }
    end)
    return url, asked
  end

  local function with(more)
    local config = {}
    for name, value in pairs(app) do config[name] = value end
    for name, value in pairs(more or {}) do config[name] = value end
    return config
  end

  local function settings(client)
    return client:settings()
  end

  describe("of places", function()
    it("puts the path of the issuer behind the well-known part, and OpenID Connect before it [8414-01]", function()
      assert.same({ "https://h.example" .. rfc8414, "https://h.example" .. connect },
        metadata.places "https://h.example")
      assert.same({ "https://h.example" .. rfc8414 .. "/a/b", "https://h.example/a/b" .. connect,
        "https://h.example" .. connect .. "/a/b" },
        metadata.places "https://h.example/a/b")
      assert.same({ "https://h.example:8443" .. rfc8414 .. "/a", "https://h.example:8443/a" .. connect,
        "https://h.example:8443" .. connect .. "/a" }, metadata.places "https://h.example:8443/a/")
    end)

    it("is that of the examples in RFC 8414 section 3.1 and 5, and of OpenID Connect Discovery section 4.1", function()
      assert.equal("https://example.com/.well-known/oauth-authorization-server",
        (metadata.places "https://example.com")[1])
      assert.same({ "https://example.com/.well-known/oauth-authorization-server/issuer1",
        "https://example.com/issuer1/.well-known/openid-configuration",
        "https://example.com/.well-known/openid-configuration/issuer1" }, metadata.places "https://example.com/issuer1")
    end)

    it("asks the third, too, where the issuer has a path", function()
      local asked, url = {}, nil
      url = stage.server(function(x)
        asked[#asked + 1] = x.path
        if x.path ~= connect .. "/issuer1" then return x:reply { status = 404 } end
        x:reply { body = core.json.encode { issuer = url .. "/issuer1", token_endpoint = url .. "/token" } }
      end)
      expect.success(airlock.discover(url .. "/issuer1", app))
      assert.same({ rfc8414 .. "/issuer1", "/issuer1" .. connect, connect .. "/issuer1" }, asked)
    end)

    it("follows a redirect within the origin, and no circle", function()
      local function to(place)
        return function(x) x:reply { status = 301, headers = { Location = place } } end
      end
      local issuer, asked = serve { [rfc8414] = to(rfc8414 .. "/"), [rfc8414 .. "/"] = {} }
      expect.success(airlock.discover(issuer, app))
      assert.same({ rfc8414, rfc8414 .. "/" }, asked)
      issuer, asked = serve { [rfc8414] = to(rfc8414), [connect] = {} }
      expect.success(airlock.discover(issuer, app))
      assert.equal(7, #asked)
    end)

    it("says where a redirect to another origin leads, and doesn't go there", function()
      local other, visits = serve { ["/"] = {} }
      local issuer = serve { [connect] = function(x)
        x:reply { status = 302, headers = { Location = other .. "/" } }
      end }
      local _, message = expect.failure({ code = "metadata_not_found" }, airlock.discover(issuer, app))
      assert.truthy(message:find("another origin (" .. other .. ")", 1, true), message)
      assert.same({}, visits)
    end)

    it("asks the one, and the other where the first has no document", function()
      local issuer, asked = serve { [rfc8414] = {} }
      expect.success(airlock.discover(issuer, app))
      assert.same({ rfc8414 }, asked)
      for _, nothing in ipairs { function(x) x:reply { status = 404 } end, "<html>Welcome", "[1]",
        function(x) x:reply { status = 403, body = "{}" } end,
        function(x) x:reply { status = 302, headers = { Location = "/login" } } end } do
        issuer, asked = serve { [rfc8414] = nothing, [connect] = {} }
        expect.success(airlock.discover(issuer, app))
        if asked[2] == "/login" then table.remove(asked, 2) end -- where that redirect leads
        assert.same({ rfc8414, connect }, asked)
      end
    end)

    it("sends no credentials", function()
      local seen
      local issuer = serve { [rfc8414] = function(x)
        seen = x
        x:reply { status = 404 }
      end }
      expect.failure({ code = "metadata_not_found" }, airlock.discover(issuer, app))
      assert.same({ "GET", nil, "" }, { seen.method, seen.headers.authorization, seen.body or "" })
    end)
  end)

  describe("of the issuer", function()
    it("raises for one that is no https URL, or has a query or fragment [8414-03]", function()
      for issuer, why in pairs { ["http://h.example"] = "plain http", ["https://h.example?a=b"] = "query",
        ["https://h.example#x"] = "'#'",
        ["ftp://h.example"] = "https://", ["https://u:p@h.example"] = "user:password" } do
        expect.raise(why, airlock.discover, issuer, app)
      end
      expect.raise("the issuer must be a string", airlock.discover, nil, app)
    end)

    it("refuses a document of another one, sign by sign, and uses nothing of it [8414-02] [9700-03]", function()
      for _, other in ipairs { "https://other.example", "%s/", "%s?", "\1\2%s" } do
        local issuer
        issuer = serve { [rfc8414] = function(x)
          x:reply { body = core.json.encode { issuer = other:format(issuer),
            token_endpoint = "https://evil.example/token" } }
        end, [connect] = {} }
        local _, message = expect.failure({ kind = "oauth", code = "issuer_mismatch", outcome = "misconfigured" },
          airlock.discover(issuer, app))
        assert.is_truthy(message:find(issuer, 1, true))
      end
    end)

    it("is what redirects and signed tokens are then held to [9207-01] [9207-02]", function()
      local issuer = serve { [rfc8414] = { authorization_response_iss_parameter_supported = true } }
      local client = expect.success(airlock.discover(issuer, with { redirect_uri = "http://127.0.0.1/callback" }))
      assert.equal(issuer, settings(client).issuer)
      local authorization = client:authorization_code()
      expect.failure({ kind = "state", code = "issuer_mismatch" },
        authorization:finish("?code=c&state=" .. authorization.state))
      authorization = client:authorization_code()
      expect.failure({ kind = "state", code = "issuer_mismatch" },
        authorization:finish("?code=c&iss=https%3A%2F%2Fother.example&state=" .. authorization.state))
    end)
  end)

  describe("of documents", function()
    local function refused(members, code)
      local issuer = serve { [rfc8414] = members }
      return select(2, expect.failure({ kind = "oauth", code = code or "malformed_metadata",
        outcome = "misconfigured" }, airlock.discover(issuer, app)))
    end

    it("refuses wrong types, and names the member [8414-05]", function()
      for name, value in pairs { token_endpoint = 5, jwks_uri = { "https://h.example" },
        grant_types_supported = "authorization_code",
        token_endpoint_auth_methods_supported = { a = "client_secret_basic" },
          code_challenge_methods_supported = { 256 },
        authorization_response_iss_parameter_supported = "true", mtls_endpoint_aliases = "https://h.example" } do
        assert.is_truthy(refused({ [name] = value }):find(name, 1, true))
      end
      refused('{"token_endpoint":"https://h.example/token"}')
      refused { issuer = 5 , token_endpoint = 5 }
    end)

    it("refuses an endpoint that isn't https, but for loopback [6749-07]", function()
      for _, name in ipairs { "token_endpoint", "authorization_endpoint", "revocation_endpoint", "jwks_uri",
        "userinfo_endpoint" } do
        local message = refused { [name] = "http://h.example/x" }
        assert.is_truthy(message:find(name, 1, true) and message:find "https://")
      end
      assert.is_truthy(refused({ token_endpoint = "https://h.example/token#x" }):find "'#'")
      assert.is_truthy(refused({ mtls_endpoint_aliases = {
        token_endpoint = "http://h.example/x" } }):find "mtls_endpoint_aliases")
    end)

    it("takes null for nothing, and ignores what it doesn't know [8414-05]", function()
      local issuer = serve { [rfc8414] = { jwks_uri = airlock.null, service_documentation = 7, brand_new = { { 1 } } } }
      local client = expect.success(airlock.discover(issuer, app))
      assert.is_false(client:has "jwks_uri")
      assert.equal(7, client:metadata().service_documentation)
    end)

    it("fills in what the RFC says of members that are missing [8414-04]", function()
      local found = expect.success(airlock.discover(serve { [rfc8414] = {} }, app)):metadata()
      assert.same({ "authorization_code", "implicit" }, found.grant_types_supported)
      assert.same({ "query", "fragment" }, found.response_modes_supported)
      assert.same({ "client_secret_basic" }, found.token_endpoint_auth_methods_supported)
      assert.is_nil(airlock.client({ base_url = "https://h.example" }):metadata())
    end)

    it("refuses one that is too large or never ends [8414-05]", function()
      local issuer = serve { [rfc8414] = { padding = ("x"):rep(256 * 1024) } }
      expect.failure({ kind = "network", code = "too_large" }, airlock.discover(issuer, app))
      local url = raw.listen("HTTP/1.1 200 OK\r\n\r\n{" .. (" "):rep(300 * 1024))
      expect.failure({ kind = "network", code = "too_large" }, airlock.discover(url, app))
    end)

    it("says where it looked when there is none, and what a redirect is", function()
      local issuer = serve { [connect] = function(x) x:reply { status = 301,
        headers = { Location = "https://elsewhere.example/" } } end }
      local _, message = expect.failure({ kind = "oauth", code = "metadata_not_found", outcome = "misconfigured" },
        airlock.discover(issuer, app))
      assert.is_truthy(message:find "status 404" and message:find "301, a redirect, which is never followed")
    end)

    it("tells trouble from absence", function()
      local issuer = serve { [rfc8414] = function(x) x:reply { status = 503, headers = { ["Retry-After"] = "7" } } end,
        [connect] = {} }
      expect.failure({ kind = "oauth", code = "server_error", outcome = "transient", status = 503, retry_after = 7 },
        airlock.discover(issuer, with { retries = 0 }))
      expect.failure({ kind = "network", code = "connect", outcome = "transient" },
        airlock.discover(("http://127.0.0.1:%d"):format(raw.free_port()), app))
    end)
  end)

  describe("of configuration", function()
    it("raises its mistakes before anything is sent", function()
      local issuer, asked = serve { [rfc8414] = {} }
      expect.raise("'colour'", airlock.discover, issuer, { client_id = "i", colour = "red" })
      expect.raise("'timeout'", airlock.discover, issuer, { client_id = "i", timeout = -1 })
      expect.raise("'issuer' can't be given twice", airlock.discover, issuer, { client_id = "i", issuer = issuer })
      expect.raise("a table of options was expected", airlock.discover, issuer)
      assert.same({}, asked)
    end)

    it("chooses a proof that the server takes and the program can give; Basic where the server doesn't say [8414-04]",
      function()
      local seen
      local function auth(methods, config)
        local issuer = serve { [rfc8414] = { token_endpoint_auth_methods_supported = methods }, ["/token"] = function(x)
          seen = x.headers.authorization and "basic" or x.body:find "client_secret=" and "post"
            or x.body:find "client_id=" and "none"
          x:reply { body = '{"access_token":"a","token_type":"bearer"}' }
        end }
        local client, message, detail = airlock.discover(issuer, config or app)
        if not client then return nil, message, detail end
        local session = config and client:refresh_token "r" or client:client_credentials()
        expect.success(session:token())
        return seen
      end
      assert.equal("basic", auth(nil))
      assert.equal("basic", auth { "private_key_jwt", "client_secret_post", "client_secret_basic" })
      assert.equal("post", auth { "client_secret_post" })
      -- the program's word
      assert.equal("post", auth({ "client_secret_basic" }, with { client_auth = "client_secret_post" }))
      assert.equal("none", auth(nil, { client_id = "public" }))
      assert.equal("none", auth({ "none" }, { client_id = "public" }))
      assert.equal("none", auth({ "client_secret_basic" }, { client_id = "public", cert_file = "/dev/null" }))
      local _, message = expect.failure({ kind = "oauth", code = "unsupported_client_auth", outcome = "misconfigured" },
        auth { "magic_\1", "tls_client_auth" })
      assert.is_truthy(message:find "magic_%?, tls_client_auth")
    end)

    it("prefers an endpoint of the program's own to the server's", function()
      local issuer = serve { [rfc8414] = { revocation_endpoint = "https://h.example/revoke" } }
      local client = expect.success(airlock.discover(issuer,
        with { authorization_endpoint = "https://mine.example/a", redirect_uri = "http://127.0.0.1/c" }))
      assert.equal("https://mine.example/a", client:authorization_code().url:match "^[^?]*")
      assert.is_true(client:has "revocation_endpoint")
    end)
  end)

  describe("of what was found", function()
    it("is kept for an hour, and each client has a table of its own [8414-05]", function()
      local issuer, asked = serve { [rfc8414] = {} }
      local one = expect.success(airlock.discover(issuer, app)):metadata()
      one.token_endpoint = "https://evil.example/"
      local two = expect.success(airlock.discover(issuer, app)):metadata()
      assert.equal(issuer .. "/token", two.token_endpoint)
      core.advance(3599)
      expect.success(airlock.discover(issuer, app))
      assert.equal(1, #asked)
      core.advance(2)
      expect.success(airlock.discover(issuer, app))
      assert.equal(2, #asked)
    end)

    it("isn't shared between those who trust other certificates or go another way", function()
      local issuer, asked = serve { [rfc8414] = {} }
      expect.success(airlock.discover(issuer, app))
      expect.success(airlock.discover(issuer, with { proxy = "" }))
      assert.equal(2, #asked)
    end)

    it("is kept of 64 issuers at most: the oldest is asked again", function()
      local documents = {}
      local origin, asked = serve(documents)
      local function discover(n)
        local issuer = ("%s/%d"):format(origin, n)
        documents[rfc8414 .. "/" .. n] = { issuer = issuer }
        core.advance(1)
        expect.success(airlock.discover(issuer, app))
      end
      for n = 1, 65 do discover(n) end
      assert.equal(65, #asked)
      discover(65)
      discover(2)
      assert.equal(65, #asked)
      discover(1)
      assert.equal(66, #asked)
    end)

    it("isn't kept where it was no good", function()
      local good = false
      local issuer
      issuer = serve { [rfc8414] = function(x)
        x:reply { body = core.json.encode { issuer = good and issuer or "https://other.example",
          token_endpoint = issuer .. "/token" } }
      end }
      expect.failure({ code = "issuer_mismatch" }, airlock.discover(issuer, app))
      good = true
      expect.success(airlock.discover(issuer, app))
    end)
  end)

  it("waits like every call: side by side inside gather", function()
    local held = {}
    local issuers = {}
    for i = 1, 3 do
      issuers[i] = serve { [rfc8414] = function(x)
        held[#held + 1] = x
        if #held < 3 then return end -- none is answered before all have asked
        for n, each in ipairs(held) do
          each:reply { body = core.json.encode { issuer = issuers[n], token_endpoint = issuers[n] .. "/token" } }
        end
      end }
    end
    local jobs = {}
    for i = 1, 3 do jobs[i] = function() return airlock.discover(issuers[i], app) end end
    local results = airlock.gather(jobs[1], jobs[2], jobs[3])
    for i = 1, 3 do expect.success(results[i][1], results[i][2]) end
  end)

  it("trusts no certificate but those that it is told to [6749-07] [8414-03]", function()
    local host = nginx.start()
    os.execute("mkdir '" .. host.folder .. "/.well-known'")
    local file = assert(io.open(host.folder .. rfc8414, "wb"))
    file:write(core.json.encode { issuer = host.https, token_endpoint = host.https .. "/token" })
    file:close()
    expect.failure({ kind = "network", code = "tls", outcome = "misconfigured" }, airlock.discover(host.https, app))
    expect.failure({ kind = "network", code = "tls" }, airlock.discover(host.https, with { ca_file = host.other }))
    expect.success(airlock.discover(host.https, with { ca_file = host.ca }))
  end)

  it("makes a working client of oidc-provider by its issuer alone", function()
    if oidc.obstacle() then pending(oidc.obstacle()) end
    local server = oidc.start()
    stage.keep(function() server:stop() end)
    local web = server.clients.web
    local client = expect.success(airlock.discover(server.issuer,
      { client_id = "web", client_secret = web.client_secret,
      redirect_uri = web.redirect_uri, base_url = server.issuer }))
    assert.is_true(client:metadata().authorization_response_iss_parameter_supported)
    local authorization = client:authorization_code { scope = "openid offline_access", params = { prompt = "consent" } }
    local user = expect.success(authorization:finish(server:approve(authorization.url)))
    assert.equal("alice", user:get("me").sub)
    expect.success(user:refresh())
    expect.success(user:logout())
    expect.success(airlock.discover(server.issuer, { client_id = "key_ES256",
      private_key = server.clients.key_ES256.pem })
      :client_credentials():token())
    expect.success(airlock.discover(server.issuer, { client_id = "device" }):device_code { scope = "openid" })
    expect.success(airlock.discover(server.issuer, { client_id = "post",
      client_secret = server.clients.post.client_secret })
      :client_credentials():token())
  end)
end)
