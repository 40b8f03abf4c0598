-- Notes which lines of lua/airlock ran, for `make coverage`: the interpreter runs this first, by way of LUA_INIT_5_4,
-- in child processes too. What was seen is written into the folder AIRLOCK_COVERAGE when the Lua state ends.

local folder = os.getenv "AIRLOCK_COVERAGE"
if not folder then return end

local getinfo, sethook, create, exit = debug.getinfo, debug.sethook, coroutine.create, os.exit
local seen, lines_of = {}, setmetatable({}, { __mode = "k" })

local function look_up(f)
  local name = getinfo(f, "S").source:match "^@.*/lua/(airlock.*%.lua)$"
  if name and not seen[name] then seen[name] = {} end
  lines_of[f] = name and seen[name] or false
  return lines_of[f]
end

local function hook(_, line)
  local f = getinfo(2, "f").func
  local lines = lines_of[f]
  if lines == nil then lines = look_up(f) end
  if lines then lines[line] = true end
end

local function results(ok, ...)
  if not ok then error((...), 0) end
  return ...
end

coroutine.create = function(f) -- luacheck: ignore 122
  local thread = create(f)
  sethook(thread, hook, "l")
  return thread
end

coroutine.wrap = function(f) -- luacheck: ignore 122
  local thread = coroutine.create(f)
  return function(...) return results(coroutine.resume(thread, ...)) end
end

local function write()
  sethook()
  local name = ("%s/%d-%s"):format(folder, os.time(), tostring(seen):match "0x%x+")
  local file = io.open(name, "w")
  if not file then return end
  for source, lines in pairs(seen) do
    for line in pairs(lines) do file:write(source, ":", line, "\n") end
  end
  file:close()
end

os.exit = function(...) -- luacheck: ignore 122
  write()
  exit(...)
end

debug.getregistry()[write] = setmetatable({}, { __gc = write })
sethook(hook, "l")
