--- What each field of OAuth means, in a few words, and where it is specified: for the tables of the picture.

local fields = {}

-- name → what it is, its source
local known = {
  access_token = { "what the API takes: whoever has it may use it", "RFC 6749 section 1.4" },
  access_type = { "offline: a refresh token is wished", "JetBrains Space" },
  acr_values = { "how strongly the user is to be recognized", "OpenID Connect Core section 3.1.2.1" },
  assertion = { "a signed statement that takes the place of the user's consent", "RFC 7521 section 4.1" },
  audience = { "whom the token is for", "RFC 8693 section 2.1" },
  client_assertion = { "a signed statement that proves the application", "RFC 7521 section 4.2" },
  client_assertion_type = { "the kind of that statement", "RFC 7521 section 4.2" },
  client_id = { "which application asks; it is no secret", "RFC 6749 section 2.2" },
  client_secret = { "proves that it is the application", "RFC 6749 section 2.3.1" },
  code = { "stands for the user's consent, once and for a minute", "RFC 6749 section 4.1.2" },
  code_challenge = { "the hash of the verifier: who has the code alone can't redeem it", "RFC 7636 section 4.2" },
  code_challenge_method = { "how the challenge was made of the verifier", "RFC 7636 section 4.3" },
  code_verifier = { "shows that who redeems the code is who asked for it", "RFC 7636 section 4.5" },
  device_code = { "what the program asks with until the user has accepted", "RFC 8628 section 3.2" },
  dpop_jkt = { "the key that the code is bound to", "RFC 9449 section 10" },
  error = { "what went wrong, as a word for programs", "RFC 6749 section 5.2" },
  error_description = { "what went wrong, as a sentence for developers", "RFC 6749 section 5.2" },
  error_uri = { "a page about what went wrong", "RFC 6749 section 5.2" },
  expires_in = { "for how many seconds the token is good", "RFC 6749 section 5.1" },
  grant_type = { "which way of RFC 6749 this is", "RFC 6749 section 4" },
  id_token = { "who the user is, signed by the server", "OpenID Connect Core section 2" },
  interval = { "how many seconds lie between two questions at least", "RFC 8628 section 3.2" },
  iss = { "which server answers: the answer of another one is refused", "RFC 9207 section 2" },
  keys = { "the server's public keys, which its signatures are checked with", "RFC 7517 section 5" },
  login_hint = { "whom the application expects", "OpenID Connect Core section 3.1.2.1" },
  max_age = { "how long ago the user may have signed in", "OpenID Connect Core section 3.1.2.1" },
  nonce = { "binds the ID token to this login", "OpenID Connect Core section 3.1.2.1" },
  password = { "the user's password, which the program sees", "RFC 6749 section 4.3.2" },
  prompt = { "whether the user is to be asked again", "OpenID Connect Core section 3.1.2.1" },
  redirect_uri = { "where the browser is sent back to; it must be registered", "RFC 6749 section 3.1.2" },
  refresh_token = { "what new access tokens are got with", "RFC 6749 section 1.5" },
  request_uri = { "stands for a request that was pushed before", "RFC 9126 section 2.2" },
  resource = { "the API that the token is for", "RFC 8707 section 2" },
  response_mode = { "how the answer comes back", "OAuth 2.0 Multiple Response Types section 2.1" },
  response_type = { "what is to come back: a code, or at once a token", "RFC 6749 section 3.1.1" },
  scope = { "what the token is to be good for", "RFC 6749 section 3.3" },
  state = { "binds the answer to this login: another one is refused", "RFC 6749 section 10.12" },
  token = { "the token that is spoken of", "RFC 7009 section 2.1" },
  token_type = { "how the token is shown to the API", "RFC 6749 section 7.1" },
  token_type_hint = { "which kind of token it is", "RFC 7009 section 2.1" },
  user_code = { "the short code that the user enters", "RFC 8628 section 3.2" },
  username = { "whom the program signs in", "RFC 6749 section 4.3.2" },
  verification_uri = { "where the user enters the code", "RFC 8628 section 3.2" },
  verification_uri_complete = { "the same, with the code in it", "RFC 8628 section 3.3.1" },
}

local headers = {
  authorization = {
    Basic = { "proves that it is the application: its id and its secret", "RFC 6749 section 2.3.1" },
    Bearer = { "shows the access token to the API", "RFC 6750 section 2.1" },
    DPoP = { "shows the access token, which is bound to a key", "RFC 9449 section 7.1" },
  },
  dpop = { "proves that who shows the token has its key", "RFC 9449 section 4" },
  ["dpop-nonce"] = { "a word of the server that the next proof must have in it", "RFC 9449 section 8" },
  location = { "where the browser is sent", "RFC 9110 section 10.2.2" },
  ["retry-after"] = { "how long the server wants to be left alone", "RFC 9110 section 10.2.3" },
  ["www-authenticate"] = { "why the token wasn't taken, and what would be", "RFC 6750 section 3" },
}

--- What a field of a form, a query or a reply means.
---@param name string
---@return { [1]: string, [2]: string }? meaning what it is, and its source; nil: not known
function fields.of(name)
  return known[name]
end

--- What a header means.
---@param name string in lower case
---@param value string
---@return { [1]: string, [2]: string }? meaning
function fields.of_header(name, value)
  local found = headers[name]
  if name == "authorization" then return found[value:match "^%S+"] end
  return found
end

return fields
