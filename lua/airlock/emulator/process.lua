--- A Space as a process of its own. It lives as long as somebody reads its output: nothing is left behind when we die.

local options = require "airlock.emulator.options"

local process = {}

--- A Space in a process of its own. It ends with `stop()`, and when the program that started it ends.
---@class airlock.emulator.process
---@field url string where it is
---@field client_id string the first application's
---@field client_secret string the first application's
---@field applications table<string, { client_id: string, client_secret: string }> by name: `service`, `native`, `web`
---@field pid integer the process
local object = {}
object.__index = object

function object:__tostring()
  return ("airlock.emulator process %d (%s)"):format(self.pid, self.url)
end

local function quote(text)
  return "'" .. tostring(text):gsub("'", "'\\''") .. "'"
end

-- The interpreter that runs us, as it was called; where there is none to see (a host such as nginx), the one for our
-- version.
local function interpreter()
  local i, found = 0, nil
  while type(arg) == "table" and arg[i] do
    found = arg[i]
    i = i - 1
  end
  if i < -1 then return found end
  return rawget(_G, "jit") and "luajit" or "lua" .. _VERSION:match "%d%.%d"
end

-- The program's own script isn't run again: only what stands here.
local function command_line(words)
  local code = ("package.path, package.cpath = %q, %q"):format(package.path, package.cpath)
    .. (" require('airlock.emulator.process').serve { %s }"):format(words)
  local under = os.getenv "AIRLOCK_UNDER" or "" -- a tool that watches over memory, as in the project's own specs
  return ("echo $$; exec %s %s -e %s </dev/null"):format(under, quote(interpreter()), quote(code))
end

local function options_of(given)
  local words = {}
  for name, value in pairs(given) do
    words[#words + 1] = ("%s = %s"):format(name, type(value) == "string" and ("%q"):format(value) or tostring(value))
  end
  return table.concat(words, ", ")
end

-- What the process tells the one that started it, first of all.
local function introduction(space)
  local lines = { "url " .. space.url, "client_id " .. space.client_id, "client_secret " .. space.client_secret }
  for name, app in pairs(space.applications) do
    if type(name) == "string" then
      lines[#lines + 1] = ("application %s %s %s"):format(name, app.client_id, app.client_secret)
    end
  end
  lines[#lines + 1] = "ready\n"
  return table.concat(lines, "\n")
end

-- Ends with the process that started it: then nobody reads our output any more, and poll tells.
local tie = {
  fd = function() return 1 end,
  step = function() os.exit(0) end,
}

--- Runs in the process that was spawned: an emulator, until nobody reads its output.
---@param given table as for emulator.start
function process.serve(given)
  local poll = require "airlock.loop.poll"
  local ok, space, why = pcall(require("airlock.emulator").start, given)
  if not ok then why = space end
  if ok then
    io.stdout:write(introduction(space))
    io.stdout:flush()
    poll.add(tie)
    ok, why = pcall(poll.run)
    space:stop()
  end
  if not ok and not tostring(why):find "interrupted!" then
    io.stderr:write(tostring(why), "\n")
    os.exit(1)
  end
  os.exit(0)
end

local function listen_to(self)
  for line in self.pipe:lines() do
    if line == "ready" then return true end
    local word, rest = line:match "^(%S+) (.*)$"
    local name, client_id, client_secret = line:match "^application (%S+) (%S+) (%S+)$"
    if name then
      self.applications[name] = { client_id = client_id, client_secret = client_secret }
    elseif word then
      self[word] = rest
    end
  end
end

local names = { "port", "host", "token_lifetime", "rotate", "grace", "code_lifetime", "iss", "device_interval", "dpop",
  "dpop_nonce" }

--- Starts one; returns when it listens.
---@param given? airlock.emulator.spawn_options
---@return airlock.emulator.process process
function process.spawn(given)
  given = options.read("airlock.emulator.spawn", given, names)
  local pipe = assert(io.popen(command_line(options_of(given)), "r"))
  local self = setmetatable({ pipe = pipe, pid = tonumber(pipe:read "*l"), applications = {} }, object)
  if listen_to(self) then return self end
  pipe:close()
  error("airlock.emulator.spawn: the process didn't start", 2)
end

--- Ends it, and waits until it has ended; may be called again.
function object:stop()
  if not self.pipe then return end
  os.execute(("kill %d 2>/dev/null"):format(self.pid))
  self.pipe:close()
  self.pipe = nil
end

return process
