/*
 * grant · what each way to a token sends to the token endpoint (RFC 6749 section 4), one row a grant
 * knows · ground
 * never · adds client authentication: that is clientauth
 * owns  · nothing
 * spec  · spec/c/law_test.c
 */
#ifndef AL_LAW_GRANT_H
#define AL_LAW_GRANT_H

#include <stdbool.h>

#include "ground/buf.h"

/* What the program hands in with a grant. */
typedef enum al_given {
  AL_GIVEN_NOTHING, /* or only something to tell one user's session from another's */
  AL_GIVEN_TOKEN,   /* the access token itself */
  AL_GIVEN_REFRESH, /* a refresh token */
} al_given;

typedef struct al_grant {
  const char *name;    /* for session:info().grant */
  const char *subject; /* "application" or "user": on whose behalf; NULL: the token doesn't tell */
  al_given given;
  bool (*fill)(al_buf *form,
               const al_buf *scope); /* asks again and again with nothing but the client's name; NULL: can't */
  bool narrows;                      /* its scope is sent with a refresh: the program asked for less than was granted */
} al_grant;

extern const al_grant al_grant_permanent_token;
extern const al_grant al_grant_client_credentials;
extern const al_grant al_grant_refresh_token;
extern const al_grant al_grant_authorization_code;
extern const al_grant al_grant_implicit;
extern const al_grant al_grant_password;
extern const al_grant al_grant_device_code;
extern const al_grant al_grant_jwt_bearer;
extern const al_grant al_grant_token_exchange;
extern const al_grant al_grant_extension;    /* of the program's own (RFC 6749 section 4.5) */
extern const al_grant al_grant_token_source; /* somebody else makes the token, and the program's function gives it */
extern const al_grant al_grant_anonymous;    /* requests to an API without a token */
extern const al_grant al_grant_none; /* a client's own requests to its server's endpoints, which carry no token */

/* The grant of that name, or NULL. */
const al_grant *al_grant_find (const char *name);

/* RFC 6749 section 6; `scope` is sent where it isn't empty. */
bool al_grant_refresh (al_buf *form, const al_buf *refresh_token, const al_buf *scope);

/* RFC 6749 section 4.1.3 with RFC 7636 section 4.5 */
bool al_grant_code (al_buf *form, const al_buf *code, const al_buf *redirect_uri, const char *code_verifier);

/* RFC 6749 section 4.3.2; `access_type` is Space's and may be NULL. */
bool al_grant_by_password (al_buf *form, const char *username, size_t username_n, const char *password,
                           size_t password_n, const al_buf *scope, const char *access_type, size_t access_n);

/* RFC 7523 section 2.1, but for the assertion itself, which is signed when it goes out */
bool al_grant_bearer (al_buf *form, const al_buf *scope);

/* RFC 8628 section 3.4 */
bool al_grant_device (al_buf *form, const char *device_code, size_t n);

#endif
