-- nginx as a gateway that adds a token: Airlock beside a cosocket by hand, in one run of interleaved rounds. Prints a
-- table, and writes it to bench/NGINX.md. Run by `make bench-nginx`; needs nginx with its Lua module, and ab (Debian:
-- apache2-utils).

package.path = "bench/?.lua;" .. package.path

local emulator = require "airlock.emulator"
local measure = require "measure"

local setting = function(name, default) return tonumber(os.getenv(name) or "") or default end
local requests, connections = setting("BENCH_REQUESTS", 20000), setting("BENCH_CONNECTIONS", 50)
local rounds, workers, lifetime = setting("BENCH_ROUNDS", 5), setting("BENCH_WORKERS", 4), setting("BENCH_LIFETIME", 2)

local read, write = measure.read, measure.write
local function shell(command) return measure.output(command) or "" end

local here = shell "pwd":match "%C+"
local work = shell 'd=$(mktemp -d) && chmod 755 "$d" && echo "$d"':match "%S+"

os.execute(("mkdir -m 700 '%s/store'"):format(work))

local settings = {
  ROOT = here, BUILD = os.getenv "AIRLOCK_BUILD" or here .. "/build/jit", MODULES = "/usr/lib/nginx/modules",
    WORKERS = workers,
  STORE = ("%q"):format(work .. "/store"),
}

local pipes = {}

-- Starts nginx with a configuration of ours, on the first port that is free. It lives as long as we hold its pipe.
local function start(name, first)
  local template = read(("bench/nginx/%s.conf"):format(name))
  for port = first, first + 50 do
    settings.PORT = port
    write(("%s/%s.conf"):format(work, name), (template:gsub("@(%u[%u_]*)@", settings)))
    local log = ("%s/%s.log"):format(work, name)
    local pipe = io.popen(("cd '%s' && { nginx -p . -c %s.conf -e %s </dev/null >/dev/null 2>&1 & } "
      .. "&& n=$! && cat >/dev/null; kill $n 2>/dev/null; wait $n")
      :format(work, name, log), "w")
    for _ = 1, 40 do
      local master = shell(
        ("cat '%s/%s.pid' 2>/dev/null; curl -s --noproxy '*' -o /dev/null -w answers http://127.0.0.1:%d/"):format(work,
        name, port))
      if master:find "^%d+%s+answers" then
        pipes[#pipes + 1] = pipe
        return port, tonumber(master:match "%d+")
      end
      os.execute "sleep 0.05"
    end
    pipe:close()
  end
  error(name .. " doesn't start: " .. read(("%s/%s.log"):format(work, name)))
end

-- The CPU time of a master's workers so far, in ticks of 10 ms.
local function cpu(master)
  local ticks = 0
  for pid in shell(("cat /proc/%d/task/%d/children"):format(master, master)):gmatch "%d+" do
    local fields = read(("/proc/%s/stat"):format(pid)):match "%) (.*)"
    local i = 0
    for field in fields:gmatch "%S+" do
      i = i + 1
      if i == 12 or i == 13 then ticks = ticks + tonumber(field) end
    end
  end
  return ticks
end

local function ab(way, n)
  local csv = work .. "/percentiles"
  local text = shell(("ab -q -k -n %d -c %d -e %s %s http://127.0.0.1:%d%s 2>&1"):format(n, connections, csv,
    way.options or "", way.port, way.path))
  local rate = tonumber(text:match "Requests per second:%s+([%d.]+)")
  assert(rate, text)
  local percentile = {}
  for percent, ms in read(csv):gmatch "\n(%d+),([%d.]+)" do percentile[tonumber(percent)] = tonumber(ms) end
  return {
    rate = rate, p50 = percentile[50], p99 = percentile[99],
    failed = tonumber(text:match "Failed requests:%s+(%d+)") + tonumber(text:match "Non%-2xx responses:%s+(%d+)" or 0),
  }
end

local function median(list, field)
  local values = {}
  for i, each in ipairs(list) do values[i] = each[field] end
  table.sort(values)
  return values[math.floor((#values + 1) / 2)]
end

local function sum(list, field)
  local total = 0
  for _, each in ipairs(list) do total = total + each[field] end
  return total
end

-- ---- the scene ----
local space = emulator.spawn { token_lifetime = lifetime, rotate = true }
local web = space.applications.web
local function login(person)
  local granted = shell(
    ("curl -s --noproxy '*' '%s/oauth/token' -d grant_type=password -d username=%s -d password=password-of-%s"
    .. " -d scope='**' -d access_type=offline -d client_id=%s -d client_secret=%s"):format(space.url, person, person,
      web.client_id, web.client_secret))
  return assert(granted:match '"refresh_token":"([^"]+)"', granted)
end
settings.SPACE, settings.CLIENT_ID, settings.CLIENT_SECRET = space.url, web.client_id, web.client_secret
settings.REFRESH_TOKEN, settings.ANOTHER_REFRESH_TOKEN = login "alice.first", login "bob.second"
settings.UPSTREAM = start("upstream", 18781)
local port, master = start("gateway", 18841)

local ways = {
  { name = "straight to the upstream", port = settings.UPSTREAM, path = "/api/x",
    options = "-H 'Authorization: Bearer x'", direct = true },
  { name = "a cosocket by hand", port = port, path = "/plain" },
  { name = "Airlock, a token that lasts", port = port, path = "/fixed" },
  { name = ("Airlock, a token of %d s, renewed, in files"):format(lifetime), port = port, path = "/files" },
  { name = "… the same in nginx's shared memory", port = port, path = "/memory" },
}

local function seen()
  local text = shell(("curl -s --noproxy '*' http://127.0.0.1:%d/seen"):format(settings.UPSTREAM))
  return tonumber(text:match "tokens (%d+)"), tonumber(text:match "refused (%d+)")
end

for _, way in ipairs(ways) do
  way.results = {}
  ab(way, 2000) -- warm
end
for round = 1, rounds do
  for _, way in ipairs(ways) do
    seen()
    local before = cpu(master)
    local result = ab(way, requests)
    result.cpu = (cpu(master) - before) * 10 / requests * 1000
    result.tokens, result.refused = seen()
    way.results[round] = result
    io.stderr:write(("round %d, %s: %.0f/s p99 %.1f ms, %d failed, %d tokens, %d refused\n"):format(round, way.name,
      result.rate, result.p99, result.failed, result.tokens, result.refused))
  end
end

-- ---- the table ----
local base = ways[2]
local lines = {
  "# nginx as a gateway that adds a token", "",
  ("nginx with %d workers before an upstream that takes 5 ms and gives 1 KB. ab with %d connections makes %d"):format(
    workers, connections, requests),
  ("requests a round; the figures are medians of %d interleaved rounds on a busy machine of two cores. CPU is"):format(
    rounds),
  "that of the gateway's workers. Made by `make bench-nginx`.", "",
  "| | requests/s | to by hand | p50 | p99 | CPU a request | failed | refused | tokens a round |",
    "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
}
for _, way in ipairs(ways) do
  local rate = median(way.results, "rate")
  lines[#lines + 1] = ("| %s | %.0f | %.2f | %.1f ms | %.1f ms | %s | %d | %d | %s |"):format(way.name, rate,
    rate / median(base.results, "rate"),
    median(way.results, "p50"), median(way.results, "p99"),
      way.direct and "" or ("%.0f µs"):format(median(way.results, "cpu")),
    sum(way.results, "failed"), sum(way.results, "refused"), median(way.results, "tokens"))
end
local text = table.concat(lines, "\n") .. "\n"
io.write(text)
write("bench/NGINX.md", text)
for _, pipe in ipairs(pipes) do pipe:close() end
space:stop()
os.execute("rm -rf '" .. work .. "'")
