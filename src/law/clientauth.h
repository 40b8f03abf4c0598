/*
 * clientauth · how a client proves to the token endpoint who it is (RFC 6749 section 2.3), one row a method
 * knows      · ground, assertion
 * never      · uses two methods in one request, or tries them out
 * owns       · nothing
 * spec       · spec/c/law_test.c
 */
#ifndef AL_LAW_CLIENTAUTH_H
#define AL_LAW_CLIENTAUTH_H

#include <stdbool.h>

#include "ground/buf.h"
#include "ground/fault.h"
#include "ground/key.h"
#include "law/stamp.h"

/* What a method proves it with. */
typedef enum al_means {
  AL_BY_NOTHING, /* a public client */
  AL_BY_SECRET,
  AL_BY_KEY,
  AL_BY_CERTIFICATE, /* of the TLS connection */
  AL_BY_ASSERTION,   /* a JWT that somebody else signed (RFC 7521 section 4.2) */
} al_means;

/* Who asks, and what is needed for any proof. */
typedef struct al_claimant {
  const char *client_id;
  const al_buf *secret;
  const al_key *key;
  const char *alg;      /* of an assertion; NULL: the key's own, or HS256 */
  const char *kid;      /* NULL: none */
  const char *audience; /* of an assertion */
  int skew_s;           /* by which the clocks may differ */
  bool raw_basic;       /* this server doesn't form-decode Basic credentials */
  const al_stamp *stamp;
} al_claimant;

typedef struct al_clientauth {
  const char *name; /* as in RFC 8414 token_endpoint_auth_methods_supported */
  al_means means;
  bool asserts;   /* by a JWT, whose algorithm can be chosen */
  bool in_header; /* and names the client there: nothing of it is in the form */
  /* Adds to the form, or to the header line (secret buffers both). False: the key can't sign, or memory ran out. */
  bool (*prove)(al_buf *form, al_buf *header, const al_claimant *who);
} al_clientauth;

/* The method of that name, or NULL. */
const al_clientauth *al_clientauth_find (const char *name);

/* What a client uses that doesn't say: its key, else Basic with a secret, none without. */
const al_clientauth *al_clientauth_default (bool has_secret, bool has_key);

/* Whether Basic encodes something of this text (section 2.3.1), which a server that doesn't decode it takes for
 * another.
 */
bool al_clientauth_encodes (const char *text, size_t n);

/* All of them, in the order in which they are listed; NULL after the last. */
const al_clientauth *al_clientauth_at (size_t i);

#endif
