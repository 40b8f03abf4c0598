--- JetBrains Space: where its endpoints are and how it differs from the RFCs.
-- Sources: https://www.jetbrains.com/help/space (authorization, HTTP API), the official Kotlin and .NET SDKs.

local core = require "airlock.core"

local space = {
  name = "space",
  raw_basic = true, -- client id and secret are joined as they are: neither SDK form-encodes them, and Space doesn't decode
  paging = "space", -- $top, $skip, next
  access_type = "offline", -- of a login that is to last
  logout = "team-directory/profiles/oauth-consents/me/refresh-tokens/self", -- DELETE ends the login; there is no RFC 7009 endpoint
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
  if type(config) ~= "table" then core.mistake(whose .. ": a table of options was expected, not a " .. type(config)) end
  local url = config.url
  if type(url) ~= "string" then
    core.mistake(("%s: option 'url' %s"):format(whose, url == nil and "is missing" or "must be a string, not a " .. type(url)))
  end
  url = url:gsub("/+$", "")
  local why = url:find "?" and "has a query, which an organization's address hasn't" or core.unfit(url)
  if why then core.mistake(("%s: option 'url' %s"):format(whose, why)) end
  local made = {}
  for name, value in pairs(config) do made[name] = value end
  for name, path in pairs(places) do
    if made[name] == nil then made[name] = url .. path end
  end
  if made.issuer == nil then made.issuer = url end -- `iss` of its access tokens
  return made
end

return space
