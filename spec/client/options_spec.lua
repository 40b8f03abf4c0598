local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local server = require "airlock.server"
local stage = require "spec.support.stage"

describe("options", function()
  after_each(stage.clear)

  local usual = { token_endpoint = "https://door.example/token", base_url = "https://door.example/api/",
    client_id = "i", client_secret = "s" }

  local function with(more, ...)
    local config = {}
    for name, value in pairs(usual) do config[name] = value end
    for name, value in pairs(more or {}) do config[name] = value end
    for _, name in ipairs { ... } do config[name] = nil end
    return config
  end

  local function refuse(option, config, make)
    local why = expect.raise(("'%s'"):format(option), make or airlock.client, config)
    assert.truthy(why:find(make == airlock.space and "airlock.space" or "airlock.client", 1, true))
    return why
  end

  local wrong = { string = { 1, true, {}, print }, number = { "1", true, {}, print },
    ["function"] = { 1, "x", true, {} }, table = { 1, "x", true, print } }
  local types = { string = { "authorization_endpoint", "token_endpoint", "revocation_endpoint",
    "introspection_endpoint",
      "device_authorization_endpoint", "jwks_uri", "issuer", "base_url", "client_id", "client_auth", "redirect_uri",
        "scope", "ca_file",
      "proxy", "user_agent" },
    number = { "timeout", "connect_timeout", "max_body", "retries", "clock_skew" }, ["function"] = { "on_event" },
      table = { "loop" } }

  describe("of a client", function()
    it("that are unknown raise, with the name and what there is", function()
      local why = refuse("client_idd", with { client_idd = "x" })
      assert.truthy(why:find("client_id,", 1, true))
      refuse("Timeout", with { Timeout = 1 })
      expect.raise("number", airlock.client, with { [1] = "x" })
    end)

    it("of a wrong type raise, with name and type", function()
      for wanted, names in pairs(types) do
        for _, name in ipairs(names) do
          for _, value in ipairs(wrong[wanted]) do
            local why = refuse(name, with { [name] = value })
            assert.truthy(why:find(wanted, 1, true) and why:find(type(value), 1, true), why)
          end
        end
      end
      for _, value in ipairs { 1, true, {} } do refuse("client_secret", with { client_secret = value }) end
    end)

    it("aren't a table where they should be: raises", function()
      for _, value in ipairs { 1, "x", true, print } do
        expect.raise("table", airlock.client, value)
        expect.raise("table", airlock.space, value)
      end
      expect.raise("table", airlock.client)
      expect.raise("table", airlock.space)
    end)

    it("lay the mistake at the program's door", function()
      local ok, why = pcall(airlock.client, with { retries = -1 })
      assert.is_false(ok)
      assert.truthy(why:find("options_spec.lua:", 1, true), why)
    end)

    it("must have what is needed", function()
      refuse("client_id", with({}, "client_id")) -- usual has a client_secret
      refuse("client_id", with { client_id = "" })
      refuse("client_secret", with { client_secret = "" })
      refuse("client_secret", with({ client_auth = "client_secret_basic" }, "client_secret"))
      refuse("client_auth", with { client_auth = "client_secret_basics" })
      refuse("url", { client_id = "i" }, airlock.space)
      refuse("url", with { url = "https://x.example" })
      expect.raise("'client_secret'", function() airlock.client(with({}, "client_secret")):client_credentials() end)
      expect.raise("'token_endpoint'", function() airlock.client(with({}, "token_endpoint")):client_credentials() end)
    end)

    it("that are numbers have their limits", function()
      local nan = 0 / 0
      for name, values in pairs { timeout = { 0, -1, nan, -math.huge, 86401 },
        connect_timeout = { 0, -1, nan, math.huge, 86401 },
        max_body = { 0, -1, 1.5, nan, math.huge }, retries = { -1, 11, 0.5, nan }, clock_skew = { -1, nan } } do
        for _, value in ipairs(values) do refuse(name, with { [name] = value }) end
      end
      airlock.client(with { timeout = math.huge, retries = 10, max_body = 1, connect_timeout = 0.0001 })
    end)

    it("don't send secrets over plain http to another machine [6749-07] [6750-02]", function()
      for _, url in ipairs { "http://door.example/x", "HTTP://door.example/x", "http://127.0.0.1.example/x",
        "http://localhost.example/x",
        "http://10.0.0.1/x", "http://[::2]/x", "http://0.0.0.0/x", "http://128.0.0.1/x", "http://2130706433/x",
          "http://0127.0.0.1/x" } do
        for _, name in ipairs { "token_endpoint", "base_url", "revocation_endpoint", "issuer", "jwks_uri" } do
          refuse(name, with { [name] = url })
        end
        refuse("url", with({ url = url }, "token_endpoint"), airlock.space)
      end
      for _, url in ipairs { "http://127.0.0.1/x", "http://127.1.2.3:80/x", "http://localhost/x", "http://LOCALHOST/x",
        "http://[::1]:1/x", "https://door.example" } do
        airlock.client(with { token_endpoint = url, base_url = url })
      end
    end)

    it("are URLs where they should be, without fragment and credentials [6749-01]", function()
      for _, url in ipairs { "", "x", "/x", "door.example", "ftp://door.example", "https:/door.example", "https://",
        "https:///x", "https://door example/",
        "https://door.example/#x", "https://user:pw@door.example/", "https://door.example:0/",
          "https://door.example:65536/", "https://door.example:x/",
        "https://door.example/\r\nX: y", "https://door.example/\0", "https://door.example/ü",
          "https://door.example/%zz", "https://[::1/", "https://-x/",
        " https://door.example", "https://door.example/" .. ("x"):rep(65536) } do
        refuse("token_endpoint", with { token_endpoint = url })
        refuse("base_url", with { base_url = url })
      end
    end)

    it("need no client_id where the tokens were made by hand; each flow that does says so", function()
      local space = airlock.space { url = "https://x.example" }
      assert.equal("made-by-hand", space:permanent_token("made-by-hand"):token())
      local door = { redirect_uri = "https://x.example/callback" }
      for _, begin in ipairs {
        function() space:refresh_token "r" end,
        function() space:password { username = "u", password = "p" } end,
        function() space:authorization_code(door) end,
        function() space:implicit(door) end,
        function() space:client_credentials() end,
        function() space:jwt_bearer { assertion = "a.b.c" } end,
        function() space:session() end,
        function() space:login { open = print } end,
        function() airlock.client(with({ device_authorization_endpoint = "https://x.example/d" }, "client_id",
          "client_secret")):device_code() end,
        function() airlock.client(with({ introspection_endpoint = "https://x.example/i" }, "client_id",
          "client_secret")):introspect "t" end,
        function() airlock.client(with({ revocation_endpoint = "https://x.example/r" }, "client_id",
          "client_secret")):revoke "t" end,
      } do
        expect.raise("'client_id'", begin)
      end
      local saved = airlock.client(with({ authorization_endpoint = "https://x.example/a" },
        "client_secret")):authorization_code(door):save { public = true }
      local restored = airlock.client(with({ authorization_endpoint = "https://x.example/a" }, "client_id",
        "client_secret")):authorization(saved)
      if restored then
        expect.raise("'client_id'", function() restored:finish("https://x.example/callback?code=c&state="
          .. restored.state) end)
      end
    end)

    it("hold no control characters where they go into a request", function()
      for _, name in ipairs { "client_id", "user_agent", "proxy", "ca_file" } do
        for _, text in ipairs { "a\r\nb", "a\nb", "a\0b", "a\127b" } do refuse(name, with { [name] = text }) end
      end
    end)

    it("are given to each grant by name, too", function()
      local client = airlock.client(usual)
      expect.raise("'scop'", client.client_credentials, client, { scop = "x" })
      expect.raise("'scope'", client.client_credentials, client, { scope = 1 })
      expect.raise("table", client.client_credentials, client, "scope")
      expect.raise("'accoun'", client.refresh_token, client, "r", { accoun = "x" })
      expect.raise("'account'", client.refresh_token, client, "r", { account = {} })
      for _, scope in ipairs { 'a"b', "a\\b", "a\nb", "ü", "a\0b", ("x"):rep(20000) } do
        expect.raise("'scope'", client.client_credentials, client, { scope = scope })
      end
    end)

    it("that are tokens look like tokens", function()
      local client = airlock.client(usual)
      for _, grant in ipairs { "permanent_token", "refresh_token" } do
        for _, token in ipairs { "", "a b", "a\r\nX: y", "a\0", "ü", ("x"):rep(70000) } do
          expect.raise("client:" .. grant, client[grant], client, token)
        end
        expect.raise("string", client[grant], client)
        expect.raise("string", client[grant], client, 5)
        expect.raise("string", client[grant], client, {})
      end
    end)
  end)

  describe("of a request", function()
    local function scene()
      local space = stage.space()
      local app = stage.app(space)
      return function(option, options)
        local why = expect.raise(("'%s'"):format(option), app.request, app, options)
        assert.truthy(why:find("options_spec.lua:", 1, true) or why:find("expect.lua:", 1, true)
          or why:find("session:request", 1, true), why)
        assert.equal(0, space:count())
      end, app, space
    end

    it("that are unknown or missing raise, and nothing is sent", function()
      local refused, app, space = scene()
      refused("uri", { url = "x", uri = "x" })
      refused("url", {})
      refused("url", { method = "GET" })
      refused("1", { "projects" })
      expect.raise("table", app.request, app, "projects")
      expect.raise("table", app.request, app)
      assert.equal(0, space:count())
    end)

    it("of a wrong type raise, and nothing is sent", function()
      local refused = scene()
      for name, values in pairs { url = { 5, {}, true }, method = { 5, {}, true }, query = { 5, true },
        headers = { 5, "x", true },
        body = { 5, true, {} }, form = { 5, "x", true }, sink = { 5, "x", true, {} },
          timeout = { "5", true, 0, -1, 0 / 0, 1e9 },
        max_body = { "5", true, 0, -1, 1.5, 0 / 0 }, json = { print } } do
        for _, value in ipairs(values) do
          local options = { url = "x" }
          options[name] = value
          refused(name, options)
        end
      end
    end)

    -- BUG 8: false is taken for "not given"
    it("false is no method", function()
      scene()("method", { url = "x", method = false })
    end)

    it("that can't be in a request line or header raise", function()
      local refused = scene()
      for _, url in ipairs { "a b", "a\r\nX: y", "a\nb", "a\0b", "a#b", "ü", "a%zz", "a\127", "a|b", "a{b}", "a<b",
        'a"b', "a\\b", ("x"):rep(70000) } do
        refused("url", { url = url })
      end
      for _, method in ipairs { "", "G ET", "GET\r\n", "GET\0", "GÉT", "GET /x HTTP/1.1\r\n", "A:B", ("X"):rep(100) } do
        refused("method", { url = "x", method = method })
      end
      for _, name in ipairs { "", "a b", "a:b", "a\r\nb", "a\0b", "ü", 5 } do
        refused("headers", { url = "x", headers = { [name] = "v" } })
      end
      for _, value in ipairs { "a\r\nX: y", "a\nb", "a\rb", "a\0b", {}, true, print } do
        refused("headers", { url = "x", headers = { ["X-A"] = value } })
      end
      for _, text in ipairs { "a b", "a\r\nb", "a#b", "a\0b" } do refused("url", { url = "x", query = text }) end
    end)

    it("leave to Airlock the headers that are its own", function()
      local refused = scene()
      for _, name in ipairs { "Authorization", "authorization", "Host", "Content-Length", "Transfer-Encoding",
        "Connection", "Proxy-Authorization", "Expect", "TE", "Upgrade" } do
        refused("headers", { url = "x", headers = { [name] = "x" } })
      end
    end)

    it("have their number and size of headers", function()
      local refused = scene()
      local many, size = {}, { ["X-A"] = ("x"):rep(70000) }
      for i = 1, 129 do many["X-" .. i] = "x" end
      refused("headers", { url = "x", headers = many })
      refused("headers", { url = "x", headers = size })
    end)

    it("have one body at most", function()
      local refused = scene()
      refused("json", { url = "x", body = "a", json = {} })
      refused("form", { url = "x", body = "a", form = {} })
      refused("json", { url = "x", form = {}, json = false })
      refused("json", { url = "x", body = function() end, json = 1, form = {} })
    end)

    it("lead to no other origin, where the token doesn't belong", function()
      local refused, _, space = scene()
      local port = tonumber(space.url:match ":(%d+)$")
      for _, url in ipairs { "https://127.0.0.1:" .. port .. "/x", "http://127.0.0.1:" .. port + 1 .. "/x",
        "http://localhost:" .. port .. "/x",
        "http://127.0.0.2:" .. port .. "/x", "https://door.example/x", "http://door.example/x",
          "http://u:p@127.0.0.1:" .. port .. "/x", "http://127.0.0.1/" } do
        refused("url", { url = url })
      end
    end)

    it("are judged for the verbs as well", function()
      local _, app, space = scene()
      for _, verb in ipairs { "get", "delete", "post", "put", "patch" } do
        expect.raise("'url'", app[verb], app)
        expect.raise("'url'", app[verb], app, {})
        expect.raise("'url'", app[verb], app, "https://door.example/")
      end
      expect.raise("'query'", app.get, app, "x", 5)
      expect.raise("'query'", app.delete, app, "x", { a = {{}} })
      expect.raise("'json'", app.post, app, "x", { print })
      expect.raise("query", app.each, app, "x", "a=b")
      expect.raise("'url'", function() for _ in app:each() do error "an item" end end)
      assert.equal(0, space:count())
    end)

    it("can't stand behind a query", function()
      for _, base in ipairs { "https://a.example?k=1", "https://a.example/x?k=1", "https://a.example/?" } do
        expect.raise("option 'base_url' has a query in it", airlock.client, { base_url = base })
      end
    end)

    it("relative need a base", function()
      local session = airlock.client {}:permanent_token "p"
      expect.raise("base_url", session.get, session, "x")
    end)
  end)

  it("of what isn't a session or a client raise", function()
    local session = airlock.client {}:permanent_token "p"
    for _, object in ipairs { {}, 5, "x", airlock.client {} } do
      expect.raise("", session.get, object, "x")
      expect.raise("", session.info, object)
      expect.raise("", session.token, object)
    end
    expect.raise("", airlock.client({}).permanent_token, session, "p")
    expect.raise("", core.session, session, "permanent_token", nil, "p")
  end)

  describe("that a metatable makes anew each time", function()
    local function fresh(values)
      return setmetatable({}, { __index = function(_, name)
        local value = values[name]
        collectgarbage()
        return type(value) == "string" and value:sub(1, 1) .. value:sub(2) or value
      end })
    end

    it("are kept for as long as they are read", function()
      local space = stage.space()
      local folder = stage.folder()
      for round = 1, 20 do
        local client = airlock.client(fresh { token_endpoint = space.url .. "/oauth/token?round=" .. round,
          client_id = space.client_id, client_secret = space.client_secret, client_auth = "client_secret_post",
          user_agent = "made-anew/" .. round, store = folder .. "/tokens", scope = "**" })
        expect.success(client:client_credentials():token())
      end
      assert.equal(20, space:count "/oauth/token")
    end)

    it("are kept in a table inside, for an assertion and for a local server", function()
      local pem = server.crypto.new_key()
      expect.success(airlock.client(fresh { token_endpoint = "https://door.example/token", client_id = "i",
        private_key = pem, kid = "key-1", client_assertion_audience = "https://door.example/audience",
        dpop = fresh { private_key = pem, alg = "ES256" }, issuer = "https://door.example" }))
      local made = expect.success(server.listen(fresh { handler = print, host = "127.0.0.1" }))
      made:close()
    end)
  end)
end)
