--- JSON as text: laid out for people, or taken apart, without a number or the order of a key being touched.

local core = require "airlock.core"

local json = {}

local colours = { key = "\27[34;1m", text = "\27[32m", word = "\27[36m", off = "\27[0m" }

-- Where the string that begins at `at` ends.
local function string_end(text, at)
  local i = at + 1
  while true do
    i = text:find('["\\]', i)
    if not i then return #text end
    if text:byte(i) == 34 then return i end
    i = i + 2
  end
end

-- Each token with its place: "{", "}", "[", "]", ",", ":", or `"` for a string, "w" for a number or word.
local function tokens(text)
  local at = 1
  return function()
    local start = text:find("[^ \t\r\n]", at)
    if not start then return nil end
    local sign, stop = text:sub(start, start), start
    if sign == '"' then stop = string_end(text, start)
    elseif not sign:find "[%[%]{},:]" then
      sign, stop = "w", text:find("[%s%[%]{},:\"]", start)
      stop = stop and stop - 1 or #text
    end
    at = stop + 1
    return sign, start, stop
  end
end

local function paint(word, kind, coloured)
  return coloured and colours[kind] .. word .. colours.off or word
end

--- Lays JSON out, two spaces a level. The text must be sound JSON.
---@param text string
---@param coloured boolean?
---@param shown boolean? at a terminal: what would steer it is written as an escape
---@return string
function json.pretty(text, coloured, shown)
  local out, depth, fresh = {}, 0, false
  local objects = {} -- by depth: whether it is an object's
  local expects_key = false
  local function put(word) out[#out + 1] = word end
  local function line() put("\n" .. ("  "):rep(depth)) end
  for sign, start, stop in tokens(text) do
    if sign == "}" or sign == "]" then
      depth = depth - 1
      if not fresh then line() end
      put(sign)
      fresh, expects_key = false, false
    elseif sign == "," then
      put ","
      line()
      expects_key = objects[depth] or false
    elseif sign == ":" then
      put ": "
      expects_key = false
    else
      if fresh then line() end
      fresh = false
      if sign == "{" or sign == "[" then
        put(sign)
        depth = depth + 1
        objects[depth], fresh, expects_key = sign == "{", true, sign == "{"
      else
        local word = text:sub(start, stop)
        if shown then word = core.printable(word, "json") end
        put(paint(word, expects_key and "key" or sign == '"' and "text" or "word", coloured))
      end
    end
  end
  return table.concat(out)
end

--- The texts of a list's items: of the whole, where it is a list, or of the member `key` of the outermost object.
---@param text string sound JSON
---@param key string? as it stands in the text, without quotes
---@return string[]
function json.items(text, key)
  local found, depth, inside, begin, last = {}, 0, nil, nil, nil
  local wanted = key and '"' .. key .. '"'
  local name, previous
  for sign, start, stop in tokens(text) do
    if sign == "{" or sign == "[" then
      if sign == "[" and not inside and (not key and depth == 0 or key and depth == 1 and name == wanted) then
        inside, begin = depth + 1, nil
      elseif inside == depth and not begin then
        begin = start
      end
      depth = depth + 1
    elseif sign == "}" or sign == "]" then
      depth = depth - 1
      if inside and depth < inside then
        if begin then found[#found + 1] = text:sub(begin, last) end
        return found
      end
    elseif sign == "," and inside == depth then
      found[#found + 1] = text:sub(begin, last)
      begin = nil
    elseif inside == depth and not begin and sign ~= "," then
      begin = start
    elseif sign == ":" and depth == 1 and not inside then
      name = previous
    end
    if sign == '"' then previous = text:sub(start, stop) end
    last = stop
  end
  return found
end

return json
