-- Bitbucket Cloud. Scopes are those of the consumer, set where it is registered; its token replies name them `scopes`,
-- so session:info() has none. Access tokens last two hours. Whether it looks at PKCE isn't documented; what it doesn't
-- know it ignores.
return {
  name = "bitbucket",
  source = { "https://developer.atlassian.com/cloud/bitbucket/oauth-2/",
    "https://developer.atlassian.com/cloud/bitbucket/rest/intro/#pagination" },
  config = {
    authorization_endpoint = "https://bitbucket.org/site/oauth2/authorize",
      token_endpoint = "https://bitbucket.org/site/oauth2/access_token",
    base_url = "https://api.bitbucket.org/2.0/", client_auth = "client_secret_basic",
  },
  paging = "next", -- { values = […], next = "https://…" }, pagelen
}
