--- URLs that mean the same, written in one way (RFC 3986 section 6.2.2 and 6.2.3), for `htu`.

-- spec: spec/tokens/proof_spec.lua

local url = {}

local ports = { http = "80", https = "443" }

local function unescaped(hex)
  local char = string.char(tonumber(hex, 16))
  return char:find "[%w%-._~]" and char or "%" .. hex:upper()
end

-- RFC 3986 section 5.2.4
local function without_dots(path)
  if not path:find("/.", 1, true) then return path end
  local parts, last = {}, nil
  for part in path:gmatch "/([^/]*)" do
    last = part
    if part == ".." then parts[#parts] = nil
    elseif part ~= "." then parts[#parts + 1] = part end
  end
  if last == "." or last == ".." then parts[#parts + 1] = "" end
  return "/" .. table.concat(parts, "/")
end

--- The URL without query and fragment; nil: it is none of http or https, or has a user in it.
---@param text any
---@return string?
function url.plain(text)
  if type(text) ~= "string" or text:find "[%c%s\127-\255\\]" then return nil end
  local scheme, host, path = text:gsub("[?#].*$", ""):match "^(%a+)://([^/]+)(.*)$"
  scheme = scheme and scheme:lower()
  if not ports[scheme] or host:find "@" then return nil end
  local name, port = host:match "^(.-):?(%d*)$"
  if host:find "^%[" then name, port = host:match "^(%[[%x:.]+%]):?(%d*)$" end
  if not name or name == "" then return nil end
  port = (port == "" or port == ports[scheme]) and "" or ":" .. port
  path = path:gsub("%%(%x%x)", unescaped)
  return scheme .. "://" .. name:lower() .. port .. (path == "" and "/" or without_dots(path))
end

return url
