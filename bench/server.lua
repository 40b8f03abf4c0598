--- What the measures ask: nginx with one worker on free loopback ports, which gives a token, 1 KB of JSON and 10 MB of
--- bytes.

local measure = require "measure"

local server = {}

local outline = [[
worker_processes 1; $affinity pid nginx.pid; error_log error.log;
events { worker_connections 4096; }
http {
  access_log off; default_type application/json; keepalive_requests 1000000000; keepalive_timeout 1h;
  http2_max_concurrent_streams 1000;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server {
    listen 127.0.0.1:$http; listen 127.0.0.1:$https ssl; listen 127.0.0.1:$http2 ssl http2;
    ssl_certificate server.pem; ssl_certificate_key server.key;
    root .; client_max_body_size 0; client_body_buffer_size 16m;
    location = /token { return 200 '{"access_token":"bench-token","token_type":"Bearer","expires_in":3600}'; }
    location = /number { return 200 '{"connection":$connection}'; }
    location = /up { proxy_pass http://127.0.0.1:$http/done; proxy_http_version 1.1; proxy_set_header Connection ""; }
    location = /done { return 200 "done\n"; }
  }
}
]]

server.bytes = 10 * 1024 * 1024

-- 1 KB: a list of 14 items, as an API would give it
local function json()
  local items = {}
  for i = 1, 14 do
    items[i] = ('{"id":"%08d","name":"an item of the list","done":%s,"weight":%d.5}'):format(i * 7919,
      tostring(i % 2 == 0), i)
  end
  return '{"name":"bench","items":[' .. table.concat(items, ",") .. "]}"
end

-- 10 MB of which no part is like another: LuaJIT would find the same string again.
local function binary()
  local blocks = {}
  for i = 1, server.bytes / 4096 do blocks[i] = ("%016.0f"):format(i * 2654435761 % 1e13):rep(256) end
  return table.concat(blocks)
end

local function start(folder, port, apart)
  local ports = { http = port, https = port + 1, http2 = port + 2 }
  ports.affinity = apart and "worker_cpu_affinity 10;" or ""
  measure.write(folder .. "/nginx.conf", (outline:gsub("%$(%w+)", ports)))
  local ok = os.execute(("nginx -p '%s' -c nginx.conf -e error.log >/dev/null 2>&1"):format(folder))
  if ok ~= true and ok ~= 0 then return nil end
  return {
    http = ("http://127.0.0.1:%d"):format(ports.http), https = ("https://localhost:%d"):format(ports.https),
    http2 = ("https://localhost:%d"):format(ports.http2), ca = folder .. "/ca.pem",
  }
end

--- Starts it in a folder, `apart` from core 0: `http`, `https` (HTTP/1.1) and `http2` (origins), `ca` (a file),
--- `stop()`.
function server.start(folder, apart)
  os.execute(("tools/certificate '%s'"):format(folder))
  measure.write(folder .. "/1k.json", json())
  measure.write(folder .. "/10m.bin", binary())
  for port = 18741, 18941, 10 do
    local self = start(folder, port, apart)
    if self then
      function self.stop() os.execute(("kill $(cat '%s/nginx.pid')"):format(folder)) end
      return self
    end
  end
  error("bench: nginx found no port to listen on, see " .. folder .. "/error.log", 0)
end

return server
