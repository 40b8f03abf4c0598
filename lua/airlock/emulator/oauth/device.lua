--- Logins on another device (RFC 8628): the codes that were given out, and what became of them. Space has none of this.

local crypto = require("airlock.server").crypto
local id = require "airlock.emulator.space.id"

local device = {}
device.__index = device

local request = {}
request.__index = request

---@param emulator table
---@return table devices
function device.new(emulator)
  return setmetatable({ emulator = emulator, by_code = {}, by_user_code = {} }, device)
end

local letters = "BCDFGHJKLMNPQRSTVWXZ" -- RFC 8628 section 6.1: no vowels, so no words

local function draw()
  return (crypto.random(8):gsub(".", function(c)
    local i = c:byte() % #letters + 1
    return letters:sub(i, i)
  end))
end

--- Gives out a pair of codes.
---@param grant table `{ application, scope, offline }`
---@return table request with `device_code`, `user_code` (such as WDJB-MJHT), `expires_at`, `interval`
function device:give(grant)
  local bare = draw()
  while self.by_user_code[bare] do bare = draw() end
  local r = setmetatable({ emulator = self.emulator, application = grant.application, scope = grant.scope,
    offline = grant.offline, audience = grant.audience,
    device_code = id.token(), user_code = bare:sub(1, 4) .. "-" .. bare:sub(5),
      interval = self.emulator.device_interval,
    expires_at = self.emulator:now() + self.emulator.device_lifetime }, request)
  self.by_code[r.device_code], self.by_user_code[bare] = r, r
  return r
end

--- The request that a person's code stands for, while it waits for an answer; small letters and other dashes are fine.
---@param typed string
---@return table? request
function device:find(typed)
  local r = self.by_user_code[typed:upper():gsub("[^%u]", "")]
  return r and r:waits() and r or nil
end

--- Whether it still waits for its person.
---@return boolean
function request:waits()
  return not self.person and self.expires_at > self.emulator:now()
end

-- Two questions may come a little closer than they were sent.
local tolerance = 0.95

--- What the client is told that asks (RFC 8628 section 3.5).
---@return string? error nil: the person has accepted, and a token may be given, once
---@return string? description
function request:poll()
  local now = self.emulator:now()
  local last = self.polled_at
  self.polled_at = now
  if self.used then return "invalid_grant", "the device code was used before" end
  if self.expires_at <= now then return "expired_token", "the device code has expired" end
  if self.approval then return nil end
  if self.denied then return "access_denied", "the user did not accept" end
  if last and now - last < self.interval * tolerance then
    self.interval = self.interval + 5
    return "slow_down", ("ask every %g seconds"):format(self.interval)
  end
  return "authorization_pending", "the user has not answered yet"
end

--- Judges a device code.
---@param text string
---@param app table who asks
---@return table? request
---@return string? error
---@return string? description
function device:judge(text, app)
  local r = self.by_code[text]
  if not r or r.application ~= app then return nil, "invalid_grant", "the device code is unknown" end
  local code, why = r:poll()
  if code then return nil, code, why end
  r.used = true
  return r
end

return device
