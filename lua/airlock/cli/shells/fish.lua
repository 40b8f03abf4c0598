--- Completion for fish, from the descriptions of the subcommands.

local function quote(text)
  return "'" .. text:gsub("[\\']", "\\%0") .. "'"
end

local named = { files = "-r -F", folders = "-x -a '(__fish_complete_directories)'" }

local function action(complete)
  if type(complete) == "table" then return "-x -a " .. quote(table.concat(complete, " ")) end
  return named[complete] or complete and ("-x -a '(airlock completion %s 2>/dev/null)'"):format(complete) or "-x"
end

local function option_line(seen, option)
  local words = { seen }
  for _, name in ipairs(option) do
    words[#words + 1] = name:find "^%-%-" and "-l " .. name:sub(3) or "-s " .. name:sub(2)
  end
  if option.value then words[#words + 1] = action(option.complete) end
  words[#words + 1] = "-d " .. quote(option.help)
  return table.concat(words, " ") .. "\n"
end

local function block(command)
  local seen = ("complete -c airlock -n '__fish_seen_subcommand_from %s'"):format(command.name)
  local lines = {}
  for _, option in ipairs(command.options) do lines[#lines + 1] = option_line(seen, option) end
  local first = command.arguments and command.arguments[1].complete
  if first then lines[#lines + 1] = ("%s %s\n"):format(seen, action(first)) end
  lines[#lines + 1] = seen .. " -s h -l help -d 'show help'\n"
  return table.concat(lines)
end

--- The script.
---@param commands table[]
---@return string
return function(commands)
  local lines = { "# fish completion for airlock; made by `airlock completion fish`\ncomplete -c airlock -f\n" }
  for _, command in ipairs(commands) do
    lines[#lines + 1] = ("complete -c airlock -n __fish_use_subcommand -a %s -d %s\n"):format(command.name,
      quote(command.summary))
  end
  lines[#lines + 1] = "complete -c airlock -n __fish_use_subcommand -s V -l version -d 'show the version'\n"
  for _, command in ipairs(commands) do lines[#lines + 1] = block(command) end
  return table.concat(lines)
end
