--- HTML as text. Whatever comes from outside goes through `escape`; `html.fill` does so for every `{name}` of a
--- template.

local html = {}

local escapes = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

--- A text as it may stand between tags and in a quoted attribute.
---@param text any
---@return string
function html.escape(text)
  return (tostring(text):gsub("[%z\1-\8\11\12\14-\31\127]", "\239\191\189"):gsub("[&<>\"']", escapes))
end

--- Fills a template: `{name}` escaped, `{=name}` as it is (HTML made here).
---@param template string
---@param values table<string, any>
---@return string
function html.fill(template, values)
  return (template:gsub("{(=?)([%a_]+)}", function(raw, name)
    local value = values[name]
    if value == nil then error("html.fill: nothing for " .. name, 0) end
    return raw == "=" and value or html.escape(value)
  end))
end

--- Fills a template for each item.
---@param template string
---@param items table[]
---@return string
function html.each(template, items)
  local out = {}
  for i, item in ipairs(items) do out[i] = html.fill(template, item) end
  return table.concat(out)
end

return html
