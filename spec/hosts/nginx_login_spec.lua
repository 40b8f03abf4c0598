-- The web login of examples/nginx, as README.md there has it tried: a real nginx, an emulator, and people at a real
-- Chromium.

local browser = require "spec.support.browser"
local nginx = require "spec.support.nginx"
local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

describe("examples/nginx", function()
  -- What it says where root's workers can't read the example's files in `folder`, else "".
  local function unreadable(folder)
    return stage.shell(([[test "$(id -u)" != 0 || su -s /bin/sh nobody -c "cat '%s/lua/web.lua'" 2>&1 >/dev/null]])
      :format(folder))
  end

  local here = stage.shell "pwd":match "%C+" .. "/examples/nginx"
  local obstacle = nginx.without_lua() or unreadable(here) ~= "" and "root's nginx can't read this checkout" or nil
  if obstacle then
    it("needs nginx", function() pending(obstacle) end)
    return
  end

  local lua = os.getenv "AIRLOCK_LUA" or "luajit"
  local url, log

  after_each(stage.clear)

  local function start(environment)
    local port = raw.free_port()
    log = stage.folder() .. "/log"
    local pipe = assert(io.popen(("%s '%s' examples/nginx/try.lua %d >'%s' 2>&1 </dev/null & echo $!"):format(
      environment or "", lua, port, log)))
    local pid = pipe:read "*n"
    pipe:close()
    stage.keep(function()
      os.execute("kill -INT " .. pid)
      local tries = 0
      while raw.answers(port) and tries < 100 do
        raw.sleep(0.05)
        tries = tries + 1
      end
      assert(tries < 100, "nginx goes on without the program that started it")
    end)
    local tries = 0
    while not raw.answers(port) do
      tries = tries + 1
      assert(tries < 200, "it doesn't start: " .. tostring(stage.read(log)))
      raw.sleep(0.05)
    end
    url = ("http://127.0.0.1:%d"):format(port)
  end

  it("says that root's nginx can't read a checkout below a folder of root's own", function()
    local folder = stage.folder() -- of mode 0700
    os.execute(("chmod 700 '%s' && cp -r examples/nginx '%s/nginx'"):format(folder, folder))
    if unreadable(folder .. "/nginx") == "" then pending "it concerns root alone" end
    local said = stage.shell(("'%s' '%s/nginx/try.lua' %d 2>&1 </dev/null || true"):format(lua, folder,
      raw.free_port()))
    assert.truthy(said:find("nginx's workers run as nobody, who can't read " .. folder .. "/nginx/lua", 1, true), said)
  end)

  local function visit(path, more)
    return stage.shell(("curl -s -i --noproxy '*' %s '%s%s'"):format(more or "", url, path))
  end

  -- Gives what Space was asked, by the log.
  local function plays(...)
    local said = stage.shell(("unset LD_PRELOAD; node spec/browser/webapp.mjs '%s' %s 2>&1 </dev/null"):format(url,
      table.concat({ ... }, " ")))
    for _, name in ipairs { ... } do
      assert.is_truthy(("\n" .. said):find("\nok " .. name .. "\n", 1, true), said .. stage.read(log))
    end
    assert.is_nil(said:find("Content Security Policy", 1, true), said)
    assert.is_nil(stage.read(log):find("%[error%]"), stage.read(log))
    return stage.read(log)
  end

  it("starts by one command, says where it is and who may log in, and ends with it", function()
    start()
    local said = stage.read(log)
    assert.is_truthy(said:find(url, 1, true) and said:find("password-of-alice.first", 1, true), said)
    assert.is_truthy(visit("/"):find("Welcome", 1, true))
    assert.is_truthy(visit("/callback?code=1&state=2"):find("400 Bad Request", 1, true))
    assert.is_truthy(visit("/projects"):find("401 Unauthorized", 1, true))
    assert.is_truthy(visit("/projects", "-X POST"):find("401 Unauthorized", 1, true))
    local begun = visit("/projects", "-H 'Accept: text/html'")
    assert.is_truthy(begun:find("\nSet%-Cookie: __Host%-airlock%-login%-%x+=[%w_-]+; Path=/; Secure; HttpOnly; "
      .. "SameSite=Lax; Max%-Age=600\r"), begun)
    assert.is_truthy(begun:find("code_challenge_method=S256", 1, true))
  end)

  it("comes back to where browsers find it", function()
    start "WEB_URL=https://web.example"
    local begun = visit("/projects", "-H 'Accept: text/html' -H 'Host: evil.example'")
    assert.is_truthy(begun:find("redirect_uri=https%3A%2F%2Fweb.example%2Fcallback", 1, true), begun)
    assert.is_nil(begun:find("evil", 1, true))
  end)

  describe("in a browser", function()
    local why = browser.obstacle(true)
    local function test(rule, run)
      it(rule, function()
        if why then pending(why) end -- which ends it
        run()
      end)
    end

    test("keeps each visit to its browser, leaves nothing that another one could use, and revokes a token with its "
      .. "logout", function()
      start()
      local function revoked()
        return select(2, stage.read(log):gsub("Space: DELETE [^\n]*refresh%-tokens/self 2", ""))
      end
      plays("denied", "two_users_at_once", "two_tabs", "cookie", "script")
      local before = revoked()
      plays "logout"
      assert.equal(before + 1, revoked())
      plays("tossed_cookie", "altered_state", "other_browser", "return_path")
      local asked = stage.read(log)
      assert.is_nil(asked:find("eyJ", 1, true))
      assert.is_nil(asked:find("Space: POST /oauth/token 400", 1, true), "a code was redeemed twice")
    end)

    test("renews a token once for all workers", function()
      start "TOKEN_LIFETIME=1"
      local asked = plays "refresh"
      assert.is_nil(asked:find("Space: POST /oauth/token 400", 1, true), "a refresh token went out twice")
      assert.is_truthy(select(2, asked:gsub("Space: POST /oauth/token 200", "")) > 1, "no token was renewed")
    end)
  end)
end)
