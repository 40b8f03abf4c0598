--- Judges the names of a table of options: an unknown one raises.

local core = require "airlock.core"

local options = {}

--- Raises for a name that isn't known; gives a copy, so that nothing is changed under the caller.
---@param whose string for the message
---@param given table?
---@param names string[]
---@return table copy
function options.read(whose, given, names)
  local known, copy = {}, {}
  for _, name in ipairs(names) do known[name] = true end
  if given ~= nil and type(given) ~= "table" then
    error(("%s: a table of options was expected, not a %s"):format(whose, type(given)), 3)
  end
  for name, value in pairs(given or {}) do
    if not known[name] then
      error(("%s: unknown option '%s'%s (it takes: %s)"):format(whose, tostring(name), core.meant(name, names),
        table.concat(names, ", ")), 3)
    end
    copy[name] = value
  end
  return copy
end

--- Raises unless an option has the type it must have.
---@param whose string
---@param given table
---@param name string
---@param wanted string a type's name
function options.check(whose, given, name, wanted)
  local found = type(given[name])
  if found ~= wanted and found ~= "nil" then
    error(("%s: option '%s' must be a %s, not a %s"):format(whose, name, wanted, found), 4)
  end
end

return options
