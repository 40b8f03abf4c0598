-- Airlock as it is installed: by `make install`, and by luarocks from rockspec/. What lies there must do without the
-- checkout.

local lfs = require "lfs"
local stage = require "spec.support.stage"

local interpreter, watched = os.getenv "AIRLOCK_LUA", (os.getenv "AIRLOCK_UNDER" or "") ~= ""
local jit = rawget(_G, "jit")
local version = _VERSION:match "%d%.%d" -- LuaJIT's is 5.1, and so are its folders

-- Runs a shell command; gives its exit status as text, after all that it printed.
local function run(command)
  local said = stage.shell("{ " .. command .. "; } </dev/null 2>&1; echo \"status $?\"")
  return said:match "status (%d+)%s*$", said
end

-- What a program without the checkout prints that meets an emulator and asks it something.
local program = [[
local airlock, emulator = require "airlock", require "airlock.emulator"
assert(require("airlock.playground.files").read "main.js", "the playground's page isn't installed")
local space = emulator.start()
local app = airlock.space { url = space.url, client_id = space.client_id,
  client_secret = space.client_secret }:client_credentials()
print(assert(app:get "organization").name, airlock.version)
]]

local function answer(prefix)
  local script, share, lib = stage.file(program, "program.lua"), prefix .. "/share/lua/" .. version,
    prefix .. "/lib/lua/" .. version
  local _, said = run((
    "cd / && env -u LUA_INIT LUA_PATH='%s/?.lua;%s/?/init.lua;;' LUA_CPATH='%s/?.so;;' '%s' '%s'"):format(share, share,
    lib, interpreter, script))
  return said
end

-- A copy of the checkout as far as it is built from, so that nothing is left in it.
local function copy()
  local folder = stage.folder()
  local status, said = run(("cp -r Makefile bin lua rockspec share src tools '%s' && "
    .. "for f in LICENSE README.md; do [ ! -e $f ] || cp -r $f '%s'; done")
    :format(folder, folder))
  assert.equal("0", status, said)
  return folder
end

describe("installed", function()
  after_each(stage.clear)

  it("by make, below DESTDIR and PREFIX, it works without the checkout, and goes away again", function()
    if not interpreter then pending "AIRLOCK_LUA isn't set" end
    if watched then pending "what is installed isn't built for the tool that watches this suite" end
    local folder = stage.folder()
    local make = ("make -s LUA=%s PREFIX=/opt/airlock DESTDIR='%s' "):format(jit and "jit" or version, folder)
    local status, said = run(make .. "install")
    assert.equal("0", status, said)
    for name, place in pairs { LUA_PATH = "share/lua/%s/?.lua;", LUA_CPATH = "lib/lua/%s/?.so;" } do
      local wanted = ("export %s='/opt/airlock/%s"):format(name, place:format(version))
      assert.is_truthy(said:find(wanted, 1, true), said)
    end
    for _, part in ipairs { "emulator", "playground" } do
      assert.is_nil(lfs.attributes(("%s/opt/airlock/share/lua/%s/airlock/%s"):format(folder, version, part)))
      status, said = run(("env -u LUA_PATH -u LUA_CPATH AIRLOCK_LUA='%s' timeout 20 '%s/opt/airlock/bin/airlock' %s")
        :format(interpreter, folder, part))
      assert.equal("2", status, said)
      assert.is_truthy(said:find("make install WITH=all", 1, true), said)
    end
    status, said = run(make .. "install WITH=all")
    assert.equal("0", status, said)
    assert.equal("My Company\t" .. require("airlock").version .. "\nstatus 0\n", answer(folder .. "/opt/airlock"))
    assert.equal("file", lfs.attributes(folder .. "/opt/airlock/share/airlock/library/airlock.lua", "mode"))
    local command = folder .. "/opt/airlock/bin/airlock"
    assert.equal("rwxr-xr-x", lfs.attributes(command, "permissions"))
    status, said = run(make .. "uninstall")
    assert.equal("0", status, said)
    assert.equal("", stage.shell(("find '%s' -type f"):format(folder)))
  end)

  it("by luarocks make, offline, it works without the checkout", function()
    if jit then pending "LuaJIT takes the rock of Lua 5.1" end
    if not interpreter or run "command -v luarocks" ~= "0" then pending "luarocks isn't installed" end
    if watched then pending "a rock isn't built for the tool that watches this suite" end
    local tree, source = stage.folder(), copy()
    local status, said = run(("cd '%s' && MAKEFLAGS=-j2 luarocks --lua-version=%s --tree='%s' make "
      .. "--deps-mode=none rockspec/airlock-scm-1.rockspec CFLAGS='-O0 -fPIC'")
      :format(source, version, tree))
    assert.equal("0", status, said)
    assert.is_nil(lfs.attributes(("%s/share/lua/%s/airlock/emulator"):format(tree, version)))
    status, said = run(("cd '%s' && luarocks --lua-version=%s --tree='%s' make --deps-mode=none "
      .. "rockspec/emulator/airlock-emulator-scm-1.rockspec"):format(source, version, tree))
    assert.equal("0", status, said)
    assert.equal("My Company\t" .. require("airlock").version .. "\nstatus 0\n", answer(tree))
  end)

  it("is a rock that luarocks finds sound", function()
    if run "command -v luarocks" ~= "0" then pending "luarocks isn't installed" end
    for _, name in ipairs { "airlock", "emulator/airlock-emulator" } do
      local status, said = run(("luarocks lint rockspec/%s-scm-1.rockspec"):format(name))
      assert.equal("0", status, said)
    end
  end)
end)
