-- Gitea, and Forgejo, which is the same here. The only flows are authorization code and refresh; access tokens last an
-- hour, refresh tokens rotate where the server is set up so. Whether its issuer ends with a slash differs between
-- versions, so it isn't set: give `issuer`, or use airlock.discover.
return {
  name = "gitea",
  source = { "https://docs.gitea.com/development/oauth2-provider",
    "https://forgejo.org/docs/latest/user/oauth2-provider/" },
  options = { url = true },
  config = {
    authorization_endpoint = "{url}/login/oauth/authorize", token_endpoint = "{url}/login/oauth/access_token",
      jwks_uri = "{url}/login/oauth/keys",
    introspection_endpoint = "{url}/login/oauth/introspect", base_url = "{url}/api/v1/",
      client_auth = "client_secret_post",
  },
  paging = "link", -- page, limit
}
