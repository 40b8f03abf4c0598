--- A user of a web application that airlock.web guards: a browser with cookies, and who sits at it.

local emulator = require "airlock.emulator"
local airlock = require "airlock"
local stage = require "spec.support.stage"

local webuser = {}
webuser.__index = webuser

webuser.key = ("k"):rep(32)

--- An application; gives it, its server and its client.
---@param more table? options of airlock.web
---@param of_client table? options of the client
function webuser.application(more, of_client)
  local space = emulator.start { openid = true }
  stage.keep(function() space:stop() end)
  space:issue()
  local config = { url = space.url, client_id = space.client_id, client_secret = space.client_secret,
    redirect_uri = "http://127.0.0.1/callback", store = stage.folder() .. "/store" }
  for name, value in pairs(of_client or {}) do config[name] = value end
  local client = airlock.space(config)
  local given = { client = client, scope = "openid profile global:Profile.View", cookie = { key = webuser.key } }
  for name, value in pairs(more or {}) do given[name] = value end
  return airlock.web(given), space, client
end

--- A browser without cookies.
function webuser.new(web, space)
  return setmetatable({ web = web, space = space, cookies = {} }, webuser)
end

local function remember(self, lines)
  for _, line in ipairs(type(lines) == "table" and lines or { lines }) do
    local name, value = line:match "^([^=]+)=([^;]*)"
    self.cookies[name] = not line:find("Max-Age=0", 1, true) and value or nil
  end
end

--- Asks; gives the response, or nil and the user.
function webuser:ask(url, more)
  more = more or {}
  local headers = { Accept = "text/html" }
  for name, value in pairs(more.headers or {}) do headers[name] = value end
  local list = {}
  for name, value in pairs(self.cookies) do list[#list + 1] = name .. "=" .. value end
  table.sort(list)
  if #list > 0 and not headers.Cookie then headers.Cookie = table.concat(list, "; ") end
  local response, user = self.web:handle { method = more.method or "GET", url = url, headers = headers,
    body = more.body }
  local set = response and response.headers["Set-Cookie"] or user and user.set_cookie
  if set then remember(self, set) end
  return response, user
end

--- The redirect to the callback that the server gives this person.
function webuser:approve(response, person)
  return assert(self.space:approve(response.headers.Location, { person = person or "alice.first" }))
end

--- Logs in at a page; gives the page that the browser ends at.
function webuser:login(url, person)
  local response = self:ask(url or "/")
  return self:ask((self:approve(response, person):gsub("^http://[^/]*", "")))
end

return webuser
