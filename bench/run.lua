-- Measures Airlock beside plain C on libcurl and beside its peers, in one run; prints tables and writes them to
-- bench/RESULTS.md.
--
--   bench/run.lua [section…]     of: sequential instructions flight json token store start body growth; all are
-- written, some only shown
--
-- Environment: BENCH_ROUNDS (9), BENCH_COUNT (2000) requests a round, BENCH_LUAS ("5.4 jit"). `make bench` installs the
-- peers; one that isn't there is left out, and the table says so.

package.path = "bench/?.lua;" .. package.path
local commands = require "commands"
local measure = require "measure"
local sections = require "sections"
local server = require "server"

local how = {
  rounds = tonumber(os.getenv "BENCH_ROUNDS" or 9), count = tonumber(os.getenv "BENCH_COUNT" or 2000),
  folder = assert(measure.output "mktemp -d"),
}
local lines, at = {}, nil

local function say(line)
  lines[#lines + 1] = line
  print(line)
  io.stdout:flush()
end

local function go()
  commands.prepare(how.folder)
  os.execute("chmod 755 '" .. how.folder .. "'") -- nginx's worker is another user
  at = server.start(how.folder, commands.apart)
  say "# Measured"
  say ""
  say(("Made by `make bench` on %s with libcurl %s, on loopback against nginx with one worker."):format(
    os.date "!%Y-%m-%d", (measure.output "curl-config --version" or "?"):match "[%d.]+"))
  if commands.apart then say "The process that asks has a core of its own, the server another." end
  for _, name in ipairs(#arg > 0 and arg or sections.order) do
    say ""
    sections[name](say, at, how)
  end
end

local ok, why = pcall(go)
if at then at.stop() end
os.execute(("rm -rf '%s'"):format(how.folder))
if not ok then
  io.stderr:write(tostring(why), "\n")
  os.exit(1)
end
if #arg == 0 then
  local file = assert(io.open("bench/RESULTS.md", "wb"))
  file:write(table.concat(lines, "\n"), "\n")
  file:close()
end
