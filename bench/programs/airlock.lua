-- Airlock's part of the measures.
--
--   airlock.lua ORIGIN COUNT get|json|flight|down|sink|up|token|growth|lookup [N]
--
-- Prints microseconds of CPU, of wall clock, and peak KiB, as bench/programs/plain.c does.
-- N: how many in flight; bytes of a body; how many sessions. BENCH_CA: file of certificates to trust.
local airlock = require "airlock"

local origin, count, what, n = arg[1], tonumber(arg[2]), arg[3], tonumber(arg[4])
local client = airlock.client {
  token_endpoint = origin .. "/token", base_url = origin .. "/", client_id = "bench", client_secret = "secret",
  ca_file = os.getenv "BENCH_CA", max_body = 1024 * 1024 * 1024,
}
local session = client:client_credentials()
local now = require "airlock.core".now

local function peak() -- KiB
  for line in io.lines "/proc/self/status" do
    local size = line:match "^VmHWM:%s*(%d+)"
    if size then return tonumber(size) end
  end
end

local function check(good)
  if not good then error("a bad answer", 0) end
end

local ways = {}

function ways.get(times)
  for _ = 1, times do
    local response = session:request { url = "1k.json" }
    check(response and response.status == 200 and #response.body > 1000)
  end
end

function ways.json(times)
  for _ = 1, times do
    local value = session:get "1k.json"
    check(value and value.name)
  end
end

function ways.flight(times)
  local jobs, left = {}, times
  for i = 1, n do
    jobs[i] = function()
      while left > 0 do
        left = left - 1
        local response = session:request { url = "1k.json" }
        check(response and response.status == 200 and #response.body > 1000)
      end
      return true
    end
  end
  for i, result in ipairs(airlock.gather((table.unpack or unpack)(jobs))) do
    check(result[1] or i == 0) end -- luacheck: ignore 143
end

-- Each body is a byte shorter than the one before, as LuaJIT would find the same string again.
function ways.down(times)
  for i = 0, times - 1 do
    check(#session:request({ url = "10m.bin", headers = { Range = ("bytes=%d-"):format(i) } }).body == n - i)
  end
end

function ways.sink(times)
  for _ = 1, times do
    local got = 0
    check(session:request { url = "10m.bin", sink = function(bytes) got = got + #bytes end })
    check(got == n)
  end
end

local text
function ways.up(times)
  text = text or ("x"):rep(n)
  for _ = 1, times do check(session:request({ url = "up", body = text }).status == 200) end
end

function ways.token(times)
  for _ = 1, times do session:token() end
end

-- Many sessions, each with a token of its own: a token of any of them, in an order that caches don't like.
local sessions
local function fill()
  sessions = {}
  for i = 1, n do
    sessions[i] = client:client_credentials { scope = "s" .. i }
    check(sessions[i]:token())
  end
end

-- A way that visits them so; they are made where it warms up.
local function visiting(visit)
  return function(times)
    if not sessions then return fill() end
    local at = 1
    for _ = 1, times do
      at = (at + 7919) % n + 1
      visit(at)
    end
  end
end

ways.growth = visiting(function(at) sessions[at]:token() end)
ways.growth_get = visiting(function(at) check(sessions[at]:request { url = "1k.json" }) end)
-- A session is made anew for a token that is cached already.
ways.lookup = visiting(function(at) client:client_credentials({ scope = "s" .. at }):close() end)

local way = ways[what]
way(what == "flight" and n or 1) -- the connection is made, the token is there, and what is cached is cached
local cpu, wall = os.clock(), now()
way(count)
print(("%.0f %.0f %d"):format((os.clock() - cpu) * 1e6, (now() - wall) * 1e6, peak()))
