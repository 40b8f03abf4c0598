-- GitHub. For GitHub Enterprise Server give its address as `url`: the API is then below it.
-- Tokens of OAuth apps don't expire; those of GitHub apps may, and their expires_in has come in quotes. Errors of the
-- token endpoint come with status 200. Its revocation isn't RFC 7009 (DELETE /applications/{client_id}/token), so
-- logout only forgets.
return {
  name = "github",
  source = {
    "https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps",
    "https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/"
      .. "refreshing-user-access-tokens",
    "https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api",
  },
  options = { url = "https://github.com" },
  config = {
    authorization_endpoint = "{url}/login/oauth/authorize", token_endpoint = "{url}/login/oauth/access_token",
    device_authorization_endpoint = "{url}/login/device/code", base_url = "https://api.github.com/",
      client_auth = "client_secret_post",
  },
  elsewhere = { base_url = "{url}/api/v3/" }, -- or the token of one's own server would go to github.com
  comma_scopes = true, -- "repo,gist" in replies; requests have spaces
  invalid_grants = { "bad_refresh_token", "bad_verification_code", "incorrect_device_code" },
  paging = "link", -- per_page
}
