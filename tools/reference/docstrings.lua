-- docstrings: reads the docstrings of a source, in Lua (`---` lines with LuaCATS tags) and in C (the comment above a
-- function that Lua sees, which begins with its name as Lua has it). Gives
--   { about = text, classes = { class … }, functions = { function … }, module = the local that the file returns }
-- where a class is { name, parent, text, fields, var } and a function { var or class, sep, name, parameters, text,
-- params, returns, sees, package }.

local docstrings = {}

local unpack = table.unpack or unpack -- luacheck: ignore 143

-- A type of LuaCATS is a word, but may have spaces inside of brackets, after a comma or colon, and around a bar.
local function split_type(text)
  local depth, at = 0, 1
  while at <= #text do
    local c = text:sub(at, at)
    if c:find "[%(%[{<]" then depth = depth + 1
    elseif c:find "[%)%]}>]" then depth = depth - 1
    elseif c == '"' then at = text:find('"', at + 1, true) or #text
    elseif c == " " and depth == 0 and not text:sub(1, at):find "[:,|] $" and not text:find("^ |", at) then break end
    at = at + 1
  end
  return text:sub(1, at - 1), (text:sub(at):gsub("^%s+", ""))
end

local tags = {}

function tags.param(doc, rest)
  local name, optional, after = rest:match "^([%w_%.]+)(%??)%s+(.*)$"
  local kind, text = split_type(after)
  doc.params[#doc.params + 1] = { name = name, optional = optional == "?", type = kind, text = text }
  return doc.params[#doc.params]
end

tags["return"] = function(doc, rest)
  local kind, after = split_type(rest)
  local name, text = after:match "^([%w_%.]*)%s*(.*)$"
  doc.returns[#doc.returns + 1] = { type = kind, name = name, text = text }
  return doc.returns[#doc.returns]
end

function tags.field(doc, rest)
  local name, optional, after = rest:match "^([%w_]+)(%??)%s+(.*)$"
  local kind, text = split_type(after)
  doc.fields[#doc.fields + 1] = { name = name, optional = optional == "?", type = kind, text = text }
  return doc.fields[#doc.fields]
end

function tags.class(doc, rest)
  doc.class, doc.parent = rest:match "^([%w_%.]+)%s*:?%s*([%w_%.]*)"
  return doc
end

function tags.alias(doc, rest)
  doc.alias, doc.values = rest:match "^[%w_%.]+", {}
  return doc
end

function tags.see(doc, rest)
  doc.see = { text = rest }
  return doc.see
end

function tags.package(doc)
  doc.package = true
  return doc
end

-- A text goes on: an empty line begins a paragraph, a dash an item of a list.
local function append(text, line)
  local more = line:gsub("^%s+", "")
  if text == "" then return more end
  if more == "" then return text .. "\n\n" end
  if more:find "^%- " then return text:gsub("[^\n]$", "%0\n") .. more end
  return text .. (text:find "\n$" and "" or " ") .. more
end

-- Reads the lines of one docstring, without their dashes or stars; `brief`: up to the first that is empty.
local function parse(lines, brief)
  local doc = { text = "", params = {}, returns = {}, fields = {} }
  local last = doc
  for _, line in ipairs(lines) do
    if brief and not line:find "%S" then break end
    local tag, rest = line:match "^%s*@(%l+)%s*(.*)$"
    local value, meaning = line:match '^%s*| "(.-)" # (.*)$'
    if tag and tags[tag] then last = tags[tag](doc, rest)
    elseif value then doc.values[#doc.values + 1] = { name = value, text = meaning }
    elseif not tag then last.text = append(last.text, line) end
  end
  return doc
end

local function names_of(list)
  local names = {}
  for name in list:gmatch "[%w_%.]+" do names[#names + 1] = name end
  return names
end

local function add_function(out, doc, var, sep, name, parameters, code)
  doc.var, doc.sep, doc.name, doc.parameters, doc.code = var, sep, name, parameters, code
  out.functions[#out.functions + 1] = doc
end

local function place(out, lines, code)
  local doc = parse(lines)
  if doc.alias then out.aliases[#out.aliases + 1] = doc end
  if doc.class then
    doc.var = code:match "^local ([%w_]+)"
    out.classes[#out.classes + 1] = doc
    return
  end
  local var, sep, name, parameters = code:match "^function ([%w_]+)([%.:])([%w_]+)%((.-)%)"
  if not var then var, name = code:match "^([%w_]+)%.([%w_]+) = " end
  local whole = code:match "^return function%((.-)%)" -- a module that is a function
  if whole then
    doc.whole = true
    return add_function(out, doc, nil, "", "", names_of(whole), code)
  end
  if var then add_function(out, doc, var, sep, name, parameters and names_of(parameters), code) end
end

--- Reads a Lua source.
function docstrings.lua(text)
  local out = { classes = {}, aliases = {}, functions = {}, waiting = {} }
  local lines, first = nil, true
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    local words = line:match "^%-%-%-(.*)" or lines and line:match "^%-%-(.*)"
    if words then
      lines = lines or {}
      lines[#lines + 1] = words
    elseif lines then
      if first then out.about = parse(lines, true).text else place(out, lines, line) end
      lines, first = nil, false
    end
    local waits = line:match "^methods%.([%w_]+) = callback%.taking"
      or line:match "^%w+%.([%w_]+) = callback%.configured"
    if waits then out.waiting[waits] = true end
  end
  out.module = text:match "\nreturn ([%w_]+)%s*$"
  return out
end

-- What a comment is about, and the rest of its first line: "core.fd(): …", "call:store() → …", or the name alone.
local function head_of(lines)
  local line = lines[1] or ""
  local head, said = line:match "^([%l_]+[:%.][%w_]+%b().-)%s+→%s*(.*)$"
  if not head then head, said = line:match "^([%l_]+[:%.][%w_]+.-%b()):%s+(.*)$" end
  if not head then head, said = line:match "^(core%.[%w_]+%b())$", "" end
  return head, said
end

--- Reads a C source: what its functions are for Lua.
function docstrings.c(text)
  local out = { classes = {}, aliases = {}, functions = {}, waiting = {} }
  for comment in text:gmatch "\n/%*(.-)%*/" do
    local lines = {}
    for written in (comment .. "\n"):gmatch "([^\n]*)\n" do
      local line = written:gsub("^%s*%*? ?", "")
      if line:find "%S" then lines[#lines + 1] = line end
    end
    local head, said = head_of(lines)
    for class, sep, name, parameters in (head or ""):gmatch "([%l_]+)([:%.])([%w_]+)(%b())" do
      local doc = parse { said, unpack(lines, 2) }
      doc.class = "airlock." .. class
      doc.lower = #doc.returns == 0 and not doc.see
      if not doc.lower then doc.text = doc.text:gsub("^%l", string.upper) end
      add_function(out, doc, nil, sep, name, names_of(parameters))
    end
  end
  return out
end

return docstrings
