-- Where a server may send this program, and where not: URLs in metadata, registrations, device codes, key sets,
-- redirects and headers, with a canary that listens inside and must hear nothing.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local keys = require "spec.support.keys"
local metadata = require "airlock.discovery.metadata"
local nginx = require "spec.support.nginx"
local raw = require "spec.support.raw"
local crypto = require "airlock.server".crypto
local stage = require "spec.support.stage"

local well_known = "/.well-known/oauth-authorization-server"
local members = {
  "authorization_endpoint", "token_endpoint", "registration_endpoint", "revocation_endpoint", "introspection_endpoint",
  "device_authorization_endpoint", "pushed_authorization_request_endpoint", "userinfo_endpoint", "end_session_endpoint",
    "jwks_uri",
}
local cloud = "https://169.254.169.254/latest/meta-data/iam"

describe("a server sends this program nowhere inside:", function()
  local canary, heard
  after_each(function()
    stage.clear()
    assert.same({}, heard or {})
  end)

  -- Whoever comes is written down; bytes of TLS too.
  local function listen()
    heard = {}
    local _, listener = raw.listen(function(request)
      heard[#heard + 1] = request
      return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
    end)
    canary = { port = listener.port, http = ("http://127.0.0.1:%d/x"):format(listener.port),
      https = ("https://127.0.0.1:%d/x"):format(listener.port) }
    stage.keep(function()
      if #listener.connections > 0 then heard[#heard + 1] = "a connection" end
    end)
  end

  -- Why metadata of this issuer that names this URL isn't used; nil: it is.
  local function refusal(issuer, name, url)
    local document = { issuer = issuer, token_endpoint = issuer .. "/token" }
    document[name] = url
    local read, why, code = metadata.read(core.json.encode(document), issuer)
    if read then return nil end
    assert.equal("malformed_metadata", code)
    assert.is_truthy(why:find(name, 1, true), why)
    return why
  end

  describe("metadata", function()
    -- issuer, URL, what is said; nil: it's used
    local rows = {
      { "https://door.example", "https://door.example/x" },
      { "https://door.example", "https://other.example:8443/x" },
      { "https://door.example", "https://8.8.8.8/x" },
      { "https://door.example", "https://[2606:4700::1111]/x" },
      { "https://door.example", "http://127.0.0.1/x", "may not name" },
      { "https://door.example", "http://localhost:8080/x", "may not name" },
      { "https://door.example", "http://[::1]/x", "may not name" },
      { "https://door.example", "http://169.254.169.254/x", "plain http" },
      { "https://door.example", "http://other.example/x", "plain http" },
      { "https://door.example", "https://127.0.0.1/x", "leads to an address inside" },
      { "https://door.example", "https://localhost/x", "leads to an address inside" },
      { "https://door.example", "https://x.localhost./x", "leads to an address inside" },
      { "https://door.example", "https://[::1]/x", "leads to an address inside" },
      { "https://door.example", "https://[::ffff:10.0.0.1]/x", "leads to an address inside" },
      { "https://door.example", cloud, "leads to an address inside" },
      { "https://door.example", "https://10.0.0.1/x", "leads to an address inside" },
      { "https://door.example", "https://192.168.1.1:8443/x", "leads to an address inside" },
      { "https://door.example", "https://0.0.0.0/x", "leads to an address inside" },
      { "https://door.example", "https://2130706433/x", "some read as an IP address" },
      { "https://door.example", "https://0x7f.1/x", "some read as an IP address" },
      { "https://door.example", "https://127.0.0.1.:443/x", "some read as an IP address" },
      { "https://door.example", "file:///etc/passwd", "https://" },
      { "https://door.example", "gopher://127.0.0.1:6379/_x", "https://" },
      { "https://door.example", "https://door.example@127.0.0.1/x", "credentials" },
      { "https://door.example", "//127.0.0.1/x", "https://" },
      { "https://10.1.2.3:8443/realm", "https://10.1.2.3/x" }, -- a server of one's own net is its own issuer
      { "https://10.1.2.3:8443/realm", "https://10.1.2.4/x", "leads to an address inside" },
      { "https://10.1.2.3:8443/realm", "https://127.0.0.1/x", "leads to an address inside" },
      { "https://10.1.2.3:8443/realm", "https://door.example/x" },
      { "https://localhost:8443", "https://127.0.0.1/x" },
      { "https://localhost:8443", "http://127.0.0.1/x", "may not name" },
      { "http://127.0.0.1:8080", "http://localhost/x" },
      { "http://127.0.0.1:8080", "https://10.0.0.1/x" },
      { "http://127.0.0.1:8080", "https://door.example/x" },
      { "http://127.0.0.1:8080", "http://10.0.0.1/x", "plain http" },
    }
    for _, row in ipairs(rows) do
      it(("of %s may %sname %s [8414-05] [9700-03]"):format(row[1], row[3] and "not " or "", row[2]), function()
        for _, name in ipairs(members) do
          local why = refusal(row[1], name, row[2])
          assert.equal(row[3] ~= nil, why ~= nil)
          assert.is_truthy(not why or why:find(row[3], 1, true), why)
        end
        local why = refusal(row[1], "mtls_endpoint_aliases", { token_endpoint = row[2] })
        assert.equal(row[3] ~= nil, why ~= nil)
      end)
    end
  end)

  -- An https server of ours: path → JSON, or a function.
  local function serve(documents)
    local folder = nginx.certificate(stage.folder())
    local url
    url = stage.server(function(x)
      local document = documents[x.path]
      if type(document) == "function" then return document(x) end
      if not document then return x:reply { status = 404 } end
      x:reply { headers = { ["Content-Type"] = "application/json" }, body = core.json.encode(document) }
    end, { cert = stage.read(folder .. "/server.pem"), key = stage.read(folder .. "/server.key") })
    return url, folder .. "/ca.pem"
  end

  it("a client whose issuer names a plain endpoint here isn't made, and nobody is asked", function()
    for _, name in ipairs(members) do
      listen()
      local documents = {}
      local issuer, ca = serve(documents)
      documents[well_known] = { issuer = issuer, token_endpoint = issuer .. "/token", [name] = canary.http }
      documents[well_known][name] = canary.http
      local config = { client_id = "porter", client_secret = "hush", ca_file = ca }
      local client, message, detail = airlock.discover(issuer, config)
      if client then client:client_credentials():token() end -- with the secret, to the canary
      expect.failure({ kind = "oauth", code = "malformed_metadata", outcome = "misconfigured" }, client, message,
        detail)
      stage.clear()
      assert.same({}, heard)
    end
  end)

  it("a redirect of the metadata, of a key set or of an endpoint isn't followed", function()
    listen()
    local function away(x) x:reply { status = 302, headers = { Location = canary.http } } end
    local url = stage.server(away) -- plain http here, which might name the canary: but nobody follows
    local config = { client_id = "porter", client_secret = "hush", issuer = url, jwks_uri = url .. "/keys",
      token_endpoint = url .. "/token",
      revocation_endpoint = url .. "/revoke", introspection_endpoint = url .. "/introspect",
        device_authorization_endpoint = url .. "/device",
      authorization_endpoint = url .. "/authorize", pushed_authorization_request_endpoint = url .. "/par",
        redirect_uri = "http://127.0.0.1/c" }
    local client = airlock.client(config)
    expect.failure({ code = "metadata_not_found" }, airlock.discover(url, { client_id = "porter" }))
    local claims = crypto.base64url(core.json.encode { iss = url, aud = "porter", exp = os.time() + 60 })
    expect.failure({ code = "unexpected_redirect" },
      client:verify(("%s.%s.AAAA"):format(crypto.base64url '{"alg":"RS256","typ":"at+jwt"}', claims)))
    expect.failure({ code = "unexpected_redirect" }, client:client_credentials():token())
    expect.failure({ code = "unexpected_redirect" }, client:revoke "t")
    expect.failure({ code = "unexpected_redirect" }, client:introspect "t")
    expect.failure({ code = "unexpected_redirect" }, client:device_code {})
    expect.failure({ code = "unexpected_redirect" }, client:authorization_code {})
    expect.failure({ code = "unexpected_redirect" }, airlock.register(url .. "/register", { client_name = "c" },
      { token_endpoint = url .. "/token" }))
  end)

  it("a token that says where its key is, or brings one, is checked by the server's own set [8725-01]", function()
    listen()
    local asked = 0
    local url = stage.server(function(x)
      asked = asked + 1
      x:reply { body = core.json.encode { keys = { { kty = "oct", k = "AAAA" } } } }
    end)
    local client = airlock.client { client_id = "porter", issuer = url, jwks_uri = url .. "/keys" }
    local claims = crypto.base64url(core.json.encode { iss = url, aud = "porter", exp = os.time() + 60 })
    for name, value in pairs { jku = canary.http, x5u = canary.http, kid = canary.http, jwk = keys.public "P-256" } do
      local header = crypto.base64url(core.json.encode { alg = "ES256", typ = "at+jwt", [name] = value })
      expect.failure({ kind = "oauth", code = "invalid_token" },
        client:verify(("%s.%s.%s"):format(header, claims, ("A"):rep(86))))
    end
    assert.is_true(asked >= 1)
  end)

  it("a registration isn't looked after where its server may not send us, and its token stays here", function()
    for _, where in ipairs { "http", "https" } do
      listen()
      local url, ca = serve {
        ["/register"] = { client_id = "porter", client_secret = "hush", registration_access_token = "canary",
          registration_client_uri =
          where == "http" and canary.http or cloud },
      }
      local config = { issuer = where == "http" and url or "https://door.example", token_endpoint = url .. "/token",
        ca_file = ca, timeout = 2 }
      local client = expect.success(airlock.register(url .. "/register", { client_name = "c" }, config))
      for _, method in ipairs { "read_registration", "delete_registration" } do
        local _, message = expect.failure({ kind = "oauth", code = "malformed_reply", outcome = "misconfigured" },
          client[method](client))
        assert.is_truthy(message:find("registration_client_uri", 1, true))
      end
      stage.clear()
      assert.same({}, heard)
    end
  end)

  it("metadata that the program brings to airlock.register is held to the same", function()
    local document = { issuer = "https://door.example", token_endpoint = "https://door.example/token",
      registration_endpoint = "http://127.0.0.1:9/x" }
    expect.raise("the registration endpoint is plain http://", airlock.register, document, { client_name = "c" }, {})
    document.registration_endpoint, document.token_endpoint = "https://door.example/register", cloud
    expect.raise("the metadata's token_endpoint leads to an address inside", airlock.register, document,
      { client_name = "c" }, {})
  end)

  describe("a device code", function()
    local function device(members_of, more)
      local reply = { device_code = "d", user_code = "U", verification_uri = "https://door.example/device",
        expires_in = 60 }
      for name, value in pairs(members_of) do reply[name] = value end
      local url = stage.server(stage.grant(reply))
      local config = { client_id = "porter", device_authorization_endpoint = url .. "/device",
        token_endpoint = url .. "/token", issuer = more }
      return airlock.client(config):device_code {}
    end

    it("that sends the user to what is no page of the web is refused [8628-05]", function()
      for _, uri in ipairs { "javascript:alert(1)", "JavaScript://door.example/%0aalert(1)", "file:///etc/passwd",
        "data:text/html,<script>",
        "vscode://x", "http://door.example/device", "https://door.example/a b", "https://door.example/\27[2J",
          "https://u:p@door.example/",
        "https://door.example/\"><script>", "-x", "" } do
        for _, name in ipairs { "verification_uri", "verification_uri_complete" } do
          expect.failure({ kind = "oauth", code = "malformed_reply", outcome = "misconfigured" },
            device { [name] = uri })
        end
      end
    end)

    it("of a server elsewhere that sends the user to a machine inside is refused", function()
      for _, uri in ipairs { "https://192.168.1.1/reboot", "http://127.0.0.1:631/", "https://localhost/" } do
        expect.failure({ code = "malformed_reply" }, device({ verification_uri = uri }, "https://door.example"))
        assert.equal(uri, expect.success(device { verification_uri = uri }).verification_uri) -- a server here may
      end
    end)

    it("may send the user to a part of a page", function()
      local made = expect.success(device { verification_uri = "https://door.example/#/device",
        verification_uri_complete = "https://door.example/#/device?c=U" })
      assert.same({ "https://door.example/#/device", "https://door.example/#/device?c=U" },
        { made.verification_uri, made.verification_uri_complete })
    end)
  end)

  it("nothing that an API's header names is asked: resource_metadata, Link, Content-Location, Refresh", function()
    listen()
    local session = stage.api(function(x)
      x:reply { status = x.path == "/refused" and 401 or 200, body = "[]", headers = {
        ["WWW-Authenticate"] = ('Bearer resource_metadata="%s", error="invalid_token", authorization_uri="%s"'):format(
          canary.http, canary.http),
        ["Content-Location"] = canary.http, Refresh = "0; url=" .. canary.http,
          Link = ("<%s>; rel=\"describedby\""):format(canary.http),
      } }
    end)
    expect.failure({ kind = "http", status = 401 }, session:get "refused")
    expect.success(session:get "fine")
  end)

  it("a page of a list, and a redirect of an API by https, don't lead to plain http here", function()
    listen()
    local url, ca = serve {
      ["/list"] = function(x) x:reply { body = "[1]", headers = { Link = ('<%s>; rel="next"'):format(canary.http) } }
        end,
      ["/away"] = function(x) x:reply { status = 302, headers = { Location = canary.http } } end,
    }
    local profile = { config = { base_url = url, token_endpoint = url .. "/token" }, paging = "link" }
    local session = airlock.provider(profile, { ca_file = ca, client_id = "porter" }):permanent_token "canary"
    local seen = 0
    local ok, raised = pcall(function()
      for _ in session:each "list" do seen = seen + 1 end
    end)
    assert.same({ 0, false, "foreign_link" }, { seen, ok, raised.code })
    assert.equal(302, expect.success(session:request { url = "away" }).status)
  end)
end)
