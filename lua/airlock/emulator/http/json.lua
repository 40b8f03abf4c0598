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

--- Encodes a value; members are sorted by name.
---@param value any
---@return string text
function json.encode(value)
  return core.json.encode(value, true, "airlock.emulator: the value")
end

--- Decodes a text.
---@param text string
---@return any value nil where it isn't JSON
---@return string? why
function json.decode(text)
  return core.json.decode(text)
end

return json
