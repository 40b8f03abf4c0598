--- A request as a host gives it, read with care: nothing in it is believed.

-- spec: spec/web/hostile_spec.lua

local cookies = require "airlock.web.cookies"
local core = require "airlock.core"

local request = {}

local most_url = 16 * 1024 -- bytes of a URL that is come back to; a longer one leads to the beginning

local function lowered(headers)
  local out = {}
  for name, value in pairs(headers or {}) do
    if type(name) == "string" then
      out[core.lower(name)] = type(value) == "table" and (core.lower(name) == "cookie" and table.concat(value, "; ")
        or value[1]) or value
    end
  end
  return out
end

-- Path and query, whatever stands before them: a Host or a whole URL in the request line is the client's word.
local function target_of(url)
  local path = url:gsub("^%a[%w+.-]*://[^/?#]*", ""):gsub("#.*$", "")
  if path == "" or path:sub(1, 1) == "?" then path = "/" .. path end
  return path
end

-- A place of this application to come back to: a path, which no browser takes for another host's.
local function own_path(target)
  local strange = #target > most_url or target:find "[%c\\\127-\255]" or not target:find "^/" or target:find "^//"
  return strange and "/" or target
end

-- Whether it is a page that a person looks at, who may be sent to a login; a script or a form gets an answer.
local function is_page(method, headers)
  if method ~= "GET" and method ~= "HEAD" then return false end
  if headers["x-requested-with"] then return false end
  local mode, dest = headers["sec-fetch-mode"], headers["sec-fetch-dest"]
  if mode then return mode == "navigate" and (dest == nil or dest == "document") end
  return (headers.accept or ""):find("text/html", 1, true) ~= nil
end

-- Whether another site, or a neighbour of this one, had the browser send it. Browsers without Fetch Metadata name the
-- origin of a form.
local function is_foreign(headers, origin)
  local site = headers["sec-fetch-site"]
  if site then return site ~= "same-origin" and site ~= "none" end
  return headers.origin ~= nil and headers.origin ~= origin
end

--- Reads a request.
---@param given table `{ method, url, headers, body }`
---@param origin string of the application
---@return table
function request.read(given, origin)
  local headers = lowered(given.headers)
  local target = target_of(given.url)
  local path, query = target:match "^([^?]*)%??(.*)$"
  local method = given.method or "GET"
  return { method = method, path = path, query = query, target = target, headers = headers, body = given.body,
    cookies = cookies.read(headers.cookie), back = own_path(target), page = is_page(method, headers),
    foreign = is_foreign(headers, origin) }
end

return request
