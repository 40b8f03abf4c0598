--- A token as it is looked at: what is in it, whether its signature fits, how long it lasts.

local core = require "airlock.core"
local json = require "airlock.emulator.http.json"
local verify = require "airlock.jwt"

local token = {}
token.__index = token

local function decode(part)
  local text = core.decode(part)
  local value = text and core.json.decode(text)
  return type(value) == "table" and value or nil
end

--- Reads a token.
---@param text string
---@return table token `text`, `header`, `claims`; the latter two are nil where it isn't a JWT
function token.read(text)
  local self = setmetatable({ text = text }, token)
  local head, claims = text:match "^([%w_-]+)%.([%w_-]+)%.[%w_-]+$"
  self.header, self.claims = head and decode(head), claims and decode(claims)
  if not (self.header and self.claims) then self.header, self.claims = nil, nil end
  return self
end

--- Checks it against the server's keys; keeps what came of it in `verdict`.
---@param client userdata
---@param now number seconds since 1970, by the server's clock
---@return boolean good
function token:check(client, now)
  local settings = client:settings()
  local claims, message = verify.claims(client, self.text,
    { issuer = settings.issuer, audience = settings.client_id, now = now })
  self.verdict = { good = claims ~= nil, message = not claims and message
    or "The signature fits a key of the server's set; issuer, audience and times are right." }
  return self.verdict.good
end

local function sorted(members)
  local out = json.list()
  for name, value in pairs(members) do
    out[#out + 1] = { name = name, value = type(value) == "string" and value or json.encode(value) }
  end
  table.sort(out, function(a, b) return a.name < b.name end)
  return out
end

--- As the page gets it.
---@param now number by the server's clock
---@param of table what session:info() says
---@return table
function token:view(now, of)
  local expires = self.claims and tonumber(self.claims.exp) or of.expires_at
  return { jwt = self.claims ~= nil, header = self.header and sorted(self.header),
    claims = self.claims and sorted(self.claims),
    verdict = self.verdict, expires_in = expires and expires - now, grant = of.grant, subject = of.subject,
      scope = of.scope,
    renewable = of.renewable, length = #self.text }
end

return token
