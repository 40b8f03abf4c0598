--- Finds who answers a path. A template's `{name}` matches one segment, decoded; a literal goes before it.

local form = require "airlock.emulator.http.form"

local router = {}
router.__index = router

---@return table router
function router.new()
  return setmetatable({ root = { next = {} } }, router)
end

local function step(node, segment)
  local name = segment:match "^{(.+)}$"
  if name then
    node.any = node.any or { next = {}, name = name }
    return node.any
  end
  node.next[segment] = node.next[segment] or { next = {} }
  return node.next[segment]
end

--- Adds a route.
---@param method string
---@param template string such as "/api/http/projects/{project}"
---@param run fun(call: table): table gives a reply
function router:add(method, template, run)
  local node = self.root
  for segment in template:gmatch "[^/]+" do node = step(node, segment) end
  node.methods = node.methods or {}
  node.methods[method] = run
end

local function walk(node, segments, i, captures)
  local segment = segments[i]
  if not segment then return node.methods and node end
  local found = node.next[segment] and walk(node.next[segment], segments, i + 1, captures)
  if found or not node.any then return found end
  found = walk(node.any, segments, i + 1, captures)
  if found then captures[node.any.name] = segment end
  return found
end

local function split(path)
  local segments = {}
  for raw in path:gmatch "/([^/]*)" do
    local segment = form.unescape(raw, true)
    if not segment then return nil end
    segments[#segments + 1] = segment
  end
  return segments
end

--- Finds the route of a path.
---@param path string as it came
---@return table<string, function>? methods by name; nil: no such path
---@return table<string, string> captures
---@return boolean malformed the path has a broken escape
function router:find(path)
  local captures = {}
  local segments = split(path)
  local node = segments and walk(self.root, segments, 1, captures)
  return node and node.methods or nil, captures, segments == nil
end

--- The names of a route's methods, for `Allow`.
---@param methods table<string, function>
---@return string
function router.allowed(methods)
  local names = {}
  for name in pairs(methods) do names[#names + 1] = name end
  table.sort(names)
  return table.concat(names, ", ")
end

return router
