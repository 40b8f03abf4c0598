--- Lists that come in pages, as one iterator. Each style of paging is a function that reads a page and says which is next.

local core = require "airlock.core"
local loops = require "airlock.loop"

local page = {}

-- JSON's null is no value here.
local function string_of(value)
  if type(value) == "string" then return value ~= "" and value or nil end
  if type(value) == "number" then return ("%.0f"):format(value) end
  return nil
end

-- Space: { data = […], next = "…" }, asked for with $skip. The last page still names a next one, which is empty: an empty
-- page is the end (https://www.jetbrains.com/help/space, "Get data from Space"). A `next` that doesn't move is one too.
local function space(body, query)
  if type(body) ~= "table" then return nil end
  if body.data == nil then return next(body) ~= nil and body[1] == nil and nil or body, nil end
  if type(body.data) ~= "table" or next(body.data) ~= nil and body.data[1] == nil then return nil end
  local next_skip = string_of(body.next)
  if #body.data == 0 or next_skip == nil or next_skip == query["$skip"] then return body.data, nil end
  query["$skip"] = next_skip
  return body.data, query
end

-- A list that comes whole.
local function whole(body)
  return type(body) == "table" and body or nil, nil
end

local styles = { space = space }

-- Fields are named as of an item; Space wants them inside of the page.
local prepare = {
  space = function(query)
    local fields = query["$fields"]
    if type(fields) == "string" and not fields:find("data", 1, true) then query["$fields"] = ("next,data(%s)"):format(fields) end
  end,
}

local failure = {
  __name = "airlock.failure",
  __tostring = function(self) return self.message end,
}

local function raise(message, detail)
  local raised = { message = message }
  for name, value in pairs(detail) do raised[name] = value end
  error(setmetatable(raised, failure), 0)
end

local function read(session, path, query, style)
  local body, message, detail = loops.iterate(session.get, session, path, query)
  if body == nil then raise(message, detail) end
  local items, following = style(body, query)
  if not items then
    raise("the answer should be a list, or a page of one", { kind = "http", code = "malformed_response", outcome = "misconfigured" })
  end
  return items, following
end

--- Iterates over all items of a list, getting the pages as they are needed.
---@param session userdata
---@param path string
---@param parameters table? the first page's query
---@param style string? "space"; nil: the list comes whole
---@return fun(): any
function page.items(session, path, parameters, style)
  if parameters ~= nil and type(parameters) ~= "table" then
    core.mistake("session:each: the query must be a table, not a " .. type(parameters))
  end
  local query = {}
  for name, value in pairs(parameters or {}) do query[name] = value end
  if prepare[style] then prepare[style](query) end
  local following, items, i = query, {}, 0
  return function()
    while i >= #items do
      if not following then return nil end
      items, following = read(session, path, following, styles[style] or whole)
      i = 0
    end
    i = i + 1
    return items[i]
  end
end

return page
