--- A module that is loaded when it is first used. Reading all of Airlock took a script that makes one request longer than its request.

--- Stands for a module until then.
---@param name string as for require
---@return table module whose functions are to be called, not kept
return function(name)
  return setmetatable({}, { __index = function(_, key) return require(name)[key] end })
end
