-- Which lines ran, after the suite did with COVERAGE=1: coverage.lua BUILD FOLDER prints a table, of C by way of gcov
-- and of Lua by way of tools/cover.lua and luac. A line counts where the compiler made something of it.

local build, folder = arg[1], arg[2]

local function lines_of(command)
  local pipe = assert(io.popen(command, "r"))
  return function()
    local line = pipe:read "*l"
    if not line then pipe:close() end
    return line
  end
end

local function percent(ran, all) return all == 0 and 100 or 100 * ran / all end

local function show(title, rows)
  table.sort(rows, function(a, b) return a.name < b.name end)
  local ran, all = 0, 0
  print(("\n%-44s %6s %6s %7s"):format(title, "lines", "ran", "%"))
  for _, row in ipairs(rows) do
    print(("%-44s %6d %6d %7.1f"):format(row.name, row.all, row.ran, percent(row.ran, row.all)))
    ran, all = ran + row.ran, all + row.all
  end
  print(("%-44s %6d %6d %7.1f"):format(title .. " in all", all, ran, percent(ran, all)))
end

local function of_c()
  local rows, name = {}, nil
  for line in lines_of(
    ("find '%s' -name '*.gcno' -not -path '*/spec/*' -not -path '*/fuzz/*' -exec gcov -n {} + 2>/dev/null"):format(
    build)) do
    name = line:match "^File '(.*)'$" or name
    local share, all = line:match "^Lines executed:([%d.]+)%% of (%d+)$"
    if share and name and name:find "^src/.*%.c$" then
      rows[#rows + 1] = { name = name, all = tonumber(all), ran = math.floor(share / 100 * all + 0.5) }
      name = nil
    end
  end
  return rows
end

local function of_lua()
  local ran, rows = {}, {}
  for line in lines_of(("cat '%s'/* | sort -u"):format(folder)) do
    local name, at = line:match "^(.*):(%d+)$"
    ran[name] = ran[name] or {}
    ran[name][tonumber(at)] = true
  end
  for name in lines_of "cd lua && find airlock -name '*.lua'" do
    local row, counted = { name = "lua/" .. name, all = 0, ran = 0 }, {}
    local last
    for line in lines_of(("luac5.4 -l -p 'lua/%s'"):format(name)) do
      local first, over = line:match "^%a+ <.-:(%d+),(%d+)>"
      if over then last = (first ~= over or over == "0") and tonumber(over) end
      local at, what = line:match "^\t%d+\t%[(%d+)%]\t(%S+)"
      -- what follows every other return
      local closing = what and what:find "^RETURN0?$" and (last == 0 or tonumber(at) == last)
      at = what ~= "VARARGPREP" and not closing and tonumber(at) or nil
      if at and not counted[at] then
        counted[at] = true
        row.all = row.all + 1
        if ran[name] and ran[name][at] then row.ran = row.ran + 1 end
      end
    end
    rows[#rows + 1] = row
  end
  return rows
end

show("C", of_c())
show("Lua", of_lua())
