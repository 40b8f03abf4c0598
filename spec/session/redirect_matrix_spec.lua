-- Redirects, all of them: five statuses, to five kinds of origin, of an API call, an upload, a download and the token
-- endpoint. Every byte that arrives anywhere but at home is searched for canaries.

local airlock = require "airlock"
local expect = require "spec.support.expect"
local nginx = require "spec.support.nginx"
local poll = require "airlock.loop.poll"
local raw = require "spec.support.raw"
local server = require "airlock.server"
local stage = require "spec.support.stage"

local statuses = { 301, 302, 303, 307, 308 }
local canaries = { token = "canary-of-the-token", secret = "canary-of-the-secret", header = "canary-of-a-header",
  body = "canary-of-the-body" }

-- All that a request brought, as one text.
local function text_of(x)
  local lines = { x.method .. " " .. x.target }
  for _, pair in ipairs(x:header_list()) do lines[#lines + 1] = pair[1] .. ": " .. pair[2] end
  lines[#lines + 1] = x.body
  return table.concat(lines, "\n")
end

local function holds(text)
  for name, canary in pairs(canaries) do
    if text:find(canary, 1, true) then return name end
  end
end

describe("redirect, whatever its status and its target,", function()
  after_each(stage.clear)

  local folder
  local function pems()
    folder = nginx.certificate(stage.folder())
    return stage.read(folder .. "/server.pem"), stage.read(folder .. "/server.key")
  end

  -- Two servers of our own. `home(x)` answers at home; what arrives elsewhere, or at home by another name, is kept.
  local function scene(home_tls, home)
    local cert, key
    if home_tls then cert, key = pems() end
    local there = {}
    local self = { there = there, home = {} }
    local function stranger(x)
      there[#there + 1] = text_of(x)
      x:reply { body = '{"access_token":"stolen","token_type":"Bearer"}' }
    end
    local function add(options)
      local made = assert(server.listen(options))
      poll.add(made)
      stage.keep(function()
        poll.remove(made)
        made:close()
      end)
      return made
    end
    local made = add { handler = function(x)
      if x.headers.host:find("^localhost") then return stranger(x) end
      self.home[#self.home + 1] = text_of(x)
      home(self, x)
    end, cert = cert, key = key }
    local scheme = home_tls and "https" or "http"
    self.base = made:url()
    local port = self.base:match ":(%d+)$"
    self.targets = {
      ["the same origin"] = self.base, ["another port"] = add({ handler = stranger, cert = cert, key = key }):url(),
      ["another name of the same machine"] = scheme .. "://localhost:" .. port,
      ["another machine"] = add({ handler = stranger, host = "127.0.0.2", cert = cert, key = key }):url(),
      ["another scheme"] = not home_tls and add({ handler = stranger, cert = pems(),
        key = stage.read(folder .. "/server.key") }):url()
        or add({ handler = stranger }):url(),
    }
    self.ca = folder and folder .. "/ca.pem"
    return self
  end

  local function session_of(self)
    return airlock.client { base_url = self.base, ca_file = self.ca, timeout = 10 }:permanent_token(canaries.token)
  end

  local function lead(self, x)
    if x.path ~= "/go" then return x:reply { body = '"arrived"' } end
    x:reply { status = self.status, headers = { Location = self.to .. "/there" } }
  end

  local headers = { ["X-Api-Key"] = canaries.header, Cookie = "a=" .. canaries.header, ["X-Tenant"] = canaries.header }

  -- What each way of asking sends, and which of its redirects are followed: "home" with the token, "bare" elsewhere,
  -- nil not.
  local ways = {
    ["an API call"] = {
      ask = function(session) return session:request { url = "go", headers = headers } end,
      follows = function(same) return same and "home" or "bare" end,
    },
    ["a download"] = {
      ask = function(session)
        local parts = {}
        return session:request { url = "go", headers = headers, sink = function(part) parts[#parts + 1] = part end }
      end,
      follows = function(same) return same and "home" or "bare" end,
    },
    ["an upload"] = {
      ask = function(session) return session:request { method = "POST", url = "go", headers = headers,
        body = canaries.body } end,
      follows = function(same, status)
        if status == 303 then return same and "home" or "bare" end
        return same and status >= 307 and "home" or nil
      end,
    },
    ["an upload from a reader"] = {
      ask = function(session)
        local parts = { canaries.body }
        return session:request { method = "PUT", url = "go", headers = headers,
          body = function() return table.remove(parts) end }
      end,
      follows = function(same, status) return status == 303 and (same and "home" or "bare") or nil end,
    },
  }

  for _, tls in ipairs { false, true } do
    for name, way in pairs(ways) do
      it(("of %s over %s, carries no credential to another origin"):format(name, tls and "https" or "http"), function()
        local self = scene(tls, lead)
        local session = session_of(self)
        local tried = 0
        for place, target in pairs(self.targets) do
          for _, status in ipairs(statuses) do
            self.status, self.to, self.home, tried = status, target, {}, tried + 1
            for i = #self.there, 1, -1 do self.there[i] = nil end
            local where = ("%s: %d to %s"):format(name, status, place)
            local wanted = way.follows(place == "the same origin", status)
            if tls and place == "another scheme" then wanted = nil end -- https never leads to http
            if tls and place == "another machine" and wanted then -- which its certificate doesn't name
              expect.failure({ kind = "network", code = "tls" }, way.ask(session))
              wanted = nil
            else
              assert.equal(wanted and 200 or status, expect.success(way.ask(session)).status, where)
            end
            assert.equal("token", holds(self.home[1]:match "\nAuthorization: [^\n]*"), where)
            assert.equal(wanted == "home" and 2 or 1, #self.home, where)
            assert.equal(wanted == "bare" and 1 or 0, #self.there, where)
            if wanted == "home" then assert.is_truthy(self.home[2]:find(canaries.token, 1, true), where) end
            for _, text in ipairs(self.there) do assert.is_nil(holds(text), where .. "\n" .. text) end
          end
        end
        assert.equal(25, tried)
      end)
    end

    it(("of the token endpoint over %s, is an error, and nothing arrives at its target"):format(tls and "https"
      or "http"), function()
      local self = scene(tls, function(self, x)
        x:reply { status = self.status, headers = { Location = self.to .. "/token" },
          body = '{"access_token":"given","token_type":"Bearer"}' }
      end)
      local function client(more)
        local config = { base_url = self.base, token_endpoint = self.base .. "/token", client_id = "porter",
          client_secret = canaries.secret, ca_file = self.ca, timeout = 10, retries = 0 }
        for key, value in pairs(more or {}) do config[key] = value end
        return airlock.client(config)
      end
      for place, target in pairs(self.targets) do
        for _, status in ipairs(statuses) do
          self.status, self.to, self.home = status, target, {}
          local where = ("%d to %s"):format(status, place)
          for _, session in ipairs {
            client():client_credentials(), client { client_auth = "client_secret_post" }:client_credentials(),
            client():refresh_token(canaries.token),
          } do
            expect.failure({ kind = "oauth", code = "unexpected_redirect", outcome = "misconfigured", status = status },
              session:token())
          end
          expect.failure({ kind = "oauth", code = "unexpected_redirect" },
            client():password { username = "a", password = canaries.body })
          assert.equal(4, #self.home, where)
          for _, text in ipairs(self.home) do assert.is_truthy(text:find "^POST /token\n", where) end
          assert.same({}, self.there, where)
        end
      end
    end)
  end

  it("of the other endpoints that get a credential, is not followed either", function()
    for _, status in ipairs(statuses) do
      local self = scene(false, function(self, x)
        if x.path == "/token" then
          return x:reply { body = stage.token { access_token = canaries.token, token_type = "Bearer",
            refresh_token = canaries.secret } }
        end
        x:reply { status = self.status, headers = { Location = self.to .. "/there" } }
      end)
      self.status, self.to = status, self.targets["another port"]
      local client = airlock.client { base_url = self.base, token_endpoint = self.base .. "/token",
        client_id = "porter",
        client_secret = canaries.secret, revocation_endpoint = self.base .. "/revoke",
          introspection_endpoint = self.base .. "/introspect",
        device_authorization_endpoint = self.base .. "/device" }
      assert.is_nil((client:device_code { scope = "a" }))
      local session = client:refresh_token(canaries.secret)
      expect.success(session:token())
      session:logout()
      assert.is_true(#self.home >= 3)
      assert.same({}, self.there)
      stage.clear()
    end
  end)

  it("counts for one hop: what was led away once stays bare, wherever it is led then", function()
    local self
    self = scene(false, function(_, x)
      if x.path == "/go" then return x:reply { status = 302, headers = { Location = self.other .. "/on" } } end
      x:reply { body = '"arrived"' }
    end)
    local hops = 0
    local away = assert(server.listen { handler = function(x)
      hops = hops + 1
      assert.is_nil(holds(text_of(x)))
      x:reply { status = 307, headers = { Location = (hops == 1 and self.other or self.base) .. "/back" } }
    end })
    poll.add(away)
    stage.keep(function()
      poll.remove(away)
      away:close()
    end)
    self.other = away:url()
    expect.success(session_of(self):request { url = "go", headers = headers })
    assert.equal(2, #self.home)
    assert.is_nil(holds(self.home[2]), self.home[2])
  end)

  it("to a target that is written oddly, isn't taken for home", function()
    for _, location in ipairs {
      "http://HOST@127.0.0.2:PORT/x", "http://127.0.0.1:PORT@127.0.0.2:PORT/x", "http://127.0.0.1:PORT#@127.0.0.2/x",
        "http://127.0.0.1\\@127.0.0.2:PORT/x",
      "http://127.0.0.1%00.127.0.0.2:PORT/x", "http://0177.0.0.1:PORT/x", "http://2130706433:PORT/x",
        "http://127.1:PORT/x", "http://[::ffff:127.0.0.1]:PORT/x",
      "http://127.0.0.1:0PORT/x", "http://127.0.0.1.:PORT/x", "http:/127.0.0.2:PORT/x", "http:127.0.0.2/x",
        "//127.0.0.2:PORT/x", "\\\\127.0.0.2:PORT/x",
      "http://127.0.0.1:PORT\t.example/x", "http://169.254.169.254/latest", "gopher://127.0.0.1:PORT/x",
        "file:///etc/passwd",
    } do
      local elsewhere = {}
      local home
      local self = assert(server.listen { handler = function(x)
        if x.path == "/go" then x:reply { status = 302, headers = { Location = home } } else x:reply { body = "1" } end
      end })
      poll.add(self)
      local base = self:url()
      local port = base:match ":(%d+)$"
      home = location:gsub("PORT", port):gsub("HOST", "127.0.0.1")
      local other = server.listen { host = "127.0.0.2", port = tonumber(port), handler = function(x)
        elsewhere[#elsewhere + 1] = text_of(x)
        x:reply { body = "1" }
      end }
      if other then poll.add(other) end
      local session = airlock.client { base_url = base, timeout = 5, connect_timeout = 1,
        retries = 0 }:permanent_token(canaries.token)
      local response = session:request { url = "go", headers = headers }
      for _, text in ipairs(elsewhere) do assert.is_nil(holds(text), location .. "\n" .. text) end
      assert.is_truthy(response == nil or response.status == 302 or response.status == 200)
      for _, each in ipairs { self, other } do
        poll.remove(each)
        each:close()
      end
    end
  end)

  it("to nobody, leaves the session as it was", function()
    local self = scene(false, lead)
    local session = session_of(self)
    self.status, self.to = 302, ("http://127.0.0.1:%d"):format(raw.free_port())
    expect.failure({ kind = "network", code = "connect" }, session:request { url = "go" })
    self.to = self.base
    expect.success(session:request { url = "go" })
  end)
end)
