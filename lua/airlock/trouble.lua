--- A bounded memory of what went wrong with a server, so that it isn't asked by each who comes.

-- spec: spec/tokens/keys_spec.lua

local core = require "airlock.core"

local trouble = {}

local rest, most = 10, 300 -- seconds that a server is left alone; the longest that its Retry-After may ask for

local function copy(detail)
  local made = {}
  for name, value in pairs(detail) do made[name] = value end
  return made
end

--- The failure that is still remembered.
---@param place table
---@param name any
---@return string? message
---@return table? detail with `retry_after`
function trouble.of(place, name)
  local known, now = place[name], core.moment()
  if not known or now >= known.ends then return nil end
  local detail = copy(known.detail)
  detail.retry_after = math.ceil(known.ends - now)
  return known.message, detail
end

--- Notes how it went. A server in trouble is left alone at once, any other fault once it came twice: one lost answer is
--- no reason to refuse those who come next.
---@param place table
---@param name any
---@param message string? nil: it went well
---@param detail table?
function trouble.remember(place, name, message, detail)
  if not message then
    place[name] = nil
    return
  end
  if type(detail) ~= "table" or detail.kind == "cancelled" then return end
  local known, ends = place[name], 0
  local told = detail.status and (detail.status >= 500 or detail.status == 429)
  if told or known and known.detail.code == detail.code then
    ends = core.moment() + math.min(math.max(tonumber(detail.retry_after) or 0, rest), most)
  end
  place[name] = { message = message, detail = copy(detail), ends = ends }
end

return trouble
