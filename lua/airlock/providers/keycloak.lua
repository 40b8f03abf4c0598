-- Keycloak. `url` is the server's address, up to and without /realms (older ones have /auth at its end); the API is the
-- realm's administration. A refresh token for offline use wants the scope offline_access; its refresh_expires_in is
-- then 0, which means never.
return {
  name = "keycloak",
  source = { "https://www.keycloak.org/securing-apps/oidc-layers",
    "https://www.keycloak.org/docs-api/latest/rest-api/index.html" },
  options = { url = true, realm = true },
  config = {
    authorization_endpoint = "{url}/realms/{realm}/protocol/openid-connect/auth",
      token_endpoint = "{url}/realms/{realm}/protocol/openid-connect/token",
    revocation_endpoint = "{url}/realms/{realm}/protocol/openid-connect/revoke",
    introspection_endpoint = "{url}/realms/{realm}/protocol/openid-connect/token/introspect",
    device_authorization_endpoint = "{url}/realms/{realm}/protocol/openid-connect/auth/device",
    jwks_uri = "{url}/realms/{realm}/protocol/openid-connect/certs", issuer = "{url}/realms/{realm}",
      base_url = "{url}/admin/realms/{realm}/",
    client_auth = "client_secret_basic",
  },
  paging = "first", -- first, max; pages are bare lists
  jwt_types = { "JWT", "at+jwt" }, -- `typ` of its access tokens
}
