#include "law/grant.h"

#include <string.h>

#include "ground/encode.h"

static bool add (al_buf *form, const char *name, const char *value) {
  return al_encode_field(form, name, value, strlen(value));
}

static bool add_buf (al_buf *form, const char *name, const al_buf *value) {
  return value->n == 0 || al_encode_field(form, name, value->bytes, value->n);
}

/* RFC 6749 section 4.4.2 */
static bool client_credentials (al_buf *form, const al_buf *scope) {
  return add(form, "grant_type", "client_credentials") && add_buf(form, "scope", scope);
}

const al_grant al_grant_permanent_token = { "permanent_token", NULL, AL_GIVEN_TOKEN, NULL, false };
const al_grant al_grant_client_credentials = { "client_credentials", "application", AL_GIVEN_NOTHING,
                                               client_credentials, false };
const al_grant al_grant_refresh_token = { "refresh_token", "user", AL_GIVEN_REFRESH, NULL, true };
const al_grant al_grant_authorization_code = { "authorization_code", "user", AL_GIVEN_NOTHING, NULL, false };
const al_grant al_grant_implicit = { "implicit", "user", AL_GIVEN_NOTHING, NULL, false };
const al_grant al_grant_password = { "password", "user", AL_GIVEN_NOTHING, NULL, false };
const al_grant al_grant_device_code = { "device_code", "user", AL_GIVEN_NOTHING, NULL, false };
const al_grant al_grant_jwt_bearer = { "jwt_bearer", NULL, AL_GIVEN_NOTHING, NULL, false };
const al_grant al_grant_token_exchange = { "token_exchange", NULL, AL_GIVEN_NOTHING, NULL, false };
const al_grant al_grant_extension = { "extension", NULL, AL_GIVEN_NOTHING, NULL, false };
const al_grant al_grant_token_source = { "token_source", NULL, AL_GIVEN_NOTHING, NULL, false };
const al_grant al_grant_anonymous = { "anonymous", NULL, AL_GIVEN_NOTHING, NULL, false };
const al_grant al_grant_none = { "none", NULL, AL_GIVEN_NOTHING, NULL, false };

const al_grant *al_grant_find (const char *name) {
  static const al_grant *const grants[] = {
    &al_grant_client_credentials,
    &al_grant_permanent_token,
    &al_grant_refresh_token,
    &al_grant_authorization_code,
    &al_grant_implicit,
    &al_grant_password,
    &al_grant_device_code,
    &al_grant_jwt_bearer,
    &al_grant_token_exchange,
    &al_grant_extension,
    &al_grant_token_source,
    &al_grant_anonymous,
    &al_grant_none,
  };
  for (size_t i = 0; i < sizeof grants / sizeof *grants; i++)
    if (strcmp(grants[i]->name, name) == 0) return grants[i];
  return NULL;
}

bool al_grant_refresh (al_buf *form, const al_buf *refresh_token, const al_buf *scope) {
  return add(form, "grant_type", "refresh_token") && add_buf(form, "refresh_token", refresh_token) &&
         add_buf(form, "scope", scope);
}

bool al_grant_code (al_buf *form, const al_buf *code, const al_buf *redirect_uri, const char *code_verifier) {
  return add(form, "grant_type", "authorization_code") && add_buf(form, "code", code) &&
         add_buf(form, "redirect_uri", redirect_uri) && add(form, "code_verifier", code_verifier);
}

bool al_grant_by_password (al_buf *form, const char *username, size_t username_n, const char *password,
                           size_t password_n, const al_buf *scope, const char *access_type, size_t access_n) {
  return add(form, "grant_type", "password") && al_encode_field(form, "username", username, username_n) &&
         al_encode_field(form, "password", password, password_n) && add_buf(form, "scope", scope) &&
         (access_type == NULL || al_encode_field(form, "access_type", access_type, access_n));
}

bool al_grant_bearer (al_buf *form, const al_buf *scope) {
  return add(form, "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer") && add_buf(form, "scope", scope);
}

bool al_grant_device (al_buf *form, const char *device_code, size_t n) {
  return add(form, "grant_type", "urn:ietf:params:oauth:grant-type:device_code") &&
         al_encode_field(form, "device_code", device_code, n);
}
