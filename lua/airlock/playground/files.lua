--- The page's files, as they lie beside this one. They are read once: what is installed later is another version's.

local files = {}

local types = { html = "text/html; charset=utf-8", css = "text/css; charset=utf-8",
  js = "text/javascript; charset=utf-8", svg = "image/svg+xml" }

local folder = debug.getinfo(1, "S").source:match "^@(.*)files%.lua$" or ""
local kept = {}

--- A file of the page.
---@param name string such as "main.js"
---@return string? text nil: there is none
---@return string? media_type
function files.read(name)
  local media_type = types[name:match "^[%l%-]+%.(%l+)$" or ""]
  if not media_type then return nil end
  if not kept[name] then
    local file = io.open(folder .. "page/" .. name, "rb")
    if not file then return nil end
    kept[name] = file:read "*a"
    file:close()
  end
  return kept[name], media_type
end

return files
