-- Auth0. `url` is the tenant's address, such as https://acme.eu.auth0.com. `audience` names the API that tokens are
-- for: without one, and without a default of the tenant, they are good for userinfo only, and client credentials are
-- refused. The API is the tenant's management, whose lists have page and per_page. A refresh token comes only where the
-- scope has offline_access.
return {
  name = "auth0",
  source = { "https://auth0.com/docs/api/authentication",
    "https://auth0.com/docs/get-started/authentication-and-authorization-flow" },
  options = { url = true, audience = false },
  config = {
    authorization_endpoint = "{url}/authorize", token_endpoint = "{url}/oauth/token",
      revocation_endpoint = "{url}/oauth/revoke",
    device_authorization_endpoint = "{url}/oauth/device/code", jwks_uri = "{url}/.well-known/jwks.json",
      issuer = "{url}/",
    base_url = "{url}/api/v2/", client_auth = "client_secret_post",
  },
  params = { audience = "{audience}" },
  device_params = { audience = "{audience}" },
  token_params = { audience = "{audience}" },
  paging = "page", -- page (from 0), per_page; pages are bare lists
  jwt_types = { "JWT", "at+jwt" }, -- `typ` of its access tokens
}
