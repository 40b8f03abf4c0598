-- airlock.guard.ngx: a request without a good token gets its answer from the guard, in each worker the same.

local core = require "airlock.core"
local crypto = require("airlock.server").crypto
local curl = require "spec.support.curl"
local issuer = require "spec.support.issuer"
local keys = require "spec.support.keys"
local nginx = require "spec.support.nginx"
local phases = require "spec.support.phases"
local stage = require "spec.support.stage"

describe("a guard in nginx", function()
  local obstacle = nginx.without_lua()
  if obstacle then
    it("needs nginx", function() pending(obstacle) end)
    return
  end

  local server
  before_each(function() server = issuer.start() end)
  after_each(stage.clear)

  local function start(options, lines, workers)
    local setting = ([[
      guard = require "airlock.guard.ngx" { issuer = %q, jwks_uri = %q, audience = %q, dict = "proofs", %s }
    ]]):format(server.url, server.url .. "/jwks", issuer.audience, options or "")
    return phases.start(setting, "lua_shared_dict proofs 1m;\n" .. (lines or ""), [[
      location = /api {
        access_by_lua_block { guard:protect() }
        content_by_lua_block { ngx.print(ngx.ctx.airlock.sub, " ", ngx.worker.pid()) }
      }
      location = /write {
        access_by_lua_block { guard:protect "write admin" } content_by_lua_block { ngx.print "done" }
      }
      location = /.well-known/oauth-protected-resource { content_by_lua_block { guard:tell() } }
    ]], { workers = workers })
  end

  local function ask(web, path, ...)
    local words = { "-i", web.http .. path }
    for _, header in ipairs { ... } do
      words[#words + 1] = "-H"
      words[#words + 1] = header
    end
    return curl.run(words).body
  end

  it("lets good tokens pass with their claims, and answers all others [6750-07] [6750-08] [6750-11]", function()
    local web = start 'realm = "things"'
    local good = "Authorization: Bearer " .. server:token()
    assert.truthy(ask(web, "/api", good):find "\r\n\r\nalice %d")
    local none = ask(web, "/api")
    assert.truthy(none:find "^HTTP/1.1 401" and none:find('WWW-Authenticate: Bearer realm="things"\r\n', 1, true), none)
    local bad = ask(web, "/api", good .. "x")
    assert.truthy(bad:find "^HTTP/1.1 401" and bad:find('error="invalid_token"', 1, true), bad)
    assert.is_nil(bad:find("alice", 1, true))
    local poor = ask(web, "/write", good)
    assert.truthy(poor:find "^HTTP/1.1 403" and poor:find('scope="write admin"', 1, true), poor)
    assert.truthy(ask(web, "/write", "Authorization: Bearer " .. server:token { scope = "admin write" }):find "done$")
    local two = ask(web, "/api", good, good)
    assert.truthy(two:find "^HTTP/1.1 40[01]", two)
    assert.equal(1, server.seen["/jwks"])
  end)

  it("says 503 while the server is down", function()
    local web = start()
    server.answers["/jwks"] = function(x) x:reply { status = 500 } end
    local answer = ask(web, "/api", "Authorization: Bearer " .. server:token())
    assert.truthy(answer:find "^HTTP/1.1 503" and answer:find "Retry%-After: %d+\r\n", answer)
  end)

  it("takes a proof once, whichever worker gets it [9449-22]", function()
    local web = start("dpop = { nonce = true }", nil, 3)
    local jwk = crypto.public_jwk(keys.pem "P-256")
    local token = server:token { cnf = { jkt = crypto.thumbprint(jwk) } }
    local function prove(nonce)
      return "DPoP: " .. issuer.jwt({ typ = "dpop+jwt", alg = "ES256", jwk = core.json.decode(jwk) },
        { jti = crypto.base64url(crypto.random(9)), htm = "GET", htu = web.http .. "/api", iat = os.time(),
          ath = core.hash(token), nonce = nonce }, "P-256")
    end
    local bearer = "Authorization: DPoP " .. token
    local nonce = ask(web, "/api", bearer, prove()):match "DPoP%-Nonce: ([%w_-]+)\r\n"
    assert.equal(43, #nonce)
    local passed, pids = 0, {}
    for _ = 1, 12 do
      local answer = ask(web, "/api", bearer, prove(nonce))
      local pid = answer:match "alice (%d+)"
      assert.truthy(answer:find "DPoP%-Nonce: [%w_-]+\r\n")
      pids[assert(pid)] = true
    end
    local proof = prove(nonce)
    for _ = 1, 12 do passed = passed + (ask(web, "/api", bearer, proof):find "alice %d" and 1 or 0) end
    assert.equal(1, passed)
    assert.truthy(next(pids, next(pids)), "one worker had all of it")
  end)

  it("tells what it is [9728-01]", function()
    local web = start 'resource = "https://api.example.test"'
    local document = core.json.decode(ask(web, "/.well-known/oauth-protected-resource"):match "\r\n\r\n(.*)$")
    assert.same({ "https://api.example.test", server.url }, { document.resource, document.authorization_servers[1] })
    assert.truthy(ask(web, "/api"):find('resource_metadata="https://api.example.test/.well-known/', 1, true))
  end)

  it("fetches keys once for all requests of a worker that come at the same time", function()
    local web = start()
    server.answers["/jwks"] = function(x)
      x:reply { body = core.json.encode { keys = server.keys }, delay = 0.2 }
    end
    local result = phases.run(web, ([[
      local threads, good = {}, 0
      for i = 1, 20 do
        threads[i] = ngx.thread.spawn(function()
          return guard:check { method = "GET", url = "https://api.example.test/", headers = { authorization = %q } }
        end)
      end
      for i = 1, 20 do
        local _, who = ngx.thread.wait(threads[i])
        good = good + (who and who.sub == "alice" and 1 or 0)
      end
      return good
    ]]):format("Bearer " .. server:token()))
    assert.equal(20, result[1])
    assert.equal(1, server.seen["/jwks"])
  end)
end)
