-- A trace of what a program does: a line of JSON for each message, without a secret, which the playground draws.

local airlock = require "airlock"
local core = require "airlock.core"
local expect = require "spec.support.expect"
local player = require "spec.support.player"
local stage = require "spec.support.stage"
local trace = require "airlock.trace"

describe("a trace", function()
  after_each(function()
    trace.off()
    stage.clear()
  end)

  local function begin()
    local path = stage.folder() .. "/trace.jsonl"
    trace.to(path)
    return path
  end

  local function lines(path)
    local out = {}
    for line in stage.read(path):gmatch "[^\n]+" do out[#out + 1] = assert(core.json.decode(line)) end
    return out
  end

  local function messages(path)
    local out = {}
    for _, line in ipairs(lines(path)) do
      if line.event == "message" then
        out[#out + 1] = ("%s %s %s"):format(line.method, line.path,
          line.status and ("%d"):format(line.status) or line.code)
      end
    end
    return out
  end

  it("has each message, whole, and what happened beside them", function()
    local path = begin()
    local space = stage.space()
    local app = stage.app(space, nil, { scope = "**" })
    expect.success(app:get "organization")
    space:fault { path = "^/api/http/", status = 401 }
    expect.success(app:get("organization", { q = "x" }))
    assert.same({ "POST /oauth/token 200", "GET /api/http/organization 200", "GET /api/http/organization 401",
      "POST /oauth/token 200", "GET /api/http/organization 200" }, messages(path))
    local all = lines(path)
    local first
    for _, line in ipairs(all) do first = first or line.event == "message" and line or nil end
    assert.is_truthy(first.request.head:find("^POST /oauth/token HTTP/1"))
    assert.is_truthy(first.request.body:find("grant_type=client_credentials", 1, true))
    assert.is_truthy(first.response.body:find('"token_type":"Bearer"', 1, true))
    assert.same({ space.client_id, "token", space.url }, { first.client, first.purpose, first.origin })
    local events = {}
    for _, line in ipairs(all) do events[line.event] = true end
    assert.is_true(events.token_dropped and events.token_received)
  end)

  it("has no secret, wherever it stood", function()
    local path = begin()
    local secrets = { "canary-secret-1", "canary-token-2", "canary-refresh-3", "canary-code-4", "canary-key-5",
      "canary-password-6", "canary-cookie-7", "canary-query-8" }
    local url = stage.server(function(x)
      x:reply { headers = { ["Content-Type"] = "application/json", ["Set-Cookie"] = "s=" .. secrets[7] },
        body = ('{"access_token":"%s","refresh_token":"%s","expires_in":60,"api_key":"%s"}'):format(secrets[2],
          secrets[3], secrets[5]) }
    end)
    local client = airlock.client { token_endpoint = url .. "/token", base_url = url, client_id = "porter",
      client_secret = secrets[1], client_auth = "client_secret_post", authorization_endpoint = url .. "/auth",
      redirect_uri = "http://127.0.0.1/cb" }
    local login = client:authorization_code {}
    local session = expect.success(login:finish(("?code=%s&state=%s"):format(secrets[4], login.state)))
    expect.success(session:request { url = "/x?access_token=" .. secrets[8], headers = { ["X-Api-Key"] = secrets[5],
      Cookie = secrets[7] } })
    expect.success(client:password { username = "u", password = secrets[6] })
    local text = stage.read(path)
    assert.is_true(#messages(path) >= 3)
    for _, secret in ipairs(secrets) do assert.is_nil(text:find(secret, 1, true), secret) end
    assert.is_truthy(text:find("code_verifier=***", 1, true))
  end)

  it("keeps the program's own on_event, and ends when it is told to", function()
    local path = begin()
    local heard = {}
    local session = stage.api(function(x) x:reply { body = "1" } end, { on_event = function(event)
      heard[#heard + 1] = event.event
    end })
    expect.success(session:get "a")
    assert.same({ "request", "response" }, heard)
    trace.off()
    expect.success(session:get "b")
    assert.same({ "GET /a 200" }, messages(path))
  end)

  it("tells of what had no answer", function()
    local path = begin()
    local session = airlock.client { base_url = "http://127.0.0.1:1/", retries = 0 }:anonymous()
    expect.failure({ kind = "network" }, session:get "x")
    assert.same({ "GET /x connect" }, messages(path))
  end)

  it("that can't be written is a mistake where it begins, and none later", function()
    expect.raise("airlock.trace.to: the file can't be written", trace.to, "/no/such/folder/trace")
    expect.raise("airlock.trace.to: a file's path was expected", trace.to, 7)
    local path = begin()
    local session = stage.api(function(x) x:reply { body = "1" } end)
    stage.shell(("rm -rf '%s'"):format(path:match "^(.*)/"))
    expect.success(session:get "a")
  end)

  it("is drawn by the playground: who asked what, and how it ended", function()
    local path = begin()
    local space = stage.space()
    expect.failure({ code = "invalid_client" }, stage.app(space, { client_secret = "wrong" }, {}):get "organization")
    trace.off()
    local me = player.new { trace = path }
    local run = me:get("api/state").json.run
    assert.equal(path, run.trace)
    assert.same({ "app > server POST /oauth/token 401" }, player.messages { run = run })
    local m = player.entries({ run = run }, "message")[1]
    assert.same({ "asks for a token as itself", "refuses" }, { m.meaning.ask, m.meaning.answer })
    assert.is_truthy(core.json.encode(run):find("The token endpoint said no: invalid_client", 1, true))
    assert.equal("done", me:run({}).run.status) -- a run of one's own takes its place
    assert.is_nil(me:get("api/state").json.run.trace)
    for words, text in pairs { ["isn't a line of a trace"] = "hello\n", ["is empty"] = "" } do
      local at, why = require("airlock.playground").start { trace = stage.file(text, "t") }
      assert.is_nil(at)
      assert.is_truthy(why:find(words, 1, true), why)
    end
    assert.is_nil(require("airlock.playground").start { trace = "/no/such/file" })
  end)
end)
