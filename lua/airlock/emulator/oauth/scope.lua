--- Scopes of Space: `**`, or elements `context:Permission.Code` with a space between them.

local permissions = require "airlock.emulator.api.permissions"

local scope = {}

-- each pattern's capture, if it has one, names the thing
local contexts = { "^global$", "^project:key:[^:%s]+$", "^project:id:[^:%s]+$", "^channel:[^:%s]+$",
  "^packageRepository:[^:%s]+$", "^taskId:[^:%s]+$" }

local function is_context(text)
  for _, pattern in ipairs(contexts) do
    if text:find(pattern) then return true end
  end
  return false
end

local function read_element(text)
  local context, code = text:match "^(.*):([^:]*)$" -- by the last colon: codes have dots, never colons
  if not context then return nil, ("'%s' has no context"):format(text) end
  if not is_context(context) then return nil, ("'%s' is not a context"):format(context) end
  if not permissions.known[code] then return nil, ("'%s' is not a permission"):format(code) end
  return { context = context, code = code, text = text }
end

local words = { openid = true, profile = true, email = true, offline_access = true }

-- Takes out the words of OpenID Connect.
local function split(text)
  local rest, found = {}, {}
  for word in text:gmatch "[^ ]+" do
    local list = words[word] and found or rest
    list[#list + 1] = word
  end
  return table.concat(rest, " "), found
end

--- Reads a scope that may have words of OpenID Connect in it; they are kept as `.openid`.
---@param text string
---@return table? scope
---@return string? why
function scope.read(text)
  if text:find "^ " or text:find " $" or text:find "  " then return nil, "the scope is malformed" end
  local rest, found = split(text)
  if #found == 0 then return scope.parse(text) end
  local parsed, why = {}, nil
  if rest ~= "" then parsed, why = scope.parse(rest) end
  if not parsed then return nil, why end
  parsed.openid = found
  return parsed
end

--- Reads a scope.
---@param text string
---@return table? scope `{ all = true }` for `**`, else a list of `{ context, code, text }`; nil where it isn't one
---@return string? why
function scope.parse(text)
  if text == "**" then return { all = true } end
  if text:find "^ " or text:find " $" or text:find "  " or text == "" then return nil, "the scope is malformed" end
  local out, seen = {}, {}
  for word in text:gmatch "[^ ]+" do
    local element, why = read_element(word)
    if not element then return nil, why end
    if not seen[word] then out[#out + 1] = element end
    seen[word] = true
  end
  return out
end

--- Whether a scope holds a permission in a context; what is granted globally holds in every context.
---@param parsed table
---@param code string
---@param named string[]? the names of the context, such as `project:key:A` and `project:id:1`; none: global
---@return boolean
function scope.covers(parsed, code, named)
  if parsed.all then return true end
  for _, element in ipairs(parsed) do
    if element.code == code then
      if element.context == "global" then return true end
      for _, name in ipairs(named or {}) do
        if element.context == name then return true end
      end
    end
  end
  return false
end

--- Whether nothing in `wanted` goes beyond `granted`.
---@param wanted table
---@param granted table
---@return boolean
function scope.within(wanted, granted)
  if granted.all then return true end
  if wanted.all then return false end
  for _, element in ipairs(wanted) do
    if not scope.covers(granted, element.code, { element.context }) then return false end
  end
  return true
end

--- Whether a permission is held anywhere at all.
---@param parsed table
---@param code string
---@return boolean
function scope.mentions(parsed, code)
  if parsed.all then return true end
  for _, element in ipairs(parsed) do
    if element.code == code then return true end
  end
  return false
end

--- The text of a parsed scope.
---@param parsed table
---@return string
function scope.text(parsed)
  local out = {}
  for i, word in ipairs(parsed.openid or {}) do out[i] = word end
  if parsed.all then out[#out + 1] = "**" end
  for _, element in ipairs(parsed) do out[#out + 1] = element.text end
  return table.concat(out, " ")
end

return scope
