--- Where a secret comes from: an environment variable, a file or a command; never the command line.

local outcome = require "airlock.cli.outcome"

local secret = {}

-- Flags that other programs take a secret with.
local refused = {
  ["client-secret"] = "AIRLOCK_CLIENT_SECRET", secret = "AIRLOCK_CLIENT_SECRET", password = "AIRLOCK_PASSWORD",
    token = "AIRLOCK_TOKEN",
  ["access-token"] = "AIRLOCK_TOKEN", ["refresh-token"] = "AIRLOCK_REFRESH_TOKEN",
}

local function stop(variable)
  outcome.stop(outcome.usage,
    ("a secret isn't taken from the command line, where every user of this machine can read it.\n"
    .. "Put it into the environment variable %s; or name where it is in the profile,\n"
    .. "as { env = \"NAME\" }, { file = \"/path\" } or { command = \"pass show …\" }."):format(variable))
end

--- Refuses a command line that holds a secret; its value is never repeated.
---@param words string[]
function secret.refuse(words)
  for _, word in ipairs(words) do
    if word == "--" then return end
    local name = word:match "^%-%-([%w-]+)"
    if name and refused[name] then stop(refused[name]) end
  end
end

--- The same for an option by its name in a profile.
---@param name string
function secret.refuse_option(name)
  local variable = refused[name:gsub("_", "-")]
  if variable then stop(variable) end
  if name == "private_key" or name == "seal_key" or name == "client_assertion" then
    outcome.stop(outcome.usage, ("'%s' is a secret, and isn't taken from the command line"):format(name))
  end
end

local function first_line(text)
  return text and text:match "^([^\r\n]*)"
end

local function tilde(path)
  return (path:gsub("^~/", function() return (os.getenv "HOME" or "") .. "/" end))
end

local readers = {}

function readers.env(name)
  return os.getenv(name), ("the environment variable %s isn't set"):format(name)
end

function readers.file(path)
  local file, why = io.open(tilde(path), "rb")
  if not file then return nil, "it can't be read: " .. why end
  local text = file:read(65537)
  file:close()
  return first_line(text), ("the file '%s' is empty"):format(path)
end

function readers.command(line)
  local pipe = assert(io.popen(line, "r"))
  local text = pipe:read(65537)
  pipe:close()
  return first_line(text), ("the command '%s' printed nothing"):format(line)
end

--- Checks how a profile says where a secret is, and gives a function that gets it when it is needed.
---@param source any `{ env = … }`, `{ file = … }` or `{ command = … }`
---@param what string the option's name, for messages
---@return fun(): string
---@return { kind: string, place: string } where it is
function secret.reader(source, what)
  local kind, place
  if type(source) == "table" then kind, place = next(source) end
  if not readers[kind] or type(place) ~= "string" or next(source, kind) ~= nil then
    outcome.stop(outcome.usage,
      ("the profile's '%s' must say where it is: { env = \"NAME\" }, { file = \"/path\" } or { command = \"…\" }")
      :format(what))
  end
  return function()
    local text, why = readers[kind](place)
    if not text or text == "" then
      outcome.stop(outcome.usage, ("there is no %s: %s"):format(what:gsub("_", " "), why))
    end
    return text
  end, { kind = kind, place = kind == "file" and tilde(place) or place }
end

-- A line typed at the terminal without being shown; the terminal is put back, also after Ctrl-C.
local function ask(question)
  local terminal = io.open("/dev/tty", "r+")
  if not terminal then return nil end
  io.stderr:write(question)
  os.execute "stty -echo </dev/tty"
  local ok, line = pcall(terminal.read, terminal, "*l")
  os.execute "stty echo </dev/tty"
  io.stderr:write "\n"
  terminal:close()
  if not ok then error(line, 0) end
  return line
end

--- A password: from where the profile or the environment says, else asked for at the terminal.
---@param reader? fun(): string
---@param username string
---@return string
function secret.password(reader, username)
  local text = reader and reader() or ask(("Password of %s: "):format(username))
  if not text or text == "" then
    outcome.stop(outcome.usage, "a password is needed: put it into AIRLOCK_PASSWORD, or run this at a terminal")
  end
  return text
end

return secret
