--- Text without the blanks around it, in one pass: a pattern with a lazy middle would take the square of its length.

-- spec: spec/guard/passes_spec.lua

---@param text string
---@return string
return function(text)
  local from = text:find "%S"
  return from and text:match("^.*%S", from) or ""
end
