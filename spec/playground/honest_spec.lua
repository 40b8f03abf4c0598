-- What the playground says is what is the case: how a run ended, what can be broken and done, what a server lacks. A
-- request that it stumbles over ends nothing.

local curl = require "spec.support.curl"
local player = require "spec.support.player"
local stage = require "spec.support.stage"
local visitor = require "spec.support.visitor"

local function names(list)
  local out = {}
  for _, each in ipairs(list) do out[each.name] = true end
  return out
end

local function notes(state)
  local out = {}
  for i, note in ipairs(player.entries(state, "note")) do out[i] = note.text end
  return table.concat(out, "\n")
end

describe("the playground is honest:", function()
  after_each(stage.clear)

  it("code without options is code all the same", function()
    local me = player.new()
    for _, way in ipairs { "client_credentials", "device_code", "implicit", "authorization_code" } do
      me:choose { way = way, scope = "" }
      for _, language in ipairs { "lua", "curl", "spec" } do
        local r = me:post("code", { language = language })
        assert.equal(200, r.status, r.body)
        assert.is_nil(r.json.text:find("<>", 1, true))
      end
    end
    me:choose { server = "provider", provider = "github", way = "client_credentials" }
    assert.is_truthy(me:post("code", { language = "lua" }).json.text:find("client:client_credentials {}", 1, true))
  end)

  it("a request that it stumbles over is answered with what went wrong, and the next one is taken", function()
    local me = player.new()
    me.at.view = function() error "the picture fell off the wall" end
    local r = me:get "api/state"
    assert.equal(500, r.status)
    assert.is_truthy(r.json.error:find("the picture fell off the wall", 1, true))
    me.at.view = nil
    assert.equal(200, me:get("api/state").status)
  end)

  it("a good token's verdict is a sentence", function()
    local verdict = player.new():run({}).run.token.verdict
    assert.is_true(verdict.good)
    assert.equal("string", type(verdict.message))
  end)

  it("how a run ended is one word, by what really happened", function()
    local me = player.new()
    local function outcome(given) return me:run(given).run.outcome end
    assert.equal("good", outcome { way = "client_credentials" })
    assert.equal("broken", outcome { breakage = "wrong_secret" })
    assert.equal("withstood", outcome { breakage = "expired_token" })
    assert.equal("failed", outcome { breakage = "none", path = "nowhere" })
    assert.equal("broken", outcome { breakage = "narrowed_scope" })
    me:choose { breakage = "none", path = "organization" }
    assert.equal("good", outcome {})
    assert.equal("good", me:act("call").run.outcome)
    me:choose { path = "nowhere" }
    assert.equal("failed", me:act("call").run.outcome)
  end)

  it("a failure that isn't the one that was wished isn't told as it", function()
    local state = player.new():run { server = "space", url = "http://127.0.0.1:9", client_id = "id",
      client_secret = "s", way = "authorization_code", breakage = "none" }
    assert.equal("waiting", state.run.status)
    local me = player.new()
    me:choose { server = "space", url = "http://127.0.0.1:9", client_id = "id", client_secret = "s" }
    state = me:run { way = "client_credentials" }
    assert.equal("failed", state.run.outcome)
  end)

  it("only what fits can be broken", function()
    local me = player.new()
    local function fits(given) return names(me:choose(given).breakages) end
    local found = fits { way = "permanent_token" }
    assert.is_nil(found.expired_token or found.wrong_secret or found.wrong_state or nil)
    assert.is_true(found.rate_limited)
    assert.is_true(fits({ way = "authorization_code", application = 1 }).wrong_secret)
    assert.is_nil(fits({ way = "authorization_code", application = 2 }).wrong_secret)
    assert.is_nil(fits({ way = "implicit", application = 3 }).wrong_secret)
    assert.is_nil(fits({ way = "authorization_code", pkce = false }).wrong_verifier)
    me:choose { application = 1, way = "client_credentials", breakage = "wrong_secret" }
    assert.equal("none", me:choose({ way = "permanent_token" }).choice.breakage)
  end)

  it("a token without an end isn't said to have expired", function()
    local me = player.new()
    me:run { way = "permanent_token" }
    local said = notes(me:act "expire")
    assert.is_truthy(said:find("doesn't expire", 1, true))
    assert.is_nil(said:find("has expired", 1, true))
  end)

  it("a way that a provider lacks is said to be one", function()
    local me = player.new()
    local function lacks(given)
      local out = {}
      for _, name in ipairs(me:choose(given).place.lacks) do out[name] = true end
      return out
    end
    local github = lacks { server = "provider", provider = "github" }
    assert.is_true(github.client_credentials and github.password and github.implicit)
    assert.is_nil(github.authorization_code or github.device_code or nil)
    assert.is_true(lacks({ provider = "slack" }).device_code)
    assert.same({}, lacks { server = "emulator" })
  end)

  it("whoever comes without the key gets a page, and a program gets JSON", function()
    local me = player.new()
    local browser = curl.run { me.origin .. "/wrong/", "-H", "Accept: text/html,*/*" }
    assert.equal(403, browser.status)
    assert.is_truthy(browser.headers["content-type"]:find("text/html", 1, true))
    assert.is_truthy(browser.body:find("Open the address", 1, true))
    assert.is_nil(browser.body:find("{", 1, true))
    assert.is_truthy(curl.run({ me.origin .. "/wrong/" }).body:find('{"error"', 1, true))
  end)

  it("each message says what it means, and each field that counts what it is", function()
    local state = player.new():run { way = "authorization_code", person = "alice.first", offline = true }
    local said = {}
    for i, m in ipairs(player.entries(state, "message")) do said[i] = m.meaning.ask .. " > " .. m.meaning.answer end
    assert.same({ "asks the server to sign the user in > sends the browser back with a code",
      "brings the code back > shows a last page",
      "asks for a token with the code and the verifier > gives a token and a refresh token",
      "asks for the server's public keys > gives its public keys",
      "calls the API with the token > gives what was asked for" }, said)
    local rows = {}
    for _, m in ipairs(player.entries(state, "message")) do
      for _, row in ipairs(m.meaning.asked) do rows[row.name] = row end
    end
    assert.equal("RFC 7636 section 4.5", rows.code_verifier.source)
    assert.equal("***", rows.code_verifier.value)
    assert.is_truthy(rows.redirect_uri.value:find("^http://127%.0%.0%.1:%d+/callback$")) -- decoded
    assert.equal("Bearer ***", rows.Authorization.value)
  end)

  it("what the program gets is shown as Lua writes it", function()
    local value
    for _, note in ipairs(player.entries(player.new():run {}, "note")) do value = note.value or value end
    local made = assert((loadstring or load)("local airlock = { null = 0 } return " .. value))()
    assert.equal("My Company", made.name)
  end)

  it("the server's own pages are one group, and the redirect stays in sight", function()
    local me = player.new()
    local state = me:run { way = "authorization_code", path = "team-directory/profiles/me" }
    local bob = visitor.new(me.at.space)
    local page = bob:login(bob:get(state.run.wait.url), "bob.second")
    bob:get(bob:submit(page, { answer = "accept" }).location)
    state = me:rest()
    local groups = player.entries(state, "group")
    assert.equal(1, #groups)
    assert.is_true(#groups[1].entries >= 2)
    local shown = player.messages(state)
    assert.equal("browser > server GET /oauth/auth", shown[1]:match "^(.-) %d+$")
    assert.is_truthy(shown[2]:find "^browser > server POST /oauth/consent/.* 30%d$")
    assert.equal("browser > app GET /callback 200", shown[3])
  end)

  it("several callers at once are one arrow, and so is their one renewal", function()
    local me = player.new()
    me:run {}
    me:act "expire_both"
    local state = me:act "crowd"
    local found = {}
    for _, m in ipairs(player.entries(state, "message")) do
      found[#found + 1] = ("%s x%d"):format(m.path, m.times or 1)
    end
    assert.equal("/oauth/token x1", found[#found - 1])
    assert.equal("/api/http/organization x5", found[#found])
    assert.is_truthy(notes(state):find("5 callers waited for one renewal", 1, true), notes(state))
  end)

  it("the lives of the tokens are kept: what each is good for, and what ended it", function()
    local me = player.new()
    me:run { way = "authorization_code", person = "alice.first", offline = true }
    me:act "expire"
    local lives = me:act("call").run.life
    assert.equal(2, #lives)
    assert.equal("expired, renewed", lives[1].how)
    assert.is_true(lives[2].stale > 500 and lives[2].stale < lives[2].expires and lives[2].expires <= 600)
    me:act "refresh"
    me:act "revoke"
    lives = me:act("logout").run.life
    assert.same({ "expired, renewed", "renewed", "revoked" }, { lives[1].how, lives[2].how, lives[3].how })
  end)

  it("a link's choices are taken, and what isn't a choice is not", function()
    local link = require "airlock.playground.link"
    local choices = link.read "http://127.0.0.1:1/#way=authorization_code&pkce=true&application=2&client_secret=s&x=1"
    assert.same({ way = "authorization_code", pkce = true, application = 2 }, choices)
    assert.is_nil(link.read "http://127.0.0.1:1/")
    assert.is_nil(link.read "http://127.0.0.1:1/#has_token=true")
    local state = player.new({ choices = choices }):get("api/state").json
    assert.equal("authorization_code", state.choice.way)
    assert.equal(2, state.choice.application)
    local at, why = require("airlock.playground").start { choices = { way = "magic" } }
    assert.is_nil(at)
    assert.is_truthy(why:find("'way' can't be chosen so", 1, true), why)
  end)
end)
