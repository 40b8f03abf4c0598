-- JetBrains Hub, the authorization server of YouTrack. `url` is Hub's own address, such as
-- https://acme.youtrack.cloud/hub; the API is Hub's. For YouTrack's API take the profile "youtrack". The client's id
-- and secret are a service's; scopes are ids of services. According to the pages the Hub of YouTrack Cloud has the
-- implicit flow only: permanent tokens are the way there. Whether it form-decodes Basic credentials isn't documented;
-- its ids and secrets have no characters for which it would matter.
return {
  name = "hub",
  source = {
    "https://www.jetbrains.com/help/youtrack/devportal/OAuth-authorization-in-hub.html",
    "https://www.jetbrains.com/help/youtrack/devportal/Refresh-Token.html",
      "https://www.jetbrains.com/help/youtrack/devportal/hub-rest-api-reference.html",
  },
  options = { url = true },
  config = {
    authorization_endpoint = "{url}/api/rest/oauth2/auth", token_endpoint = "{url}/api/rest/oauth2/token",
      base_url = "{url}/api/rest/",
    client_auth = "client_secret_basic",
  },
  paging = "skip", -- $skip and $top; pages are { skip, top, total, <things> = […] }
  access_type = "offline", -- without it there is no refresh token
}
