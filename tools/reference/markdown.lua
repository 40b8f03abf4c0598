-- markdown: writes a page of docs/api, a room of the public face, and docs/internals.md. No line of them is over 120
-- columns.

local markdown = {}

local most = 120

local function anchor(heading)
  return (heading:lower():gsub("[^%w%-_ ]", ""):gsub(" ", "-"))
end

local function width(text)
  return select(2, text:gsub("[^\128-\191]", ""))
end

-- One paragraph or item; lines after the first begin with `indent`. A word that would begin a list takes the one before
-- it along. A number such as 65 536 and a short piece of code stay in one line.
local function fill(text, indent)
  local lines, line = {}, nil
  text = text:gsub("`[^`]+`", function(code) return #code <= 60 and code:gsub("%s+", "\1") or nil end)
  for found in text:gsub("(%d) (%d%d%d)%f[%D]", "%1\1%2"):gmatch "%S+" do
    local word = found
    if line and width(line) + 1 + width(word) > most then
      local marker = word:find "^[%-%+%*#>|]" or word:find "^%d+[%.%)]$"
      local before, last = line:match "^(.*) (%S+)$"
      if marker and before then word, line = last .. " " .. word, before end
      lines[#lines + 1], line = line, indent .. word
    else
      line = line and line .. " " .. word or word
    end
  end
  lines[#lines + 1] = line
  return (table.concat(lines, "\n"):gsub("\1", " "))
end

-- Pages of docs/ that a docstring names are links.
local function prose(text, above)
  return (text:gsub("%f[%w]docs/([%w_]+%.md)", ("[%%1](%s%%1)"):format(above or "../")))
end

-- A text of several paragraphs and lists.
local function paragraphs(text, above)
  local out = {}
  for piece in (prose(text, above) .. "\n"):gmatch "([^\n]*)\n" do
    out[#out + 1] = fill(piece, piece:find "^%- " and "  " or "")
  end
  return table.concat(out, "\n")
end

-- A name of a class in text leads to where it is explained.
local function linked(kind, where)
  local name = kind:match "^([%w_%.]+)%??$" or kind:match "^([%w_%.]+)%[%]%??$"
  local place = name and where[name]
  if place then return ("[`%s`](%s)"):format(kind, place) end
  return ("`%s`"):format(kind)
end

-- An item: its name, what it is in brackets, and what it says.
local function item(name, notes, text)
  local head = ("- `%s` (%s)"):format(name, table.concat(notes, ", "))
  return fill(head .. (text ~= "" and ": " .. prose(text) or ""), "  ")
end

local function fields(out, class, where, kind)
  if #class.fields == 0 then return end
  out[#out + 1] = ""
  for _, f in ipairs(class.fields) do
    local notes = { linked(f.type, where) }
    if kind == "option" and not f.optional then notes[2] = "required" end
    if kind == "field" and f.optional then notes[2] = "or nil" end
    out[#out + 1] = item(f.name, notes, f.text)
  end
end

local function choices(out, alias)
  out[#out + 1] = ("\n### %s\n\n%s\n"):format(alias.alias, paragraphs(alias.text))
  for _, value in ipairs(alias.values) do out[#out + 1] = fill(("- `%q`: %s"):format(value.name, value.text), "  ") end
end

local function shape(out, class, where)
  if class.alias then return choices(out, class) end
  out[#out + 1] = ("\n### %s\n"):format(class.class)
  if class.text ~= "" then out[#out + 1] = paragraphs(class.text) end
  if class.parent ~= "" then
    out[#out + 1] = fill(("All fields of [`%s`](%s), and:"):format(class.parent, where[class.parent]), "")
  end
  fields(out, class, where, (class.class:find "option" or class.class:find "config") and "option" or "field")
end

local function stop(text)
  return text:find "%.$" and text or text .. "."
end

local function sentence(out, words, ...)
  out[#out + 1] = "\n" .. paragraphs(stop(words:format(...)))
end

local function after_colon(text)
  return text ~= "" and ": " .. text or ""
end

local function results(out, f, where)
  local r = f.returns
  local failing = #r >= 2 and r[#r].type == "airlock.failure?" and r[#r - 1].type == "string?"
  if #r == 0 then
    out[#out + 1] = "\nGives nothing."
  elseif failing then
    local failure = linked("airlock.failure", where)
    if r[1].name == "message" then
      return sentence(out, "Gives a message and a detail, an %s %s. It gives %s", failure, r[#r].text, r[1].text)
    end
    if #r > 2 then sentence(out, "Gives %s%s", linked(r[1].type:gsub("%?$", ""), where), after_colon(r[1].text)) end
    sentence(out, "Fails with `nil, message, detail`, an %s %s", failure, r[#r].text)
  else
    for i, each in ipairs(r) do
      sentence(out, "%s %s%s", i == 1 and "Gives" or "Then", linked(each.type, where), after_colon(each.text))
    end
  end
end

local function parameters(out, f, where)
  if #f.params == 0 then return end
  out[#out + 1] = ""
  for _, p in ipairs(f.params) do
    local text = p.text
    if text == "" and p.type:find "_options$" then text = "see below" end
    out[#out + 1] = item(p.name, { linked(p.type, where), p.optional and "may be left out" or nil }, text)
  end
end

local function signature(f)
  local names = {}
  for i, p in ipairs(f.params) do names[i] = p.name end
  local words = f.whole and "require \"%s\"%s%s (%s)" or "%s%s%s(%s)"
  return words:format(f.say, f.sep, f.name, table.concat(names, ", "))
end

local function one(out, f, shapes, where)
  out[#out + 1] = ("\n## `%s`\n\n%s"):format(signature(f), paragraphs(f.text))
  parameters(out, f, where)
  for _, p in ipairs(f.params) do
    local class = shapes[p.type]
    if class and class.inline then
      out[#out + 1] = "\n" .. (class.text ~= "" and paragraphs(class.text) or ("The fields of `%s`:"):format(p.name))
      fields(out, class, where, "option")
    end
  end
  results(out, f, where)
  if f.waits then out[#out + 1] = "\nTakes a [final callback](../hosts.md#callbacks), too." end
  if f.source then sentence(out, "*Source:* %s", f.source) end
end

-- The fields of an object: at once where it is all that the part has, else before its first method.
local function members(out, part, room, where, owner)
  for _, class in ipairs(part.classes) do
    local alone = #part.classes == 1 or class.class == part.module
    if not class.shown and (alone or class.class == owner) then
      class.shown = true
      if not alone then out[#out + 1] = "\n# " .. part.say end
      if class.text ~= "" and class.text ~= room.about then out[#out + 1] = "\n" .. paragraphs(class.text) end
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
  local head = "# %s\n\n%s\n\nMade by `make reference` from the docstrings. [All pages](README.md)"
  local out = { head:format(room.title, paragraphs(room.about)) }
  for _, part in ipairs(room.parts) do
    if part.heading then out[#out + 1] = "\n# " .. part.heading end
    if part.heading and #part.classes == 0 and part.about then out[#out + 1] = "\n" .. paragraphs(part.about) end
    members(out, part, room, where)
    for _, f in ipairs(part.functions) do
      if not f.lower then
        members(out, part, room, where, f.owner)
        one(out, f, shapes, where)
      end
    end
  end
  if #(room.shapes or {}) > 0 then out[#out + 1] = "\n## Shapes" end
  for _, name in ipairs(room.shapes or {}) do shape(out, assert(shapes[name], name), where) end
  return table.concat(out, "\n") .. "\n"
end

local function inner(f)
  local text = f.text:gsub("%s*\n%s*", " "):gsub("^%l", string.upper)
  return fill(("- `%s%s%s(%s)`%s"):format(f.say, f.sep, f.name, table.concat(f.parameters or {}, ", "),
    after_colon(prose(text, ""))), "  ")
end

local internals_head = "**Not promised.** These names are for Airlock's own files, its specs and the curious. Any "
  .. "version may change or drop them. Programs use the [reference](api/README.md); authors of loops use the one "
  .. "seam in [hosts.md](hosts.md#another-host)."

--- The page of what isn't promised: the functions of the lower level, of all rooms.
---@param rooms table[]
---@return string
function markdown.internals(rooms)
  local out = { "# Internals: not promised\n\n" .. fill(internals_head, "")
    .. "\n\nMade by `make reference` from the docstrings." }
  local seen = {}
  for _, room in ipairs(rooms) do
    for _, part in ipairs(room.parts) do
      for _, f in ipairs(part.functions) do
        if f.lower then
          if not seen[f.say] then out[#out + 1] = ("\n## %s\n"):format(f.say) end
          seen[f.say] = true
          out[#out + 1] = inner(f)
        end
      end
    end
  end
  return table.concat(out, "\n") .. "\n"
end

markdown.anchor, markdown.fill = anchor, fill

return markdown
