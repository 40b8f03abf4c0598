-- Google. A refresh token comes only with access_type=offline, and only with a consent: prompt=consent asks for one
-- each time, so that no login is left without. Refresh tokens of apps in testing last seven days. The device flow has
-- verification_url in place of verification_uri.
return {
  name = "google",
  source = {
    "https://developers.google.com/identity/protocols/oauth2/web-server",
      "https://developers.google.com/identity/protocols/oauth2/limited-input-device",
    "https://accounts.google.com/.well-known/openid-configuration",
  },
  config = {
    authorization_endpoint = "https://accounts.google.com/o/oauth2/v2/auth",
      token_endpoint = "https://oauth2.googleapis.com/token",
    revocation_endpoint = "https://oauth2.googleapis.com/revoke",
      device_authorization_endpoint = "https://oauth2.googleapis.com/device/code",
    jwks_uri = "https://www.googleapis.com/oauth2/v3/certs", issuer = "https://accounts.google.com",
      base_url = "https://www.googleapis.com/",
    client_auth = "client_secret_post",
  },
  params = { access_type = "offline", prompt = "consent" },
  paging = "page_token", -- nextPageToken, pageToken
}
