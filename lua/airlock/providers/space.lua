-- JetBrains Space. Its cloud has closed; organizations that run it themselves have it on.
return {
  name = "space",
  source = { "https://www.jetbrains.com/help/space (authorization, HTTP API)", "the official Kotlin and .NET SDKs" },
  options = { url = true }, -- the organization's address
  config = {
    authorization_endpoint = "{url}/oauth/auth", token_endpoint = "{url}/oauth/token",
      jwks_uri = "{url}/oauth/jwks.json",
    base_url = "{url}/api/http/",
    issuer = "{url}", -- `iss` of its access tokens
  },
  -- client id and secret are joined as they are: neither SDK form-encodes them, and Space doesn't decode
  raw_basic = true,
  paging = "space", -- $top, $skip, next
  access_type = "offline", -- of a login that is to last
  -- DELETE ends the login; there is no RFC 7009 endpoint
  logout = "team-directory/profiles/oauth-consents/me/refresh-tokens/self",
  jwt_types = { false }, -- `typ` of its access tokens
}
