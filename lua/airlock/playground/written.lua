--- A value as Lua would write it, for a reader: what the program gets.

local core = require "airlock.core"
local json = require "airlock.emulator.http.json"

local written = {}

local most = 1500 -- bytes; the rest is left out

local function key(name)
  if type(name) ~= "string" then return ("[%s]"):format(tostring(name)) end
  return name:find "^[%a_][%w_]*$" and name or ("[%q]"):format(core.printable(name))
end

local function names_of(value)
  local names = {}
  for name in pairs(value) do names[#names + 1] = name end
  table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
  return names
end

local write

local function write_table(out, value, indent)
  local inner, list = indent .. "  ", json.is_list(value)
  if next(value) == nil then
    out[#out + 1] = "{}"
    return
  end
  out[#out + 1] = "{\n"
  for _, name in ipairs(list and value or names_of(value)) do
    if out.bytes > most then
      out[#out + 1] = inner .. "…\n"
      break
    end
    out[#out + 1] = inner .. (list and "" or key(name) .. " = ")
    if list then write(out, name, inner) else write(out, value[name], inner) end
    out[#out + 1] = ",\n"
  end
  out[#out + 1] = indent .. "}"
end

write = function(out, value, indent)
  if type(value) == "table" then return write_table(out, value, indent) end
  local text = value == json.null and "airlock.null" or tostring(value)
  if type(value) == "string" then text = '"' .. core.printable(value):gsub('[\\"]', "\\%0") .. '"' end
  out.bytes = out.bytes + #text + #indent + 8
  out[#out + 1] = text
end

--- Writes a value.
---@param value any
---@return string text of about 1,500 bytes at most
function written.of(value)
  local out = { bytes = 0 }
  write(out, value, "")
  return table.concat(out)
end

return written
