--- The keys that seal records: from a file, the keyring or a function of the program; read at first need, once.

-- spec: spec/store/sealed_spec.lua

local core = require "airlock.core"
local lazy = require "airlock.lazy"

local keyring = lazy "airlock.store.keyring"

local keys = {}

local known = core.kept "store_keys" -- "keyring" or a file's path → its list of keys

local function as_key(text)
  local key = type(text) == "string" and core.store_key(text)
  if key then return key end
  return nil, "a key must be 32 bytes, or 64 hexadecimal digits in lower case", "no_key"
end

-- One key or a list of them; the first is the one that seals.
local function from_function(make)
  local given, why, code = make()
  if given == nil then return nil, tostring(why or "the function of option 'key' gave none"), code or "no_key" end
  local list = {}
  for i, text in ipairs(type(given) == "table" and given or { given }) do
    list[i], why, code = as_key(text)
    if not list[i] then return nil, why, code end
  end
  if list[1] then return list end
  return nil, "the function of option 'key' gave an empty list", "no_key"
end

local function remember(name, key, why, code)
  if not key then return nil, why, code end
  known[name] = { key }
  return known[name]
end

--- A function that gives a list of keys, or nil, why and a code; it may wait.
---@param option string|table|function "keyring", `{ file = path }` or a function
---@param whose string begins the message of a mistake
---@return fun(): table?, string?, string?
function keys.source(option, whose)
  if option == "keyring" then
    return function()
      if known.keyring then return known.keyring end
      local text, why, code = keyring.key()
      if not text then return nil, why, code end
      return remember("keyring", as_key(text))
    end
  end
  if type(option) == "function" then
    local list
    return function()
      if list then return list end
      local why, code
      list, why, code = from_function(option)
      return list, why, code
    end
  end
  local path = type(option) == "table" and option.file
  if type(path) ~= "string" or path == "" or path:find "%z" then
    core.mistake(whose .. ": 'key' must be \"keyring\", { file = path } or a function")
  end
  path = core.store_folder(path) -- absolute
  return function()
    local name = "file:" .. path
    if known[name] then return known[name] end
    return remember(name, core.store_key_file(path))
  end
end

return keys
