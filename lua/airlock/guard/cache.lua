--- A bounded memory: what was put in last stays, in two generations, so that nothing is ever sorted.

-- spec: spec/tokens/guard_spec.lua

local cache = {}
cache.__index = cache

--- One for so many entries, and for as many of the generation before.
---@param most integer
---@return table
function cache.new(most)
  return setmetatable({ most = most, count = 0, young = {}, old = {} }, cache)
end

--- The entry of a key; what is asked for stays.
---@param key string
---@return any
function cache:get(key)
  local entry = self.young[key]
  if entry ~= nil then return entry end
  entry = self.old[key]
  if entry ~= nil then self:put(key, entry) end
  return entry
end

--- Keeps one.
---@param key string
---@param entry any
function cache:put(key, entry)
  if self.young[key] == nil then
    if self.count >= self.most then self.old, self.young, self.count = self.young, {}, 0 end
    self.count = self.count + 1
  end
  self.young[key] = entry
end

--- Forgets one.
---@param key string
function cache:drop(key)
  self.old[key] = nil
  if self.young[key] ~= nil then self.young[key], self.count = nil, self.count - 1 end
end

return cache
