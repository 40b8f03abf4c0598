--- One exchange of messages as it is drawn: who asks whom, the request, the answer, each as it was and as it is shown.

local core = require "airlock.core"
local exchange = require "airlock.trace.exchange"
local mask = require "airlock.trace.mask"
local meaning = require "airlock.playground.meaning"

local message = {}
message.__index = message

--- A message between two of "browser", "app" and "server".
---@param from string
---@param to string
---@return table message
function message.new(from, to)
  return setmetatable({ kind = "message", from = from, to = to, out = "", head = "" }, message)
end

--- What was sent and what came back.
---@param covered boolean secrets are shown as ***
---@return table? request `{ head, body }`
---@return table? response the same; nil: none yet, or never
function message:parts(covered)
  return exchange.parts(self.out, self.head, self.body, covered)
end

--- The answer's status.
---@return integer? status
function message:status()
  return tonumber(self.head:match "^HTTP/[%d.]+ (%d%d%d)")
end

local words = { access_token = "token", refresh_token = "refresh token", id_token = "ID token",
  user_code = "user code" }

-- "/callback with code, state"
local function leads(location)
  local place, fields = mask.url(location):gsub("^%w+://[^/]*", ""):match "^([^?#]*)[?#]?(.*)$"
  local names = {}
  for field in fields:gmatch "[^&]+" do names[#names + 1] = field:match "^([^=]+)=" end
  return "to " .. place .. (#names > 0 and " with " .. table.concat(names, ", ") or "")
end

-- The answer in a few words: what an error says, what a token reply holds, where a redirect leads.
local function gist(self)
  local value = self.body and core.json.decode(self.body)
  if type(value) == "table" then
    if type(value.error) == "string" then return value.error end
    local got = {}
    for _, name in ipairs { "access_token", "refresh_token", "id_token", "user_code" } do
      if type(value[name]) == "string" then got[#got + 1] = words[name] end
    end
    if #got > 0 then return table.concat(got, ", ") end
    if type(value.keys) == "table" then return "public keys" end
  end
  local location = self.head:match "\n[Ll]ocation:[ \t]*([^\r\n]+)"
  return location and leads(location) or nil
end

--- As the page gets it.
---@param endpoints table<string, string>? of the server, by which it is known what is asked there
---@return table
function message:view(endpoints)
  local request, response = self:parts(true)
  local method, target = self.out:match "^(%S+) (%S+)"
  local view = { id = self.id, kind = "message", from = self.from, to = self.to, method = method,
    target = target and mask.url(target),
    path = target and target:match "^[^?#]*", url = self.url and mask.url(self.url), status = self:status(),
      gist = gist(self),
    request = request, response = response, why = self.why, over = self.over or false, told = self.told,
      step = self.step, page = self.page }
  view.meaning = meaning.of(view, endpoints)
  return view
end

return message
