-- Tries the web application out: an emulator of Space, and nginx before it, until Ctrl-C. `luajit
-- examples/nginx/try.lua [PORT]`
local emulator = require "airlock.emulator"
local poll = require "airlock.loop.poll"

local port = tonumber(arg[1] or "") or 8080
local here = arg[0]:match "^(.*)/" or "."

local function read(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

-- Started by root, nginx has its workers run as `nobody`, who can't read what lies below a home of mode 0700.
local whole = read(("cd '%s' && pwd"):format(here)):match "%C+"
local test = [[test "$(id -u)" != 0 || su -s /bin/sh nobody -c "cat '%s/lua/web.lua'" 2>&1 >/dev/null]]
if read(test:format(whole)) ~= "" then
  io.stderr:write("nginx's workers run as nobody, who can't read ", whole, "/lua: start it as another user than root, ",
    "or put the checkout where all may read it\n")
  os.exit(1)
end

local space = emulator.start {
  token_lifetime = tonumber(os.getenv "TOKEN_LIFETIME" or ""), rotate = true,
  on_call = function(call) print(("Space: %s %s %s"):format(call.method, call.path, tostring(call.status))) end,
}
io.stdout:setvbuf "line"
local application = space.applications.web
local folder = read "mktemp -d":match "%C+"

local conf = assert(io.open(here .. "/nginx.conf"))
local text = conf:read "*a":gsub("127%.0%.0%.1:8080", "127.0.0.1:" .. port)
conf:close()
conf = assert(io.open(folder .. "/nginx.conf", "w"))
conf:write(text)
conf:close()

-- nginx lives as long as we hold its pipe, however we end.
local command = [[
cd '%s' || exit 1
export LUA_PATH='%s/lua/?.lua;%s' LUA_CPATH='%s' AIRLOCK_URL='%s' AIRLOCK_CLIENT_ID='%s'
export AIRLOCK_CLIENT_SECRET='%s' WEB_URL="${WEB_URL:-http://127.0.0.1:%d}"
export WEB_KEY=$(head -c 32 /dev/urandom | base64)
nginx -p . -c nginx.conf -e stderr </dev/null & n=$!
trap '' INT
cat >/dev/null; kill $n 2>/dev/null; wait $n; rm -rf '%s']]
local nginx = assert(io.popen(command:format(folder, whole, package.path, package.cpath, space.url,
  application.client_id, application.client_secret, port, folder), "w"))

print(("http://127.0.0.1:%d  log in as alice.first with the password password-of-alice.first, "
  .. "or as bob.second with password-of-bob.second"):format(port))
pcall(poll.run)
nginx:close()
space:stop()
