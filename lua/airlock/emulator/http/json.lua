--- JSON as the emulator writes it: members in a fixed order, whole numbers whole, and empty lists that stay lists.
-- Reading is lua-cjson's; writing is ours because lua-cjson 2.1.0 makes `{}` of an empty list on every Lua.

local core = require "airlock.core"

local json = { null = core.json.null }

local list_mark = {}

--- Marks a table as a list, also while it is empty.
---@param items table?
---@return table items
function json.list(items)
  return setmetatable(items or {}, list_mark)
end

---@param value any
---@return boolean
function json.is_list(value)
  return type(value) == "table" and (getmetatable(value) == list_mark or #value > 0)
end

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function escape(c)
  return escapes[c] or ("\\u%04x"):format(c:byte())
end

local function write_string(text)
  return '"' .. text:gsub('[%c"\\\127]', escape) .. '"'
end

local function write_number(n)
  if n ~= n or n == math.huge or n == -math.huge then return "null" end
  if n == math.floor(n) and math.abs(n) < 2 ^ 53 then return ("%.0f"):format(n) end
  return ("%.14g"):format(n)
end

local write

local function write_list(items)
  local out = {}
  for i = 1, #items do out[i] = write(items[i]) end
  return "[" .. table.concat(out, ",") .. "]"
end

local function write_object(members)
  local names, out = {}, {}
  for name in pairs(members) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do out[i] = write_string(name) .. ":" .. write(members[name]) end
  return "{" .. table.concat(out, ",") .. "}"
end

local writers = {
  string = write_string,
  number = write_number,
  boolean = tostring,
  table = function(value) return json.is_list(value) and write_list(value) or write_object(value) end,
}

function write(value)
  if value == nil or value == json.null then return "null" end
  local writer = writers[type(value)] or error("a " .. type(value) .. " has no JSON")
  return writer(value)
end

--- Encodes a value; members are sorted by name.
---@param value any
---@return string text
function json.encode(value)
  return write(value)
end

--- Decodes a text.
---@param text string
---@return any value nil where it isn't JSON
---@return string? why
function json.decode(text)
  return core.json.decode(text)
end

return json
