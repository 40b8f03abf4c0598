--- Profiles: a Lua file that returns a table, loaded where it can do nothing but that.

local browser = require "airlock.browser"
local command = require "airlock.command"
local core = require "airlock.core"
local outcome = require "airlock.cli.outcome"

local profile = {}

local most = 1024 * 1024 -- bytes of the file

--- Where the file is: AIRLOCK_CONFIG, else $XDG_CONFIG_HOME/airlock/config.lua, else ~/.config/airlock/config.lua.
---@return string? path nil where the system doesn't even say where home is
function profile.place()
  local named = os.getenv "AIRLOCK_CONFIG"
  if named and named ~= "" then return named end
  local folder, home = os.getenv "XDG_CONFIG_HOME", os.getenv "HOME"
  if folder and folder:find "^/" then return folder .. "/airlock/config.lua" end
  return home and home ~= "" and home .. "/.config/airlock/config.lua" or nil
end

local function bad(path, why)
  outcome.stop(outcome.usage, ("the configuration '%s' %s"):format(path, why))
end

-- Whoever can write it could have any command run by it.
local function check(path)
  local folder = path:match "^(.*)/[^/]*$" or "."
  for _, each in ipairs { path, folder == "" and "/" or folder } do
    local found, why = command.permissions(each)
    if not found then bad(path, "can't be read: " .. why) end
    if not found.ours then bad(path, ("isn't used: '%s' belongs to another user"):format(each)) end
    if found.writable then bad(path, ("isn't used: others can write '%s'; run: chmod go-w '%s'"):format(each, each)) end
  end
end

local function compile(text, path)
  if text:byte() == 27 then bad(path, "must be text, not compiled Lua") end
  local name, environment = "=" .. path, {}
  local old_setfenv = rawget(_G, "setfenv")
  if not old_setfenv then return load(text, name, "t", environment) end
  local chunk, why = loadstring(text, name)
  return chunk and old_setfenv(chunk, environment), why
end

local function read(path)
  local file, why = io.open(path, "rb")
  if not file then bad(path, "can't be read: " .. why) end
  local text = file:read(most + 1) or ""
  file:close()
  if #text > most then bad(path, "is larger than a megabyte") end
  return text
end

-- No browser that is opened gets the variables that secrets are taken from.
local function hide(profiles)
  for _, each in pairs(profiles) do
    for _, source in pairs(type(each) == "table" and each or {}) do
      if type(source) == "table" and type(source.env) == "string" then browser.hide(source.env) end
    end
  end
end

--- All profiles; an empty table where there is no file.
---@return table profiles name → profile; `default` is a profile, or the name of one
---@return string? path
function profile.all()
  local path = profile.place()
  if not path or not command.permissions(path) and not os.getenv "AIRLOCK_CONFIG" then return {}, path end
  check(path)
  local chunk, why = compile(read(path), path)
  if not chunk then bad(path, "isn't sound Lua: " .. why) end
  local ok, profiles = pcall(chunk)
  if not ok then bad(path, "raised an error: " .. tostring(profiles)) end
  if type(profiles) ~= "table" then bad(path, "must return a table of profiles") end
  hide(profiles)
  return profiles, path
end

local function names_of(profiles)
  local names = {}
  for name, value in pairs(profiles) do
    if type(name) == "string" and type(value) == "table" then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

--- One profile; without a name the default one, or an empty one where there is none.
---@param name string?
---@return table profile
---@return string? name
function profile.named(name)
  local profiles, path = profile.all()
  if not name then name = type(profiles.default) == "string" and profiles.default or profiles.default and "default" end
  if not name then return {}, nil end
  local found = profiles[name]
  if type(found) ~= "table" then
    outcome.stop(outcome.usage, ("there is no profile '%s' in '%s'%s"):format(name, path or "?",
      core.meant(name, names_of(profiles))))
  end
  return found, name
end

--- The profiles' names, sorted.
---@return string[]
function profile.names()
  return names_of((profile.all()))
end

return profile
