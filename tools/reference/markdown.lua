-- markdown: writes a page of docs/api, a room of the public face.

local markdown = {}


local function anchor(heading)
  return (heading:lower():gsub("[^%w%-_ ]", ""):gsub(" ", "-"))
end

-- Pages of docs/ that a docstring names are links.
local function prose(text)
  return (text:gsub("%f[%w]docs/(%w+%.md)", "[%1](../%1)"))
end

local function cell(text)
  return (prose(text):gsub("|", "\\|"):gsub("%s+$", ""))
end

-- A name of a class in text leads to where it is explained.
local function linked(kind, where)
  local name = kind:match "^([%w_%.]+)%??$" or kind:match "^([%w_%.]+)%[%]%??$"
  local place = name and where[name]
  if place then return ("[`%s`](%s)"):format(cell(kind), place) end
  return ("`%s`"):format(cell(kind))
end

local function fields(out, class, where, first)
  if #class.fields == 0 then return end
  out[#out + 1] = ("\n| %s | type | |\n|---|---|---|"):format(first)
  for _, f in ipairs(class.fields) do
    local note = first == "option" and not f.optional and ", required" or first == "field" and f.optional
      and ", or nil" or ""
    out[#out + 1] = ("| `%s`%s | %s | %s |"):format(f.name, note, linked(f.type, where), cell(f.text))
  end
end

local function choices(out, alias)
  out[#out + 1] = ("\n### %s\n\n%s\n\n| text | |\n|---|---|"):format(alias.alias, alias.text)
  for _, value in ipairs(alias.values) do out[#out + 1] = ("| `%q` | %s |"):format(value.name, cell(value.text)) end
end

local function shape(out, class, where)
  if class.alias then return choices(out, class) end
  out[#out + 1] = ("\n### %s\n"):format(class.class)
  if class.text ~= "" then out[#out + 1] = prose(class.text) end
  if class.parent ~= "" then
    out[#out + 1] = ("All fields of [`%s`](%s), and:"):format(class.parent, where[class.parent])
  end
  fields(out, class, where, class.class:find "option" and "option" or class.class:find "config" and "option" or "field")
end

local function results(out, f, where)
  local r = f.returns
  local failing = #r >= 2 and r[#r].type == "airlock.failure?" and r[#r - 1].type == "string?"
  if #r == 0 then
    out[#out + 1] = "\nGives nothing."
  elseif failing then
    if #r > 2 then
      out[#out + 1] = ("\nGives %s%s"):format(linked(r[1].type:gsub("%?$", ""), where),
        r[1].text ~= "" and ": " .. r[1].text or "") .. "."
    end
    out[#out + 1] = ("\nFails with `nil, message, detail`; %s: %s."):format(linked("airlock.failure", where),
      r[#r].text)
    if r[1].name == "message" then
      out[#out] = ("\nGives a message and a detail, %s: %s."):format(linked("airlock.failure", where), r[#r].text)
    end
  else
    for i, each in ipairs(r) do
      out[#out + 1] = ("\n%s %s%s."):format(i == 1 and "Gives" or "Then", linked(each.type, where),
        each.text ~= "" and ": " .. prose(each.text) or "")
    end
  end
end

local function parameters(out, f, where)
  if #f.params == 0 then return end
  out[#out + 1] = "\n| parameter | type | |\n|---|---|---|"
  for _, p in ipairs(f.params) do
    local text = p.text
    if text == "" and p.type:find "_options$" then text = "see below" end
    out[#out + 1] = ("| `%s`%s | %s | %s |"):format(p.name, p.optional and ", may be left out" or "",
      linked(p.type, where), cell(text))
  end
end

local function signature(f)
  local names = {}
  for i, p in ipairs(f.params) do names[i] = p.name end
  local words = f.whole and "require \"%s\"%s%s (%s)" or "%s%s%s(%s)"
  return words:format(f.say, f.sep, f.name, table.concat(names, ", "))
end

local function one(out, f, shapes, where)
  out[#out + 1] = ("\n## `%s`\n\n%s"):format(signature(f), prose(f.text))
  parameters(out, f, where)
  for _, p in ipairs(f.params) do
    local class = shapes[p.type]
    if class and class.inline then
      if class.text ~= "" then out[#out + 1] = "\n" .. class.text end
      fields(out, class, where, "option")
    end
  end
  results(out, f, where)
  if f.waits then out[#out + 1] = "\nTakes a [final callback](../hosts.md#callbacks), too." end
  if f.source then out[#out + 1] = ("\n*Source:* %s"):format(prose(f.source)) end
end

local function lower(out, functions)
  if #functions == 0 then return end
  out[#out + 1] = "\n## Lower level\n\nFor loops and for Airlock's own files; may change.\n\n| method | |\n|---|---|"
  for _, f in ipairs(functions) do
    local names = {}
    for i, name in ipairs(f.parameters or {}) do names[i] = name end
    out[#out + 1] = ("| `%s%s%s(%s)` | %s |"):format(f.say, f.sep, f.name, table.concat(names, ", "), cell(f.text))
  end
end

-- The fields of an object: at once where it is all that the part has, else before its first method.
local function members(out, part, room, where, owner)
  for _, class in ipairs(part.classes) do
    local alone = #part.classes == 1 or class.class == part.module
    if not class.shown and (alone or class.class == owner) then
      class.shown = true
      if not alone then out[#out + 1] = "\n# " .. part.say end
      if class.text ~= "" and class.text ~= room.about then out[#out + 1] = "\n" .. prose(class.text) end
      fields(out, class, where, "field")
    end
  end
end

--- The text of a page.
---@param room table its parts read
---@param shapes table<string, table> all classes by name
---@param where table<string, string> class → where it is explained
---@return string
function markdown.page(room, shapes, where)
  local out, deep = { ("# %s\n\n%s\n\nMade by `make reference` from the docstrings. [All pages](README.md)"):format(
    room.title, prose(room.about)) }, {}
  for _, part in ipairs(room.parts) do
    if part.heading and part.lower ~= true then out[#out + 1] = "\n# " .. part.heading end
    if part.heading and #part.classes == 0 and part.about and part.lower ~= true then
      out[#out + 1] = "\n" .. prose(part.about)
    end
    members(out, part, room, where)
    for _, f in ipairs(part.functions) do
      if f.lower then deep[#deep + 1] = f else
        members(out, part, room, where, f.owner)
        one(out, f, shapes, where)
      end
    end
  end
  lower(out, deep)
  if #(room.shapes or {}) > 0 then out[#out + 1] = "\n## Shapes" end
  for _, name in ipairs(room.shapes or {}) do shape(out, assert(shapes[name], name), where) end
  return table.concat(out, "\n") .. "\n"
end

markdown.anchor = anchor

return markdown
