--- nginx beside the spec: HTTPS and HTTP/2, and files of any size. It lives as long as we hold its pipe.

local raw = require "spec.support.raw"
local stage = require "spec.support.stage"

local nginx = {}

local outline = [[
%s
daemon off;
pid nginx.pid;
error_log error.log;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
%s
  server {
    listen 127.0.0.1:%d%s;
    listen 127.0.0.1:%d ssl http2;
    listen 127.0.0.2:%d ssl http2;
    ssl_certificate server.pem;
    ssl_certificate_key server.key;
    root .;
    default_type application/json;
%s
  }
}
]]

local function made(folder, name)
  os.execute(("tools/certificate '%s' %s"):format(folder, name or ""))
  assert(stage.read(("%s/%s.pem"):format(folder, name or "server")), "openssl made no certificate")
  return folder
end

--- Makes `ca.pem`, `other.pem`, `server.pem` and `server.key` in a folder.
function nginx.certificate(folder) return made(folder) end

--- Makes `name.pem` and `name.key` beside them: a client's certificate, signed by that CA.
function nginx.client_certificate(folder, name) return made(folder, name) end

local modules = "/usr/lib/nginx/modules/"

-- What makes this nginx run Lua, and Airlock in it.
local with_lua = {
  main = ("load_module %sndk_http_module.so;\nload_module %sngx_http_lua_module.so;"):format(modules, modules),
  http = [[
  lua_package_path "%s";
  lua_package_cpath "%s";
  lua_ssl_trusted_certificate ca.pem;
  lua_ssl_verify_depth 5;
  lua_ssl_protocols TLSv1.2 TLSv1.3;
]],
}

-- Everything of ours by its whole path: nginx runs in a folder of its own.
local function paths()
  local here = stage.shell "pwd":match "%C+"
  local build = os.getenv "AIRLOCK_BUILD" or here .. "/build/jit"
  return ("%s/lua/?.lua;%s/lua/?/init.lua;;"):format(here, here), build .. "/?.so;;"
end

--- Why nginx can't run Lua here, or nil.
function nginx.without_lua()
  if not package.loaded.jit then return "nginx embeds LuaJIT: its specs run under that Lua alone" end
  if (os.getenv "AIRLOCK_UNDER" or "") ~= "" then return "nginx isn't watched by the tool that watches this suite" end
  if not stage.read(modules .. "ngx_http_lua_module.so") then
    return "nginx has no Lua here (Debian: libnginx-mod-http-lua)"
  end
end

--- Starts one with these lines in its server block. `more`: `lua` (true: it runs Lua, with Airlock on its path), `main`
--- and `http` (lines there), `workers` (none: it is one process). Gives `http` and `https` (URLs), `elsewhere` (an
--- https URL whose address the certificate doesn't name), `folder`, `ca`, `other` (a CA that signed nothing), and
--- `stop()`.
function nginx.start(lines, more)
  more = more or {}
  local self = { folder = nginx.certificate(stage.folder()) }
  local plain, tls = raw.free_port(), raw.free_port()
  local file = assert(io.open(self.folder .. "/nginx.conf", "wb"))
  local main, http = more.main or "", more.http or ""
  if more.lua then
    main, http = with_lua.main .. main, with_lua.http:format(paths()) .. http
  end
  main = main .. (more.workers and ("\nworker_processes %d;"):format(more.workers) or "\nmaster_process off;")
  local shared = more.workers and " reuseport" or "" -- the kernel deals connections out to all workers
  file:write(outline:format(main, http, plain, shared, tls, tls, lines or ""))
  file:close()
  local command = "cd '%s' && { nginx -p . -c nginx.conf -e error.log </dev/null >/dev/null 2>&1 & } "
    .. "&& n=$! && cat >/dev/null; kill $n; wait $n; echo $? >status"
  local pipe = assert(io.popen(command:format(self.folder), "w"))
  function self.stop()
    if not pipe then return end
    pipe:close()
    pipe = nil
    local status = tonumber(stage.read(self.folder .. "/status"))
    assert(status < 128 or status == 143, "nginx crashed: " .. status)
  end
  stage.keep(self.stop)
  local tries = 0
  local function ready() -- its number is written after it listens
    return raw.answers(plain) and raw.answers(tls) and tonumber(stage.read(self.folder .. "/nginx.pid"))
  end
  while not ready() do
    tries = tries + 1
    assert(tries < 250, "nginx doesn't start: " .. tostring(stage.read(self.folder .. "/error.log")))
    raw.sleep(0.02)
  end
  self.http, self.https = ("http://127.0.0.1:%d"):format(plain), ("https://127.0.0.1:%d"):format(tls)
  self.elsewhere = ("https://127.0.0.2:%d"):format(tls)
  self.ca, self.other = self.folder .. "/ca.pem", self.folder .. "/other.pem"
  return self
end

return nginx
