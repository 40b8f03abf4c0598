--- A module that is loaded when it is first used. Reading all of Airlock took a script that makes one request longer
--- than its request.

-- spec: spec/guard/lazy_spec.lua

--- Stands for a module until then.
---@param name string as for require
---@param class? table methods of objects, some of which the module has
---@param methods? string[] their names
---@return table module what is taken from it is found here the next time
return function(name, class, methods)
  local module = setmetatable({}, {
    __index = function(module, key)
      local value = require(name)[key]
      module[key] = value
      return value
    end,
  })
  for _, each in ipairs(methods or {}) do
    class[each] = function(...) return module[each](...) end
  end
  return module
end
