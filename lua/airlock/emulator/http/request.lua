--- One request as the emulator's rooms see it: decoded, and knowing who asks.

local form = require "airlock.emulator.http.form"
local json = require "airlock.emulator.http.json"
local scope = require "airlock.emulator.oauth.scope"

local call = {}
call.__index = call

--- Reads an exchange; what can't be decoded is told by `bad_query`.
---@param emulator table
---@param exchange userdata
---@return table call
function call.new(emulator, exchange)
  local self = setmetatable({ emulator = emulator, exchange = exchange, method = exchange.method, path = exchange.path,
    headers = exchange.headers, body = exchange.body, at = emulator:now(), captures = {} }, call)
  local query, repeated, all = form.decode(exchange.query or "")
  self.bad_query = query == nil
  self.query, self.repeated, self.all = query or {}, repeated, all
  return self
end

--- Whether the body says of itself that it is of this media type.
---@param media_type string
---@return boolean
function call:is(media_type)
  local given = self.headers["content-type"] or ""
  return given:lower():match "^%s*([^;%s]*)" == media_type
end

--- The fields of a form body.
---@return table<string, string>? fields nil where it isn't one
---@return table<string, boolean> repeated
---@return table<string, string[]> all values of each
function call:form()
  if not self:is "application/x-www-form-urlencoded" then return nil, {}, {} end
  return form.decode(self.body)
end

--- The object in a JSON body.
---@return table? value nil where there is none
function call:json()
  local value = json.decode(self.body)
  return type(value) == "table" and value or nil
end

--- Whether the caller's token and the caller both hold a right.
---@param code string
---@param named string[]? names of the context; none: global
---@return boolean
function call:allows(code, named)
  local owner = self.token.person or self.token.application
  return scope.covers(self.token.scope, code, named) and scope.covers(owner.rights, code, named)
end

--- Whether the token holds a right anywhere at all.
---@param code string
---@return boolean
function call:mentions(code)
  local owner = self.token.person or self.token.application
  return scope.mentions(self.token.scope, code) and scope.mentions(owner.rights, code)
end

return call
