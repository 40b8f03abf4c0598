--- The tables. Each section takes `say` (prints a line and keeps it), the server, and how it is to measure: rounds,
--- count, folder.

local commands = require "commands"
local measure = require "measure"

local sections = { order = { "sequential", "instructions", "flight", "json", "token", "store", "start", "body",
  "growth" } }
local interpreter = commands.interpreter

local protocols = {
  { name = "HTTP/1.1", origin = "http", environment = "" },
  { name = "HTTPS, HTTP/1.1", origin = "https", environment = "BENCH_CA=$ NODE_EXTRA_CA_CERTS=$ " },
  { name = "HTTPS, HTTP/2", origin = "http2", environment = "BENCH_HTTP2=1 BENCH_CA=$ " },
}

local function thousands(n)
  local text = ("%.0f"):format(n)
  repeat
    local more
    text, more = text:gsub("^(-?%d+)(%d%d%d)", "%1 %2")
  until more == 0
  return text
end

local function ours(version, more)
  return ("**Airlock, %s**%s"):format(interpreter(version), more or "")
end

local function speaks(peer, protocol)
  if protocol.origin ~= "http2" then return true end
  return peer.name:find "^lua%-http" or peer.name:find "^Go" or peer.name == "httpx" or false
end

-- ---- one after the other ----

local function sequential_rows(protocol, at, count)
  local origin, environment = at[protocol.origin], protocol.environment:gsub("%$", at.ca)
  local rows = {}
  local function add(name, command, base, rounds)
    rows[#rows + 1] = { name = name, command = environment .. command, times = count, base = base, rounds = rounds }
    return rows[#rows]
  end
  local base = add("plain C on libcurl", commands.plain(origin .. "/1k.json", count, "get"))
  local with_json
  for i, version in ipairs(commands.luas) do
    local row = add("plain C on libcurl with lua-cjson, " .. interpreter(version),
      commands.plain_json(version, origin .. "/1k.json", count, "json"), with_json)
    if i == 1 then with_json = row end
  end
  for _, version in ipairs(commands.luas) do
    add(ours(version, ", body as it is"), commands.airlock(version, origin, count, "get"), base)
    add(ours(version, ", JSON decoded"), commands.airlock(version, origin, count, "json"), with_json)
  end
  for _, one in ipairs(commands.peers) do
    if speaks(one, protocol) then
      add(one.name .. ", JSON decoded", ("%s %s %d"):format(one.command, origin, count), with_json, 3)
    end
  end
  return rows
end

function sections.sequential(say, at, how)
  say "## Sequential authenticated GETs of 1 KB over one kept connection"
  say ""
  say "CPU: user and system time of one request, in the process that asks. Ratio: to plain C on libcurl that does the"
  say(("same work; if JSON is decoded, with %s's lua-cjson. Medians of %d interleaved rounds (peers: 3) of "
    .. "%d requests."):format(
    interpreter(commands.luas[1]), how.rounds, how.count))
  for _, protocol in ipairs(protocols) do
    local rows = measure.rounds(sequential_rows(protocol, at, how.count), how.rounds)
    say ""
    say(("| %s | CPU a request | ratio |"):format(protocol.name))
    say "|---|---:|---:|"
    for _, row in ipairs(rows) do
      say(("| %s | %.1f µs | %s |"):format(row.name, row.cpu, row.base and ("%.2f"):format(row.ratio) or "1"))
    end
  end
  if #commands.missing > 0 then
    say(("\nNot installed, so not measured: %s."):format(table.concat(commands.missing, "; ")))
  end
end

function sections.instructions(say, at, how)
  say "## Instructions of one such request, HTTP/1.1"
  say ""
  say "Counted by callgrind, which other work on the machine doesn't change; two runs of different length subtracted."
  say ""
  say "| | instructions | ratio |"
  say "|---|---:|---:|"
  local function row(name, command, base)
    local n = measure.instructions(command, 200, 1200, how.folder .. "/callgrind")
    say(("| %s | %s | %.2f |"):format(name, thousands(n), n / (base or n)))
    return n
  end
  local url = at.http .. "/1k.json"
  local base = row("plain C on libcurl", commands.plain(url, "%d", "get"))
  local with_json
  for _, version in ipairs(commands.luas) do
    local n = row("plain C on libcurl with lua-cjson, " .. interpreter(version),
      commands.plain_json(version, url, "%d", "json"), with_json)
    with_json = with_json or n
  end
  for _, version in ipairs(commands.luas) do
    row(ours(version, ", body as it is"), commands.airlock(version, at.http, "%d", "get"), base)
    row(ours(version, ", JSON decoded"), commands.airlock(version, at.http, "%d", "json"), with_json)
  end
end

-- ---- many at once ----

local function flight_rows(protocol, at, flight, count)
  local origin, environment = at[protocol.origin], protocol.environment:gsub("%$", at.ca)
  local times, rows = math.max(count, flight * 20), {}
  local function add(name, make, n)
    rows[#rows + 1] = {
      name = name, command = environment .. make(n, flight), alone = environment .. make(50, 1), times = n,
        base = rows[1],
    }
  end
  add("plain C on libcurl", function(n, f) return commands.many(origin .. "/1k.json", n, f) end, times)
  for _, version in ipairs(commands.luas) do
    add(ours(version), function(n, f) return commands.airlock(version, origin, n, "flight", f) end, times)
  end
  for _, name in ipairs { "Go", "openid", "httpx" } do
    local one = commands.peer(name)
    if one and speaks(one, protocol) then
      add(one.name, function(n, f) return ("%s %s %d %d"):format(one.command, origin, n, f) end,
        math.max(flight * 2, math.floor(times / 4)))
    end
  end
  return rows
end

function sections.flight(say, at, how)
  say "## Many GETs of 1 KB in flight from one thread"
  say ""
  say "Against plain C with libcurl's multi interface and epoll. Memory: the peak of the process, less that of one"
  say "with a single request in flight, for each in flight."
  for _, protocol in ipairs { protocols[1], protocols[3] } do
    for _, flight in ipairs { 50, 500 } do
      local rows = measure.rounds(flight_rows(protocol, at, flight, how.count), how.rounds)
      say ""
      say(("| %s, %d in flight | requests/s | CPU a request | ratio | memory each |"):format(protocol.name, flight))
      say "|---|---:|---:|---:|---:|"
      for _, row in ipairs(rows) do
        local each = (row.peak - measure.run(row.alone).peak) / flight
        say(("| %s | %s | %.1f µs | %.2f | %.1f KiB |"):format(row.name, thousands(1e6 / row.wall), row.cpu, row.ratio,
          each))
      end
    end
  end
end

-- ---- JSON alone ----

-- Each beside lua-cjson in the same Lua.
local function json_rows()
  local rows = {}
  for _, size in ipairs { { "1 KB", 1000, 20000 }, { "1 MB", 1000000, 20 } } do
    for _, version in ipairs(commands.luas) do
      for _, what in ipairs { "decode", "encode" } do
        local function add(name, whose, base)
          rows[#rows + 1] = { name = ("%s %s, %s"):format(what, size[1], name), base = base, times = size[3],
            command = commands.script(version, "bench/programs/json.lua", size[3], whose, what, size[2]) }
          return rows[#rows]
        end
        local base = add("lua-cjson, " .. interpreter(version), "cjson")
        add(ours(version), "ours", base)
      end
    end
  end
  return rows
end

function sections.json(say, _, how)
  say "## JSON: a list of issues, without a request"
  say ""
  say "Ratio: of CPU, to lua-cjson in the same Lua, in the same round."
  say ""
  say "| | CPU | ratio |"
  say "|---|---:|---:|"
  for _, row in ipairs(measure.rounds(json_rows(), how.rounds)) do
    say(("| %s | %.1f µs | %s |"):format(row.name, row.cpu, row.base and ("%.2f"):format(row.ratio) or "1"))
  end
end

-- ---- tokens ----

function sections.token(say, at, how)
  say "## A fresh token from the cache"
  say ""
  say "| | a call |"
  say "|---|---:|"
  local times, rows = 1000000, {}
  local few = 100000
  local function add(name, command, n) rows[#rows + 1] = { name = name, command = command, times = n } end
  for _, version in ipairs(commands.luas) do
    add(ours(version, ", session:token()"), commands.airlock(version, at.http, times, "token"), times)
  end
  local go, google = commands.peer "Go", commands.google(few)
  if go then add("Go x/oauth2, source.Token()", ("%s %s %d token"):format(go.command, at.http, times), times) end
  if google then add("google-auth, before_request()", google, few) end
  for _, row in ipairs(measure.rounds(rows, how.rounds)) do
    say(("| %s | %.0f ns |"):format(row.name, row.cpu * 1000))
  end
end

-- ---- tokens in files ----

function sections.store(say, at, how)
  say "## Tokens in files"
  say ""
  say "A record with a token of 1 KB, whose lock nobody else wants. It is written to the disk, with fsync of file and"
  say "folder: that is the disk's time, and a renewal does it twice."
  say ""
  say "| | CPU | wall clock |"
  say "|---|---:|---:|"
  local rows, folder = {}, how.folder .. "/records"
  local function add(name, command, n) rows[#rows + 1] = { name = name, command = command, times = n } end
  for _, way in ipairs { { "read", "read", 20000 }, { "lock", "lock, read, unlock", 20000 },
    { "save", "lock, read, write, unlock", 200 } } do
    add("**Airlock**, in C: " .. way[2], commands.files(folder, way[3], way[1]), way[3])
  end
  local msal = commands.msal(how.folder .. "/msal", 2000)
  if msal then add("msal-extensions: lock, read, unlock", msal, 2000) end
  for _, version in ipairs(commands.luas) do
    add(ours(version, ": a new client finds its token there"),
      commands.script(version, "bench/programs/stored.lua", at.http, 2000, folder), 2000)
  end
  for _, row in ipairs(measure.rounds(rows, how.rounds)) do
    say(("| %s | %.1f µs | %.1f µs |"):format(row.name, row.cpu, row.wall))
  end
end

-- ---- starting ----

function sections.start(say, at, how)
  say "## From the start of a program to its first answer"
  say ""
  say "The whole process. Airlock finds its token in the file store, where an earlier run left it. requests-oauthlib"
  say "and httpx have theirs in the source. The other peers, which come with no store, ask for one."
  say ""
  say "| | CPU | wall clock |"
  say "|---|---:|---:|"
  local rows = {}
  local function add(name, command) rows[#rows + 1] = { name = name, command = measure.whole(command) } end
  add("plain C on libcurl, a fixed token", commands.plain(at.http .. "/1k.json", 0, "get"))
  for _, version in ipairs(commands.luas) do
    add(ours(version), commands.script(version, "bench/programs/start.lua", at.http, how.folder .. "/store"))
  end
  for _, name in ipairs { "Go", "openid", "requests", "httpx" } do
    local one = commands.peer(name)
    if one then add(one.name, ("%s %s 0"):format(one.command, at.http)) end
  end
  for _, row in ipairs(measure.rounds(rows, how.rounds)) do
    say(("| %s | %.1f ms | %.1f ms |"):format(row.name, row.cpu / 1000, row.wall / 1000))
  end
end

function sections.growth(say, at, how)
  say "## Growth: a call where there are so many sessions, each with a token of its own"
  say ""
  say "| | 1 | 1 000 | 100 000 |"
  say "|---|---:|---:|---:|"
  local ways = {
    { "session:token()", "growth", 300000 }, { "session:request of 1 KB", "growth_get", how.count },
    { "client:client_credentials{…} for a token that is there", "lookup", 100000 },
  }
  for _, version in ipairs(commands.luas) do
    for _, way in ipairs(ways) do
      local cells = {}
      for _, n in ipairs { 1, 1000, 100000 } do
        local row = { command = commands.airlock(version, at.http, way[3], way[2], n), times = way[3] }
        local us = measure.rounds({ row }, n == 100000 and 1 or how.rounds)[1].cpu
        cells[#cells + 1] = us >= 10 and ("%.1f µs"):format(us) or ("%.0f ns"):format(us * 1000)
      end
      say(("| %s, %s | %s |"):format(ours(version), way[1], table.concat(cells, " | ")))
    end
  end
end

-- ---- large bodies ----

-- Beside plain C that hands nothing on: plain C whose bodies, or pieces of them, become Lua strings.
local function body_rows(at, way, path, with_lua, what, times, bytes)
  local base = { name = "plain C on libcurl", command = commands.plain(at.http .. path, times, way, bytes),
    times = times }
  local rows = { base }
  local function add(name, command) rows[#rows + 1] = { name = name, command = command, times = times, base = base } end
  for _, version in ipairs(with_lua and commands.luas or {}) do
    add(("plain C on libcurl that %s, %s"):format(what, interpreter(version)),
      commands.plain_json(version, at.http .. path, times, with_lua, bytes))
  end
  for _, version in ipairs(commands.luas) do
    add(ours(version), commands.airlock(version, at.http, times, way, bytes))
  end
  return rows
end

function sections.body(say, at, how)
  say "## Bodies of 10 MB"
  say ""
  say "Ratio: of wall clock, to plain C on libcurl, whose sink only counts. To memory each body is a byte shorter"
  say "than the one before, as LuaJIT would find the same string again. Lua takes over no buffer, so it copies the"
  say "body; rows of plain C tell what that alone costs."
  say ""
  say "| | MB/s | ratio | peak memory |"
  say "|---|---:|---:|---:|"
  local times, bytes = 60, require "server".bytes
  local ways = {
    { "down", "/10m.bin", "down, to memory", "text", "makes a Lua string of it" },
    { "sink", "/10m.bin", "down, to a sink", "pour", "calls a Lua function with each piece" },
    { "up", "/up", "up" },
  }
  for _, way in ipairs(ways) do
    for _, row in ipairs(measure.rounds(body_rows(at, way[1], way[2], way[4], way[5], times, bytes), how.rounds)) do
      say(("| %s, %s | %s | %.2f | %s KiB |"):format(way[3], row.name, thousands(bytes / row.wall), row.slower,
        thousands(row.peak)))
    end
  end
end

return sections
