-- Microsoft identity platform (Entra ID), v2.0. `tenant`: a directory's id or domain; common, organizations or
-- consumers for many. Client credentials want a directory of one's own, and the scope
-- https://graph.microsoft.com/.default. A refresh token comes only where the scope has offline_access. With `common`
-- the issuer is that of whoever logs in, so it is set for a directory only. expires_in has come in quotes (v1).
return {
  name = "microsoft",
  source = {
    "https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-auth-code-flow",
    "https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-device-code",
      "https://learn.microsoft.com/en-us/graph/paging",
  },
  options = { tenant = "common" },
  config = {
    authorization_endpoint = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize",
    token_endpoint = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
    device_authorization_endpoint = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/devicecode",
    jwks_uri = "https://login.microsoftonline.com/{tenant}/discovery/v2.0/keys",
      base_url = "https://graph.microsoft.com/v1.0/",
    client_auth = "client_secret_post",
  },
  elsewhere = { issuer = "https://login.microsoftonline.com/{tenant}/v2.0" },
  paging = "odata", -- @odata.nextLink, $top
  jwt_types = { "JWT" }, -- `typ` of its access tokens
}
