--- Whoever sits at a browser: known by a cookie, perhaps logged in, with the requests that wait for a word of theirs.

local crypto = require("airlock.server").crypto
local id = require "airlock.emulator.space.id"
local reply = require "airlock.emulator.http.reply"
local trim = require "airlock.trim"

local visitor = {}
visitor.__index = visitor

--- Where the visitors of an emulator are kept: by the value of their cookie.
---@return table
function visitor.book()
  return {}
end

-- Cookies don't know of ports: two emulators on one address would take each other's.
local function cookie_name(emulator)
  return ("airlock_emulator_%d"):format(emulator.server:port())
end

--- The one that a call comes from.
---@param call table
---@return table? visitor
function visitor.of(call)
  local name = cookie_name(call.emulator)
  for pair in (call.headers.cookie or ""):gmatch "[^;,]+" do
    local key, value = pair:match "^([^=]*)=(.*)$"
    if key then key, value = trim(key), trim(value) end
    local known = key == name and call.emulator.visitors[value]
    if known then return known end
  end
end

local function enter(self)
  self.id, self.csrf, self.told = id.token(), id.token(), false
  self.emulator.visitors[self.id] = self
end

--- The one that a call comes from; else a new one, of whom nothing is known.
---@param call table
---@return table visitor
function visitor.welcome(call)
  local known = visitor.of(call)
  if known then return known end
  local self = setmetatable({ emulator = call.emulator, tickets = {} }, visitor)
  enter(self)
  return self
end

--- Notes who it is; the cookie and the forms' token become others, so that nobody who knew them before is logged in
--- too.
---@param person table? nil: logs out
function visitor:login(person)
  self.emulator.visitors[self.id] = nil
  self.person = person
  enter(self)
end

--- Keeps something that waits for the visitor's word.
---@param ticket table receives `id`
---@return table ticket
function visitor:keep(ticket)
  ticket.id = id.token()
  self.tickets[ticket.id] = ticket
  return ticket
end

--- Forgets it: it was answered.
---@param ticket table
function visitor:done(ticket)
  self.tickets[ticket.id] = nil
end

--- Whether a form was made for this visitor.
---@param csrf string? its token
---@return boolean
function visitor:made(csrf)
  return csrf ~= nil and crypto.equal(csrf, self.csrf)
end

--- Sends the cookie along, where the browser doesn't have it yet.
---@param r table a reply
---@return table r
function visitor:attach(r)
  if self.told then return r end
  self.told = true
  local secure = self.emulator.url:find "^https:" and "; Secure" or ""
  return reply.add(r, "Set-Cookie", ("%s=%s; Path=/; HttpOnly; SameSite=Lax%s"):format(cookie_name(self.emulator),
    self.id, secure))
end

return visitor
