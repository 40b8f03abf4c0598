--- The command `airlock`. Each subcommand is a file in command/: what it is called, what it takes, what it does.

local outcome = require "airlock.cli.outcome"

local cli = {}

local order = {
  "login", "token", "request", "status", "refresh", "logout", "providers", "doctor", "emulator", "playground",
    "completion",
}

--- The descriptions of the subcommands, in the order in which they are told.
---@return table[]
function cli.commands()
  local commands = {}
  for i, name in ipairs(order) do commands[i] = require("airlock.cli.command." .. name) end
  return commands
end

local function named(name)
  for _, each in ipairs(order) do
    if each == name then return require("airlock.cli.command." .. name) end
  end
  local meant = require("airlock.core").meant(name, order)
  outcome.stop(outcome.usage, ("there is no command '%s'; airlock --help lists them%s"):format(name, meant))
end

local function print_help(command)
  local help = require "airlock.cli.help"
  require("airlock.cli.output").write(command and help.of(command) or help.all(cli.commands()))
end

-- `airlock`, `airlock help` and `airlock help login` are asked as people ask.
local function plain(words)
  if words[1] == nil or words[1] == "-h" then return { "--help" } end
  if words[1] == "help" then return words[2] and { words[2], "--help" } or { "--help" } end
  return words
end

local function wants_help(words)
  for _, word in ipairs(words) do
    if word == "--" then return false end
    if word == "--help" or word == "-h" then return true end
  end
  return false
end

local function parse(command, words)
  local rest = { (table.unpack or unpack)(words, 2) }
  local ok, given = require("airlock.cli.parser").new(command):pparse(rest)
  if ok then return given end
  local why = require("airlock.cli.parser").explained(command, given)
  outcome.stop(outcome.usage, ("%s\nTry: airlock %s --help"):format(why, command.name))
end

local function run(words)
  words = plain(words)
  if words[1] == "--version" or words[1] == "-V" then
    return require("airlock.cli.output").write(("airlock %s\n"):format(require("airlock.core").version))
  end
  if words[1] == "--help" then return print_help() end
  local command = named(words[1])
  if wants_help(words) then return print_help(command) end
  require("airlock.cli.secret").refuse(words)
  return command.run(parse(command, words))
end

--- Runs the command and gives its exit code; see airlock.cli.outcome.
---@param words string[] the command line
---@return integer
function cli.run(words)
  local ok, result = pcall(run, words)
  if ok then return result or outcome.fine end
  local code, message = outcome.caught(result)
  if message then require("airlock.cli.output").tell(message) end
  return code
end

--- Runs the command and ends the process.
---@param words string[]
function cli.main(words)
  local code = cli.run(words)
  io.stdout:flush()
  os.exit(code, true)
end

return cli
