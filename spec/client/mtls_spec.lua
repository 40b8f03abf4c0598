-- A certificate as proof of who the client is (RFC 8705), against a real nginx that asks for one.

local airlock = require "airlock"
local expect = require "spec.support.expect"
local keys = require "spec.support.keys"
local nginx = require "spec.support.nginx"
local stage = require "spec.support.stage"

local lines = [[
    ssl_client_certificate ca.pem;
    ssl_verify_client optional;
    location = /token {
      if ($ssl_client_verify != SUCCESS) { return 401 '{"error":"invalid_client"}'; }
      return 200 '{"access_token":"t","token_type":"Bearer","expires_in":600}';
    }
    location = /who { return 200 '{"name":"$ssl_client_s_dn","connection":"$connection"}'; }
    location = /away { return 302 https://localhost:$server_port/who; }
]]

describe("a client's certificate", function()
  local server
  before_each(function()
    server = nginx.start(lines)
    for _, name in ipairs { "anna", "bert" } do nginx.client_certificate(server.folder, name) end
  end)
  after_each(stage.clear)

  local function client(name, more)
    local config = { token_endpoint = server.https .. "/token", base_url = server.https, client_id = name or "nobody",
      ca_file = server.ca, timeout = 20 }
    if name then
      config.client_auth = "tls_client_auth"
      config.cert_file, config.key_file = ("%s/%s.pem"):format(server.folder, name),
        ("%s/%s.key"):format(server.folder, name)
    end
    for option, value in pairs(more or {}) do config[option] = value end
    return airlock.client(config)
  end

  it("proves the client to the token endpoint, and to the API [9700-09]", function()
    local app = client "anna":client_credentials()
    assert.equal("CN=anna", expect.success(app:get "who").name)
    local unknown = client("anna", { cert_file = server.folder .. "/other.pem",
      key_file = server.folder .. "/other.key" })
    expect.failure({ kind = "oauth" }, unknown:client_credentials():token())
  end)

  it("is never shown over another client's connection [8705-01]", function()
    local sessions = { anna = client "anna":client_credentials(), bert = client "bert":client_credentials(),
      [""] = client():permanent_token "p" }
    local connections = {}
    for _ = 1, 4 do
      for name, session in pairs(sessions) do
        local told = expect.success(session:get "who")
        assert.equal(name == "" and "" or "CN=" .. name, told.name)
        connections[told.connection] = connections[told.connection] or name
        assert.equal(name, connections[told.connection])
      end
    end
    local requests = {}
    for i = 1, 6 do requests[i] = "who" end
    for name, session in pairs(sessions) do
      local responses = expect.success(session:all(requests))
      for i = 1, 6 do assert.equal(name == "" and "" or "CN=" .. name, responses[i]:json().name) end
    end
  end)

  it("stays behind on a redirect to another origin, and is there again afterwards", function()
    local app = client "anna":client_credentials()
    assert.equal("", expect.success(app:get "away").name)
    assert.equal("CN=anna", expect.success(app:get "who").name)
  end)

  it("that can't be used is a failure that names the option", function()
    for _, more in ipairs { { cert_file = "/no/such/file" }, { key_file = "/no/such/file" },
      { key_file = server.folder .. "/bert.key" }, { key_file = stage.file(keys.pem "encrypted") } } do
      local _, message = expect.failure({ kind = "network", code = "tls", outcome = "misconfigured" },
        client("anna", more):client_credentials():token())
      assert.truthy(message:find("cert_file", 1, true), message)
    end
  end)

  it("leads to the endpoints that the server has for it, where it has them [8705-01]", function()
    local app = client("anna", { token_endpoint = "https://elsewhere.example/token",
      mtls_endpoint_aliases = { token_endpoint = server.https .. "/token",
      userinfo_endpoint = "https://unknown.example/" } }):client_credentials()
    expect.success(app:token())
    local plain = { token_endpoint = server.https .. "/token", client_id = "i", client_secret = "s",
      ca_file = server.ca, mtls_endpoint_aliases = { token_endpoint = "https://elsewhere.example/token" } }
    expect.failure({ code = "invalid_client" }, airlock.client(plain):client_credentials():token())
    expect.raise("'mtls_endpoint_aliases'", airlock.client, { client_id = "i", mtls_endpoint_aliases = 1 })
  end)
end)
