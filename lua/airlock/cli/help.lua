--- What --help says, made from the descriptions of the subcommands.

local core = require "airlock.core"

local help = {}

local widest = 100 -- columns

local function columns()
  return math.min(widest, core.columns(1) or 80)
end

-- The text in lines of at most so many bytes.
local function wrapped(text, width)
  local lines, line = {}, ""
  for word in text:gmatch "%S+" do
    if line ~= "" and #line + 1 + #word > width then
      lines[#lines + 1], line = line, word
    else
      line = line == "" and word or line .. " " .. word
    end
  end
  lines[#lines + 1] = line
  return lines
end

-- One row: what is named, and beside it (below it, where it is long) what it does.
local function row(lines, left, text, indent)
  local room = wrapped(text, columns() - indent)
  local first = ("  %s"):format(left)
  if #first + 2 > indent then lines[#lines + 1] = first
  else lines[#lines + 1] = first .. (" "):rep(indent - #first) .. table.remove(room, 1) end
  for _, each in ipairs(room) do lines[#lines + 1] = (" "):rep(indent) .. each end
end

--- An option's names and value as they are written, such as "-o, --output FILE".
---@param option table
---@return string
function help.left(option)
  local names = table.concat(option, ", ")
  return (option[2] and names or "    " .. names) .. (option.value and " " .. option.value or "")
end

local function options(lines, title, list)
  if not list[1] then return end
  lines[#lines + 1] = "\n" .. title
  for _, option in ipairs(list) do
    row(lines, help.left(option), option.help .. (option.env and (" [%s]"):format(option.env) or ""), 30)
  end
end

--- How a subcommand is called.
---@param command table
---@return string
function help.synopsis(command)
  local words = { "airlock " .. command.name }
  if command.options[1] then words[2] = "[OPTIONS]" end
  for _, argument in ipairs(command.arguments or {}) do
    words[#words + 1] = (argument.optional and "[%s]" or "%s"):format(argument[1]:upper())
  end
  return table.concat(words, " ")
end

--- The help of one subcommand.
---@param command table
---@return string
function help.of(command)
  local lines = { "Usage: " .. help.synopsis(command), "" }
  for _, line in ipairs(wrapped(command.details, columns())) do lines[#lines + 1] = line end
  if command.arguments then lines[#lines + 1] = "\nArguments" end
  for _, argument in ipairs(command.arguments or {}) do row(lines, argument[1]:upper(), argument.help, 30) end
  options(lines, "Options", command.own or command.options)
  options(lines, "Which server and application [environment]", command.own and command.common or {})
  lines[#lines + 1] = "\nExamples"
  for _, example in ipairs(command.examples) do
    lines[#lines + 1] = ("  %s\n      %s"):format(example[1], example[2])
  end
  return table.concat(lines, "\n") .. "\n"
end

--- The help of the whole.
---@param commands table[]
---@return string
function help.all(commands)
  local lines = { "Usage: airlock COMMAND [OPTIONS]", "",
    "Gets OAuth 2.0 access tokens, keeps and renews them, and makes requests with them.", "", "Commands" }
  for _, command in ipairs(commands) do row(lines, command.name, command.summary, 16) end
  lines[#lines + 1] = "\nairlock COMMAND --help says more about each; airlock --version shows the version; man "
    .. "airlock has it all."
  return table.concat(lines, "\n") .. "\n"
end

return help
