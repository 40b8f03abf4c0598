--- application/x-www-form-urlencoded, read strictly: a broken escape is refused, a repeated name is told.

local form = {}

--- Decodes %XX and, unless `literal_plus`, '+'.
---@param text string
---@param literal_plus boolean? keep '+', as in a path
---@return string? decoded nil for a broken escape
function form.unescape(text, literal_plus)
  if text:gsub("%%%x%x", ""):find("%", 1, true) then return nil end
  if not literal_plus then text = text:gsub("%+", " ") end
  return (text:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

--- Decodes "a=1&b=2".
---@param text string
---@return table<string, string>? fields the first value of each name; nil for a broken escape
---@return table<string, boolean> repeated names that came more than once
---@return table<string, string[]> all every value of each name
function form.decode(text)
  local fields, repeated, all = {}, {}, {}
  for pair in text:gmatch "[^&]+" do
    local name, value = pair:match "^([^=]*)=?(.*)$"
    name, value = form.unescape(name), form.unescape(value)
    if not name or not value then return nil, repeated end
    if fields[name] ~= nil then repeated[name] = true else fields[name] = value end
    all[name] = all[name] or {}
    table.insert(all[name], value)
  end
  return fields, repeated, all
end

--- Encodes one text; all but unreserved characters become %XX.
---@param text string
---@return string
function form.escape(text)
  return (text:gsub("[^%w%-%._~]", function(c) return ("%%%02X"):format(c:byte()) end))
end

return form
