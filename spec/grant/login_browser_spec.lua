-- client:login through a real Chromium, against an emulator in a process of its own. See spec/browser/install.

local airlock = require "airlock"
local emulator = require "airlock.emulator"
local browser = require "spec.support.browser"
local stage = require "spec.support.stage"

describe("login in a browser", function()
  local space, client, log, process

  before_each(function()
    process = emulator.spawn()
    stage.keep(function() process:stop() end)
    space = process.applications.web
    client = airlock.space { url = process.url, client_id = space.client_id, client_secret = space.client_secret }
    log = stage.folder() .. "/log"
  end)

  after_each(stage.clear)

  -- A login with somebody at the screen who does as told.
  local function login(answer, scope)
    return client:login { scope = scope, timeout = 60, open = function(url)
      os.execute(("(unset LD_PRELOAD; node spec/browser/login.mjs '%s' alice.first password-of-alice.first %s; echo "
        .. "done $?) >'%s' 2>&1 </dev/null &")
        :format(url, answer, log))
    end }
  end

  -- What the browser met, once it has closed.
  local function met()
    for _ = 1, 100 do
      local text = stage.read(log) or ""
      if text:find "\ndone %d+\n$" then return text end
      os.execute "sleep 0.1"
    end
    error("the browser doesn't end: " .. tostring(stage.read(log)))
  end

  local function test(name, run)
    it(name, function()
      local why = browser.obstacle()
      if why then pending(why) end -- which ends it
      run()
    end)
  end

  local function has_line(text, line)
    assert.is_truthy(("\n" .. text):find("\n" .. line .. "\n", 1, true), line .. " is missing in " .. text)
  end

  test("ends in a session of the person", function()
    local session, why = login("accept", "global:Profile.View")
    assert.is_truthy(session, tostring(why) .. ": " .. tostring(stage.read(log)))
    assert.equal("alice.first", session:get("team-directory/profiles/me").username)
    local text = met()
    has_line(text, "wrong The username or the password is wrong.")
    has_line(text, "consent Team dashboard")
    has_line(text, "item View profile in the whole organization global:Profile.View")
    has_line(text, "item Access My Company while you are offline")
    has_line(text, "end You are logged in")
    has_line(text, "done 0")
    assert.is_nil(text:find "Content Security Policy")
    local again = assert(client:login { scope = "global:Profile.View",
      open = function() error "no browser is needed" end })
    assert.equal("alice.first", again:get("team-directory/profiles/me").username)
  end)

  test("ends with access_denied where the person cancels", function()
    local session, message, detail = login("cancel", "**")
    assert.is_nil(session)
    assert.is_truthy(message:find "access_denied")
    assert.same({ "oauth", "access_denied", "interaction_required" }, { detail.kind, detail.code, detail.outcome })
    local text = met()
    has_line(text, "item All actions")
    has_line(text, "end The login did not succeed")
    has_line(text, "done 0")
  end)
end)
