--- Hosts that the program names may be spoken to without TLS; nobody else can add one.

local airlock = require "airlock"
local expect = require "spec.support.expect"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

describe("option plain_http", function()
  after_each(stage.clear)

  local function http(body, head)
    return ("HTTP/1.1 %sContent-Length: %d\r\n\r\n%s"):format(head or "200 OK\r\n", #body, body)
  end

  -- A proxy stands in for the net: what it is asked for is what would go out without TLS.
  local function net(answers)
    local asked = {}
    local proxy = raw.listen(function(text)
      local method, url = text:match "^(%u+) (%S+)"
      asked[#asked + 1] = method .. " " .. url
      local body = answers[url:match "^[^?]*"]
      return type(body) == "string" and body or http("[1]")
    end)
    return proxy, asked
  end

  local function client(proxy, more)
    local config = { base_url = "http://keycloak.auth.svc:8080/api", plain_http = { "keycloak.auth.svc" },
      client_id = "c", client_secret = "s", token_endpoint = "http://Keycloak.auth.svc:8080/token", proxy = proxy,
      timeout = 10 }
    for name, value in pairs(more or {}) do config[name] = value end
    return airlock.client(config)
  end

  it("lets requests and token requests go there, and to no other", function()
    local proxy, asked = net { ["http://Keycloak.auth.svc:8080/token"] =
      http '{"access_token":"t","token_type":"Bearer"}' }
    local session = client(proxy):client_credentials()
    assert.same({ 1 }, expect.success(session:get "x"))
    assert.same({ "POST http://Keycloak.auth.svc:8080/token", "GET http://keycloak.auth.svc:8080/api/x" }, asked)
    for _, url in ipairs { "http://auth.svc", "http://keycloak.auth.svc.example", "http://x.keycloak.auth.svc",
      "http://keycloak.auth.sv" } do
      expect.raise("option 'base_url' is plain http://", client, proxy, { base_url = url })
      expect.raise("option 'token_endpoint' is plain http://", client, proxy, { token_endpoint = url })
    end
    expect.raise("option 'base_url' is plain http://", airlock.client, { base_url = "http://keycloak.auth.svc" })
    assert.equal(2, #asked)
  end)

  it("is told once for each host", function()
    local proxy = net { ["http://Keycloak.auth.svc:8080/token"] = http '{"access_token":"t","token_type":"Bearer"}' }
    local told = {}
    local session = client(proxy, { on_event = function(event)
      if event.code == "plain_http" then told[#told + 1] = event.event .. " " .. event.origin:lower() end
    end }):client_credentials()
    expect.success(session:get "x")
    expect.success(session:get "y")
    assert.same({ "warning http://keycloak.auth.svc:8080" }, told)
  end)

  it("isn't widened by a redirect", function()
    local function to(where) return http("", ("302 Found\r\nLocation: %s\r\n"):format(where)) end
    local here = "http://keycloak.auth.svc:8080"
    local proxy, asked = net { [here .. "/api/inside"] = to(here .. "/api/x"), [here .. "/api/other"] =
      to "http://other.svc/", [here .. "/api/listed"] = to "http://second.svc/" }
    local session = client(proxy, { plain_http = { "keycloak.auth.svc", "second.svc" } }):permanent_token "p"
    assert.same({ 1 }, expect.success(session:get "inside"))
    expect.failure({ code = "http_302" }, session:get "other")
    expect.failure({ code = "http_302" }, session:get "listed")
    assert.equal(4, #asked)
  end)

  it("isn't widened by metadata, and lets an issuer there name itself", function()
    local function document(issuer, token)
      return http(('{"issuer":"%s","authorization_endpoint":"%s/a","token_endpoint":"%s",'
        .. '"response_types_supported":["code"]}'):format(issuer, issuer, token))
    end
    local one, other = "http://keycloak.auth.svc/one", "http://keycloak.auth.svc/other"
    local place = "http://keycloak.auth.svc/.well-known/oauth-authorization-server"
    local proxy = net { [place .. "/one"] = document(one, one .. "/token"),
      [place .. "/other"] = document(other, "http://other.svc/token") }
    local config = { plain_http = { "keycloak.auth.svc" }, client_id = "c", proxy = proxy }
    local found = expect.success(airlock.discover(one, config))
    assert.equal(one .. "/token", found:metadata().token_endpoint)
    expect.failure({ code = "malformed_metadata" }, airlock.discover(other, config))
    expect.raise("the issuer is plain http://", airlock.discover, one, { client_id = "c" })
  end)
end)
