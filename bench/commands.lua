--- The commands that are measured: Airlock's, plain C's and the peers', each with its programs in bench/programs.

local measure = require "measure"

local commands = { peers = {}, missing = {}, luas = {} }

for name in (os.getenv "BENCH_LUAS" or "5.4 jit"):gmatch "%S+" do commands.luas[#commands.luas + 1] = name end

-- A core for whoever asks and another for the server: where they share one, or change places, a round says little.
commands.apart = measure.has "test $(nproc) -ge 2 && command -v taskset"
local pinned = commands.apart and "taskset -c 0 " or ""
local programs = "bench/programs/"
local folder
local built = {}

function commands.interpreter(version)
  return version == "jit" and "luajit" or "lua" .. version
end

local function words(...)
  return table.concat({ ... }, " ")
end

--- bench/programs/airlock.lua, or another script, under a Lua, with the Airlock of this checkout.
function commands.script(version, ...)
  if not built[version] then assert(measure.output(("make -s LUA=%s >&2"):format(version)), "the build failed") end
  built[version] = true
  local environment = "env LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='build/%s/?.so;;' "
  return words(pinned .. environment:format(version) .. commands.interpreter(version), ...)
end

function commands.airlock(version, ...)
  return commands.script(version, programs .. "airlock.lua", ...)
end

local function compiled(name)
  return function(...) return words(pinned .. folder .. "/" .. name, ...) end
end

commands.plain, commands.many, commands.files = compiled "plain", compiled "many", compiled "files"

--- Plain C with this Lua and lua-cjson in it.
function commands.plain_json(version, ...)
  return compiled("plain-" .. version)(...)
end

local function compile(name, source, flags)
  local command = ("${CC:-cc} -O2 -o '%s/%s' %s%s %s $(pkg-config --cflags --libs libcurl)"):format(folder, name,
    programs, source, flags or "")
  assert(measure.output(command), "bench: " .. source .. " doesn't compile")
end

local function peer(name, there, command)
  if measure.has(there) then commands.peers[#commands.peers + 1] = { name = name, command = pinned .. command }
  else commands.missing[#commands.missing + 1] = name end
end

-- Go's peer is compiled from Debian's package, without modules.
local function go()
  local command = "GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE='%s/go' go build -o '%s/xoauth2' %sxoauth2.go"
  return measure.has "command -v go" and measure.has(command:format(folder, folder, programs)) and "true" or "false"
end

--- Compiles what must be, and looks which peers are there.
function commands.prepare(to)
  folder = to
  compile("plain", "plain.c")
  compile("many", "many.c")
  for _, version in ipairs(commands.luas) do
    compile("plain-" .. version, "plain.c", ("-DWITH_LUA $(pkg-config --cflags --libs %s) -Wl,-E"):format(
      commands.interpreter(version)))
  end
  compile("files", "store.c", "-std=c11 -D_GNU_SOURCE -Isrc src/wire/store.c src/law/record.c src/ground/*.c "
    .. "$(pkg-config --cflags --libs libcrypto) -lm")
  -- Node.js looks for modules from where a program is
  os.execute "cp bench/programs/openid.mjs build/bench/ 2>/dev/null"
  local python = "/usr/bin/python3 "
  peer("lua-curl, lua5.1", "lua5.1 -e 'require\"curl\" require\"socket\"'", "lua5.1 " .. programs .. "curl.lua")
  peer("lua-curl, luajit", "luajit -e 'require\"curl\" require\"socket\"'", "luajit " .. programs .. "curl.lua")
  peer("lua-http, lua5.1", "lua5.1 -e 'require\"http.client\"'", "lua5.1 " .. programs .. "http.lua")
  peer("lua-http, luajit", "luajit -e 'require\"http.client\"'", "luajit " .. programs .. "http.lua")
  peer("luasocket + luasec, lua5.4", "lua5.4 -e 'require\"ssl.https\" require\"cjson\"'",
    "lua5.4 " .. programs .. "socket.lua")
  peer("Go x/oauth2", go(), folder .. "/xoauth2")
  peer("openid-client, Node.js", "test -d build/bench/node_modules/openid-client && command -v node",
    "node --no-warnings build/bench/openid.mjs")
  peer("requests-oauthlib", python .. "-c 'import requests_oauthlib'", python .. programs .. "with_requests.py")
  peer("httpx", python .. "-c 'import httpx, h2'", python .. programs .. "with_httpx.py")
end

--- A peer whose name begins so, or nil.
function commands.peer(name)
  for _, one in ipairs(commands.peers) do
    if one.name:find(name, 1, true) == 1 then return one end
  end
  return nil
end

--- google-auth has no HTTP of its own that would compare: only its token does.
function commands.google(...)
  if not measure.has "/usr/bin/python3 -c 'import google.oauth2.credentials'" then return nil end
  return words(pinned .. "/usr/bin/python3 " .. programs .. "with_google_auth.py", ...)
end

--- msal-extensions keeps tokens and gets none.
function commands.msal(...)
  if not measure.has "/usr/bin/python3 -c 'import msal_extensions'" then return nil end
  return words(pinned .. "/usr/bin/python3 " .. programs .. "with_msal.py", ...)
end

return commands
