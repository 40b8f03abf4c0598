--- The command `airlock`. A subcommand is an entry of `commands`: what it takes, what it is for, and what it does.

local cli = { commands = {} }

local function fail(message)
  io.stderr:write("airlock: ", message, "\n")
  return 2
end

-- Reads "--name value" and "--name" as `known` says: a function that judges the value, or true for a switch.
local function read_flags(words, known)
  local flags, i = {}, 1
  while words[i] do
    local name = words[i]:match "^%-%-(.+)$"
    local kind = name and known[name]
    if not kind then return nil, ("unknown argument '%s'"):format(words[i]) end
    local value = true
    if kind ~= true then
      i = i + 1
      value = words[i] and kind(words[i])
      if value == nil then return nil, ("'--%s' needs a value of its kind"):format(name) end
    end
    flags[name:gsub("%-", "_")] = value
    i = i + 1
  end
  return flags
end

-- A process that another one started ends with it: then nobody reads our output any more, and poll tells.
local tie = {
  fd = function() return 1 end,
  step = function() os.exit(0) end,
}

local function introduce(space)
  local native, person = space.applications.native, space.people[1]
  io.stdout:write(("url %s\nclient_id %s\nclient_secret %s\n\n"):format(space.url, space.client_id, space.client_secret),
    ("curl -u %s:%s -d grant_type=client_credentials %s/oauth/token\n\n"):format(space.client_id, space.client_secret, space.url),
    ("people sign in as %s with the password %s; a client without a secret is %s\n\n"):format(person.username, person.password,
      native.client_id))
end

local function log(entry)
  print(("%s %s %s"):format(entry.method, entry.path, tostring(entry.status or "dropped")))
end

cli.commands.emulator = {
  usage = "[--port N] [--host ADDRESS] [--token-lifetime SECONDS] [--rotate] [--grace SECONDS] [--code-lifetime SECONDS]"
    .. " [--iss] [--device-interval SECONDS] [--quiet]",
  help = "runs a JetBrains Space on this machine, to try programs against",
  flags = { port = tonumber, host = tostring, ["token-lifetime"] = tonumber, rotate = true, grace = tonumber, quiet = true,
    ["code-lifetime"] = tonumber, iss = true, ["device-interval"] = tonumber, tied = true },
  run = function(flags)
    local poll = require "airlock.loop.poll"
    local space = require("airlock.emulator").start { port = flags.port, host = flags.host, rotate = flags.rotate,
      token_lifetime = flags.token_lifetime, grace = flags.grace, code_lifetime = flags.code_lifetime, iss = flags.iss,
      device_interval = flags.device_interval, on_call = not flags.quiet and not flags.tied and log or nil }
    io.stdout:setvbuf "line"
    if flags.tied then
      io.stdout:write(require("airlock.emulator.process").introduction(space))
      poll.add(tie)
    else
      introduce(space)
    end
    local ok, why = pcall(poll.run)
    space:stop()
    if not ok and not tostring(why):find "interrupted!" then return fail(tostring(why)) end
    return 0
  end,
}

cli.commands.playground = {
  usage = "[--port N] [--no-open]",
  help = "opens a page to try every way to authorize on",
  flags = { port = tonumber, ["no-open"] = true },
  run = function(flags)
    local ok, why = require("airlock.playground").serve { port = flags.port, open = not flags.no_open }
    return ok and 0 or fail(why)
  end,
}

local function help()
  local lines, names = { "usage: airlock COMMAND [ARGUMENTS]", "" }, {}
  for name in pairs(cli.commands) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local command = cli.commands[name]
    lines[#lines + 1] = ("  %s %s\n      %s"):format(name, command.usage, command.help)
  end
  lines[#lines + 1] = "  --help\n      shows this\n  --version\n      shows the version"
  print(table.concat(lines, "\n"))
  return 0
end

local function version()
  print("airlock " .. require("airlock.core").version)
  return 0
end

local function run(words)
  local name = words[1]
  if name == nil or name == "--help" or name == "help" then return help() end
  if name == "--version" then return version() end
  local command = cli.commands[name]
  if not command then return fail(("unknown command '%s' (airlock --help lists them)"):format(name)) end
  local flags, why = read_flags({ (table.unpack or unpack)(words, 2) }, command.flags)
  if not flags then return fail(name .. ": " .. why) end
  return command.run(flags)
end

--- Runs the command and ends the process with its status: 0 fine, 1 failed, 2 wrongly called.
---@param words string[] the command line
function cli.main(words)
  local ok, status = pcall(run, words)
  if not ok then
    io.stderr:write("airlock: ", tostring(status), "\n")
    status = 1
  end
  io.stdout:flush()
  os.exit(status)
end

return cli
