-- "As Lua" and "as curl": the code of what was just done does the same when it is pasted.

local curl = require "spec.support.curl"
local player = require "spec.support.player"
local stage = require "spec.support.stage"

local interpreter, under = os.getenv "AIRLOCK_LUA", os.getenv "AIRLOCK_UNDER" or ""

-- Runs a text as somebody would who pasted it: what it asks for on its way is answered by `answer`, told what it has
-- said so far.
local function paste(language, text, answer)
  local path = stage.file(text, language == "spec" and "pasted_spec.lua" or "pasted")
  local out, given = path .. ".out", path .. ".in"
  local command
  if language == "spec" then
    command = ("%s '%s' tools/busted.lua -o plainTerminal '%s'"):format(under, interpreter, path)
  elseif language == "lua" then
    command = ("%s '%s' -e 'io.stdout:setvbuf \"no\"' '%s'"):format(under, interpreter, path)
  else
    command = ("sh '%s'"):format(path)
  end
  -- the wait ends with the folder, too: nothing is left behind where the spec fails
  local wait = ("while [ ! -e '%s' ] && [ -e '%s' ]; do sleep 0.02; done; cat '%s'"):format(given, path, given)
  os.execute(("(unset LD_PRELOAD; { %s; } | { %s; echo \"status $?\"; } >'%s' 2>&1) >/dev/null 2>&1 </dev/null &")
    :format(wait, command, out))
  local asked
  curl.pass(25, function()
    local said = stage.read(out) or ""
    local over = said:find "status %d+\n$"
    local line = not asked and (over and "" or answer and answer(said))
    if line then
      asked = true
      local file = assert(io.open(given .. ".part", "wb"))
      file:write(line, "\n")
      file:close()
      os.rename(given .. ".part", given)
    end
    return over ~= nil
  end)
  return stage.read(out)
end

local function code(me, language, covered)
  return me:post("code", { language = language, covered = covered }).json.text
end

describe("the playground's code", function()
  after_each(stage.clear)

  local function sign_in(me)
    return function(said)
      local url = said:match "(http://%S+/oauth/auth%?%S+)\r?\n"
      return url and assert(me.at.space:approve(url))
    end
  end

  -- Another login's device, accepted; its program asks again by itself.
  local function enter(me)
    return function(said)
      local user_code = said:match "Enter (%S+) at"
      if not user_code then return nil end
      assert(me.at.space:enter_device_code(user_code))
      return ""
    end
  end

  local ways = {
    { "client credentials", { way = "client_credentials" } },
    { "the authorization code", { way = "authorization_code", offline = true, person = "alice.first" }, sign_in },
    { "the authorization code of a public client", { way = "authorization_code", application = 2,
      person = "alice.first" }, sign_in },
    { "the authorization code without PKCE", { way = "authorization_code", pkce = false, person = "alice.first" },
      sign_in },
    { "implicit", { way = "implicit", application = 3, person = "alice.first" }, sign_in },
    { "the password", { way = "password", username = "bob.second", password = "password-of-bob.second",
      offline = true } },
    { "the device code", { way = "device_code", person = "alice.first", scope = "global:Profile.View" }, enter },
    { "a permanent token", { way = "permanent_token" } },
    { "a refresh token", { way = "refresh_token" } },
    { "a refresh token that is narrowed", { way = "refresh_token", narrow = true, scope = "global:Profile.View" } },
  }

  -- the code is the same under every Lua; that it runs there is seen by the first two
  local enough = _VERSION == "Lua 5.4" and #ways or 2

  for i = 1, enough do
    local way = ways[i]
    it("of " .. way[1] .. " runs", function()
      if not interpreter then pending "AIRLOCK_LUA isn't set" end
      local me = player.new()
      assert.equal("done", me:run(way[2]).run.status)
      local spec = paste("spec", code(me, "spec", false))
      assert.is_truthy(spec:find "1 success" and spec:find "status 0\n$", code(me, "spec", false) .. "\n" .. spec)
      for _, language in ipairs { "lua", "curl" } do
        local said = paste(language, code(me, language, false), way[3] and way[3](me))
        assert.is_truthy(said:find "My Company" and said:find "status 0\n$",
          language .. ":\n" .. code(me, language, false) .. "\n" .. said)
      end
    end)
  end

  it("does what was done with the token, too", function()
    if not interpreter then pending "AIRLOCK_LUA isn't set" end
    local me = player.new()
    me:run { way = "authorization_code", offline = true, person = "alice.first", scope = "global:Profile.View",
      path = "absences" }
    me:act "refresh"
    me:choose { path = "team-directory/profiles/me" }
    me:act "call"
    me:act "logout"
    for _, language in ipairs { "lua", "curl" } do
      me.at.space:forget_journal()
      local said = paste(language, code(me, language, false), sign_in(me))
      assert.is_truthy(said:find "permission%-denied" and said:find "alice%.first" and said:find "status 0\n$", said)
      assert.equal(1, me.at.space:count(function(entry) return entry.form and entry.form.grant_type == "refresh_token"
        end), language)
      assert.equal(1, me.at.space:count(function(entry) return entry.method == "DELETE" end), language)
    end
  end)

  it("is broken where the run was", function()
    if enough < #ways then pending "the code is the same under every Lua: this runs under 5.4" end
    if not interpreter then pending "AIRLOCK_LUA isn't set" end
    local me = player.new()
    for name, wanted in pairs { wrong_state = "its state is another", wrong_verifier = "invalid_grant",
      reused_code = "answered before", wrong_secret = "invalid_client" } do
      me:run { way = "authorization_code", person = "alice.first", breakage = name }
      local said = paste("lua", code(me, "lua", false), sign_in(me))
      assert.is_truthy(said:find(wanted, 1, true) and said:find "status 1\n$", name .. ": " .. said)
    end
    for name, wanted in pairs { wrong_verifier = "code_verifier", reused_code = "used before",
      wrong_secret = "invalid_client" } do
      me:run { way = "authorization_code", person = "alice.first", breakage = name }
      local said = paste("curl", code(me, "curl", false), sign_in(me))
      assert.is_truthy(said:find(wanted, 1, true), name .. ": " .. said)
    end
  end)

  it("of a spec expects what the run showed, for every breakage and act", function()
    if enough < #ways then pending "the code is the same under every Lua: this runs under 5.4" end
    if not interpreter then pending "AIRLOCK_LUA isn't set" end
    local me = player.new()
    local function passes(given, ...)
      me:run(given)
      for _, act in ipairs { ... } do me:act(act) end
      local text = code(me, "spec", false)
      local said = paste("spec", text)
      assert.is_truthy(said:find "1 success" and said:find "status 0\n$", text .. "\n" .. said)
      return text
    end
    for name, wanted in pairs { wrong_state = "state_mismatch", wrong_verifier = "invalid_grant",
      reused_code = "invalid_grant", denied = "access_denied", wrong_secret = "invalid_client",
      narrowed_scope = "permission-denied", expired_token = "space:advance", rate_limited = "space:fault" } do
      local text = passes { way = "authorization_code", offline = true, person = "alice.first", breakage = name }
      assert.is_truthy(text:find(wanted, 1, true), name .. "\n" .. text)
    end
    passes { way = "client_credentials", breakage = "wrong_secret" }
    passes({ way = "device_code", person = "alice.first", breakage = "denied" })
    passes({ way = "authorization_code", offline = true, person = "alice.first", breakage = "none" }, "expire", "call",
      "expire_both", "crowd", "refresh", "revoke", "call", "logout")
  end)

  it("has its secrets covered until they are asked for, and is the same otherwise", function()
    local me = player.new()
    me:choose { way = "password", username = "bob.second", password = "it's \"a\\secret\"" }
    local secret = me.at.space.client_secret
    for _, language in ipairs { "lua", "curl", "spec" } do
      local covered, whole = code(me, language), code(me, language, false)
      assert.is_nil(covered:find(secret, 1, true) or covered:find "it's")
      assert.is_truthy((language == "spec" or whole:find(secret, 1, true)) and whole:find "secret")
      assert.is_truthy(covered:find("***", 1, true))
      assert.is_nil(whole:find "[\1\2]")
      assert.equal(select(2, covered:gsub("\n", "")), select(2, whole:gsub("\n", "")))
    end
    assert.equal(400, me:post("code", { language = "cobol" }).status)
  end)
end)
