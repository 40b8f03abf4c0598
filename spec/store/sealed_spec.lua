-- Records sealed by one key: option store = { folder, key }.

local crowd = require "spec.support.crowd"
local expect = require "spec.support.expect"
local stage = require "spec.support.stage"

describe("a sealed store", function()
  local space, given, folder, key_file
  after_each(stage.clear)

  local function begin()
    space = stage.space { rotate = true }
    given, folder = space:issue { person = "alice.first", offline = true }.refresh_token, stage.folder() .. "/records"
    key_file = stage.folder() .. "/key"
  end

  local function user(key, more)
    more = more or {}
    more.store = { folder = folder, key = key }
    return stage.client(space, more):refresh_token(given)
  end

  local function everything()
    return stage.shell(("cat '%s'/* 2>/dev/null"):format(folder))
  end

  local function record()
    return (stage.shell(("ls '%s' | grep -E '^[0-9a-f]{64}$'"):format(folder)):gsub("%s", ""))
  end

  it("keeps no token in a file, and none of the key in the folder", function()
    begin()
    local session = user { file = key_file }
    local token = expect.success(session:token())
    local kept, key = everything(), stage.read(key_file)
    assert.truthy(kept:find "^airlock%-sealed 1 %d+\n")
    for _, secret in ipairs { token, given, key, "refresh_token", space.client_id } do
      assert.is_nil(kept:find(secret, 1, true))
    end
    assert.equal("600", (stage.shell(("stat -c %%a '%s'"):format(key_file)):gsub("%s", "")))
    local before = space:count "/oauth/token"
    assert.equal(token, user({ file = key_file }):token())
    assert.equal(before, space:count "/oauth/token")
  end)

  it("shares one renewal between processes", function()
    begin()
    local said = crowd.run(8, ([[
      local user = airlock.space { url = %q, client_id = %q, client_secret = %q,
        store = { folder = %q, key = { file = %q } } }:refresh_token(%q)
      return (user:token())
    ]]):format(space.url, space.client_id, space.client_secret, folder, key_file, given))
    for i = 2, 8 do assert.equal(said[1], said[i]) end
    assert.equal(1, space:count "/oauth/token")
  end)

  it("reads a plain record, and seals it when it is next written", function()
    begin()
    local plain = stage.client(space, { store = folder }):refresh_token(given)
    local token = expect.success(plain:token())
    local session = user { file = key_file }
    assert.equal(token, session:token())
    assert.truthy(everything():find(token, 1, true))
    expect.success(session:refresh())
    assert.truthy(everything():find "^airlock%-sealed")
  end)

  it("reads with two keys and writes with the first", function()
    begin()
    local old, new = ("a"):rep(32), ("b"):rep(64)
    local token = expect.success(user(function() return old end):token())
    local session = user(function() return { new, old } end)
    assert.equal(token, session:token())
    local newer = expect.success(session:refresh()) and session:token()
    assert.equal(newer, user(function() return new end):token())
  end)

  it("whose key is lost is store/sealed, set aside, and a login mends it", function()
    begin()
    expect.success(user(function() return ("a"):rep(32) end):token())
    local name = record()
    expect.failure({ kind = "store", code = "sealed", outcome = "misconfigured" },
      user(function() return ("c"):rep(32) end):token())
    assert.equal("", record())
    assert.truthy(stage.shell(("ls '%s'"):format(folder)):find(name .. ".aside-", 1, true))
    given = space:issue { person = "alice.first", offline = true }.refresh_token
    expect.success(user(function() return ("c"):rep(32) end):token())
    assert.equal(name, record())
  end)

  it("notices a record that was altered, or put in another's place", function()
    begin()
    local key = function() return ("a"):rep(32) end
    expect.success(user(key):token())
    local path = folder .. "/" .. record()
    local text = stage.read(path)
    local other = stage.client(space, { store = { folder = folder, key = key } }):client_credentials { scope = "**" }
    expect.success(other:token())
    for name in stage.shell(("ls '%s' | grep -E '^[0-9a-f]{64}$'"):format(folder)):gmatch "%S+" do
      if folder .. "/" .. name ~= path then stage.write(folder .. "/" .. name, text) end
    end
    local again = stage.client(space, { store = { folder = folder, key = key } }):client_credentials { scope = "**" }
    expect.failure({ kind = "store", code = "sealed" }, again:token())
    stage.write(path, (text:gsub("^(airlock%-sealed 1 )%d+", "%17")))
    expect.failure({ kind = "store", code = "sealed" }, user(key):token())
  end)

  it("asks nobody for a token while there is no key, and writes nothing plain", function()
    begin()
    local asked = 0
    local session = user(function()
      asked = asked + 1
      return nil, "the safe is shut", "locked_keyring"
    end)
    assert.equal(0, asked) -- never at load
    local _, message = expect.failure({ kind = "store", code = "locked_keyring", outcome = "interaction_required" },
      session:token())
    assert.truthy(asked > 0)
    assert.equal(0, space:count "/oauth/token")
    assert.equal("", everything())
    return message
  end)

  it("refuses a key file that others can read, and one without a key", function()
    begin()
    stage.write(key_file, ("a"):rep(64))
    os.execute(("chmod 644 '%s'"):format(key_file))
    expect.failure({ kind = "store", code = "no_key" }, user({ file = key_file }):token())
    os.execute(("chmod 600 '%s'"):format(key_file))
    stage.write(key_file, "short")
    expect.failure({ kind = "store", code = "no_key" }, user({ file = key_file }):token())
  end)

  it("names what is wrong with its options", function()
    begin()
    expect.raise("unknown member 'keys'", stage.client, space, { store = { folder = folder, keys = 1 } })
    expect.raise("'key' must be", stage.client, space, { store = { folder = folder, key = 5 } })
    expect.raise("'folder' must be", stage.client, space, { store = { folder = 5 } })
    assert.is_string((stage.client(space, { store = { folder = folder } }):refresh_token(given):token()))
  end)
end)
