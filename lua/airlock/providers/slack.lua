-- Slack, OAuth v2. `scope` is for a bot's token; a user's is asked for by params = { user_scope = "…" } and no scope:
-- the reply then holds no token itself, but one for the user in authed_user, which is taken. Where both come, the bot's
-- is taken. Tokens last for ever unless rotation is on (12 hours). Every answer has status 200 and `ok`. Revoking
-- (auth.revoke) isn't RFC 7009, so logout only forgets.
return {
  name = "slack",
  source = {
    "https://docs.slack.dev/authentication/installing-with-oauth",
      "https://docs.slack.dev/reference/methods/oauth.v2.access",
    "https://docs.slack.dev/authentication/using-token-rotation", "https://docs.slack.dev/apis/web-api/pagination",
  },
  config = {
    authorization_endpoint = "https://slack.com/oauth/v2/authorize",
      token_endpoint = "https://slack.com/api/oauth.v2.access",
    base_url = "https://slack.com/api/", client_auth = "client_secret_basic",
  },
  scope_separator = ",",
  comma_scopes = true,
  token_member = "authed_user",
  token_types = { "bot", "user" },
  invalid_grants = { "invalid_refresh_token", "invalid_code" },
  api_error = "ok",
  paging = "cursor", -- response_metadata.next_cursor, cursor, limit
}
