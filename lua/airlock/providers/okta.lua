-- Okta. `url` is the organization's address, such as https://acme.okta.com; `server` the authorization server's id.
-- Tokens for Okta's own API come from the organization's server, whose endpoints have no id: use airlock.discover with
-- its address as issuer for that. A refresh token comes only where the scope has offline_access.
return {
  name = "okta",
  source = { "https://developer.okta.com/docs/api/openapi/okta-oauth/oauth",
    "https://developer.okta.com/docs/api/#pagination" },
  options = { url = true, server = "default" },
  config = {
    authorization_endpoint = "{url}/oauth2/{server}/v1/authorize", token_endpoint = "{url}/oauth2/{server}/v1/token",
    revocation_endpoint = "{url}/oauth2/{server}/v1/revoke",
      introspection_endpoint = "{url}/oauth2/{server}/v1/introspect",
    device_authorization_endpoint = "{url}/oauth2/{server}/v1/device/authorize",
      jwks_uri = "{url}/oauth2/{server}/v1/keys",
    issuer = "{url}/oauth2/{server}", base_url = "{url}/api/v1/", client_auth = "client_secret_basic",
  },
  paging = "link", -- limit, after
  jwt_types = { false, "at+jwt" }, -- `typ` of its access tokens
}
