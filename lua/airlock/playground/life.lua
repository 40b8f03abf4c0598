--- The lives of a run's tokens: when each was got, how long it is fresh, when it expires, what ended it.

local json = require "airlock.emulator.http.json"

local life = {}
life.__index = life

local margin, share = 60, 10 -- s before its end at which a token is renewed, or this part of its life: the engine's own

---@return table life
function life.new()
  return setmetatable({ tokens = {} }, life)
end

--- A token was got.
---@param view table what `token:view` says of it
---@param now number seconds since 1970, by the server's clock
function life:begins(view, now)
  self:ends(nil, now)
  local left = view.expires_in
  self.tokens[#self.tokens + 1] = { from = now, expires = left and now + left,
    stale = left and now + left - math.min(margin, left / share) }
end

--- The newest token came to an end, unless it had come to one before.
---@param how string? "revoked" or "logged out"; nil: another one took its place
---@param now number
function life:ends(how, now)
  local last = self.tokens[#self.tokens]
  if not last or last.over then return end
  last.over = now
  last.how = how or last.expires and now >= last.expires and "expired, renewed" or "renewed"
end

--- As the page gets it: seconds are counted from now.
---@param now number
---@return table[]
function life:view(now)
  local out = json.list()
  for i, each in ipairs(self.tokens) do
    out[i] = { from = each.from - now, stale = each.stale and each.stale - now, expires = each.expires
      and each.expires - now, over = each.over and each.over - now, how = each.how }
  end
  return out
end

return life
