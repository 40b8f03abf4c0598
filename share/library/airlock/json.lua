---@meta airlock.json
-- Made by `make reference` from lua/airlock/json.lua.

--- JSON (RFC 8259), as requests and answers have it: `airlock.json`. docs/json.md tells of numbers, lists and
--- null.
---@class airlock.json
local json = {}

--- Decodes a text. Whole numbers are integers where Lua has them, and fit. JSON's null is `airlock.null`.
--- Every list is marked as one. A byte order mark at the beginning is skipped, and half of a surrogate pair
--- becomes U+FFFD.
---
--- Source: RFC 8259
---@param text string anything else raises
---@return any value nil: the text isn't JSON
---@return string? message
---@return airlock.failure? detail of kind "json" with "malformed_json", and `offset`, `line`, `column`
function json.decode(text) end

--- Encodes a value. A table is a list if it is marked as one, or if its names are 1, 2, 3 …; else it is an
--- object. What JSON can't hold raises, and names the path to it (`$.items[3].weight`): NaN and infinities,
--- functions, text that isn't UTF-8, lists with more holes than items, tables in a circle.
---
--- Source: RFC 8259
---@param value any nil and `airlock.null` are null
---@return string text
function json.encode(value) end

--- Marks a table as a list: empty it encodes as `[]`. A table with a metatable of its own raises.
---
--- Source: [json.md](../json.md)
---@param t? T nil: a new one
---@return T t itself
function json.array(t) end

return json
