--- bin/airlock as a process of its own, while the pollables of this one are stepped: so it can speak to an emulator in
--- the spec.

local poll = require "airlock.loop.poll"
local stage = require "spec.support.stage"

local command = {}

local interpreter = os.getenv "AIRLOCK_LUA" or "lua5.4"
local under = os.getenv "AIRLOCK_UNDER" or ""
local kept = { "PATH", "LUA_PATH", "LUA_CPATH", "LANG", "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS" }
local here = stage.shell("pwd"):match "[^\n]+"

local function quote(text)
  return "'" .. tostring(text):gsub("'", "'\\''") .. "'"
end

command.quote = quote

--- A home that is gone afterwards: its configuration, its state.
function command.home()
  local home = stage.folder()
  os.execute(("mkdir -p -m 700 '%s/config/airlock' '%s/state'"):format(home, home))
  return home
end

--- Writes the file of profiles into a home; gives its path.
function command.configure(home, text)
  local path = home .. "/config/airlock/config.lua"
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  os.execute(("chmod 600 '%s'"):format(path))
  return path
end

local function environment(options)
  local words = { "env", "-i" }
  local function put(name, value) words[#words + 1] = name .. "=" .. quote(value) end
  for _, name in ipairs(kept) do
    if os.getenv(name) then put(name, os.getenv(name)) end
  end
  local home = options.home or command.home()
  put("HOME", home)
  put("XDG_CONFIG_HOME", home .. "/config")
  put("XDG_STATE_HOME", home .. "/state")
  put("TERM", "xterm")
  put("AIRLOCK_LUA", interpreter)
  for name, value in pairs(options.env or {}) do put(name, value) end
  return table.concat(words, " ")
end

-- What a shell runs as the command: the file itself, but where a tool watches over memory that tool with its
-- interpreter.
function command.line(words)
  local parts = { under ~= "" and ("%s %s '%s/bin/airlock'"):format(under, quote(interpreter), here)
    or ("'%s/bin/airlock'"):format(here) }
  for _, word in ipairs(words) do parts[#parts + 1] = quote(word) end
  return table.concat(parts, " ")
end

--- Starts it. `options`: `env`, `home`, `stdin` (text), `terminal` (true: standard output and error are one), `cwd`; or
--- `shell`, a line
-- in which AIRLOCK stands for it.
function command.start(words, options)
  options = options or {}
  local base = os.tmpname()
  local line = "exec " .. command.line(words)
  if options.shell then line = options.shell:gsub("AIRLOCK", function() return command.line(words) end) end
  if options.terminal then
    line = ("exec script -qec %s /dev/null"):format(quote(
      ("stty cols %d; echo $$ >%s.pid; %s"):format(options.columns or 100, base, line)))
  else
    line = ("echo $$ >%s.pid; "):format(base) .. line
  end
  local input = "/dev/null"
  if options.stdin then input = stage.file(options.stdin) end
  if type(options.terminal) == "string" then input = options.terminal end
  os.execute(("(unset LD_PRELOAD; cd %s; %s bash -c %s <%s >%s.out 2>%s.err; echo $? >%s.rc1; "
    .. "mv %s.rc1 %s.rc) </dev/null >/dev/null 2>&1 &"):format(
    quote(options.cwd or "/"), environment(options), quote(line), quote(input), base, base, base, base, base))
  local job = { base = base }
  stage.keep(function()
    if job.rc == nil and command.pid(job) then os.execute(("kill -9 %d 2>/dev/null"):format(command.pid(job))) end
    for _, ending in ipairs { "", ".rc", ".out", ".err", ".pid" } do os.remove(base .. ending) end
  end)
  return job
end

function command.pid(job)
  return tonumber(stage.read(job.base .. ".pid") or "")
end

--- Steps until `done` says so; a minute is too long for anything here.
function command.pass(done)
  local stop = os.time() + 60
  repeat
    poll.run(0.01)
    if os.time() > stop then error "it takes too long" end
  until done()
end

--- Whether it is over.
function command.ended(job)
  job.rc = tonumber(stage.read(job.base .. ".rc") or "")
  return job.rc ~= nil
end

--- Waits for its end: `rc`, `out`, `err`.
function command.wait(job)
  command.pass(function() return command.ended(job) end)
  job.out, job.err = stage.read(job.base .. ".out"), stage.read(job.base .. ".err")
  return job
end

function command.run(words, options)
  return command.wait(command.start(words, options))
end

--- The environment of an application at an emulator: its first one.
function command.env(space, more)
  local env = { AIRLOCK_URL = space.url, AIRLOCK_CLIENT_ID = space.client_id,
    AIRLOCK_CLIENT_SECRET = space.client_secret }
  for name, value in pairs(more or {}) do env[name] = value or nil end
  return env
end

--- What has been written so far.
function command.said(job)
  return (stage.read(job.base .. ".out") or "") .. (stage.read(job.base .. ".err") or "")
end

return command
