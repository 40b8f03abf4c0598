/*
 * clientauth · how a client proves to the token endpoint who it is (RFC 6749 section 2.3), one row a method
 * knows      · ground
 * never      · uses two methods in one request, or tries them out
 * owns       · nothing
 * spec       · spec/c/law_test.c
 */
#ifndef AL_LAW_CLIENTAUTH_H
#define AL_LAW_CLIENTAUTH_H

#include <stdbool.h>

#include "ground/buf.h"

typedef struct al_clientauth {
  const char *name; /* as in RFC 8414 token_endpoint_auth_methods_supported */
  bool needs_secret;
  /* Adds to the form, or to the header line (secret buffers both). False: memory ran out. */
  bool (*prove)(al_buf *form, al_buf *header, const char *client_id, const al_buf *secret, bool raw_basic);
} al_clientauth;

/* The method of that name, or NULL. */
const al_clientauth *al_clientauth_find (const char *name);

/* What a client uses that doesn't say: Basic with a secret, none without. */
const al_clientauth *al_clientauth_default (bool has_secret);

/* All names, ", " between them, for messages. */
const char *al_clientauth_names (void);

#endif
