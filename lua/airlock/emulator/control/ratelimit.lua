--- A ceiling for calls in a span of the emulator's time; off unless a spec wants it.

local options = require "airlock.emulator.options"
local reply = require "airlock.emulator.http.reply"

local ratelimit = {}
ratelimit.__index = ratelimit

--- `requests` in each span of `seconds`.
---@param given table? `{ requests, seconds = 1 }`; nil: no limit
---@return table? limit
function ratelimit.new(given)
  if given == nil then return nil end
  local self = options.read("rate_limit", given, { "requests", "seconds" })
  self.seconds, self.count, self.since = self.seconds or 1, 0, -math.huge
  if type(self.requests) ~= "number" then error("rate_limit: option 'requests' must be a number", 2) end
  return setmetatable(self, ratelimit)
end

--- Counts a call.
---@param now number
---@return table? reply 429 where it is one too many
function ratelimit:refuse(now)
  if now >= self.since + self.seconds then
    self.since, self.count = now, 0
  end
  self.count = self.count + 1
  if self.count <= self.requests then return nil end
  local wait = math.max(1, math.ceil(self.since + self.seconds - now))
  return reply.add(reply.failure("rate-limited", "Too many requests"), "Retry-After", wait)
end

return ratelimit
