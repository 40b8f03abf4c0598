--- Permissions in words that a person understands: `project:key:A:Project.Issues.View` is "View project issues", "in
--- project A".

local words = {}

-- "ViewMessages" → "view messages"; "2" → ""
local function spell(segment)
  if segment:find "^%d+$" then return "" end
  return (segment:gsub("%d+$", ""):gsub("(%l)(%u)", "%1 %2"):lower())
end

local function capital(text)
  return (text:gsub("^%l", string.upper))
end

local verbs = { view = true, edit = true, create = true, delete = true, manage = true, post = true, read = true,
  write = true, start = true,
  stop = true, approve = true, import = true, publish = true, unpublish = true, restore = true, archive = true,
    modify = true, use = true,
  push = true, join = true, connect = true, track = true, move = true, authorize = true, update = true }

-- a bare verb goes before what it is about ("View project issues"); what says more stands by itself ("Channel: view
-- messages")
local function phrase(code)
  local parts = {}
  for segment in code:gmatch "[^.]+" do
    local word = spell(segment)
    if word ~= "" then parts[#parts + 1] = word end
  end
  local last = table.remove(parts)
  local about = table.concat(parts, " ")
  if about == "" then return capital(last) end
  if verbs[last] then return capital(last .. " " .. about) end
  return capital(about .. ": " .. last)
end

local places = { { "^project:key:(.+)$", "in project %s" }, { "^project:id:(.+)$", "in the project with the id %s" },
  { "^channel:(.+)$", "in channel %s" }, { "^packageRepository:(.+)$", "in package repository %s" },
    { "^taskId:(.+)$", "in task %s" } }

local function where(context)
  for _, place in ipairs(places) do
    local name = context:match(place[1])
    if name then return (place[2]:gsub("%%s", function() return name end)) end
  end
  return "in the whole organization"
end

--- A scope as lines.
---@param parsed table
---@return table[] lines `{ what, where?, code? }`
function words.of(parsed)
  if parsed.all then return { { what = "All actions" } } end
  local lines = {}
  for i, element in ipairs(parsed) do
    lines[i] = { what = phrase(element.code), where = where(element.context), code = element.text }
  end
  return lines
end

return words
