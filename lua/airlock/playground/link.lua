--- The choices that a link of a playground holds, behind its #.

local choice = require "airlock.playground.choice"
local form = require "airlock.emulator.http.form"

local link = {}

-- What the page gets from it: numbers and flags are no texts.
local function typed(name, text, model)
  local kind = type(model[name])
  if kind == "number" then return tonumber(text) end
  if kind == "boolean" then return text == "true" end
  return text
end

--- Reads a link.
---@param text string
---@return table? choices nil: it holds none
function link.read(text)
  local fields = form.decode(text:match "#(.+)$" or "")
  local model, found = choice.view(choice.new()), {}
  for name, value in pairs(fields or {}) do
    if model[name] ~= nil and not name:find "^has_" then found[name] = typed(name, value, model) end
  end
  return next(found) and found or nil
end

return link
