--- What the environment says of this application.
local function must(name)
  local value = os.getenv(name)
  if not value or value == "" then error("the environment must have " .. name .. ", see README.md", 0) end
  return value
end

local url = (os.getenv "WEB_URL" or "http://127.0.0.1:8080"):gsub("/$", "")

return {
  space = must "AIRLOCK_URL",
  client_id = must "AIRLOCK_CLIENT_ID",
  client_secret = must "AIRLOCK_CLIENT_SECRET",
  url = url,                                              -- where browsers find this; never taken from a request
  secure = url:find "^https:" ~= nil,
  idle = tonumber(os.getenv "WEB_IDLE" or "") or 30 * 60, -- seconds without a request until a visit ends
  longest = 8 * 60 * 60,                                  -- seconds until it ends in any case
  patience = 10 * 60,                                     -- seconds that a login may take
  scope = "global:Profile.View global:Project.View",
}
