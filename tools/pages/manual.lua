--- The man page, airlock(1), from airlock.1.in and the descriptions of the subcommands.

local manual = {}

-- What isn't an option, though it begins like one, and what troff would take for its own.
local function escape(text)
  text = text:gsub("\\", "\\e"):gsub("[-]", "\\-"):gsub('"', "\\(dq")
  return (text:gsub("^[.']", "\\&%0"))
end

-- One sentence a line, as mdoc wants it.
local function sentences(text)
  return (escape(text):gsub("([.:;]) +(%u)", "%1\n%2"))
end

local function names(option)
  local words = {}
  for i, name in ipairs(option) do words[i] = "Fl " .. escape(name:sub(2)) end
  return table.concat(words, " , ") .. (option.value and " Ar " .. escape(option.value):gsub("'", ""):gsub(" ", "\\ ")
    or "")
end

local function list(lines, options)
  if not options[1] then return end
  lines[#lines + 1] = ".Bl -tag -width Ds"
  for _, option in ipairs(options) do
    lines[#lines + 1] = ".It " .. names(option)
    lines[#lines + 1] = sentences(option.help:gsub("^%l", string.upper)) .. "."
  end
  lines[#lines + 1] = ".El"
end

local function section(lines, command)
  lines[#lines + 1] = (".Ss %s\n.Nm\n.Cm %s"):format(command.name, command.name)
  if command.options[1] then lines[#lines + 1] = ".Op Ar options" end
  for _, argument in ipairs(command.arguments or {}) do lines[#lines + 1] = ".Ar " .. argument[1] end
  lines[#lines + 1] = ".Pp\n" .. sentences(command.details)
  if command.common then lines[#lines + 1] = "It also takes the options of\n.Sx Server and application ." end
  list(lines, command.own or command.options)
end

local secrets = {
  { "AIRLOCK_CLIENT_SECRET", "The application's secret." },
  { "AIRLOCK_TOKEN", "A permanent token." },
  { "AIRLOCK_REFRESH_TOKEN", "A refresh token." },
  { "AIRLOCK_USERNAME", "A user's name, for the grant password." },
  { "AIRLOCK_PASSWORD", "That user's password." },
  { "AIRLOCK_CONFIG", "The file of profiles, in place of the usual one." },
  { "AIRLOCK_LUA", "The Lua interpreter that runs the command." },
  { "NO_COLOR", "If set and not empty, nothing is coloured." },
}

local function environment(lines, common)
  for _, option in ipairs(common) do
    if option.env then
      lines[#lines + 1] = (".It Ev %s\nAs\n.Fl %s ."):format(option.env, escape(option[#option]:sub(2)))
    end
  end
  for _, each in ipairs(secrets) do lines[#lines + 1] = (".It Ev %s\n%s"):format(each[1], escape(each[2])) end
end

local function examples(lines, commands)
  for _, command in ipairs(commands) do
    for _, example in ipairs(command.examples) do
      lines[#lines + 1] = ("%s:\n.Pp\n.Dl %s\n.Pp"):format(sentences(example[2]:gsub("^%l", string.upper)),
        escape(example[1]))
    end
  end
  lines[#lines] = lines[#lines]:gsub("\n%.Pp$", "")
end

-- Lines of up to 80 bytes; those of macros stay as they are.
local function wrapped(page)
  return (page:gsub("[^\n]+", function(line)
    if #line <= 80 or line:find "^%." then return nil end
    local lines, text = {}, ""
    for word in line:gmatch "%S+" do
      if #text + #word >= 80 then lines[#lines + 1], text = text, "" end
      text = text == "" and word or text .. " " .. word
    end
    lines[#lines + 1] = text
    return table.concat(lines, "\n")
  end))
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local function made_by(make, ...)
  local lines = {}
  make(lines, ...)
  return table.concat(lines, "\n")
end

local function sections(lines, commands)
  for _, command in ipairs(commands) do section(lines, command) end
end

local months = { "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
  "November", "December" }

-- The day of the newest release, as mdoc writes it.
local function date()
  local year, month, day = read "CHANGELOG.md":match "\n## %d[%w%.]* %- (%d+)-(%d+)-(%d+)"
  return ("%s %d, %s"):format(months[tonumber(month)], day, year)
end

--- The page, in mdoc.
---@param commands table[]
---@param common table[] the options that most of them take
---@return string
function manual.page(commands, common)
  local parts = {
    date = date(), version = require("airlock.core").version, commands = made_by(sections, commands),
    options = made_by(list, common), environment = made_by(environment, common), examples = made_by(examples, commands),
  }
  return wrapped((read "tools/pages/airlock.1.in":gsub("@(%l+)@", parts)))
end

return manual
