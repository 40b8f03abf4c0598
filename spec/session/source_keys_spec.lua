-- Tokens by keys and of jobs: Google's service accounts, GitHub's Apps and Actions, against servers that check them.

local airlock = require "airlock"
local command = require "spec.support.command"
local core = require "airlock.core"
local crypto = require("airlock.server").crypto
local expect = require "spec.support.expect"
local nginx = require "spec.support.nginx"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

local pem = crypto.rsa_key and crypto.rsa_key() or stage.shell "openssl genrsa 2048 2>/dev/null"

describe("a source by a key", function()
  after_each(stage.clear)

  local function file(text, mode)
    local path = stage.file(text, "key")
    stage.shell(("chmod %s '%s'"):format(mode or "600", path))
    return path
  end

  local function session(source)
    return airlock.client { base_url = "http://127.0.0.1:9/" }:token_source(source)
  end

  local function part(jwt, n)
    local parts = {}
    for each in jwt:gmatch "[^.]+" do parts[#parts + 1] = each end
    return core.json.decode(core.decode(parts[n]))
  end

  local function json(x, value, status)
    x:reply { status = status or 200, headers = { ["Content-Type"] = "application/json" },
      body = core.json.encode(value) }
  end

  local public = stage.shell(("printf %%s %s | openssl rsa -pubout 2>/dev/null"):format(command.quote(pem)))

  -- Whether the key signed it, as openssl sees it.
  local function signed(jwt)
    local text, signature = jwt:match "^(.*)%.([^.]*)$"
    local folder = stage.folder()
    stage.write(folder .. "/public", public)
    stage.write(folder .. "/text", text)
    stage.write(folder .. "/signature", core.decode(signature))
    local said = stage.shell(("openssl dgst -sha256 -verify '%s/public' -signature '%s/signature' '%s/text' 2>&1")
      :format(folder, folder, folder))
    return said:find "Verified OK" ~= nil
  end

  describe("of a Google service account", function()
    local asked
    local function service()
      return stage.server(function(x)
        asked = core.form(x.body)
        json(x, { access_token = "google", expires_in = 3599, token_type = "Bearer" })
      end) .. "/token"
    end

    local function key(url, change)
      local made = { type = "service_account", client_email = "robot@project.iam.gserviceaccount.com",
        private_key_id = "k1", private_key = pem, token_uri = url }
      for name, value in pairs(change or {}) do made[name] = value ~= false and value or nil end
      return core.json.encode(made)
    end

    it("signs an assertion for each token", function()
      local url = service()
      local made = session(airlock.source.google_service_account { key_file = file(key(url)),
        scope = { "https://a", "https://b" }, subject = "user@example.com" })
      assert.equal("google", (made:token()))
      assert.equal("urn:ietf:params:oauth:grant-type:jwt-bearer", asked.grant_type)
      assert.is_nil(asked.client_id)
      assert.is_true(signed(asked.assertion))
      local header, claims = part(asked.assertion, 1), part(asked.assertion, 2)
      assert.same({ "RS256", "k1" }, { header.alg, header.kid })
      assert.same({ "robot@project.iam.gserviceaccount.com", "https://a https://b", url, "user@example.com", 3600 },
        { claims.iss, claims.scope, claims.aud, claims.sub, claims.exp - claims.iat })
      assert.is_true(claims.iat <= os.time() - 4 and claims.iat >= os.time() - 60)
      session(airlock.source.google_service_account { key_file = file(key(url)), scope = "s" }):token()
      assert.is_nil(part(asked.assertion, 2).sub)
    end)

    it("asks with the authorities and the proxy of the client", function()
      local server = nginx.start [[
        location = /token { return 200 '{"access_token":"far","token_type":"Bearer","expires_in":600}'; }
      ]]
      local source = airlock.source.google_service_account { key_file = file(key(server.https .. "/token")),
        scope = "s" }
      local function ask(config)
        config.base_url, config.retries, config.client_id = "http://127.0.0.1:9/", 0, tostring(config)
        return airlock.client(config):token_source(source):token()
      end
      assert.equal("far", (ask { ca_file = server.ca }))
      local _, message = expect.failure({ code = "source_failed" }, ask {})
      assert.is_truthy(message:find("certificate", 1, true), message)
      _, message = expect.failure({ code = "source_failed" },
        ask { ca_file = server.ca, proxy = "http://127.0.0.1:" .. raw.free_port() })
      assert.is_truthy(message:find("proxy", 1, true) or message:find("connect", 1, true), message)
    end)

    it("says what is wrong with its file", function()
      local url = service()
      for words, path in pairs {
        ["run chmod 600"] = file(key(url), "644"), ["isn't JSON"] = file "hello",
        ["has no client_email"] = file(key(url, { client_email = false })),
        ["token_uri is plain http"] = file(key "http://far.example/"),
        ["private_key"] = file(key(url, { private_key = "no key" })), ["can't be read"] = "/no/such/file",
      } do
        local _, message = expect.failure({ code = "source_failed", outcome = "misconfigured" },
          session(airlock.source.google_service_account { key_file = path, scope = "s" }):token())
        assert.is_truthy(message:find(words, 1, true), message)
        assert.is_nil(message:find("PRIVATE KEY", 1, true))
      end
      expect.raise("option 'scope' is missing", airlock.source.google_service_account, { key_file = "x" })
    end)
  end)

  it("of a GitHub App gets its installation's token", function()
    local seen
    local url = stage.server(function(x)
      seen = { path = x.path, method = x.method, authorization = x.headers.authorization, accept = x.headers.accept }
      json(x, { token = "ghs_installation", expires_at = os.date("!%Y-%m-%dT%H:%M:%SZ", os.time() + 3600) }, 201)
    end)
    local made = session(airlock.source.github_app { app_id = 123, key_file = file(pem), installation = 456,
      base_url = url .. "/api/v3" })
    assert.equal("ghs_installation", (made:token()))
    assert.same({ "/api/v3/app/installations/456/access_tokens", "POST" }, { seen.path, seen.method })
    local jwt = seen.authorization:match "^Bearer (.+)$"
    assert.is_true(signed(jwt))
    local claims = part(jwt, 2)
    assert.same({ "123", 600 }, { claims.iss, claims.exp - claims.iat })
    assert.is_true(claims.iat <= os.time() - 59) -- its clock may be behind ours
    local left = made:info().expires_at - os.time()
    assert.is_true(left > 3500 and left <= 3601)
    expect.failure({ code = "source_failed" }, session(airlock.source.github_app { app_id = 1,
      key_file = file(pem, "604"), installation = 2, base_url = url }):token())
    expect.raise("option 'installation' must be an id", airlock.source.github_app, { app_id = 1, key_file = "x",
      installation = "../1" })
  end)

  it("of a GitHub Actions job asks for its audience", function()
    local _, message = expect.failure({ code = "source_failed" }, session(airlock.source.github_actions()):token())
    assert.is_truthy(message:find("id-token: write", 1, true), message)
  end)
end)
