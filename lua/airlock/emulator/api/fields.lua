--- `$fields`: which members of an answer the caller wants. `id,name(firstName),parent!2,*`.

local json = require "airlock.emulator.http.json"

local fields = {}

local deepest = 16

local read_list

-- name ['!' [level]] ['(' list ')']
local function read_item(text, at)
  local name, next_at = text:match("^%s*([%w_%$%*%-]+)%s*()", at)
  if not name then return nil end
  local node = { name = name }
  local level, after = text:match("^!(%d*)%s*()", next_at)
  if level then
    node.up = tonumber(level) or 1
    next_at = after
  end
  if text:sub(next_at, next_at) == "(" then
    node.list, next_at = read_list(text, next_at + 1)
    if not node.list or text:sub(next_at, next_at) ~= ")" then return nil end
    next_at = text:match("^%)%s*()", next_at)
  end
  return node, next_at
end

function read_list(text, at)
  local list = {}
  while true do
    local node, next_at = read_item(text, at)
    if not node then return nil end
    list[#list + 1] = node
    if text:sub(next_at, next_at) ~= "," then return list, next_at end
    at = next_at + 1
  end
end

--- Reads a field list.
---@param text string
---@return table[]? list nil where it isn't well-formed
function fields.parse(text)
  local list, at = read_list(text, 1)
  if list and at == #text + 1 then return list end
end

local function map(items, f)
  local out = json.list()
  for i, item in ipairs(items) do out[i] = f(item) end
  return out
end

-- what an object shows of itself where nobody said which members
local function reduce(value)
  if type(value) ~= "table" or value == json.null then return value end
  if json.is_list(value) then return map(value, reduce) end
  if value.id ~= nil then return { id = value.id, className = value.className } end
  local out = {}
  for name, member in pairs(value) do out[name] = reduce(member) end
  return out
end

local function top_level(value)
  local out = {}
  for name, member in pairs(value) do out[name] = reduce(member) end
  return out
end

local project

local function member(value, node, path)
  if node.up then return project(value, path[#path + 1 - node.up] or path[1], path) end
  if node.list then return project(value, node.list, path) end
  return reduce(value)
end

local function object(value, list, path)
  local out = {}
  path[#path + 1] = list
  for _, node in ipairs(list) do
    if node.name == "*" then
      for name, shown in pairs(top_level(value)) do
        if out[name] == nil then out[name] = shown end
      end
    elseif value[node.name] ~= nil then
      out[node.name] = member(value[node.name], node, path)
    end
  end
  path[#path] = nil
  return out
end

function project(value, list, path)
  if type(value) ~= "table" or #path > deepest then return reduce(value) end
  if json.is_list(value) then return map(value, function(item) return project(item, list, path) end) end
  return object(value, list, path)
end

--- Keeps what the list names; nil stands for all members of the first level, objects below it reduced to their ids.
---@param value any
---@param list table[]?
---@return any
function fields.project(value, list)
  if type(value) ~= "table" then return value end
  if list then return project(value, list, {}) end
  if json.is_list(value) then return map(value, top_level) end
  return top_level(value)
end

return fields
