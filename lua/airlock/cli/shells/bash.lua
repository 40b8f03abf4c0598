--- Completion for bash, from the descriptions of the subcommands.

local frame = [=[
# bash completion for airlock; made by `airlock completion bash`

_airlock() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= words= i n=0
  # --option=value comes as three words
  if [[ $cur == "=" ]]; then cur=
  elif [[ $prev == "=" ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ ${COMP_WORDS[i]} == -* ]] && continue
    if [[ -z $command ]]; then command=${COMP_WORDS[i]}; else ((n++)); fi
  done
  COMPREPLY=()
  case $command:$prev in
%s  esac
  case $command in
%s  esac
  [[ $command == help ]] && words="%s"
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}

_airlock_files() {
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen "$1" -- "$2"))
}

complete -F _airlock airlock
]=]

local named = { files = '_airlock_files -f "$cur"', folders = '_airlock_files -d "$cur"' }

local function words_of(complete)
  return type(complete) == "table" and table.concat(complete, " ")
    or ("$(airlock completion %s 2>/dev/null)"):format(complete)
end

local function values(command)
  local lines = {}
  for _, option in ipairs(command.options) do
    if option.value then
      local patterns = {}
      for i, name in ipairs(option) do patterns[i] = ("%s:%s"):format(command.name, name) end
      local action = named[option.complete] or option.complete
        and ('COMPREPLY=($(compgen -W "%s" -- "$cur"))'):format(words_of(option.complete))
      lines[#lines + 1] = ("    %s) %s return ;;\n"):format(table.concat(patterns, "|"), action and action .. ";" or "")
    end
  end
  return table.concat(lines)
end

local function options(command)
  local names = { "--help" }
  for _, option in ipairs(command.options) do
    for _, name in ipairs(option) do names[#names + 1] = name end
  end
  local first = command.arguments and command.arguments[1].complete
  local words = first and ('if [[ $cur != -* && $n == 0 ]]; then words="%s"; else words="%s"; fi'):format(
    words_of(first), table.concat(names, " "))
    or ('words="%s"'):format(table.concat(names, " "))
  return ("    %s) %s ;;\n"):format(command.name, words)
end

--- The script.
---@param commands table[]
---@return string
return function(commands)
  local value_cases, option_cases, names = {}, {}, {}
  for i, command in ipairs(commands) do
    value_cases[i], option_cases[i], names[i] = values(command), options(command), command.name
  end
  local all = table.concat(names, " ")
  option_cases[#option_cases + 1] = ('    "") words="%s help --help --version" ;;\n'):format(all)
  return frame:format(table.concat(value_cases), table.concat(option_cases), all)
end
