-- What a program may want of a login beside its scope, and an API of its user's login (RFC 9396, RFC 9470).

local airlock = require "airlock"
local core = require "airlock.core"
local crypto = require("airlock.server").crypto
local curl = require "spec.support.curl"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

local callback = "http://127.0.0.1/callback"
local pem = crypto.new_rsa(2048)

local function fields_of(url) return core.form(url:match "%?(.*)") end

-- A server whose ID tokens have these claims beside what is right; its API wants a login of its own kind.
local function stand(more)
  local seen, nonce, url = { tokens = 0, api = 0 }, nil, nil
  url = stage.server(function(x)
    if x.path == "/jwks" then
      local key = crypto.rsa_public(pem)
      return x:reply { body = core.json.encode { keys = { { kty = "RSA", n = key.n, e = key.e, kid = "k" } } } }
    elseif x.path == "/api" then
      seen.api = seen.api + 1
      return x:reply { status = 401, headers = { ["WWW-Authenticate"] = seen.challenge } }
    end
    seen.tokens = seen.tokens + 1
    local claims = { iss = url, sub = "alice", aud = "porter", exp = os.time() + 300, iat = os.time(), nonce = nonce }
    for name, value in pairs(more or {}) do claims[name] = value end
    local text = crypto.base64url '{"alg":"RS256","kid":"k"}' .. "." .. crypto.base64url(core.json.encode(claims))
    seen.id_token = seen.made or text .. "." .. crypto.base64url(crypto.sign("RS256", pem, text))
    x:reply { body = core.json.encode { access_token = "t" .. seen.tokens, token_type = "Bearer", expires_in = 300,
      refresh_token = "r", id_token = seen.id_token } }
  end)
  local client = airlock.client { token_endpoint = url .. "/token", authorization_endpoint = url .. "/auth",
    jwks_uri = url .. "/jwks", issuer = url, client_id = "porter", client_secret = "s", redirect_uri = callback,
    base_url = url }
  local function login(options, saves)
    options = options or {}
    options.scope = "openid"
    local pending = client:authorization_code(options)
    nonce = fields_of(pending.url).nonce
    if saves then pending = expect.success(client:authorization(pending:save())) end
    return pending:finish(callback .. "?code=c&state=" .. pending.state)
  end
  return login, seen, client
end

describe("the wishes of a login", function()
  after_each(stage.clear)

  it("go to the server as it reads them [9396-01]", function()
    local _, _, client = stand()
    local fields = fields_of(client:authorization_code { max_age = 0, prompt = "login consent",
      acr_values = { "a", "b" }, claims = { id_token = { acr = { essential = true } } }, login_hint = "a@b",
      ui_locales = "de en", authorization_details = { { type = "payment" } } }.url)
    assert.same({ "0", "login consent", "a b", "a@b", "de en", '[{"type":"payment"}]' },
      { fields.max_age, fields.prompt, fields.acr_values, fields.login_hint, fields.ui_locales,
        fields.authorization_details })
    assert.same({ id_token = { acr = { essential = true } } }, core.json.decode(fields.claims))
  end)

  it("raise for what can't stand, and where params have it as well", function()
    local _, _, client = stand()
    for name, bad in pairs { max_age = -1, prompt = " ", acr_values = { "a b" }, claims = { "x" }, ui_locales = {},
      authorization_details = { { kind = "x" } }, login_hint = 1 } do
      expect.raise(name, client.authorization_code, client, { [name] = bad })
    end
    expect.raise("max_age", client.authorization_code, client, { max_age = 1.5 })
    expect.raise("max_age", client.authorization_code, client, { max_age = 0 / 0 })
    expect.raise("claims", client.authorization_code, client, { claims = "{" })
    expect.raise("authorization_details", client.authorization_code, client, { authorization_details = {} })
    expect.raise("prompt", client.authorization_code, client, { prompt = "none", params = { prompt = "none" } })
    assert.equal("none", fields_of(client:authorization_code { params = { prompt = "none" } }.url).prompt)
  end)

  for _, row in ipairs {
    { "a fresh auth_time", { max_age = 60 }, { auth_time = os.time() } },
    { "an old auth_time", { max_age = 60 }, { auth_time = os.time() - 600 }, "longer ago" },
    { "no auth_time", { max_age = 60 }, {}, "auth_time" },
    { "an old auth_time that nobody asked for", {}, { auth_time = 1 } },
    { "one of the acr_values", { acr_values = "gold silver" }, { acr = "silver" } },
    { "another acr", { acr_values = { "gold" } }, { acr = "silver" }, "acr" },
    { "no acr", { acr_values = "gold" }, {}, "acr" },
    { "an acr that claims want", { claims = { id_token = { acr = { essential = true, values = { "a", "b" } } } } },
      { acr = "b" } },
    { "another acr than claims want", { claims = '{"id_token":{"acr":{"essential":true,"value":"a"}}}' },
      { acr = "b" }, "acr" },
    { "another acr than claims would like", { claims = { id_token = { acr = { value = "a" } } } }, { acr = "b" } },
  } do
    it("are checked: " .. row[1] .. " [9470-02]", function()
      for _, saves in ipairs { false, true } do
        local asked = {}
        for name, value in pairs(row[2]) do asked[name] = value end
        local session, message, detail = stand(row[3])(asked, saves)
        if not row[4] then expect.success(session, message)
        else
          expect.failure({ kind = "oauth", code = "invalid_id_token" }, session, message, detail)
          assert.truthy(detail.description:find(row[4], 1, true), detail.description)
        end
      end
    end)
  end

  it("send the user of a login that is known to the server again", function()
    local space = stage.space()
    local client = airlock.space { url = space.url, client_id = space.applications.native.client_id }
    local jobs, n = {}, 0
    local function log_in(more)
      local options = { scope = "global:Profile.View", timeout = 20, open = function(url)
        n = n + 1
        jobs[n] = curl.start { space:approve(url, { person = "alice.first" }) }
      end }
      for name, value in pairs(more) do options[name] = value end
      return expect.success(client:login(options))
    end
    local before = log_in({}):token()
    assert.equal(before, log_in({ login_hint = "alice", ui_locales = "en" }):token())
    assert.equal(1, n)
    assert.not_equal(before, log_in({ max_age = 0 }):token())
    assert.equal(2, n)
    for _, job in ipairs(jobs) do curl.wait(job) end
  end)

  it("are told where an API asks for them, which costs no renewal [9470-01]", function()
    local login, seen = stand()
    local user = expect.success(login())
    seen.challenge = 'Bearer error="insufficient_user_authentication", error_description="A fresher login", '
      .. 'acr_values="gold silver", max_age="5"'
    local detail, message = expect.failure({ kind = "http", code = "insufficient_user_authentication",
      outcome = "interaction_required", acr_values = "gold silver", max_age = 5, status = 401,
      description = "A fresher login" }, user:get "api")
    assert.truthy(message:find("acr_values gold silver and max_age 5", 1, true), message)
    assert.equal("gold silver", detail.challenges[1].acr_values)
    assert.same({ 1, 1, "t1" }, { seen.api, seen.tokens, user:token() })
  end)

  it("have their ID token as text, once it was checked", function()
    local login, seen = stand()
    local user = expect.success(login())
    assert.equal(seen.id_token, user:id_token { raw = true })
    assert.equal("alice", user:id_token({ raw = false }).sub)
    expect.raise("raw", user.id_token, user, { raw = 1 })
  end)

  it("end with a clear word where the ID token is encrypted", function()
    local login, seen = stand()
    seen.made = "e30.AAAA.AAAA.AAAA.AAAA"
    local detail = expect.failure({ kind = "oauth", code = "invalid_id_token" }, login())
    assert.truthy(detail.description:find("encrypted", 1, true), detail.description)
  end)
end)
