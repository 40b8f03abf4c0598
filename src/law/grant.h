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

/* What a credential has to ask with. */
typedef struct al_plea {
  const al_buf *scope;         /* empty: none is sent */
  const al_buf *refresh_token; /* empty where the grant has none */
} al_plea;

typedef struct al_grant {
  const char *name;        /* for session:info().grant */
  const char *subject;     /* "application" or "user": on whose behalf; NULL: the token doesn't tell */
  bool (*fill) (al_buf *form, const al_plea *plea); /* NULL: nothing to ask, the token was given once for all */
  bool user;               /* a definite no means: the user must log in again */
} al_grant;

extern const al_grant al_grant_permanent_token;
extern const al_grant al_grant_client_credentials;
extern const al_grant al_grant_refresh_token;

#endif
