-- Proofs of who the client is, judged by oidc-provider: assertions by each algorithm, audiences, certificates.

local airlock = require "airlock"
local expect = require "spec.support.expect"
local nginx = require "spec.support.nginx"
local oidc = require "spec.support.oidc"
local stage = require "spec.support.stage"

describe("oidc-provider", function()
  local server, test = oidc.beside(function(why) pending(why) end)

  for _, alg in ipairs { "RS256", "PS256", "ES256", "EdDSA" } do
    test("takes private_key_jwt by " .. alg .. ", from PEM and from a JWK, once each [7523-01] [7523-04]", function()
      local there = server.clients["key_" .. alg]
      for _, key in ipairs { there.pem, there.jwk } do
        local app = server:client("key_" .. alg, { private_key = key,
          token_endpoint_auth_signing_alg = alg }):client_credentials()
        expect.success(app:refresh())
        expect.success(app:refresh())
        assert.equal("key_" .. alg, server:about(expect.success(app:token())).client_id)
      end
    end)
  end

  for _, alg in ipairs { "HS256", "HS384", "HS512" } do
    test("takes client_secret_jwt by " .. alg .. " where its secret is long enough [7523-02]", function()
      local function client()
        return server:client("secret_jwt", { client_auth = "client_secret_jwt", token_endpoint_auth_signing_alg = alg })
      end
      if alg == "HS256" then return expect.success(client():client_credentials():token()) end
      expect.raise("too short", client)
    end)
  end

  test("takes either audience, and no other [7523-04]", function()
    local function ask(audience)
      return server:client("key_ES256", { private_key = server.clients.key_ES256.pem,
        client_assertion_audience = audience })
        :client_credentials():refresh()
    end
    expect.success(ask "issuer")
    expect.success(ask "token_endpoint")
    expect.failure({ code = "invalid_client" }, ask "https://other.example")
  end)

  test("refuses a client that signs with another's key", function()
    local app = server:client("key_ES256", { private_key = server.clients.key_EdDSA.pem }):client_credentials()
    expect.failure({ kind = "oauth", code = "invalid_client", outcome = "misconfigured", status = 401 }, app:token())
  end)
end)

describe("oidc-provider over mutual TLS", function()
  local server, folder

  setup(function()
    if oidc.obstacle() then return end
    folder = nginx.certificate(stage.shell("mktemp -d"):match "%S+")
    nginx.client_certificate(folder, "porter")
    nginx.client_certificate(folder, "stranger")
    server = oidc.start { tls = { cert = folder .. "/server.pem", key = folder .. "/server.key",
      ca = folder .. "/ca.pem" },
      clients = { porter = { response_types = { "code" }, redirect_uris = { "http://127.0.0.1:9/callback" },
        grant_types = { "client_credentials", "authorization_code" },
        token_endpoint_auth_method = "tls_client_auth", tls_client_auth_subject_dn = "CN=porter",
          tls_client_certificate_bound_access_tokens = true } } }
  end)
  teardown(function()
    if server then server:stop() end
    if folder then os.execute("rm -rf '" .. folder .. "'") end
  end)

  local function client(name)
    return airlock.client { token_endpoint = server.issuer .. "/token", base_url = server.issuer, client_id = "porter",
      ca_file = folder .. "/ca.pem",
      client_auth = "tls_client_auth", cert_file = ("%s/%s.pem"):format(folder, name),
        key_file = ("%s/%s.key"):format(folder, name) }
  end

  it("takes tls_client_auth, and binds the token to the certificate [8705-01] [9700-09]", function()
    if not server then pending(oidc.obstacle()) end
    expect.success(client "porter":client_credentials():token())
    expect.failure({ kind = "oauth", code = "invalid_client" }, client "stranger":client_credentials():token())
  end)
end)
