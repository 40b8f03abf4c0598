--- The options that `session:get` and its kin take beside their own arguments.

-- spec: spec/session/method_options_spec.lua

local core = require "airlock.core"

local options = {}

local names = { "headers", "max_body", "timeout" }
local names_with_query = { "headers", "max_body", "query", "timeout" }

local function bad(whose, name, takes)
  if type(name) ~= "string" then
    core.mistake(("%s: options have names; found a %s as key"):format(whose, type(name)))
  end
  core.mistake(("%s: option '%s' is unknown (it takes: %s)%s"):format(whose, name, table.concat(takes, ", "),
    core.meant(name, takes)))
end

--- Reads and checks the table; C judges the values when the request is made.
---@param given any
---@param whose string the method that the program called, such as "session:get"
---@param with_query? boolean whether the query is among them, as the method has no argument for it
---@return table<string, string>? headers
---@return number? timeout
---@return integer? max_body
---@return table|string|nil query
function options.read(given, whose, with_query)
  if type(given) ~= "table" then
    core.mistake(whose .. ": a table of options was expected, not a " .. type(given))
  end
  local headers, timeout, max_body, query
  for name, value in next, given do
    if name == "headers" then headers = value
    elseif name == "timeout" then timeout = value
    elseif name == "max_body" then max_body = value
    elseif name == "query" and with_query then query = value
    else bad(whose, name, with_query and names_with_query or names) end
  end
  return headers, timeout, max_body, query
end

return options
