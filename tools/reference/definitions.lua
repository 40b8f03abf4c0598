-- definitions: writes what lua-language-server reads, share/library/….lua, one file a source.

local definitions = {}

local most = 110 -- characters of text a line; tags are longer

local function one_line(out, text, dashes)
  local line = dashes
  for word in text:gmatch "%S+" do
    if #line + #word >= most and line ~= dashes then
      out[#out + 1] = line
      line = "---"
    end
    line = line .. " " .. word
  end
  if line ~= dashes then out[#out + 1] = line end
end

-- Paragraphs and lists keep their lines.
local function wrap(out, text, dashes)
  for piece in (text:gsub("\n$", "") .. "\n"):gmatch "([^\n]*)\n" do
    if piece == "" and text ~= "" then out[#out + 1] = "---" else one_line(out, piece, dashes) end
    dashes = "---"
  end
end

local function tag(out, words, text)
  words = "---@" .. words:gsub("%s+$", "")
  wrap(out, text, words)
  if text == "" then out[#out + 1] = words end
end

local function fields(out, class)
  for _, f in ipairs(class.fields) do
    tag(out, ("field %s%s %s"):format(f.name, f.optional and "?" or "", f.type), f.text)
  end
end

local function results(f)
  local list = {}
  for i, r in ipairs(f.returns) do list[i] = ("%s: %s"):format(r.name ~= "" and r.name or "value", r.type) end
  return table.concat(list, ", ")
end

-- A function that waits takes a final callback in place of what may be left out before it, and behind everything.
local function overloads(out, f)
  if not f.waits then return end
  local before, needed = {}, 0
  if f.sep == ":" then before[1], needed = "self: " .. f.owner, 1 end
  for _, p in ipairs(f.params) do
    before[#before + 1] = ("%s%s: %s"):format(p.name, p.optional and "?" or "", p.type)
    if not p.optional then needed = #before end
  end
  for count = needed, #before do
    local taken = {}
    for i = 1, count do taken[i] = before[i] end
    taken[#taken + 1] = ("callback: fun(%s)"):format(results(f))
    out[#out + 1] = ("---@overload fun(%s): airlock.task?"):format(table.concat(taken, ", "))
  end
end

local function one(out, f)
  local names = {}
  wrap(out, f.text, "---")
  if f.source then
    out[#out + 1] = "---"
    wrap(out, "Source: " .. f.source, "---")
  end
  for i, p in ipairs(f.params) do
    names[i] = p.name
    tag(out, ("param %s%s %s"):format(p.name, p.optional and "?" or "", p.type), p.text)
  end
  for _, r in ipairs(f.returns) do tag(out, ("return %s %s"):format(r.type, r.name), r.text) end
  overloads(out, f)
  if f.whole then
    out[#out + 1] = ("return function(%s) end"):format(table.concat(names, ", "))
    return
  end
  out[#out + 1] = ("function %s%s%s(%s) end\n"):format(f.on, f.sep, f.name, table.concat(names, ", "))
end

local function owner_of(f, module)
  return f.owner and f.owner:match "([%w_]+)$" or module
end

--- The text of a file of definitions.
---@param part table a room's part, its docstrings read
---@return string
function definitions.text(part)
  local module = part.module and part.module:match "([%w_]+)$"
  local out = { "---@meta " .. (part.module or "_"), "-- Made by `make reference` from "
    .. table.concat(part.files, " and ") .. ".\n" }
  local declared = {}
  for _, class in ipairs(part.classes) do
    wrap(out, class.text, "---")
    out[#out + 1] = "---@class " .. class.class .. (class.parent ~= "" and " : " .. class.parent or "")
    fields(out, class)
    local var = class.class:match "([%w_]+)$"
    declared[var] = true
    out[#out + 1] = ("local %s = {}\n"):format(var)
  end
  local whole = part.functions[1] and part.functions[1].whole
  if whole then module = nil end
  if module and not declared[module] then out[#out + 1] = ("local %s = {}\n"):format(module) end
  for _, f in ipairs(part.functions) do
    f.on = owner_of(f, module)
    one(out, f)
  end
  out[#out + 1] = module and "return " .. module or nil
  return table.concat(out, "\n"):gsub("\n+$", "") .. "\n"
end

return definitions
