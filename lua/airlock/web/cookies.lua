--- Cookies of a web application: read from a request, sealed, split where they are long (RFC 6265).

-- spec: spec/web/hostile_spec.lua

local core = require "airlock.core"

local cookies = {}

local most_header, most_cookies = 64 * 1024, 128 -- bytes of the Cookie field, and pairs in it, that are read
local piece, most_pieces = 3800, 8 -- bytes of one cookie's value; browsers take 4096 with name and attributes

--- The cookies of a request; of one that comes twice (a subdomain tosses its own), none counts.
---@param field string?
---@return table<string, string> values
function cookies.read(field)
  local found, twice, n = {}, {}, 0
  if type(field) ~= "string" or #field > most_header then return found end
  for name, value in field:gmatch "([^=;%s]+)=([^;]*)" do
    n = n + 1
    if n > most_cookies then break end
    if found[name] then twice[name] = true end
    found[name] = value:match "^(%S*)" or ""
  end
  for name in pairs(twice) do found[name] = nil end
  return found
end

local function line(name, value, options, life)
  local attributes = "; Path=/; Secure; HttpOnly; SameSite=" .. options.same_site
  return ("%s=%s%s%s"):format(name, value, attributes, life and ("; Max-Age=%d"):format(life) or "")
end

--- A line of Set-Cookie that sets, or, with a life of 0, removes a cookie.
cookies.line = line

--- Seals a value into as many cookies as it takes; gives the lines of Set-Cookie.
---@param name string
---@param value table
---@param options table `key`, `same_site`
---@param life number seconds
---@param had table<string, string> what the browser has
---@return string[]? lines nil: it is larger than cookies can hold
function cookies.write(name, value, options, life, had)
  local text, lines, n = core.seal(options.key, name, core.json.encode(value)), {}, 0
  for from = 1, #text, piece do
    n = n + 1
    if n > most_pieces then return nil end
    lines[n] = line(n == 1 and name or ("%s.%d"):format(name, n - 1), text:sub(from, from + piece - 1), options, life)
  end
  while had[("%s.%d"):format(name, n)] do -- longer before
    lines[#lines + 1] = line(("%s.%d"):format(name, n), "", options, 0)
    n = n + 1
  end
  return lines
end

--- Opens what was sealed; nil: there is nothing that is ours.
---@param name string
---@param options table
---@param had table<string, string>
---@return table? value
function cookies.open(name, options, had)
  local parts, n = { had[name] }, 1
  if not parts[1] then return nil end
  while had[("%s.%d"):format(name, n)] and n < most_pieces do
    parts[n + 1] = had[("%s.%d"):format(name, n)]
    n = n + 1
  end
  for _, key in ipairs { options.key, options.old_key } do
    local text = core.unseal(key, name, table.concat(parts))
    local value = text and core.json.decode(text)
    if type(value) == "table" then return value end
  end
end

--- Lines that remove a sealed value.
---@param name string
---@param options table
---@param had table<string, string>
---@return string[] lines
function cookies.clear(name, options, had)
  local lines = { line(name, "", options, 0) }
  for n = 1, most_pieces do
    local each = ("%s.%d"):format(name, n)
    if had[each] then lines[#lines + 1] = line(each, "", options, 0) end
  end
  return lines
end

return cookies
