--- A browser without a screen: keeps its cookie, reads the form of a page, sends it. It follows nothing by itself.

local core = require "airlock.core"
local curl = require "spec.support.curl"

local visitor = {}
visitor.__index = visitor

local escapes = { amp = "&", lt = "<", gt = ">", quot = '"', ["#39"] = "'" }

local function unescape(text)
  return (text:gsub("&(#?%w+);", escapes))
end

-- `{ action, fields }` of the page's form, with what stands in it.
local function read_form(body)
  local attributes, inside = body:match "<form(.-)>(.-)</form>"
  if not attributes then return nil end
  local form = { action = unescape(attributes:match 'action="(.-)"'), fields = {} }
  for input in inside:gmatch "<input(.-)>" do
    form.fields[input:match 'name="(.-)"'] = unescape(input:match 'value="(.-)"' or "")
  end
  return form
end

local function read(self, r)
  local set = r.headers["set-cookie"]
  if set then self.cookie = set:match "^[^;]+" end
  r.location, r.form, r.json = r.headers.location, read_form(r.body), core.json.decode(r.body)
  return r
end

--- Somebody new at a browser.
function visitor.new(space)
  return setmetatable({ space = space }, visitor)
end

local function send(self, target, more)
  local words = { target:find "^/" and self.space.url .. target or target }
  if self.cookie then
    words[#words + 1] = "-b"
    words[#words + 1] = self.cookie
  end
  for _, word in ipairs(more) do words[#words + 1] = word end
  return read(self, curl.run(words))
end

function visitor:get(target, ...)
  return send(self, target, { ... })
end

local function encode(fields, words)
  for name, value in pairs(fields) do
    words[#words + 1] = "--data-urlencode"
    words[#words + 1] = name .. "=" .. value
  end
  return words
end

--- Posts a form; nothing of a page is needed for it.
function visitor:post(target, fields, ...)
  return send(self, target, encode(fields, { "-d", "", ... }))
end

--- Sends the form of a page, with these fields changed; false leaves one out.
function visitor:submit(page, fields)
  local all = {}
  for name, value in pairs(page.form.fields) do all[name] = value end
  for name, value in pairs(fields or {}) do all[name] = value or nil end
  return self:post(page.form.action, all)
end

--- Logs in at a page that asks for it, and goes on to what comes then.
function visitor:login(page, username, password)
  local r = self:submit(page, { username = username, password = password or "password-of-" .. username })
  if r.location and r.location:find "^/" then return self:get(r.location) end
  return r
end

--- Asks an endpoint for applications. `auth`: an application, "id:secret", or nil.
function visitor.ask(space, path, fields, auth)
  local words = { space.url .. path }
  if type(auth) == "table" then auth = auth.client_id .. ":" .. auth.client_secret end
  if auth then
    words[2], words[3] = "-u", auth
  end
  words[#words + 1] = "-d"
  words[#words + 1] = ""
  local r = curl.run(encode(fields, words))
  r.json = core.json.decode(r.body)
  return r
end

--- An API call with a token.
function visitor.api(space, path, token, ...)
  local r = curl.run { space.url .. "/api/http/" .. path, "-H", "Authorization: Bearer " .. token, ... }
  r.json = core.json.decode(r.body)
  return r
end

--- The URL of an authorization request: a sound one of the web application, with these changes; false leaves one out.
function visitor.url(space, changes)
  local fields = { response_type = "code", client_id = space.applications.web and space.applications.web.client_id,
    redirect_uri = "http://localhost/callback", scope = "global:Profile.View", state = "s1" }
  for name, value in pairs(changes or {}) do fields[name] = value or nil end
  local words = {}
  for name, value in pairs(fields) do words[#words + 1] = name .. "=" .. core.encode(value) end
  table.sort(words)
  return space.url .. "/oauth/auth?" .. table.concat(words, "&")
end

--- What a redirect holds: its place, and its fields.
function visitor.answer(location)
  local place, text = location:match "^([^?#]*)[?#](.*)$"
  local fields = {}
  for name, value in text:gmatch "([^&=]+)=([^&]*)" do
    fields[name] = value:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end)
  end
  return fields, place
end

return visitor
