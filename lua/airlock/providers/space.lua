--- JetBrains Space: where its endpoints are and how it differs from the RFCs.
-- Sources: https://www.jetbrains.com/help/space (authorization, HTTP API), the official Kotlin and .NET SDKs.

local space = {
  name = "space",
  raw_basic = true, -- client id and secret are joined as they are: neither SDK form-encodes them, and Space doesn't decode
  paging = "space", -- $top, $skip, next
}

local places = {
  authorization_endpoint = "/oauth/auth",
  token_endpoint = "/oauth/token",
  jwks_uri = "/oauth/jwks.json",
  base_url = "/api/http/",
}

--- The configuration that airlock.client takes, from one with `url`.
---@param config table with `url`, the organization's address
---@param whose string begins the messages of mistakes
---@return table config a new table
function space.configure(config, whose)
  if type(config) ~= "table" then error(whose .. ": a table of options was expected, not a " .. type(config), 3) end
  local url = config.url
  if type(url) ~= "string" then
    error(("%s: option 'url' %s"):format(whose, url == nil and "is missing" or "must be a string, not a " .. type(url)), 3)
  end
  local made = {}
  for name, value in pairs(config) do
    if name ~= "url" then made[name] = value end
  end
  url = url:gsub("/+$", "")
  for name, path in pairs(places) do
    if made[name] == nil then made[name] = url .. path end
  end
  return made
end

return space
