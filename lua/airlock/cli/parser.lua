--- From the description of the subcommands to a parser of lua-argparse.

local core = require "airlock.core"
local outcome = require "airlock.cli.outcome"

local parser = {}

local function library()
  local ok, argparse = pcall(require, "argparse")
  if not ok then
    outcome.stop(outcome.usage,
      "the command needs lua-argparse (Debian: apt-get install lua-argparse; LuaRocks: luarocks install argparse)")
  end
  return argparse
end

local function add_option(to, option)
  local names = table.concat(option, " ")
  if not option.value then return to:flag(names):target(option.target) end
  local made = to:option(names):target(option.target)
  if option.repeats then made:count "*" end
  if option.optional then made:args "?" end
  if option.choices then made:choices(option.choices) end
end

local function add_argument(to, argument)
  local made = to:argument(argument[1])
  if argument.choices then made:choices(argument.choices) end
end

-- Where the first argument may be left out, both are read as a list of words.
local function add_arguments(to, arguments)
  if arguments[1] and arguments[1].optional then return to:argument(arguments[2][1]):args "1-2" end
  for _, argument in ipairs(arguments) do add_argument(to, argument) end
end

--- Makes the parser of one subcommand's words.
---@param command table its description
---@return table parser with `pparse(words)`
function parser.new(command)
  local made = library()("airlock " .. command.name):add_help(false)
  add_arguments(made, command.arguments or {})
  for _, option in ipairs(command.options) do add_option(made, option) end
  return made
end

--- The parser's message with what was meant by an option that it calls unknown.
---@param command table
---@param message string
---@return string
function parser.explained(command, message)
  local word = message:match "^unknown option '(%-%-[^']+)'"
  if not word then return message end
  local names = { "--help" }
  for _, option in ipairs(command.options) do
    for _, name in ipairs(option) do names[#names + 1] = name end
  end
  return message:gsub("\n.*", "") .. core.meant(word, names)
end

return parser
