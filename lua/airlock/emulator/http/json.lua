--- JSON as the emulator writes it: members in a fixed order.

local core = require "airlock.core"

local json = { null = core.json.null }

--- Marks a table as a list, also while it is empty.
---@param items table?
---@return table items
function json.list(items)
  return core.json.array(items)
end

---@param value any
---@return boolean
function json.is_list(value)
  return type(value) == "table" and (core.json.marked(value) or #value > 0)
end

-- What a program sent may be echoed, and be no JSON: text that isn't UTF-8 is made printable, other things are null.
local function fit(value)
  local kind = type(value)
  if kind == "string" then return core.printable(value) end
  if kind == "number" and (value ~= value or value == math.huge or value == -math.huge) then return json.null end
  if kind ~= "table" then return value end
  local made = json.is_list(value) and json.list() or {}
  for name, each in pairs(value) do made[type(name) == "string" and core.printable(name) or name] = fit(each) end
  return made
end

--- Encodes a value; members are sorted by name.
---@param value any
---@return string text
function json.encode(value)
  local ok, text = pcall(core.json.encode, value, true)
  return ok and text or core.json.encode(fit(value), true, "airlock.emulator: the value")
end

--- Decodes a text.
---@param text string
---@return any value nil where it isn't JSON
---@return string? why
function json.decode(text)
  return core.json.decode(text)
end

return json
