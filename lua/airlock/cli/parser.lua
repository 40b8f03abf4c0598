--- From the description of the subcommands to a parser of lua-argparse.

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

--- Makes the parser of one subcommand's words.
---@param command table its description
---@return table parser with `pparse(words)`
function parser.new(command)
  local made = library()("airlock " .. command.name):add_help(false)
  for _, argument in ipairs(command.arguments or {}) do add_argument(made, argument) end
  for _, option in ipairs(command.options) do add_option(made, option) end
  return made
end

return parser
