--- Running programs and making sense of what they print.

local measure = {}

--- The output of a command, without its last line break; nil where it failed.
function measure.output(command)
  local pipe = assert(io.popen(command .. "; echo \"status $?\""))
  local text = pipe:read "*a"
  pipe:close()
  local out, status = text:match "^(.-)\n?status (%d+)\n$"
  return status == "0" and out or nil, text
end

--- The text of a file.
function measure.read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

--- Makes a file of that text.
function measure.write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

--- Runs `command COUNT-dependent text`: gives { cpu, wall (microseconds), peak (KiB) }.
function measure.run(command)
  local out, text = measure.output(command)
  local cpu, wall, peak = (out or ""):match "(%d+) (%d+) (%d+)%s*$"
  if not cpu then error("bench: this failed: " .. command .. "\n" .. text, 0) end
  return { cpu = tonumber(cpu), wall = tonumber(wall), peak = tonumber(peak) }
end

local function middle(list)
  table.sort(list)
  return list[math.floor((#list + 1) / 2)]
end

--- Runs all rows `rounds` times, one after the other (a row with `rounds` of its own only that often). Each row { name,
--- command, base } gets the medians of `cpu`, `wall` and `peak`, and `ratio` and `slower`: the medians of what its CPU
--- and its wall clock were of those of its `base`, a row above, in the same round: so a machine that is slower for a
--- while changes nothing. `times`: what a run is divided by.
function measure.rounds(rows, rounds)
  local all = {}
  for _, row in ipairs(rows) do all[row] = { cpu = {}, wall = {}, peak = {}, ratio = {}, slower = {} } end
  for round = 1, rounds do
    local now = {}
    for _, row in ipairs(rows) do
      if round <= (row.rounds or rounds) then
        local one, times = measure.run(row.command), row.times or 1
        one.cpu, one.wall = one.cpu / times, one.wall / times
        local base = row.base and now[row.base] or one
        one.ratio, one.slower = one.cpu / base.cpu, one.wall / base.wall
        now[row] = one
        for name, list in pairs(all[row]) do list[#list + 1] = one[name] end
      end
    end
  end
  for row, lists in pairs(all) do
    for name, list in pairs(lists) do row[name] = middle(list) end
  end
  return rows
end

-- What bash says of a command as the other programs say it of themselves.
local whole = [[LC_ALL=C bash -c 'TIMEFORMAT="%%R %%U %%S"; time { %s; } >/dev/null' 2>&1 | tail -n 1 |]]
  .. [[ awk '{ printf "%%d %%d 0\n", ($2 + $3) * 1e6, $1 * 1e6 }']]

--- The command whose whole run is measured, its start included.
function measure.whole(command)
  return whole:format((command:gsub("'", [['\'']])))
end

local function instructions(command, out)
  local counted = "valgrind --tool=callgrind --trace-children=yes --callgrind-out-file='%s' %s 2>&1 >/dev/null"
  local ok, text = measure.output(counted:format(out, command))
  if not ok then error("bench: this failed under callgrind: " .. command .. "\n" .. text, 0) end
  return tonumber((measure.output(("sed -n 's/^\\(summary\\|totals\\): *//p' '%s' | head -n 1"):format(out))))
end

--- Instructions of one request: two runs of different length, so that starting up doesn't count. `command` has a %d for
--- the count.
function measure.instructions(command, few, many, out)
  return (instructions(command:format(many), out) - instructions(command:format(few), out)) / (many - few)
end

--- Whether a command is there, and does what is wanted.
function measure.has(command)
  return measure.output(command .. " >/dev/null 2>&1") ~= nil
end

return measure
