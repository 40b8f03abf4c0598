-- ldoc: writes the same for LDoc, a source for each room's part, with the tags that LDoc knows; `make html` runs it.

local ldoc = {}

ldoc.config = [[
project, title, description = "Airlock", "Airlock: OAuth 2.0 for Lua",
  "OAuth 2.0 for Lua: tokens got, kept and renewed, and requests made with them"
file, dir, format = { "rooms" }, "../html", "discount"
sort, sort_modules, no_summary, not_luadoc, no_space_before_args = false, false, false, true, true
kind_names = { module = "Modules", classmod = "Objects" }
custom_tags = { { "source", title = "Source" } }
]]

local function comment(out, text, first)
  for line in table.concat(text, "\n"):gmatch "([^\n]*)\n?" do
    out[#out + 1] = first .. line
    first = "-- "
  end
end

-- LDoc takes a type for one word, and its bars for alternatives.
local function word(kind)
  return (kind:gsub("%s+", ""):gsub("%?", ""))
end

local function text_of(text)
  return (text:gsub("docs/(%w+%.md)", "%1"))
end

local function fields(doc, class)
  for _, f in ipairs(class.fields) do
    doc[#doc + 1] = ("@tfield%s %s %s %s"):format(f.optional and "[opt]" or "", word(f.type), f.name, text_of(f.text))
  end
end

local function results(doc, f)
  local r = f.returns
  local failing = #r >= 2 and r[#r].type == "airlock.failure?"
  for i, each in ipairs(r) do
    local group = failing and (i > #r - 2 and "[2]" or "[1]") or ""
    if failing and i == #r - 1 and #r > 2 then doc[#doc + 1] = "@treturn[2] nil" end
    doc[#doc + 1] = ("@treturn%s %s %s"):format(group, word(each.type),
      each.text ~= "" and text_of(each.text) or each.name)
  end
end

local function one(out, f, var)
  local doc, names = { text_of(f.text) }, {}
  if f.waits then doc[1] = doc[1] .. " Takes a final callback, too." end
  for i, p in ipairs(f.params) do
    names[i] = p.name
    doc[#doc + 1] = ("@tparam%s %s %s %s"):format(p.optional and "[opt]" or "", word(p.type), p.name, text_of(p.text))
  end
  results(doc, f)
  if f.source then doc[#doc + 1] = "@source " .. text_of(f.source):gsub("%[(.-)%]%(.-%)", "%1") end
  if f.whole then doc[#doc + 1] = "@function " .. f.say end
  comment(out, doc, "--- ")
  if f.whole then
    out[#out + 1] = ("function %s.new(%s) end\n"):format(var, table.concat(names, ", "))
    return
  end
  out[#out + 1] = ("function %s%s%s(%s) end\n"):format(var, f.sep, f.name, table.concat(names, ", "))
end

local function shape(out, class)
  local doc = { text_of(class.text ~= "" and class.text or "Options.") }
  doc[#doc + 1] = "@table " .. (class.class or class.alias)
  if class.values then
    for _, value in ipairs(class.values) do doc[#doc + 1] = ("@field %s %s"):format(value.name, value.text) end
  else fields(doc, class) end
  comment(out, doc, "--- ")
  out[#out + 1] = ""
end

local function begin(name, kind, text)
  local out = {}
  comment(out, { text_of(text), ("@%s %s"):format(kind, name) }, "--- ")
  out[#out + 1] = ("local %s = {}\n"):format(name:match "[%w_]+$")
  return out
end

local function about(part, name)
  for _, class in ipairs(part.classes) do
    if class.class == name and class.text ~= "" then return class.text end
  end
end

--- The sources of a room for LDoc.
---@param room table its parts read
---@param shapes table<string, table> all classes by name
---@param add fun(name: string, text: string) takes each
function ldoc.sources(room, shapes, add)
  local texts, order = {}, {}
  local function place(name, kind, text)
    if not texts[name] then
      texts[name] = begin(name, kind, text)
      order[#order + 1] = name
    end
    return texts[name]
  end
  for _, part in ipairs(room.parts) do
    for _, class in ipairs(part.classes) do
      local kind = class.class == part.module and "module" or "classmod"
      if #class.fields > 0 then
        shape(place(class.class, kind, class.text), { class = "fields", text = "What it has.", fields = class.fields })
      end
    end
    for _, f in ipairs(part.functions) do
      local name = f.owner or part.module
      local text = name == part.module and part.about or about(part, name) or room.about
      if not f.lower then
        one(place(name, name == part.module and "module" or "classmod", text), f, name:match "[%w_]+$")
      end
      for _, p in ipairs(f.lower and {} or f.params) do
        if shapes[p.type] and shapes[p.type].inline then shape(texts[name], shapes[p.type]) end
      end
    end
  end
  for _, name in ipairs(room.shapes or {}) do
    shape(place(order[1] or "airlock." .. room.page, "module", room.about), shapes[name])
  end
  for i, name in ipairs(order) do add(("%s_%d"):format(room.page, i), table.concat(texts[name], "\n")) end
end

return ldoc
