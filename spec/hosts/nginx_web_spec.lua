-- airlock.web in a real nginx with four workers: login, pages, upstream's headers, logout on all workers.

local curl = require "spec.support.curl"
local emulator = require "airlock.emulator"
local nginx = require "spec.support.nginx"
local stage = require "spec.support.stage"

describe("airlock.web.ngx", function()
  local obstacle = nginx.without_lua()
  if obstacle then
    it("needs nginx", function() pending(obstacle) end)
    return
  end

  after_each(stage.clear)

  local function start()
    local space = emulator.start { openid = true }
    stage.keep(function() space:stop() end)
    space:issue()
    local http = ([[
      lua_shared_dict tokens 1m;
      lua_shared_dict sessions 1m;
      init_by_lua_block {
        local airlock = require "airlock"
        web = require "airlock.web.ngx" { dict = "sessions", scope = "openid profile global:Profile.View",
          client = airlock.space { url = "%s", client_id = "%s", client_secret = "%s",
            redirect_uri = "http://127.0.0.1/callback", store = require "airlock.store.ngx" { dict = "tokens" } },
          cookie = { key = ("k"):rep(32) } }
      }
    ]]):format(space.url, space.client_id, space.client_secret)
    local at = nginx.start([[
      location / {
        access_by_lua_block { web:protect() }
        content_by_lua_block {
          local user = ngx.ctx.airlock_user
          local profile = ngx.var.arg_call and assert(user.session:get "team-directory/profiles/me")
          ngx.say(ngx.worker.id(), " ", user.claims.sub, " ", tostring(ngx.req.get_headers()["X-Forwarded-User"]), " ",
            tostring(ngx.req.get_headers()["X-Forwarded-Groups"]), " ", profile and profile.username or "-")
        }
      }
    ]], { lua = true, workers = 4, http = http })
    return at.http, space
  end

  -- A browser: keeps cookies, follows nothing.
  local function browser(base)
    local self = { cookies = {} }
    function self.ask(path, ...)
      local list = {}
      for name, value in pairs(self.cookies) do list[#list + 1] = name .. "=" .. value end
      local head = stage.folder() .. "/head"
      local r = curl.run { path:find "^http" and path or base .. path, "-D", head, "-H", "Accept: text/html", "-H",
        "Cookie: " .. table.concat(list, "; "), ... }
      r.status, r.headers = tonumber(stage.read(head):match "^HTTP/%S+ (%d+)"), {}
      for name, value in stage.read(head):gmatch "\n([^:\r\n]+): ([^\r\n]+)" do r.headers[name:lower()] = value end
      for line in stage.read(head):gmatch "[Ss]et%-[Cc]ookie: ([^\r\n]+)" do
        local name, value = line:match "^([^=]+)=([^;]*)"
        self.cookies[name] = not line:find "Max%-Age=0" and value or nil
      end
      return r
    end
    return self
  end

  local function login(base, space, person)
    local me = browser(base)
    local first = me.ask "/page?x=1"
    assert.equal(302, first.status, first.body)
    local redirect = assert(space:approve(first.headers.location, { person = person }))
    local back = me.ask((redirect:gsub("^http://[^/]*", "")))
    assert.same({ 302, "/page?x=1" }, { back.status, (back.headers.location:gsub("^http://[^/]*", "")) }, back.body)
    return me
  end

  it("logs in, and each worker knows the user, and no header of the client's comes through", function()
    local base, space = start()
    local me = login(base, space, "alice.first")
    local workers, subjects = {}, {}
    for _ = 1, 30 do
      local r = me.ask("/page?call=1", "-H", "X-Forwarded-User: admin", "-H", "X-Forwarded-Groups: root")
      assert.equal(200, r.status, r.body)
      local worker, sub, shown, groups, profile = r.body:match "^(%d) (%S+) (%S+) (%S+) (%S+)"
      workers[worker], subjects[sub] = true, true
      assert.same({ sub, "nil", "alice.first" }, { shown, groups, profile })
    end
    assert.is_truthy(next(workers) and next(workers, next(workers)), "one worker took all")
    assert.is_nil(next(subjects, next(subjects)))
    assert.equal(1, space:count "/oauth/token") -- one login, for all workers
  end)

  it("comes back by a path alone, whatever Host says", function()
    local base, space = start()
    local me = browser(base)
    local first = me.ask("/page?x=1", "-H", "Host: evil.example")
    local redirect = assert(space:approve(first.headers.location, { person = "alice.first" }))
    local back = me.ask((redirect:gsub("^http://[^/]*", "")), "-H", "Host: evil.example")
    assert.same({ 302, "/page?x=1" }, { back.status, back.headers.location })
    local out = me.ask("/logout", "-H", "Host: evil.example")
    assert.same({ 303, "/" }, { out.status, out.headers.location })
  end)

  it("answers a script with 401, and a stranger's callback with 400", function()
    local base = start()
    local r = curl.run { base .. "/api", "-H", "Accept: application/json" }
    assert.same({ 401, '{"error":"login_required"}' }, { r.status, r.body })
    assert.equal(401, curl.run({ base .. "/api", "-X", "POST", "-H", "Accept: text/html" }).status)
    assert.equal(400, curl.run({ base .. "/callback?code=x&state=y", "-H", "Accept: text/html" }).status)
  end)

  it("logs out on all workers, also whoever kept the cookie", function()
    local base, space = start()
    local me = login(base, space, "alice.first")
    local kept = {}
    for name, value in pairs(me.cookies) do kept[name] = value end
    assert.equal(303, me.ask("/logout").status)
    for _ = 1, 20 do
      me.cookies = { ["__Host-airlock"] = kept["__Host-airlock"] }
      assert.equal(302, me.ask("/page").status)
    end
  end)
end)
