--- JSON (RFC 8259) that comes out as it went in: `airlock.json`. Requests and answers go through the same codec.

-- spec: spec/door/json_decode_spec.lua

local core = require "airlock.core"

--- JSON (RFC 8259), as requests and answers have it: `airlock.json`. docs/json.md tells of numbers, lists and null.
---@class airlock.json
local json = {}

--- Decodes a text. Whole numbers are integers where Lua has them, and fit. JSON's null is `airlock.null`. Every list is
--- marked as one. A byte order mark at the beginning is skipped, and half of a surrogate pair becomes U+FFFD.
---@param text string anything else raises
---@return any value nil: the text isn't JSON
---@return string? message
---@return airlock.failure? detail of kind "json" with "malformed_json", and `offset`, `line`, `column`
---@see RFC 8259
function json.decode(text)
  if type(text) ~= "string" then
    core.mistake("airlock.json.decode: a string was expected, not a " .. type(text))
  end
  local value, why, offset, line, column = core.json.decode(text)
  if value ~= nil then return value end
  return nil, ("the text isn't JSON: at byte %d (line %d, column %d) it %s"):format(offset, line, column, why),
    { kind = "json", code = "malformed_json", outcome = "misconfigured", offset = offset, line = line,
      column = column }
end

--- Encodes a value. A table is a list if it is marked as one, or if its names are 1, 2, 3 …; else it is an object. What
--- JSON can't hold raises, and names the path to it (`$.items[3].weight`): NaN and infinities, functions, text that
--- isn't UTF-8, lists with more holes than items, tables in a circle.
---@param value any nil and `airlock.null` are null
---@return string text
---@see RFC 8259
function json.encode(value)
  return (core.json.encode(value))
end

--- Marks a table as a list: empty it encodes as `[]`. A table with a metatable of its own raises.
---@generic T: table
---@param t? T nil: a new one
---@return T t itself
function json.array(t)
  return core.json.array(t)
end

return json
