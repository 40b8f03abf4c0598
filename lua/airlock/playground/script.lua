--- Code that is being written: lines, in which secrets can be covered.

local script = {}
script.__index = script

local open, shut = "\1", "\2" -- stand around a secret; no sound value has them

--- Begins one.
---@param quote fun(text: string): string as the language quotes a text
---@return table script
function script.new(quote)
  return setmetatable({ lines = {}, quote = quote }, script)
end

--- A text as Lua quotes it, on one line.
---@param text string
---@return string
function script.quote_lua(text)
  return (("%q"):format(text):gsub("\\\n", "\\n"))
end

--- "{ a = <>, b = <> }" and its values, of what there is; "" of nothing.
---@param ... table pairs of a name and its value, or nil
---@return string words
---@return string[] values
function script.options(...)
  local words, values = {}, {}
  for _, pair in ipairs { ... } do
    if pair[2] then
      words[#words + 1] = pair[1] .. " = <>"
      values[#values + 1] = pair[2]
    end
  end
  return #words > 0 and "{ " .. table.concat(words, ", ") .. " }" or "", values
end

--- Marks a secret.
---@param text string
---@return string
function script.secret(text)
  return open .. text .. shut
end

-- Piece by piece, as some quote the marks too: what stands around a piece is taken off again.
local function quoted(self, value)
  local out, first, last = {}, nil, nil
  for mark, piece in (shut .. value):gmatch "([\1\2])([^\1\2]*)" do
    local text = self.quote(piece)
    first, last = text:sub(1, 1), text:sub(-1)
    out[#out + 1] = (#out > 0 and mark or "") .. text:sub(2, -2)
  end
  return first .. table.concat(out) .. last
end

--- Adds a line; each `<>` in it stands for the next value, quoted.
---@param line string
---@param ... string
---@return table script
function script:add(line, ...)
  local values, i = { ... }, 0
  self.lines[#self.lines + 1] = line:gsub("<>", function()
    i = i + 1
    return quoted(self, values[i])
  end)
  return self
end

--- The whole text.
---@param covered boolean
---@return string
function script:text(covered)
  local text = table.concat(self.lines, "\n") .. "\n"
  if covered then return (text:gsub("\1[^\2]*\2", "***")) end
  return (text:gsub("[\1\2]", ""))
end

return script
