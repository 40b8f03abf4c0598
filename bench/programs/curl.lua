-- lua-curl (libcurl for Lua 5.1 and 5.2, and so LuaJIT): curl.lua ORIGIN COUNT; prints microseconds of CPU
local curl, cjson, socket = require "curl", require "cjson", require "socket"

local origin, count = arg[1], tonumber(arg[2])
local easy = curl.easy_init()
local parts
easy:setopt(curl.OPT_URL, origin .. "/1k.json")
easy:setopt(curl.OPT_HTTPHEADER, { "Authorization: Bearer bench-token", "Accept: application/json" })
easy:setopt(curl.OPT_WRITEFUNCTION, function(a, b)
  local bytes = type(a) == "string" and a or b
  parts[#parts + 1] = bytes
  return #bytes
end)
easy:setopt(curl.OPT_ACCEPT_ENCODING, "") -- this and what follows is as the others have it
easy:setopt(curl.OPT_USERAGENT, "lua-curl/0.3")
easy:setopt(curl.OPT_TIMEOUT_MS, 30000)
easy:setopt(curl.OPT_NOSIGNAL, 1)
if os.getenv "BENCH_CA" then easy:setopt(curl.OPT_CAINFO, os.getenv "BENCH_CA") end

local function go(times)
  for _ = 1, times do
    parts = {}
    assert(easy:perform())
    assert(cjson.decode(table.concat(parts)).name)
  end
end

go(1)
local cpu, wall = os.clock(), socket.gettime()
go(count)
print(("%.0f %.0f 0"):format((os.clock() - cpu) * 1e6, (socket.gettime() - wall) * 1e6))
