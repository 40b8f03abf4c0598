-- A build without airlock.server: it needs no libmicrohttpd, says what it lacks, and logs users in all the same.

local lfs = require "lfs"
local poll = require "airlock.loop.poll"
local stage = require "spec.support.stage"

local interpreter, watched = os.getenv "AIRLOCK_LUA", (os.getenv "AIRLOCK_UNDER" or "") ~= ""
local lua = rawget(_G, "jit") and "jit" or _VERSION:match "%d%.%d"

-- Asks for a login, then does one by hand: it leaves the address, and waits for the one that the browser ended at.
local program = [[
local airlock = require "airlock"
assert(not pcall(require, "airlock.server"))
local client = airlock.space { url = %q, client_id = %q, redirect_uri = "http://127.0.0.1/callback" }
print(select(2, pcall(client.login, client, { scope = "global:Profile.View" })))
local function file(name, mode) return io.open(%q .. name, mode) end
local authorization = client:authorization_code { scope = "global:Profile.View" }
local out = file("/url.part", "w")
out:write(authorization.url)
out:close()
os.rename(%q .. "/url.part", %q .. "/url")
local pasted
repeat
  os.execute "sleep 0.05"
  pasted = file("/redirect", "r")
until pasted
local user = assert(authorization:finish(pasted:read "*a"))
print(user:get "organization".name)
]]

describe("a build without libmicrohttpd", function()
  after_each(stage.clear)

  local function make(words)
    return stage.shell(("MAKEFLAGS= make -s LUA=%s CFLAGS=-O0 %s 2>&1; echo \"status $?\""):format(lua, words))
  end

  -- A pkg-config that knows all but libmicrohttpd.
  local function blind()
    local path = stage.file("#!/bin/sh\ncase $* in *libmicrohttpd*) exit 1 ;; esac\nexec pkg-config \"$@\"\n", "config")
    stage.shell(("chmod +x '%s'"):format(path))
    return path
  end

  it("is made by SERVER=no, says what client:login lacks, and takes a pasted redirect", function()
    if not interpreter then return pending "AIRLOCK_LUA isn't set" end
    if watched then return pending "what is built here isn't built for the tool that watches this suite" end
    local folder = stage.folder()
    local build = folder .. "/build"
    assert.equal("status 0\n", make(("SERVER=no BUILD='%s' PKG_CONFIG='%s' all"):format(build, blind())))
    assert.equal("file", lfs.attributes(build .. "/airlock/core.so", "mode"))
    assert.is_nil(lfs.attributes(build .. "/airlock/server.so", "mode"))

    local space = stage.space()
    local native = space.applications.native.client_id
    local script = stage.file(program:format(space.url, native, folder, folder, folder), "program.lua")
    local paths = ("LUA_PATH='%s/lua/?.lua;%s/lua/?/init.lua;;' LUA_CPATH='%s/?.so;;'"):format(lfs.currentdir(),
      lfs.currentdir(), build)
    os.execute(("(env -u LUA_INIT %s '%s' '%s' >'%s/out' 2>&1; echo x >'%s/over') </dev/null &"):format(paths,
      interpreter, script, folder, folder))
    local function await(name) -- or the program's end; the emulator goes on meanwhile
      while not (stage.read(folder .. name) or stage.read(folder .. "/over")) do poll.run(0.02) end
    end
    await "/url"
    local url = stage.read(folder .. "/url")
    assert(url, stage.read(folder .. "/out"))
    stage.write(folder .. "/redirect.part", (space:approve(url)))
    os.rename(folder .. "/redirect.part", folder .. "/redirect")
    await "/over"

    local said = stage.read(folder .. "/out")
    for _, word in ipairs { "client:login", "airlock.server", "libmicrohttpd", "pasted", "authorization:finish" } do
      assert.truthy(said:find(word, 1, true), said)
    end
    assert.truthy(said:find("\nMy Company\n", 1, true), said)
  end)

  it("is made by itself where the library is missing, with a line that says so", function()
    if watched then return pending "what is built here isn't built for the tool that watches this suite" end
    local build, config = stage.folder() .. "/build", blind()
    local said = make(("BUILD='%s' PKG_CONFIG='%s' all"):format(build, config))
    assert.truthy(said:find("libmicrohttpd isn't installed", 1, true) and said:find "status 0\n$", said)
    assert.equal("file", lfs.attributes(build .. "/airlock/core.so", "mode"))
    assert.is_nil(lfs.attributes(build .. "/airlock/server.so", "mode"))

    said = make(("BUILD='%s' PKG_CONFIG='%s' SERVER=yes all"):format(build, config))
    assert.truthy(said:find("libmicrohttpd-dev", 1, true) and not said:find "status 0\n$", said)
  end)
end)
