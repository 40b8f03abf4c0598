--- Tokens that are on this machine: another program's, in a file, in a variable.

-- spec: spec/session/source_spec.lua

local core = require "airlock.core"
local kit = require "airlock.source.kit"
local options = require "airlock.options"
local poll = require "airlock.loop.poll"
local registry = require "airlock.loop.registry"
local wait = require "airlock.loop.wait"

local nearby = {}

local default_timeout = 30 -- s that a command may take
local first_look, last_look = 0.002, 0.05 -- s between two looks at it

-- ---- a command

local function read_argv(argv)
  local whose = "airlock.source.command"
  if type(argv) ~= "table" then
    core.mistake(("%s: a list of words was expected, not a %s"):format(whose, type(argv)))
  end
  local words = {}
  for name, value in pairs(argv) do
    if type(name) == "number" then
      if type(value) ~= "string" or value:find("\0", 1, true) then
        core.mistake(("%s: word %s must be a string without a NUL"):format(whose, tostring(name)))
      end
      words[name] = value
    elseif name ~= "timeout" then
      core.mistake(("%s: unknown option '%s' (it takes: timeout)"):format(whose, tostring(name)))
    end
  end
  if #words == 0 or words[1] == "" then core.mistake(whose .. ": the program's name is missing") end
  local timeout = argv.timeout
  if timeout ~= nil and not (type(timeout) == "number" and timeout > 0) then
    options.mistake(whose, "timeout", "must be a number of seconds, more than 0")
  end
  return words, timeout or default_timeout
end

-- Lets others go on for a moment; in a plain script that has none, only the time passes.
local function pause(settings, seconds)
  local loop = registry.current(settings.client)
  if loop then wait.bell(loop, seconds).wait() else poll.run(seconds) end
end

-- What it printed, once it has ended.
local function finish(process, name, timeout, settings)
  local stop, look = core.now() + timeout, first_look
  while true do
    local said, status, told = process:step()
    if status == "too much" then
      return kit.fail("misconfigured", "the command '%s' printed more than a token", name)
    end
    if said then return said, status, told end
    if core.now() >= stop then
      return kit.fail("transient", "the command '%s' didn't end within %g s, and was killed", name, timeout)
    end
    pause(settings, look)
    look = math.min(look * 1.5, last_look)
  end
end

local function first(...)
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    if type(value) == "string" and value ~= "" then return value end
  end
end

local function left_until(value)
  local at = kit.moment(value) or tonumber(value)
  return at and at - core.wall() or nil
end

-- A token reply, Azure's, or Kubernetes' ExecCredential.
local function read_json(value, name)
  local status = type(value.status) == "table" and value.status or {}
  local token = first(value.access_token, value.accessToken, value.token, status.token)
  if not token then return kit.fail("misconfigured", "the command '%s' printed JSON without a token in it", name) end
  local seconds = tonumber(value.expires_in) or left_until(value.expires_on)
    or left_until(first(status.expirationTimestamp, value.expiry, value.expires_at))
  return kit.reply(token, seconds)
end

local function read_output(text, name)
  text = kit.trim(text)
  if text == "" then return kit.fail("misconfigured", "the command '%s' printed nothing", name) end
  local value = text:sub(1, 1) == "{" and core.json.decode(text)
  if type(value) == "table" then return read_json(value, name) end
  if text:find "%s" then
    return kit.fail("misconfigured", "the command '%s' printed more than a token: a word or JSON was expected", name)
  end
  return kit.reply(text)
end

local function describe(status, told)
  local words = kit.trim(core.printable((told:gsub("%s+", " "))))
  local how = status >= 128 and ("ended by signal %d"):format(status - 128)
    or ("ended with exit code %d"):format(status)
  return words ~= "" and ("%s: %s"):format(how, words) or how
end

--- See airlock.source.command.
function nearby.command(argv)
  local words, timeout = read_argv(argv)
  local name = core.printable(words[1])
  return kit.make("command", words, function(_, settings)
    local process, why = core.process(words)
    if not process then return kit.fail("misconfigured", "the command '%s' can't be run: %s", name, why) end
    local said, status, told = finish(process, name, timeout, settings)
    process:close()
    if not said then return nil, status, told end
    if status ~= 0 and not (status == -1 and said ~= "") then
      return kit.fail("transient", "the command '%s' %s", name, describe(status, told))
    end
    return read_output(said, name)
  end)
end

-- ---- a file, a variable

local function one(given, kind, option)
  if type(given) == "table" and given[1] ~= nil and given[option] == nil then
    given = { [option] = given[1] }
  end
  given = kit.read(given, kind, { [option] = "string" }, { option })
  if given[option] == "" or given[option]:find("\0", 1, true) then
    options.mistake("airlock.source." .. kind, option, "must be a name without a NUL")
  end
  return given[option]
end

--- See airlock.source.file.
function nearby.file(given)
  local path = one(given, "file", "path")
  return kit.make("file", { path }, function()
    local text, message, detail = kit.file(path, "token's file")
    if not text then return nil, message, detail end
    text = kit.trim(text)
    if text == "" then return kit.fail("transient", "the token's file is empty: %s", path) end
    return kit.reply(text)
  end)
end

--- See airlock.source.environment.
function nearby.environment(given)
  local name = one(given, "environment", "name")
  return kit.make("environment", { name }, function()
    local text = kit.trim(os.getenv(name) or "")
    if text == "" then
      return kit.fail("misconfigured", "the environment variable %s isn't set", core.printable(name))
    end
    return kit.reply(text)
  end)
end

return nearby
