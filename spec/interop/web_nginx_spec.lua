-- airlock.web.ngx in four workers, at oidc-provider: a logout at the server ends the session in all of them.

local curl = require "spec.support.curl"
local nginx = require "spec.support.nginx"
local oidc = require "spec.support.oidc"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

describe("airlock.web.ngx at oidc-provider", function()
  local port = raw.free_port()
  local server, test = oidc.beside(function(why) pending(why) end,
    function() return nginx.without_lua() or oidc.obstacle() end,
    { clients = { app = { client_secret = "a secret of a good length: 0123456789",
      redirect_uris = { "http://127.0.0.1:9/callback" }, grant_types = { "authorization_code", "refresh_token" },
      response_types = { "code" }, backchannel_logout_session_required = true,
      backchannel_logout_uri = ("http://127.0.0.1:%d/backchannel-logout"):format(port) } } })

  local function start()
    local http = ([[
      lua_shared_dict tokens 1m;
      lua_shared_dict sessions 1m;
      init_by_lua_block {
        local airlock = require "airlock"
        web = require "airlock.web.ngx" { dict = "sessions", scope = "openid", cookie = { key = ("k"):rep(32) },
          client = assert(airlock.discover("%s", { client_id = "app", client_secret = "%s",
            redirect_uri = "http://127.0.0.1:9/callback", store = require "airlock.store.ngx" { dict = "tokens" } })) }
      }
    ]]):format(server.issuer, server.clients.app.client_secret)
    return nginx.start([[
      listen 127.0.0.1:]] .. port .. [[ reuseport;
      location / {
        access_by_lua_block { web:protect() }
        content_by_lua_block { ngx.say(ngx.worker.id(), " ", ngx.ctx.airlock_user.claims.sub) }
      }
    ]], { lua = true, workers = 4, http = http }).http
  end

  local function ask(base, browser, path)
    local list, head = {}, stage.folder() .. "/head"
    for name, value in pairs(browser.cookies) do list[#list + 1] = name .. "=" .. value end
    local r = curl.run { base .. path, "-D", head, "-H", "Accept: text/html", "-H",
      "Cookie: " .. table.concat(list, "; ") }
    local text = stage.read(head)
    for name, value in text:gmatch "[Ss]et%-[Cc]ookie: ([^=]+)=([^;\r\n]*)" do
      browser.cookies[name] = value ~= "" and value or nil
    end
    return tonumber(text:match "^HTTP/%S+ (%d+)"), text:match "[Ll]ocation: ([^\r\n]+)", r.body
  end

  local function login(base, person)
    local browser = { cookies = {}, jar = stage.file("", "jar" .. person) }
    local _, to = ask(base, browser, "/page")
    local status = ask(base, browser, (server:approve(to, person, browser.jar):gsub("^http://[^/]*", "")))
    assert.equal(302, status)
    return browser
  end

  -- How many of 30 requests, each on a connection of its own, go through; and how many workers took them.
  local function count(base, browser)
    local through, workers, n = 0, {}, 0
    local kept = browser.cookies
    for _ = 1, 30 do
      browser.cookies = { ["__Host-airlock"] = kept["__Host-airlock"] }
      local status, _, body = ask(base, browser, "/page")
      if status == 200 then
        through = through + 1
        local worker = body:match "^%d"
        if not workers[worker] then workers[worker], n = true, n + 1 end
      end
    end
    browser.cookies = kept
    return through, n
  end

  test("ends one user's session in all workers, and no other's [BCLO-04]", function()
    local base = start()
    local alice, bob = login(base, "alice"), login(base, "bob")
    local through, workers = count(base, alice)
    assert.equal(30, through)
    assert.is_true(workers > 1, "one worker took all")
    server:leave(server.issuer .. "/session/end", alice.jar)
    assert.equal(0, (count(base, alice)))
    assert.equal(30, (count(base, bob)))
  end)
end)
