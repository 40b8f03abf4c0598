-- A client's own certificate (RFC 8705) on nginx's connections, against a server that asks for one.

local keys = require "spec.support.keys"
local nginx = require "spec.support.nginx"
local phases = require "spec.support.phases"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

local asking = [[
    ssl_client_certificate ca.pem;
    ssl_verify_client optional;
    location = /token {
      if ($ssl_client_verify != SUCCESS) { return 401 '{"error":"invalid_client"}'; }
      return 200 '{"access_token":"$ssl_client_s_dn","token_type":"Bearer","expires_in":600}';
    }
    location = /who { return 200 '{"name":"$ssl_client_s_dn","connection":"$connection"}'; }
]]

describe("a client's certificate in nginx", function()
  local obstacle = nginx.without_lua()
  if obstacle then
    it("needs nginx", function() pending(obstacle) end)
    return
  end

  local web
  after_each(stage.clear)
  before_each(function()
    local port = raw.free_port()
    local elsewhere = [[
      server {
        listen 127.0.0.1:%d ssl;
        ssl_certificate server.pem;
        ssl_certificate_key server.key;
        default_type application/json;
        %s
      }
    ]]
    web = phases.start(nil, elsewhere:format(port, asking),
      asking .. ("location = /away { return 302 https://localhost:%d/who; }"):format(port))
    for _, name in ipairs { "anna", "bert" } do nginx.client_certificate(web.folder, name) end
  end)

  -- Lua that makes `app`, a session of a client with that certificate, or with none.
  local function app(name, more, where)
    local url = web.https:gsub("127.0.0.1", "localhost")
    local proof = name and ([[client_auth = "tls_client_auth", cert_file = %q, key_file = %q,]]):format(web.folder
      .. "/" .. name .. ".pem", web.folder .. "/" .. name .. ".key") or ""
    return ([[local %s = require "airlock".client { token_endpoint = %q, base_url = %q, client_id = %q,
      timeout = 20, %s %s }
      %s = %s:%s
    ]]):format(where or "app", url .. "/token", url, name or "nobody", proof, more or "", where or "app",
      where or "app",
      name and "client_credentials()" or 'permanent_token "p"')
  end

  it("proves the client to the token endpoint, and to the API [9700-09]", function()
    assert.equal("CN=anna", phases.run(web, app "anna" .. 'return assert(app:get "who").name')[1])
    local other = ("cert_file = %q, key_file = %q,"):format(web.folder .. "/other.pem", web.folder .. "/other.key")
    local result = phases.run(web, app("anna", other) .. "return select(3, app:token()).kind")
    assert.equal("oauth", result[1])
  end)

  it("is never shown over another client's connection [8705-01]", function()
    local result = phases.run(web, app("anna", nil, "anna") .. app("bert", nil, "bert") .. app(nil, nil, "nobody") .. [[
      local owner, reused, wrong = {}, 0, {}
      for _ = 1, 4 do
        for name, session in pairs { anna = anna, bert = bert, nobody = nobody } do
          local told = assert(session:get "who")
          if told.name ~= (name == "nobody" and "" or "CN=" .. name) then
            wrong[#wrong + 1] = name .. " is " .. told.name
          end
          if owner[told.connection] then reused = reused + 1 end
          owner[told.connection] = owner[told.connection] or name
          if owner[told.connection] ~= name then wrong[#wrong + 1] = "the connection of " .. name end
        end
      end
      return reused, table.concat(wrong, ", ")]])
    assert.same({ 9, "" }, result)
  end)

  it("stays behind on a redirect to another origin, and is there again afterwards", function()
    assert.same({ "", "CN=anna" }, phases.run(web, app "anna"
      .. 'return assert(app:get "away").name, assert(app:get "who").name'))
  end)

  it("is read anew for each connection, as it may be renewed", function()
    local code = app "anna" .. [[
      local first = assert(app:token())
      for _, kind in ipairs { "pem", "key" } do os.execute(("cp '%s/bert.%s' '%s/anna.%s'"):format(FOLDER, kind, FOLDER,
        kind)) end
      assert(app:refresh())
      return first, app:token()]]
    assert.same({ "CN=anna", "CN=bert" }, phases.run(web, (code:gsub("FOLDER", ("%q"):format(web.folder)))))
  end)

  it("that can't be used is a failure that names the option", function()
    local function path(file) return web.folder .. "/" .. file end
    for _, more in ipairs { { cert_file = "/no/such/file" }, { key_file = "/no/such/file" },
      { key_file = path "bert.key" },
      { cert_file = path "anna.key" }, { key_file = stage.file(keys.pem "encrypted") } } do
      local option, value = next(more)
      local result = phases.run(web, app("anna", ("%s = %q,"):format(option, value)) .. [[
        local _, message, detail = app:token()
        return message, detail.kind, detail.code, detail.outcome]])
      assert.same({ "network", "tls", "misconfigured" }, { result[2], result[3], result[4] }, result[1])
      assert.is_truthy(result[1]:find("cert_file", 1, true), result[1])
    end
  end)

  it("is refused where this nginx can't show one", function()
    local result = phases.run(web, app "anna" .. [[
      local methods = debug.getregistry().__tcp_cosocket_mt
      local show = methods.setclientcert
      methods.setclientcert = nil -- as in an older one
      local _, message, detail = app:token()
      methods.setclientcert = show
      return message, detail.kind .. "/" .. detail.code, detail.outcome]])
    assert.same({ "network/tls", "misconfigured" }, { result[2], result[3] }, result[1])
    assert.is_truthy(result[1]:find("no tcpsock:setclientcert", 1, true), result[1])
  end)
end)
