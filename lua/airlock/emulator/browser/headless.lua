--- Goes through the pages as a person with a browser would, by the same code, but without a browser and without HTTP.

local call = require "airlock.emulator.http.request"
local dispatch = require "airlock.emulator.dispatch"
local form = require "airlock.emulator.http.form"

local walk = {}
walk.__index = walk

local most_pages = 10

---@param emulator table
---@param visitor table `{ person, password, accept, user_code? }`
---@return table walk
function walk.new(emulator, visitor)
  local answers = { username = visitor.person.username, password = visitor.password or visitor.person.password,
    user_code = visitor.user_code, answer = visitor.accept == false and "cancel" or "accept" }
  return setmetatable({ emulator = emulator, answers = answers }, walk)
end

local function encode(fields)
  local words = {}
  for name, value in pairs(fields) do words[#words + 1] = form.escape(name) .. "=" .. form.escape(value) end
  return table.concat(words, "&")
end

local function remember_cookie(self, r)
  for _, header in ipairs(r.headers) do
    if header[1] == "Set-Cookie" then self.cookie = header[2]:match "^[^;]+" end
  end
end

local function visit(self, target, body)
  local path, query = target:match "^([^?]*)%??(.*)$"
  local r = dispatch.route(call.new(self.emulator, { method = body and "POST" or "GET", target = target, path = path,
    query = query, body = body or "",
    headers = { cookie = self.cookie, ["content-type"] = body and "application/x-www-form-urlencoded" or nil } }))
  remember_cookie(self, r)
  return r
end

-- Which of the answers a kind of page asks for.
local asks = { login = { "username", "password" }, device = { "user_code" }, consent = { "answer" } }

local function submit(self, page)
  local fields = {}
  for name, value in pairs(page.fields) do fields[name] = value end
  for _, name in ipairs(asks[page.kind]) do fields[name] = self.answers[name] end
  return visit(self, page.action, encode(fields))
end

--- Goes on until a redirect leads away, or a page asks for nothing more.
---@param target string path and query
---@return string? location where it leads; nil: it ends here
---@return string? says what the last page says
---@return integer? status of that page
function walk:go(target)
  local r = visit(self, target)
  for _ = 1, most_pages do
    if r.location and not r.location:find "^/" then return r.location end
    if r.location then
      r = visit(self, r.location)
    elseif r.form and r.status == 200 then
      r = submit(self, r.form)
    else
      return nil, r.says or r.body, r.status
    end
  end
  error("the pages lead round and round")
end

return walk
