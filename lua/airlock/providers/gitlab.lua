-- GitLab, at gitlab.com or elsewhere (`url`). Access tokens last two hours; refresh tokens rotate, and work once.
-- The introspection endpoint is in its OpenID Connect metadata.
return {
  name = "gitlab",
  source = { "https://docs.gitlab.com/api/oauth2/", "https://docs.gitlab.com/api/rest/#pagination" },
  options = { url = "https://gitlab.com" },
  config = {
    authorization_endpoint = "{url}/oauth/authorize", token_endpoint = "{url}/oauth/token",
      revocation_endpoint = "{url}/oauth/revoke",
    introspection_endpoint = "{url}/oauth/introspect", device_authorization_endpoint = "{url}/oauth/authorize_device",
    jwks_uri = "{url}/oauth/discovery/keys", issuer = "{url}", base_url = "{url}/api/v4/",
      client_auth = "client_secret_post",
  },
  paging = "link", -- per_page; pagination=keyset where a list has that
}
