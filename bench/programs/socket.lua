-- luasocket and luasec as programs use them, a connection for each request: socket.lua ORIGIN COUNT; prints
-- microseconds of CPU
local cjson, ltn12, socket = require "cjson", require "ltn12", require "socket"

local origin, count = arg[1], tonumber(arg[2])
local https = origin:find "^https"
local request = https and require "ssl.https".request or require "socket.http".request

local function go(times)
  for _ = 1, times do
    local parts = {}
    local _, status = request {
      url = origin .. "/1k.json", sink = ltn12.sink.table(parts),
        headers = { authorization = "Bearer bench-token", accept = "application/json" },
      cafile = https and os.getenv "BENCH_CA" or nil, verify = https and "peer" or nil,
    }
    assert(status == 200, status)
    assert(cjson.decode(table.concat(parts)).name)
  end
end

go(1)
local cpu, wall = os.clock(), socket.gettime()
go(count)
print(("%.0f %.0f 0"):format((os.clock() - cpu) * 1e6, (socket.gettime() - wall) * 1e6))
