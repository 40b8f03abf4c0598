-- Records sealed by a real keyring: gnome-keyring in a D-Bus session of its own.

local stage = require "spec.support.stage"

local here = pcall(require, "airlock.keyring") and stage.shell("command -v gnome-keyring-daemon") ~= ""
  and stage.shell("command -v dbus-run-session") ~= ""
local only = here and it or pending

describe("the keyring", function()
  after_each(stage.clear)

  local function run(state, code)
    local file = stage.file("local folder, interpreter = ...\n" .. code, "keyring.lua")
    local folder = stage.folder()
    local lua = arg and arg[-1] or "lua"
    for i = -1, -20, -1 do lua = arg and arg[i] or lua end
    local said = stage.shell(("timeout 60 spec/support/keyring.sh %s '%s' '%s' '%s' 2>/dev/null")
      :format(state, lua, file, folder))
    return said, folder
  end

  local ask = [[
    local airlock = require "airlock"
    local emulator = require "airlock.emulator"
    local space = emulator.start { rotate = true }
    local given = space:issue { person = "alice.first", offline = true }.refresh_token
    local function user()
      return airlock.space { url = space.url, client_id = space.client_id, client_secret = space.client_secret,
        store = { folder = folder .. "/records", key = "keyring" } }:refresh_token(given)
    end
  ]]

  only("gives the key, makes it once, and keeps it from the files", function()
    local said, folder = run("unlocked", ask .. [[
      local keyring = require "airlock.store.keyring"
      local token = assert(user():token())
      print(user():token() == token, keyring.key() == keyring.key(), #keyring.key(), space:count "/oauth/token")
      local pipe = io.popen("cat '" .. folder .. "/records/'*")
      local text = pipe:read "*a"
      print(text:find(token, 1, true), text:find(keyring.key(), 1, true), (text:match "^airlock%-sealed"))
    ]])
    assert.equal("true\ttrue\t64\t1\nnil\tnil\tairlock-sealed\n", said)
    assert.is_string(folder)
  end)

  only("that is locked, or isn't there, is told, and nothing is written plain", function()
    local code = ask .. [[
      local token, message, detail = user():token()
      print(token, detail.kind, detail.code, detail.outcome, space:count "/oauth/token")
      print(io.popen("ls '" .. folder .. "' 2>/dev/null"):read "*a")
    ]]
    assert.truthy(run("none", code):find "^nil\tstore\tno_keyring\tmisconfigured\t0\n\n")
    -- the script runs twice: first unlocked, where the key is made, then locked
    local said = run("locked", 'pcall(require("airlock.store.keyring").key)\n' .. code)
    assert.truthy(said:find "nil\tstore\tlocked_keyring\tinteraction_required\t0\n")
  end)
end)
