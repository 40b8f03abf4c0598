-- How the command opens a page: no other user of the machine sees its address, and the browser none of our secrets.

local browser = require "spec.support.browser"
local command = require "spec.support.command"
local curl = require "spec.support.curl"
local opener = require "spec.support.opener"
local stage = require "spec.support.stage"

if not pcall(require, "argparse") then return end -- spec/command/command_spec.lua says so

describe("the opener", function()
  local space, home, folder, env
  before_each(function()
    space, home = stage.space(), command.home()
    stage.shell(("mkdir -m 700 '%s/run'"):format(home))
    folder = opener.new()
  end)
  after_each(stage.clear)

  local function environment(more)
    env = { AIRLOCK_URL = space.url, AIRLOCK_CLIENT_ID = space.applications.native.client_id, DISPLAY = ":9",
      AIRLOCK_SCOPE = "global:Profile.View", PATH = folder .. ":" .. os.getenv "PATH",
      XDG_RUNTIME_DIR = home .. "/run" }
    for name, value in pairs(more or {}) do env[name] = value end
    return env
  end

  local function started(words, more)
    local job = command.start(words, { home = home, env = environment(more) })
    command.pass(function() return opener.url(folder) or command.ended(job) end)
    return job, assert(opener.url(folder), command.said(job))
  end

  -- The words of all processes but those of the spec itself.
  local function all_words()
    return stage.shell "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' || true"
  end

  local function file_of(uri) return assert(uri:match "^file://(/%S+)\n$", uri) end

  it("of a login gets a file of this user alone, which is gone afterwards; no process has the address in its words",
    function()
    local job, url = started { "login" }
    local path = file_of(stage.read(folder .. "/words"))
    assert.equal(home .. "/run/airlock-", path:match "^(.*)%w%w%w%w%w%w/")
    local me = stage.shell("id -u"):match "%d+"
    assert.equal(("600 %s\n700 %s\n"):format(me, me), stage.read(folder .. "/modes"))
    local state = url:match "[?&]state=([^&]+)"
    assert.is_nil(all_words():find(state, 1, true))
    assert.is_truthy(command.said(job):find(url, 1, true)) -- our terminal alone
    curl.run { space:approve(url) }
    assert.equal(0, command.wait(job).rc, job.err)
    assert.is_nil(stage.read(path))
    assert.equal("", stage.shell(("ls -A '%s/run'"):format(home)))
  end)

  it("of a login that is given up leaves nothing behind either", function()
    local job = command.start({ "login", "--wait", "0.3" }, { home = home, env = environment() })
    assert.equal(3, command.wait(job).rc)
    assert.equal("", stage.shell(("ls -A '%s/run'"):format(home)))
  end)

  it("of a login that is interrupted leaves nothing behind either", function()
    local job = started { "login" }
    os.execute(("kill -INT %d"):format(command.pid(job)))
    assert.equal(130, command.wait(job).rc)
    assert.equal("", stage.shell(("ls -A '%s/run'"):format(home)))
  end)

  it("has no AIRLOCK_ variable, no other secret, and none that the profile takes one from; all else it has", function()
    command.configure(home, ([[return { default = { url = %q, client_id = %q, grant = "login",
      client_secret = { env = "HUSH" } } }]]):format(space.url, space.applications.native.client_id))
    local job, url = started({ "login" }, { AIRLOCK_CLIENT_SECRET = "canary-1", HUSH = "canary-2",
      GITHUB_TOKEN = "canary-3", My_Password = "canary-4", AWS_SECRET_ACCESS_KEY = "canary-5",
      STRIPE_API_KEY = "canary-6", PLAIN = "a\nAIRLOCK_PLAIN=kept", XDG_SEAT = "seat0" })
    local seen = stage.read(folder .. "/environment")
    assert.is_nil(seen:find("canary", 1, true), seen)
    for _, name in ipairs { "AIRLOCK_URL", "AIRLOCK_CLIENT_ID", "AIRLOCK_CLIENT_SECRET", "HUSH" } do
      assert.is_nil(("\n" .. seen):find("\n" .. name .. "=", 1, true), name)
    end
    for _, text in ipairs { "DISPLAY=:9", "XDG_SEAT=seat0", "PLAIN=a\nAIRLOCK_PLAIN=kept", "HOME=" } do
      assert.is_truthy(seen:find(text, 1, true), text)
    end
    os.execute(("kill -INT %d"):format(command.pid(job)))
    command.wait(job)
    assert.is_string(url)
  end)

  it("of the playground gets such a file, too", function()
    local job, url = started { "playground" }
    assert.is_nil(all_words():find(url, 1, true))
    assert.equal(200, curl.run({ url, "-H", "Sec-Fetch-Site: cross-site", "-H", "Sec-Fetch-Mode: navigate", "-H",
      "Sec-Fetch-Dest: document" }).status)
    for _, more in ipairs { { "Sec-Fetch-Dest: iframe" }, { "Sec-Fetch-Dest: document", "Origin: null" } } do
      local words = { url, "-H", "Sec-Fetch-Site: cross-site", "-H", "Sec-Fetch-Mode: navigate" }
      for _, each in ipairs(more) do words[#words + 1], words[#words + 2] = "-H", each end
      assert.equal(403, curl.run(words).status)
    end
    os.execute(("kill -INT %d"):format(command.pid(job)))
    assert.equal(0, command.wait(job).rc)
    assert.equal("", stage.shell(("ls -A '%s/run'"):format(home)))
  end)

  it("is given no file in a folder where another user could replace it", function()
    stage.shell(("chmod 777 '%s/run' && mkdir -m 700 '%s/tmp'"):format(home, home))
    local job = started({ "login" }, { TMPDIR = home .. "/tmp" })
    assert.equal(home .. "/tmp/airlock-", file_of(stage.read(folder .. "/words")):match "^(.*)%w%w%w%w%w%w/")
    os.execute(("kill -INT %d"):format(command.pid(job)))
    command.wait(job)
  end)

  it("is given a file that a browser in a snap can read", function()
    stage.shell(("mkdir -p -m 700 '%s/snap/firefox/common'"):format(home))
    stage.write(folder .. "/xdg-settings", "#!/bin/sh\necho firefox_firefox.desktop\n")
    stage.shell(("chmod +x '%s/xdg-settings'"):format(folder))
    local job = started { "login" }
    assert.equal(home .. "/snap/firefox/common/airlock-",
      file_of(stage.read(folder .. "/words")):match "^(.*)%w%w%w%w%w%w/")
    os.execute(("kill -INT %d"):format(command.pid(job)))
    command.wait(job)
  end)

  it("leads a real browser to the login", function()
    local why = browser.obstacle()
    if why then pending(why) end
    local here = stage.shell("pwd"):match "%C+"
    folder = opener.new(("(cd '%s' && node spec/browser/login.mjs \"$1\" alice.first password-of-alice.first accept) "
      .. ">\"$here/log\" 2>&1 &"):format(here))
    local job = command.start({ "login" }, { home = home, env = environment() })
    command.wait(job)
    assert.equal(0, job.rc, job.err .. tostring(stage.read(folder .. "/log")))
    local said = command.run({ "request", "GET", "team-directory/profiles/me" }, { home = home, env = env })
    assert.is_truthy(said.out:find("alice.first", 1, true), said.out)
  end)
end)
