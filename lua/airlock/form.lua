--- Tables as application/x-www-form-urlencoded text, for queries and forms. Names are sorted, so that the same table
--- always gives the same text.

-- spec: spec/session/form_spec.lua

local core = require "airlock.core"

local form = {}

--- A value as text; nil: it is none that has a text.
---@param value any
---@return string?
function form.text(value)
  local kind = type(value)
  if kind == "string" then return value end
  if kind == "boolean" then return tostring(value) end
  if kind ~= "number" then return nil end
  -- 3.0 is 3 to a server, whatever Lua calls it
  return value == math.floor(value) and math.abs(value) <= 2 ^ 53 and ("%.0f"):format(value) or core.number(value)
end

local function value_text(value, name, whose, option)
  local text, kind = form.text(value), type(value)
  if text then return text end
  core.mistake(("%s: option '%s': the value of '%s' must be a string, number, boolean or a list of these, not a %s")
    :format(whose, option, name, kind))
end

--- Encodes `{ name = value, … }`; a list as value repeats the name.
---@param fields table
---@param whose string the call that the program wrote, such as "session:get": begins the message of a mistake
---@param option string its option that the table is of
---@return string
function form.encode(fields, whose, option)
  if type(fields) ~= "table" then
    core.mistake(("%s: option '%s' must be a table, not a %s"):format(whose, option, type(fields)))
  end
  local names, parts = {}, {}
  for name in pairs(fields) do
    if type(name) ~= "string" then
      core.mistake(("%s: option '%s' is a table of name = value; found a %s as name"):format(whose, option,
        type(name)))
    end
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local value = fields[name]
    for _, each in ipairs(type(value) == "table" and value or { value }) do
      parts[#parts + 1] = core.encode(name) .. "=" .. core.encode(value_text(each, name, whose, option))
    end
  end
  return table.concat(parts, "&")
end

--- A URL with more fields in its query.
---@param url string
---@param fields table
---@param whose string see form.encode
---@param option string see form.encode
---@return string
function form.onto(url, fields, whose, option)
  return url .. (url:find("?", 1, true) and "&" or "?") .. form.encode(fields, whose, option)
end

--- The values of a field that may come more than once.
---@param text string? as in a query or a form
---@param wanted string
---@return string[]
function form.values(text, wanted)
  local found = {}
  for name, value in ("&" .. (text or "")):gmatch "&([^&=]*)=?([^&]*)" do
    if name == wanted then
      found[#found + 1] = value:gsub("+", " "):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
    end
  end
  return found
end

return form
