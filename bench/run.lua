-- Measures Airlock beside plain C on libcurl and beside its peers, in one run; prints tables and writes them to bench/RESULTS.md.
--
--   bench/run.lua [section…]     of: sequential instructions flight token start body growth (default: all)
--
-- Environment: BENCH_ROUNDS (5), BENCH_COUNT (3000) requests a round, BENCH_LUAS ("5.4 jit"). A peer that isn't installed is left
-- out, and the table says so. Debian: nginx-light valgrind lua-curl lua-http lua-sec python3-requests-oauthlib python3-httpx
-- python3-h2 python3-google-auth golang-go golang-golang-x-oauth2-dev nodejs; npm: openid-client, into build/bench.

package.path = "bench/?.lua;" .. package.path
local measure = require "measure"
local server = require "server"

local rounds = tonumber(os.getenv "BENCH_ROUNDS" or 5)
local count = tonumber(os.getenv "BENCH_COUNT" or 3000)
local luas = {}
for name in (os.getenv "BENCH_LUAS" or "5.4 jit"):gmatch "%S+" do luas[#luas + 1] = name end

local folder = assert(measure.output "mktemp -d && true")
os.execute("chmod 755 '" .. folder .. "'") -- nginx's worker is another user
local programs = "bench/programs/"
local lines = {}

local function say(text, ...)
  local line = select("#", ...) > 0 and text:format(...) or text
  lines[#lines + 1] = line
  print(line)
  io.stdout:flush()
end

local function thousands(n)
  local text = ("%.0f"):format(n)
  repeat
    local more
    text, more = text:gsub("^(-?%d+)(%d%d%d)", "%1 %2")
  until more == 0
  return text
end

-- ---- the programs ----

-- A core for whoever asks and another for the server: where they share one, or change places, a round says little.
local apart = measure.has "test $(nproc) -ge 2 && command -v taskset"
local pinned = apart and "taskset -c 0 " or ""

local interpreters = { jit = "luajit" }
local function interpreter(version) return interpreters[version] or "lua" .. version end

local built = {}
local function airlock(version, origin, ...)
  if not built[version] then assert(measure.output(("make -s LUA=%s >&2"):format(version)), "the build failed") end
  built[version] = true
  return (pinned .. "env LUA_PATH='lua/?.lua;lua/?/init.lua;;' LUA_CPATH='build/%s/?.so;;' %s %sairlock.lua %s %s")
    :format(version, interpreter(version), programs, origin, table.concat({ ... }, " "))
end

local function compile(name, source, flags)
  assert(measure.output(("${CC:-cc} -O2 -o '%s/%s' %s%s %s $(pkg-config --cflags --libs libcurl)"):format(folder, name, programs, source, flags or "")),
    "bench: " .. source .. " doesn't compile")
end

local function plain(...) return (pinned .. "%s/plain %s"):format(folder, table.concat({ ... }, " ")) end
local function plain_json(...) return (pinned .. "%s/plain-json %s"):format(folder, table.concat({ ... }, " ")) end
local function many(...) return (pinned .. "%s/many %s"):format(folder, table.concat({ ... }, " ")) end

local missing = {}
local peers = {}

local function peer(name, there, command)
  if measure.has(there) then peers[#peers + 1] = { name = name, command = pinned .. command }
  else missing[#missing + 1] = name end
end

local function prepare()
  compile("plain", "plain.c")
  compile("many", "many.c")
  compile("plain-json", "plain.c", ("-DWITH_LUA $(pkg-config --cflags --libs %s) -Wl,-E"):format(interpreter(luas[1])))
  local go = measure.has "command -v go" and measure.has(("GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE='%s/go' go build -o '%s/xoauth2' %sxoauth2.go")
    :format(folder, folder, programs))
  peer("lua-curl, lua5.1", "lua5.1 -e 'require\"curl\" require\"socket\"'", "lua5.1 " .. programs .. "curl.lua")
  peer("lua-curl, luajit", "luajit -e 'require\"curl\" require\"socket\"'", "luajit " .. programs .. "curl.lua")
  peer("lua-http, luajit", "luajit -e 'require\"http.client\"'", "luajit " .. programs .. "http.lua")
  peer("lua-http, lua5.3", "lua5.3 -e 'require\"http.client\"'", "lua5.3 " .. programs .. "http.lua")
  peer("luasocket + luasec, lua5.4", "lua5.4 -e 'require\"ssl.https\" require\"cjson\"'", "lua5.4 " .. programs .. "socket.lua")
  peer("Go x/oauth2", go and "true" or "false", folder .. "/xoauth2")
  peer("openid-client, Node.js", "test -d build/bench/node_modules/openid-client && command -v node",
    "node --no-warnings build/bench/openid.mjs")
  peer("requests-oauthlib", "/usr/bin/python3 -c 'import requests_oauthlib'", "/usr/bin/python3 " .. programs .. "with_requests.py")
  peer("httpx", "/usr/bin/python3 -c 'import httpx, h2'", "/usr/bin/python3 " .. programs .. "with_httpx.py")
end

local at
local sections = {}

-- ---- 1: sequential ----

local protocols = {
  { "HTTP/1.1", "http", "" }, { "HTTPS, HTTP/1.1", "https", "BENCH_CA=$ NODE_EXTRA_CA_CERTS=$ " }, { "HTTPS, HTTP/2", "http2", "BENCH_HTTP2=1 BENCH_CA=$ " },
}

-- Which of the peers speak which protocol.
local function speaks(name, protocol)
  if protocol ~= "http2" then return true end
  return name:find "^lua%-http" or name:find "^Go" or name == "httpx" or false
end

local function sequential_rows(protocol, prefix)
  local origin, few = at[protocol], math.max(100, count // 6)
  local rows = {}
  local function add(name, command, base, times)
    rows[#rows + 1] = { name = name, command = prefix .. command, times = times or count, base = base, rounds = times and 3 or nil }
    return rows[#rows]
  end
  local base = add("plain C on libcurl", plain(origin .. "/1k.json", count, "get"))
  local with_json = add("plain C on libcurl with lua-cjson, " .. interpreter(luas[1]), plain_json(origin .. "/1k.json", count, "json"))
  for _, version in ipairs(luas) do
    add(("**Airlock, %s**, body as it is"):format(interpreter(version)), airlock(version, origin, count, "get"), base)
    add(("**Airlock, %s**, JSON decoded"):format(interpreter(version)), airlock(version, origin, count, "json"), with_json)
  end
  for _, one in ipairs(peers) do
    if speaks(one.name, protocol) then add(one.name .. ", JSON decoded", ("%s %s %d"):format(one.command, origin, few), with_json, few) end
  end
  return rows
end

function sections.sequential()
  say "## Sequential authenticated GETs of 1 KB over one kept connection"
  say ""
  say "CPU: user and system time of one request, in the process that asks. Ratio: to plain C on libcurl that does the same work; where"
  say("JSON is decoded, with lua-cjson of %s. Medians of %d interleaved rounds (peers: 3) of %d requests.", interpreter(luas[1]), rounds, count)
  for _, protocol in ipairs(protocols) do
    local rows = measure.rounds(sequential_rows(protocol[2], (protocol[3]:gsub("%$", at.ca))), rounds)
    say ""
    say("| %s | CPU a request | ratio |", protocol[1])
    say "|---|---:|---:|"
    for _, row in ipairs(rows) do say("| %s | %.1f µs | %s |", row.name, row.cpu, row.base and ("%.2f"):format(row.ratio) or "1") end
  end
  if #missing > 0 then say("\nNot installed, so not measured: %s.", table.concat(missing, "; ")) end
end

-- ---- instructions ----

function sections.instructions()
  say "## Instructions of one such request, HTTP/1.1"
  say ""
  say "Counted by callgrind, which other work on the machine doesn't change; two runs of different length subtracted."
  say ""
  say "| | instructions | ratio |"
  say "|---|---:|---:|"
  local out, few, more = folder .. "/callgrind", 200, 1200
  local function row(name, command, base)
    local n = measure.instructions(command, few, more, out)
    say("| %s | %s | %.2f |", name, thousands(n), n / (base or n))
    return n
  end
  local base = row("plain C on libcurl", plain(at.http .. "/1k.json", "%d", "get"))
  local with_json = row("plain C on libcurl with lua-cjson, " .. interpreter(luas[1]), plain_json(at.http .. "/1k.json", "%d", "json"))
  for _, version in ipairs(luas) do
    local name = "**Airlock, " .. interpreter(version) .. "**, "
    row(name .. "body as it is", airlock(version, at.http, "%d", "get"), base)
    row(name .. "JSON decoded", airlock(version, at.http, "%d", "json"), with_json)
  end
end

-- ---- 2: in flight ----

function sections.flight()
  say "## Many GETs of 1 KB in flight from one thread"
  say ""
  say "Against plain C with libcurl's multi interface and epoll. Memory: peak of the process, less that of one with a single request in flight, for each in flight."
  for _, protocol in ipairs { protocols[1], protocols[3] } do
    local origin, prefix = at[protocol[2]], protocol[3]:gsub("%$", at.ca)
    for _, flight in ipairs { 50, 500 } do
      local rows = {}
      local function add(name, make, times)
        rows[#rows + 1] = { name = name, command = prefix .. make(times, flight), times = times, alone = prefix .. make(50, 1), base = rows[1] }
      end
      local times = math.max(count, flight * 6)
      add("plain C on libcurl", function(n, f) return many(origin .. "/1k.json", n, f) end, times)
      for _, version in ipairs(luas) do
        add("**Airlock, " .. interpreter(version) .. "**", function(n, f) return airlock(version, origin, n, "flight", f) end, times)
      end
      for _, one in ipairs(peers) do
        if (one.name:find "^Go" or one.name:find "^openid" or one.name == "httpx") and speaks(one.name, protocol[2]) then
          add(one.name, function(n, f) return ("%s %s %d %d"):format(one.command, origin, n, f) end, math.max(flight * 2, times // 4))
        end
      end
      measure.rounds(rows, rounds)
      say ""
      say("| %s, %d in flight | requests/s | CPU a request | ratio | memory each |", protocol[1], flight)
      say "|---|---:|---:|---:|---:|"
      for _, row in ipairs(rows) do
        say("| %s | %s | %.1f µs | %.2f | %.1f KiB |", row.name, thousands(1e6 / row.wall), row.cpu, row.ratio,
          (row.peak - measure.run(row.alone).peak) / flight)
      end
    end
  end
end

-- ---- 3: tokens, and starting ----

function sections.token()
  say "## A fresh token from the cache"
  say ""
  say "| | a call |"
  say "|---|---:|"
  local rows, times = {}, 1000000
  for _, version in ipairs(luas) do
    rows[#rows + 1] = { name = ("**Airlock, %s**, session:token()"):format(interpreter(version)), command = airlock(version, at.http, times, "token"), times = times }
  end
  if measure.has("test -x " .. folder .. "/xoauth2") then
    rows[#rows + 1] = { name = "Go x/oauth2, source.Token()", command = ("%s/xoauth2 %s %d token"):format(folder, at.http, times), times = times }
  end
  if measure.has "/usr/bin/python3 -c 'import google.oauth2.credentials'" then
    rows[#rows + 1] = { name = "google-auth, before_request()", command = ("/usr/bin/python3 %swith_google_auth.py %d"):format(programs, times // 10), times = times // 10 }
  end
  measure.rounds(rows, rounds)
  for _, row in ipairs(rows) do say("| %s | %.0f ns |", row.name, row.cpu * 1000) end
end

function sections.growth()
  say "## Growth: with so many sessions, each with a token of its own"
  say ""
  say "| | 1 | 1 000 | 100 000 |"
  say "|---|---:|---:|---:|"
  for _, version in ipairs(luas) do
    for _, what in ipairs { { "session:token()", "growth", 300000 }, { "session:request of 1 KB", "growth_get", count }, { "client:client_credentials for a cached token", "lookup", 100000 } } do
      local cells = {}
      for _, n in ipairs { 1, 1000, 100000 } do
        local row = measure.rounds({ { command = airlock(version, at.http, what[3], what[2], n) } }, n == 100000 and 1 or rounds)[1]
        local ns = row.cpu / what[3] * 1000
        cells[#cells + 1] = ns >= 10000 and ("%.1f µs"):format(ns / 1000) or ("%.0f ns"):format(ns)
      end
      say("| %s, %s | %s |", interpreter(version), what[1], table.concat(cells, " | "))
    end
  end
end

-- ---- 4: large bodies ----

function sections.body()
  say "## Bodies of 10 MB"
  say ""
  say "| | MB/s | ratio | peak memory |"
  say "|---|---:|---:|---:|"
  local times, bytes = 20, server.bytes
  for _, what in ipairs { { "down", "down, to memory", "/10m.bin" }, { "sink", "down, to a sink", "/10m.bin" }, { "up", "up", "/up" } } do
    local rows = { { name = "plain C on libcurl", command = plain(at.http .. what[3], times, what[1], bytes), times = times } }
    for _, version in ipairs(luas) do
      rows[#rows + 1] = { name = "**Airlock, " .. interpreter(version) .. "**", command = airlock(version, at.http, times, what[1], bytes), times = times, base = rows[1] }
    end
    measure.rounds(rows, rounds)
    for _, row in ipairs(rows) do
      say("| %s, %s | %s | %.2f | %s KiB |", what[2], row.name, thousands(bytes / row.wall), row.slower, thousands(row.peak))
    end
  end
end

-- ----

local order = { "sequential", "instructions", "flight", "token", "start", "body", "growth" }
local function go()
  prepare()
  at = server.start(folder, apart)
  say "# Measured"
  say ""
  say("Made by `make bench`: %s, libcurl %s, on loopback against nginx with one worker.", os.date "!%Y-%m-%d",
    (measure.output "curl-config --version" or "?"):match "[%d.]+")
  if apart then say "Whoever asks has a core of its own, the server another." end
  for _, name in ipairs(#arg > 0 and arg or order) do
    if sections[name] then
      say ""
      sections[name]()
    end
  end
end

local ok, why = pcall(go)
if at then at.stop() end
os.execute(("rm -rf '%s'"):format(folder))
if not ok then
  io.stderr:write(tostring(why), "\n")
  os.exit(1)
end
if #arg == 0 then
  local file = assert(io.open("bench/RESULTS.md", "wb"))
  file:write(table.concat(lines, "\n"), "\n")
  file:close()
end
