-- Profiles of servers: those that come with Airlock, and one of the program's own.

local airlock = require "airlock"
local expect = require "spec.support.expect"
local paging = require "airlock.paging.styles"
local stage = require "spec.support.stage"

describe("provider", function()
  after_each(stage.clear)

  -- What each needs beside the client's own options.
  local needed = {
    auth0 = { url = "https://acme.example" }, forgejo = { url = "https://acme.example" },
      gitea = { url = "https://acme.example" },
    hub = { url = "https://acme.example/hub" }, keycloak = { url = "https://acme.example", realm = "main" },
      okta = { url = "https://acme.example" },
    space = { url = "https://acme.example" }, youtrack = { url = "https://acme.example" },
  }

  local function config(name, more)
    local made = { client_id = "porter", redirect_uri = "http://127.0.0.1/callback" }
    for option, value in pairs(needed[name] or {}) do made[option] = value end
    for option, value in pairs(more or {}) do made[option] = value end
    return made
  end

  local function fields(url)
    local found = {}
    for name, value in url:match "%?(.*)$":gmatch "([^&=]+)=([^&]*)" do found[name] = value end
    return found
  end

  -- A token endpoint that shows what it was sent.
  local function token_endpoint()
    local seen = {}
    return stage.server(function(x)
      seen[#seen + 1] = x.body
      x:reply { body = '{"access_token":"a","token_type":"bearer","expires_in":3600}' }
    end) .. "/token", seen
  end

  describe("of Airlock's own", function()
    it("has a sound profile under each name, with the pages it was made from", function()
      assert.same({ "auth0", "bitbucket", "forgejo", "gitea", "github", "gitlab", "google", "hub", "keycloak",
        "microsoft", "okta", "slack", "space", "youtrack" }, airlock.providers())
      for _, name in ipairs(airlock.providers()) do
        local profile = require("airlock.providers." .. (name == "forgejo" and "gitea" or name))
        assert.is_truthy(profile.source and #profile.source > 0 and profile.source[1]:find "https://", name)
        assert.is_true(paging.is_style(profile.paging), name)
        -- judged as one of the program's own would be: no unknown field, no wrong type
        airlock.provider(profile, config(name))
        local client = airlock.provider(name, config(name))
        assert.is_true(client:has "token_endpoint" and client:has "base_url", name)
        assert.is_truthy(client:authorization_code { scope = "s" }.url:find "^https://[%w.-]+/", name)
        assert.is_nil(client:authorization_code({ scope = "s" }).url:find "[{}]", name)
      end
    end)

    it("leads where the server's pages say", function()
      local function place(name, more)
        return airlock.provider(name, config(name, more)):authorization_code().url:match "^[^?]*"
      end
      assert.equal("https://github.com/login/oauth/authorize", place "github")
      assert.equal("https://gitlab.com/oauth/authorize", place "gitlab")
      assert.equal("https://git.example/oauth/authorize", place("gitlab", { url = "https://git.example/" }))
      assert.equal("https://accounts.google.com/o/oauth2/v2/auth", place "google")
      assert.equal("https://login.microsoftonline.com/common/oauth2/v2.0/authorize", place "microsoft")
      assert.equal("https://login.microsoftonline.com/contoso.onmicrosoft.com/oauth2/v2.0/authorize",
        place("microsoft", { tenant = "contoso.onmicrosoft.com" }))
      assert.equal("https://acme.example/realms/main/protocol/openid-connect/auth", place "keycloak")
      assert.equal("https://acme.example/oauth2/default/v1/authorize", place "okta")
      assert.equal("https://acme.example/oauth2/aus1/v1/authorize", place("okta", { server = "aus1" }))
      assert.equal("https://acme.example/hub/api/rest/oauth2/auth", place "hub")
      assert.equal("https://acme.example/hub/api/rest/oauth2/auth", place "youtrack")
      assert.equal("https://acme.example/login/oauth/authorize", place "forgejo")
      assert.equal("https://bitbucket.org/site/oauth2/authorize", place "bitbucket")
      assert.equal("https://slack.com/oauth/v2/authorize", place "slack")
      assert.equal("https://acme.example/authorize", place "auth0")
      assert.equal("https://acme.example/oauth/auth", place "space")
    end)

    it("sends the token of one's own server nowhere else", function()
      local function base(name, more)
        return airlock.provider(name, config(name, more)):settings().base_url
      end
      assert.equal("https://api.github.com/", base "github")
      assert.equal("https://ghe.example/api/v3/", base("github", { url = "https://ghe.example" }))
      assert.equal("https://git.example/api/v4/", base("gitlab", { url = "https://git.example" }))
    end)

    it("knows the issuer where it is one, and not where it depends on who logs in", function()
      local function issuer(name, more)
        return airlock.provider(name, config(name, more)):settings().issuer
      end
      assert.equal("https://acme.example/", issuer "auth0")
      assert.equal("https://acme.example/realms/main", issuer "keycloak")
      assert.is_nil(issuer "microsoft")
      assert.equal("https://login.microsoftonline.com/t1/v2.0", issuer("microsoft", { tenant = "t1" }))
      assert.is_nil(issuer "gitea")
      assert.equal("https://acme.example/", issuer("gitea", { issuer = "https://acme.example/" }))
    end)

    it("asks Google for a refresh token each time, unless the program says otherwise", function()
      local client = airlock.provider("google", config "google")
      local sent = fields(client:authorization_code({ scope = "email" }).url)
      assert.same({ "offline", "consent" }, { sent.access_type, sent.prompt })
      sent = fields(client:authorization_code({ scope = "email", access_type = "online",
        params = { prompt = "none" } }).url)
      assert.same({ "online", "none" }, { sent.access_type, sent.prompt })
    end)

    it("parts Slack's scopes by commas, and all others' by spaces", function()
      local client = airlock.provider("slack", config "slack")
      assert.equal("chat%3Awrite%2Cusers%3Aread", fields(
        client:authorization_code({ scope = "chat:write  users:read" }).url).scope)
      assert.equal("a+b", fields(airlock.provider("github",
        config "github"):authorization_code({ scope = "a b" }).url).scope)
      local url = client:authorization_code({ params = { user_scope = "search:read" } }).url
      assert.same({ nil, "search%3Aread" }, { fields(url).scope, fields(url).user_scope })
    end)

    it("sends Auth0's audience with each request that wants it, and none where there is none", function()
      local url, seen = token_endpoint()
      local more = { client_secret = "s", token_endpoint = url, device_authorization_endpoint = url,
        audience = "https://api.example/?a&b" }
      local client = airlock.provider("auth0", config("auth0", more))
      assert.equal("https%3A%2F%2Fapi.example%2F%3Fa%26b", fields(client:authorization_code().url).audience)
      expect.success(client:client_credentials():token())
      client:device_code()
      for n = 1, 2 do
        assert.is_truthy(seen[n]:find("audience=https%3A%2F%2Fapi.example%2F%3Fa%26b", 1, true), seen[n])
      end
      expect.success(client:refresh_token("r"):token())
      assert.is_nil(seen[3]:find "audience")
      more.audience = nil
      client = airlock.provider("auth0", config("auth0", more))
      assert.is_nil(fields(client:authorization_code().url).audience)
      expect.success(client:client_credentials():token()) -- another token than that for the audience
      assert.is_nil(seen[4]:find "audience")
    end)

    it("makes airlock.space what it was", function()
      local space = stage.space()
      local client = airlock.provider("space", { url = space.url .. "/", client_id = space.client_id,
        client_secret = space.client_secret })
      expect.success(client:client_credentials():get "organization")
    end)
  end)

  describe("of configuration", function()
    it("says which name or option is wrong", function()
      expect.raise("no provider is called 'gitbub'; did you mean 'github'? (there are: auth0, ", airlock.provider,
        "gitbub", {})
      expect.raise("must be a name or a profile, not a nil", airlock.provider)
      expect.raise("a table of options was expected", airlock.provider, "github")
      expect.raise("airlock.provider: option 'url' is missing", airlock.provider, "keycloak",
        { realm = "r", client_id = "i" })
      expect.raise("airlock.provider: option 'realm' is missing", airlock.provider, "keycloak",
        { url = "https://h.example", client_id = "i" })
      expect.raise("airlock.provider: option 'realm' must be a string", airlock.provider, "keycloak",
        { url = "https://h.example", realm = 5 })
      expect.raise("'url' is plain http://", airlock.provider, "gitlab", { url = "http://h.example", client_id = "i" })
      expect.raise("'url' has a query", airlock.provider, "gitlab", { url = "https://h.example?a", client_id = "i" })
      expect.raise("unknown option 'tenant'", airlock.provider, "github", { tenant = "t", client_id = "i" })
      expect.raise("airlock.space: option 'url' is missing", airlock.space, { client_id = "i" })
    end)

    it("lets no value of an option lead elsewhere", function()
      local url = airlock.provider("keycloak", config("keycloak", { realm = "../a b?c#d" })):authorization_code().url
      assert.equal("https://acme.example/realms/..%2Fa%20b%3Fc%23d/protocol/openid-connect/auth", url:match "^[^?]*")
    end)

    it("takes the program's word before the profile's", function()
      local client = airlock.provider("github", config("github",
        { base_url = "https://api.example/", authorization_endpoint = "https://a.example/x" }))
      assert.equal("https://api.example/", client:settings().base_url)
      assert.equal("https://a.example/x", client:authorization_code().url:match "^[^?]*")
    end)

    it("says how a secret is sent, and leaves a public client one", function()
      for secret, there in pairs { [false] = false, s = true } do
        local url, seen = token_endpoint()
        local client = airlock.provider("github", config("github",
          { token_endpoint = url, client_secret = secret or nil }))
        expect.success(client:refresh_token("r"):token())
        assert.equal(there, seen[1]:find("client_secret=s", 1, true) ~= nil)
        assert.is_truthy(seen[1]:find "client_id=porter")
      end
    end)

    it("isn't changed by being used", function()
      local profile = require "airlock.providers.auth0"
      airlock.provider("auth0", config("auth0", { audience = "x" }))
      assert.same({ audience = "{audience}" }, profile.params)
      assert.is_nil(profile.token_form)
    end)
  end)

  describe("of the program's own", function()
    it("takes ten lines", function()
      local seen
      local url = stage.server(function(x)
        if x.path == "/acme/token" then
          seen = x.body
          return x:reply { body = '{"access_token":"a","token_type":"Magic","scope":"read,write","expires_in":60}' }
        end
        local after = tonumber((x.query or ""):match "from=(%d+)" or 0)
        x:reply { body = ('{"rows":[%d,%d],"more":%s}'):format(after + 1, after + 2, after < 4 and "true" or "false") }
      end)
      local acme = {
        name = "acme",
        options = { url = true, tenant = "main" },
        config = { token_endpoint = "{url}/{tenant}/token", base_url = "{url}/api/",
          client_auth = "client_secret_post" },
        token_params = { tier = "gold" }, token_types = "magic", comma_scopes = true,
        paging = function(body, sent)
          sent.from = (sent.from or 0) + #body.rows
          return body.rows, body.more and sent or nil
        end,
      }
      local app = airlock.provider(acme, { url = url, tenant = "acme", client_id = "i",
        client_secret = "s" }):client_credentials { scope = "read write" }
      local all = {}
      for row in app:each "rows" do all[#all + 1] = row end
      assert.same({ 1, 2, 3, 4, 5, 6 }, all)
      assert.equal("read write", app:info().scope)
      local parts = {}
      for part in seen:gmatch "[^&]+" do parts[#parts + 1] = part end
      table.sort(parts)
      assert.equal("client_id=i client_secret=s grant_type=client_credentials scope=read+write tier=gold",
        table.concat(parts, " "))
    end)

    it("is judged: an unknown field or a wrong type raises, and names it", function()
      local given = { client_id = "i" }
      expect.raise("the profile has an unknown field 'pagination'", airlock.provider, { pagination = "link" }, given)
      expect.raise("the profile's 'config' must be a table, not a string", airlock.provider, { config = "x" }, given)
      expect.raise("the profile's 'raw_basic' must be a boolean, not a string", airlock.provider, { raw_basic = "yes" },
        given)
      expect.raise("the profile's 'paging' must be a function or one of: cursor, ", airlock.provider,
        { paging = "scroll" }, given)
      expect.raise("unknown option 'colour'", airlock.provider, { config = { colour = "red" } }, given)
    end)
  end)
end)
