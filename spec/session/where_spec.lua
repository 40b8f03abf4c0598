--- Where a failure happened: mail from cron has nothing but the sentence, and a program has the detail.

local airlock = require "airlock"
local expect = require "spec.support.expect"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

describe("a failure says where it happened", function()
  after_each(stage.clear)

  local function serve(answer)
    return stage.server(function(x) x:reply(answer(x)) end)
  end

  local function api(answer, more)
    local url = serve(answer)
    local config = { base_url = url .. "/v1/", client_id = "cron" }
    for name, value in pairs(more or {}) do config[name] = value end
    return airlock.client(config):permanent_token "p", url
  end

  it("an API's, by method and URL, without the query", function()
    local session, url = api(function() return { status = 404, body = '{"message":"There is nothing"}' } end)
    local detail, message = expect.failure({ kind = "http", code = "http_404", method = "GET",
      url = url .. "/v1/projects/X", client_id = "cron" }, session:get("projects/X", { key = "hidden" }))
    assert.equal(("GET %s/v1/projects/X: the API answered with status 404: There is nothing"):format(url), message)
    assert.is_nil(detail.client_auth)
    expect.failure({ method = "DELETE", url = url .. "/v1/a" }, session:delete "a")
    expect.failure({ method = "PATCH", url = url .. "/v1/a" }, session:patch("a?x=1", { 1 }))
    local told, more = session:request { url = "a", method = "PUT", body = "x" }:failure()
    expect.failure({ method = "PUT", url = url .. "/v1/a", client_id = "cron" }, nil, told, more)
  end)

  it("also of an answer that isn't JSON, and where a redirect led", function()
    local session, url = api(function(request)
      if request.path == "/v1/old" then return { status = 303, headers = { Location = "/v1/new?k=1" } } end
      return { body = "no JSON" }
    end)
    local _, message = expect.failure({ code = "malformed_response", method = "GET", url = url .. "/v1/new" },
      session:post("old", { 1 }))
    assert.equal(1, (message:find("GET " .. url .. "/v1/new: the answer (status 200) should be JSON", 1, true)))
    local _, why, more = session:request { url = "a" }:json()
    expect.failure({ method = "GET", url = url .. "/v1/a" }, nil, why, more)
  end)

  it("one of the network, whoever waits for it", function()
    local url = ("http://127.0.0.1:%d"):format(raw.free_port())
    local session = airlock.client { base_url = url, client_id = "cron" }:permanent_token "p"
    local _, message = expect.failure({ kind = "network", code = "connect", method = "POST", url = url .. "/x",
      client_id = "cron" }, session:post("x?secret=1", { 1 }))
    assert.equal(1, (message:find("POST " .. url .. "/x: no connection could be made", 1, true)))
    assert.is_nil(message:find("secret", 1, true))
  end)

  it("the token endpoint's, with the client and how it proved itself", function()
    local url = serve(function()
      return { status = 401, body = '{"error":"invalid_client"}',
        headers = { ["WWW-Authenticate"] = 'Basic realm="tokens, all", Bearer error=invalid_token' } }
    end)
    local session = airlock.client { base_url = url, token_endpoint = url .. "/token?tenant=1", client_id = "cron",
      client_secret = "s3cret" }:client_credentials()
    local detail, message = expect.failure({ kind = "oauth", code = "invalid_client", method = "POST",
      url = url .. "/token", client_id = "cron", client_auth = "client_secret_basic", status = 401,
      challenges = { { scheme = "Basic", realm = "tokens, all" }, { scheme = "Bearer", error = "invalid_token" } } },
      session:get "x")
    assert.equal(1, (message:find(("POST %s/token (client cron, client_secret_basic): the token endpoint said no: "
      .. "invalid_client"):format(url), 1, true)), message)
    assert.is_nil(detail.response)
    assert.is_nil(message:find("s3cret", 1, true))
  end)

  it("a token endpoint that can't be reached", function()
    local url = ("http://127.0.0.1:%d"):format(raw.free_port())
    local session = airlock.client { base_url = "http://127.0.0.1:1", token_endpoint = url .. "/token",
      client_id = "cron" }:refresh_token "r"
    local _, message = expect.failure({ kind = "network", code = "connect", method = "POST", url = url .. "/token",
      client_id = "cron", client_auth = "none" }, session:get "x")
    assert.equal(1, (message:find("POST " .. url .. "/token (client cron, none): no connection", 1, true)), message)
  end)

  it("a refresh token's end, also when it is told again", function()
    local url = serve(function() return { status = 400, body = '{"error":"invalid_grant"}' } end)
    local session = airlock.client { base_url = url, token_endpoint = url .. "/token", client_id = "cron" }
      :refresh_token "r"
    for _ = 1, 2 do
      local _, message = expect.failure({ code = "login_required", method = "POST", url = url .. "/token",
        client_id = "cron", client_auth = "none" }, session:get "x")
      assert.equal(1, (message:find("POST " .. url .. "/token (client cron, none): the refresh token", 1, true)))
    end
  end)

  it("the other endpoints'", function()
    local url = serve(function(request)
      if request.path == "/device" then return { body = "{}" } end
      return { status = 403, headers = { ["WWW-Authenticate"] = "Negotiate" },
        body = '{"error":"unauthorized_client"}' }
    end)
    local client = airlock.client { introspection_endpoint = url .. "/introspect", client_id = "cron",
      client_secret = "s", device_authorization_endpoint = url .. "/device", token_endpoint = url .. "/token" }
    local _, message = expect.failure({ code = "unauthorized_client", method = "POST", url = url .. "/introspect",
      client_id = "cron", client_auth = "client_secret_basic", challenges = { { scheme = "Negotiate" } } },
      client:introspect "token")
    assert.equal(1, (message:find(("POST %s/introspect (client cron, client_secret_basic): the introspection endpoint"
      .. " said no: unauthorized_client"):format(url), 1, true)), message)
    expect.failure({ code = "malformed_reply", method = "POST", url = url .. "/device" }, client:device_code())
  end)

  local function plainly(url, outcome)
    local session = airlock.client { base_url = url:gsub("^http:", "https:") .. "/", timeout = 10, retries = 0 }
      :permanent_token "p"
    local told, message = expect.failure({ kind = "network" }, session:get "x")
    assert.truthy(message:find("speaks plain http:// at this port", 1, true), message)
    assert.equal(outcome or told.code == "tls" and "misconfigured" or "transient", told.outcome, message)
    return told.code
  end

  it("and that a port speaks no TLS, with words of its own or without", function()
    local plain = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n"
    assert.equal("tls", plainly(raw.listen(plain, true), "misconfigured"))
    assert.equal("cut_off", plainly(raw.listen("", true), "transient")) -- nothing tells it from a cable pulled out
    local code = plainly((stage.server(function(x) x:reply {} end))) -- libmicrohttpd does one or the other
    assert.is_true(code == "tls" or code == "cut_off", code)
  end)

  it("and how a host outside ASCII is to be written", function()
    for _, host in ipairs { "b\195\188cher.example", "\228\184\173.example", "\252.example" } do
      local why = expect.raise("option 'base_url' has a host outside ASCII; write it in punycode: xn--",
        airlock.client, { base_url = "https://" .. host .. "/" })
      assert.truthy(why)
    end
  end)

  it("but not of what never went out", function()
    local session = airlock.client { base_url = "http://127.0.0.1:1", client_id = "cron" }:anonymous()
    local detail, message = expect.failure({ code = "no_token", client_id = "cron" }, session:token())
    assert.same({}, { detail.method, detail.url })
    assert.equal("this session is anonymous: it has no token", message)
  end)
end)
