#include "law/grant.h"

#include <string.h>

#include "ground/encode.h"

static bool add (al_buf *form, const char *name, const char *value) {
  return al_encode_field(form, name, value, strlen(value));
}

static bool add_scope (al_buf *form, const al_plea *plea) {
  return plea->scope->n == 0 || al_encode_field(form, "scope", plea->scope->bytes, plea->scope->n);
}

/* RFC 6749 section 4.4.2 */
static bool client_credentials (al_buf *form, const al_plea *plea) {
  return add(form, "grant_type", "client_credentials") && add_scope(form, plea);
}

/* RFC 6749 section 6; a scope only where the program narrows it, as sending one breaks some servers. */
static bool refresh_token (al_buf *form, const al_plea *plea) {
  return add(form, "grant_type", "refresh_token") &&
         al_encode_field(form, "refresh_token", al_buf_text(plea->refresh_token), plea->refresh_token->n) && add_scope(form, plea);
}

const al_grant al_grant_permanent_token = { "permanent_token", NULL, NULL, false };
const al_grant al_grant_client_credentials = { "client_credentials", "application", client_credentials, false };
const al_grant al_grant_refresh_token = { "refresh_token", "user", refresh_token, true };
