-- lua-http, with its connection kept by hand, which is its fast way: http.lua ORIGIN COUNT; prints microseconds of CPU
local client, headers, util = require "http.client", require "http.headers", require "http.util"
local cjson, cqueues, context = require "cjson", require "cqueues", require "openssl.ssl.context"

local origin, count = arg[1], tonumber(arg[2])
local scheme, host, port = origin:match "^(%w+)://([^:]+):(%d+)$"
local tls
if scheme == "https" then
  tls = context.new("TLS", false)
  local store = require "openssl.x509.store".new()
  store:add(os.getenv "BENCH_CA")
  tls:setStore(store)
  tls:setVerify(context.VERIFY_PEER)
  if tls.setAlpnProtos then tls:setAlpnProtos { os.getenv "BENCH_HTTP2" and "h2" or "http/1.1" } end
end
local connection = assert(client.connect { host = host, port = tonumber(port), tls = tls ~= nil, ctx = tls,
  sendname = tls and "localhost" or nil })

local function go(times)
  for _ = 1, times do
    local stream = assert(connection:new_stream())
    local h = headers.new()
    h:append(":method", "GET")
    h:append(":scheme", scheme)
    h:append(":authority", util.to_authority(host, tonumber(port), scheme))
    h:append(":path", "/1k.json")
    h:append("authorization", "Bearer bench-token", true)
    h:append("accept", "application/json")
    assert(stream:write_headers(h, true))
    local answer = assert(stream:get_headers())
    assert(answer:get ":status" == "200")
    assert(cjson.decode(assert(stream:get_body_as_string())).name)
    stream:shutdown()
  end
end

go(1)
local cpu, wall = os.clock(), cqueues.monotime()
go(count)
print(("%.0f %.0f 0"):format((os.clock() - cpu) * 1e6, (cqueues.monotime() - wall) * 1e6))
