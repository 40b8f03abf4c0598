--- Completion for zsh, from the descriptions of the subcommands.

local frame = [=[
#compdef airlock
# zsh completion for airlock; made by `airlock completion zsh`

_airlock_names() {
  local -a names
  names=(${(f)"$(airlock completion $1 2>/dev/null)"})
  compadd -a names
}

_airlock_commands() {
  local -a commands
  commands=(
%s  )
  _describe -t commands 'airlock command' commands
}

_airlock() {
  local curcontext=$curcontext state line ret=1
  _arguments -C '(- *)'{-V,--version}'[show the version]' '(- *)'{-h,--help}'[show help]' \
    '1: :_airlock_commands' '*:: :->rest' && ret=0
  [[ $state == rest ]] || return ret
  case $words[1] in
    help) _airlock_commands && ret=0 ;;
%s  esac
  return ret
}

if [[ $funcstack[1] == _airlock ]]; then _airlock "$@"; else compdef _airlock airlock; fi
]=]

-- In single quotes, where brackets and colons mean something.
local function escape(text)
  return (text:gsub("'", "'\\''"):gsub("[%[%]:]", "\\%0"))
end

local named = { files = "_files", folders = "_files -/", profiles = " _airlock_names profiles",
  providers = " _airlock_names providers" }

local function action(complete)
  if type(complete) == "table" then return "(" .. table.concat(complete, " ") .. ")" end
  return named[complete] or " "
end

local function option_line(option)
  local names = option[2] and ("{%s}"):format(table.concat(option, ",")) or option[1]
  local value = option.value and (":%s:%s"):format(escape(option.value:lower():gsub("[^%w=]", " ")),
    action(option.complete)) or ""
  local lead = option.repeats and "'*'" or option[2] and ("'(%s)'"):format(table.concat(option, " ")) or ""
  return ("        %s%s'[%s]%s' \\\n"):format(lead, names, escape(option.help), value)
end

local function case(command)
  local lines = { ("    %s)\n      _arguments \\\n"):format(command.name) }
  for _, option in ipairs(command.options) do lines[#lines + 1] = option_line(option) end
  for _, argument in ipairs(command.arguments or {}) do
    lines[#lines + 1] = ("        ':%s:%s' \\\n"):format(argument[1], action(argument.complete))
  end
  lines[#lines + 1] = "        {-h,--help}'[show help]' && ret=0 ;;\n"
  return table.concat(lines)
end

--- The script.
---@param commands table[]
---@return string
return function(commands)
  local rows, cases = {}, {}
  for i, command in ipairs(commands) do
    rows[i], cases[i] = ("    '%s:%s'\n"):format(command.name, escape(command.summary)), case(command)
  end
  return frame:format(table.concat(rows), table.concat(cases))
end
