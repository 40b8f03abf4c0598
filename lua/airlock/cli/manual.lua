--- The man page, airlock(1), from the descriptions of the subcommands.

local version = require("airlock.core").version

local manual = {}

local head = [[
.\" Made from the descriptions in lua/airlock/cli by `make pages`.
.Dd December 1, 2026
.Dt AIRLOCK 1
.Os Airlock %VERSION
.Sh NAME
.Nm airlock
.Nd get OAuth 2.0 access tokens, and make requests with them
.Sh SYNOPSIS
.Nm
.Ar command
.Op Ar options
.Nm
.Fl -help | Fl -version
.Sh DESCRIPTION
The
.Nm
command gets an OAuth 2.0 access token by whichever flow suits, keeps it where the next
command finds it, renews it, and makes
authenticated requests with it.
Results go to standard output, messages to standard error.
Which server is asked, and on behalf of whom, is said by options, environment variables or a profile; an option goes before
the environment, and that before the profile.
A profile that
.Fl -profile
names goes before the environment in what it says of server, application and secrets.
No profile's secret goes to another server that a variable names.
.Pp
A secret is never taken from the command line, where every user of the machine can read it.
It comes from an environment variable, or from where the profile says: a variable, a file or a command.
.Sh COMMANDS
]]

local foot = [[
.Sh PROFILES
A profile is an entry in a Lua file that returns a table.
The file is loaded where it can do nothing else, and refused if other users can write it.
.Bd -literal -offset indent
return {
  default = "work",
  work = {
    provider = "space",
    url = "https://mycompany.jetbrains.space",
    client_id = "porter",
    client_secret = { command = "pass show space/porter" },
    grant = "client_credentials",
    scope = "**",
  },
}
.Ed
.Pp
A profile takes what the options are called, with underscores:
.Ql provider , url , issuer , client_id , grant , scope , account , store , base_url , ca_file , timeout ;
and what the library's configuration takes: the endpoints
.Pq Ql token_endpoint , authorization_endpoint , device_authorization_endpoint , revocation_endpoint , jwks_uri ,
.Ql redirect_uri , client_auth , proxy , retries
and others.
Of
.Ql client_secret , token , refresh_token
and
.Ql password
it says where they are: { env = "NAME" }, { file = "/path" } or { command = "..." }.
.Sh ENVIRONMENT
.Bl -tag -width Ds
]]

local after_environment = [[
.El
.Sh FILES
.Bl -tag -width Ds
.It Pa $XDG_CONFIG_HOME/airlock/config.lua
The profiles;
.Pa ~/.config/airlock/config.lua
where that isn't set.
.It Pa $XDG_STATE_HOME/airlock
The tokens that are kept;
.Pa ~/.local/state/airlock
where that isn't set.
.El
.Sh EXIT STATUS
.Bl -tag -width Ds
.It 0
All went well.
.It 1
The API or the authorization server said no.
.It 2
The command line, the environment or the configuration is wrong.
.It 3
The user has to log in.
.It 4
There was no answer, or not a whole one.
.It 5
Tokens or a file can't be read or written.
.It 70
There is a mistake in Airlock itself.
.It 130
It was interrupted.
.It 141
Nobody reads the output any more.
.El
.Sh EXAMPLES
]]

local last = [[
.Sh SEE ALSO
.Xr curl 1
.Sh STANDARDS
RFC 6749 (OAuth 2.0), RFC 6750 (bearer tokens), RFC 7636 (PKCE), RFC 8252 (native applications), RFC 8628 (device codes).
]]

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
    lines[#lines + 1] = (".It Ev %s\nAs\n.Fl %s ."):format(option.env, escape(option[#option]:sub(2)))
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

--- The page, in mdoc.
---@param commands table[]
---@param common table[] the options that most of them take
---@return string
function manual.page(commands, common)
  local lines = { (head:gsub("\n$", ""):gsub("%%VERSION", version)) }
  for _, command in ipairs(commands) do section(lines, command) end
  lines[#lines + 1] = ".Ss Server and application"
  list(lines, common)
  lines[#lines + 1] = (foot:gsub("\n$", ""))
  environment(lines, common)
  lines[#lines + 1] = (after_environment:gsub("\n$", ""))
  examples(lines, commands)
  lines[#lines + 1] = last
  return wrapped(table.concat(lines, "\n"))
end

return manual
