-- TLS and HTTP/2 against a real nginx: whom to trust, and one connection for many requests.

local airlock = require "airlock"
local expect = require "spec.support.expect"
local nginx = require "spec.support.nginx"
local stage = require "spec.support.stage"

local lines = [[
    add_header X-Protocol $server_protocol;
    add_header X-Connection $connection;
    location = /hello { return 200 '{"hello":"you"}'; }
    location = /token { return 200 '{"access_token":"t","token_type":"Bearer","expires_in":600}'; }
    location = /packed { gzip on; gzip_types application/json; gzip_min_length 1; try_files /big.json =404; }
    location = /brotli { add_header Content-Encoding br; try_files /big.br =404; }
]]

describe("TLS", function()
  local server
  before_each(function() server = nginx.start(lines) end)
  after_each(stage.clear)

  local function api(url, config)
    config = config or {}
    config.base_url, config.timeout = url, 10
    return airlock.client(config):permanent_token "p"
  end

  it("trusts whom it is told to, and nobody else [6749-07] [6750-02]", function()
    assert.equal("you", expect.success(api(server.https, { ca_file = server.ca }):get "hello").hello)
    for _, config in ipairs { {}, { ca_file = server.other } } do
      local _, message = expect.failure({ kind = "network", code = "tls", outcome = "misconfigured" },
        api(server.https, config):get "hello")
      assert.is_truthy(message:find("ca_file", 1, true))
    end
    -- another name
    expect.failure({ kind = "network", code = "tls" }, api(server.elsewhere, { ca_file = server.ca }):get "hello")
    expect.failure({ kind = "network", code = "tls" }, api(server.https, { ca_file = "/no/such/file" }):get "hello")
    expect.failure({ kind = "network", code = "tls" }, api(server.http:gsub("^http", "https"),
      { ca_file = server.ca }):get "hello")
  end)

  it("trusts whom it is told to where plain HTTP went before", function()
    local function session(config)
      config.base_url, config.token_endpoint, config.client_id, config.client_secret = server.https,
        server.http .. "/token", "i", "s"
      local made = airlock.client(config):client_credentials()
      assert.equal("t", expect.success(made:token()))
      return made
    end
    assert.equal("you", expect.success(session({ ca_file = server.ca }):get "hello").hello)
    for _, config in ipairs { {}, { ca_file = server.other } } do
      expect.failure({ kind = "network", code = "tls", outcome = "misconfigured" }, session(config):get "hello")
    end
  end)

  it("guards the token endpoint by the same rules", function()
    local config = { token_endpoint = server.https .. "/token", base_url = server.https, client_id = "i",
      client_secret = "s", timeout = 10 }
    expect.failure({ kind = "network", code = "tls" }, airlock.client(config):client_credentials():get "hello")
    config.ca_file = server.ca
    expect.success(airlock.client(config):client_credentials():get "hello")
  end)

  it("speaks HTTP/2, many requests over one connection", function()
    local session = api(server.https, { ca_file = server.ca })
    local requests = {}
    for i = 1, 20 do requests[i] = "hello" end
    local responses = expect.success(session:all(requests))
    local connections, count = {}, 0
    for i = 1, 20 do
      assert.equal("HTTP/2.0", responses[i].headers["X-Protocol"])
      connections[responses[i].headers["x-connection"]] = true
    end
    for _ in pairs(connections) do count = count + 1 end
    assert.equal(1, count)
  end)

  it("keeps a connection for the next request, over plain HTTP too", function()
    for _, url in ipairs { server.http, server.https } do
      local session, seen = api(url, { ca_file = server.ca }), {}
      for i = 1, 3 do seen[i] = expect.success(session:request { url = "hello" }).headers["x-connection"] end
      assert.same({ seen[1], seen[1], seen[1] }, seen)
    end
  end)

  it("takes an answer over HTTP/2 that is whole before the body was read", function()
    local session = api(server.https, { ca_file = server.ca })
    for _, total in ipairs { 0, 10, 100000, 900000 } do
      local given = 0
      local function reader()
        if given >= total then return nil end
        given = given + 10000
        return ("x"):rep(10000)
      end
      for _, body in ipairs { ("x"):rep(total), reader } do
        local response = expect.success(session:request { method = "PUT", url = "hello", body = body })
        assert.same({ 200, '{"hello":"you"}', "HTTP/2.0" },
          { response.status, response.body, response.headers["x-protocol"] })
      end
      local got = {}
      expect.success(session:request { method = "PUT", url = "hello", body = ("x"):rep(total),
        sink = function(bytes) got[#got + 1] = bytes end })
      assert.equal('{"hello":"you"}', table.concat(got))
      assert.equal("you", expect.success(session:get "hello").hello)
    end
  end)

  it("unpacks what comes packed", function()
    local text = '{"text":"' .. ("all work and no play "):rep(5000) .. '"}'
    local file = assert(io.open(server.folder .. "/big.json", "wb"))
    file:write(text)
    file:close()
    stage.shell(("cd '%s' && brotli -o big.br big.json"):format(server.folder))
    local session = api(server.http)
    for _, path in ipairs { "packed", "brotli" } do
      local response = expect.success(session:request { url = path })
      assert.is_true(response.body == text, path)
      assert.is_truthy(response.headers["content-encoding"] == "gzip" or response.headers["content-encoding"] == "br")
    end
  end)
end)
