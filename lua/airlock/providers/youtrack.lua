-- JetBrains YouTrack, whose authorization server is the Hub beside it (profile "hub"). `url` is the address that both
-- stand under, such as https://acme.youtrack.cloud. Lists of activities have cursors of their own, which session:each
-- doesn't follow. Where YouTrack has a path of its own (https://acme.myjetbrains.com/youtrack) give base_url, too.
return {
  name = "youtrack",
  source = {
    "https://www.jetbrains.com/help/youtrack/devportal/OAuth-authorization-in-youtrack.html",
    "https://www.jetbrains.com/help/youtrack/devportal/api-concept-pagination.html",
  },
  options = { url = true },
  config = {
    authorization_endpoint = "{url}/hub/api/rest/oauth2/auth", token_endpoint = "{url}/hub/api/rest/oauth2/token",
      base_url = "{url}/api/",
    client_auth = "client_secret_basic",
  },
  paging = "skip", -- $skip and $top; pages are bare lists, of 42 items where $top isn't given
  access_type = "offline",
}
