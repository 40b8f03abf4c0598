--- Moments and days as Space's JSON has them.

local time = {}

--- A moment.
---@param seconds number since 1970
---@return table `{ iso, timestamp }`
function time.moment(seconds)
  local ms = math.floor(seconds * 1000)
  local whole = math.floor(ms / 1000)
  return { iso = os.date("!%Y-%m-%dT%H:%M:%S", whole) .. (".%03dZ"):format(ms % 1000), timestamp = ms }
end

-- Days since 1970-01-01 in the proleptic Gregorian calendar, counted from March so that a leap day comes last.
local function days_of(year, month, day)
  if month <= 2 then
    year, month = year - 1, month + 12
  end
  local in_year = math.floor((153 * (month - 3) + 2) / 5) + day - 1
  return 365 * year + math.floor(year / 4) - math.floor(year / 100) + math.floor(year / 400) + in_year - 719468
end

--- Reads what a caller gives for a moment: `{ timestamp }`, `{ iso }` or an ISO text, in UTC.
---@param value any
---@return number? seconds nil where it isn't one
function time.read(value)
  if type(value) == "table" then
    if type(value.timestamp) == "number" then return value.timestamp / 1000 end
    value = value.iso
  end
  if type(value) ~= "string" then return nil end
  local y, m, d, rest = value:match "^(%d%d%d%d)%-(%d%d)%-(%d%d)(.*)$"
  if not y or tonumber(m) < 1 or tonumber(m) > 12 then return nil end
  local seconds = days_of(tonumber(y), tonumber(m), tonumber(d)) * 86400
  if rest == "" then return seconds end
  local hour, min, s = rest:match "^T(%d%d):(%d%d):(%d%d%.?%d*)Z?$"
  if not hour then return nil end
  return seconds + tonumber(hour) * 3600 + tonumber(min) * 60 + tonumber(s)
end

return time
