--- A module that is loaded when it is first used. Reading all of Airlock took a script that makes one request longer
--- than its request.

-- spec: spec/guard/lazy_spec.lua

local failure = require "airlock.failure"

-- A module that isn't there any more, or can't be opened, is the world's fault; one that is wrong is ours.
local function load(name)
  local ok, found = pcall(require, name)
  if ok then return found end
  local missing = type(found) == "string" and found:match "module '([^']+)' not found:"
  if not missing then error(found, 0) end
  return nil, missing
end

local function absent(name)
  return function()
    return failure.network("missing_module",
      ("the module %s can't be loaded; airlock.preload() loads all of them while that can be done"):format(name))
  end
end

--- Stands for a module until then.
---@param name string as for require
---@param class? table methods of objects, some of which the module has
---@param methods? string[] their names
---@return table module what is taken from it is found here the next time
return function(name, class, methods)
  local module = setmetatable({}, {
    __index = function(module, key)
      local found, missing = load(name)
      if not found then return absent(missing) end -- and is looked for again the next time
      module[key] = found[key]
      return found[key]
    end,
  })
  for _, each in ipairs(methods or {}) do
    class[each] = function(...) return module[each](...) end
  end
  return module
end
