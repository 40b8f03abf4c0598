/*
 * assertion · the JWT by which a client proves who it is (RFC 7521 section 4.2, RFC 7523 section 3), made anew for each
 *             request
 * knows     · ground, stamp
 * never     · asks for the time or draws random numbers: the moment is an argument
 * owns      · nothing
 * spec      · spec/c/assertion_test.c
 */
#ifndef AL_LAW_ASSERTION_H
#define AL_LAW_ASSERTION_H

#include <stdbool.h>

#include "ground/buf.h"
#include "ground/key.h"
#include "law/stamp.h"

#define AL_ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

typedef struct al_assertion {
  const char *alg;
  const char *kid; /* NULL: none is named */
  const char *issuer, *subject, *audience;
  const char *more; /* further claims, as the members of a JSON object without its braces; NULL: none */
  int lifetime_s;
  int skew_s; /* by which the clocks may differ: 0 and more */
} al_assertion;

/* What an assertion is made of again and again, for a grant (RFC 7523 section 2.1); owns its texts. */
typedef struct al_signer {
  al_key *key;
  al_buf issuer, subject, audience, more, alg, kid; /* as above; an empty kid: none */
  int lifetime_s;
} al_signer;

/* Empty; NULL when memory ran out. */
al_signer *al_signer_new (void);
void al_signer_drop (al_signer *s);
bool al_signer_sign (const al_signer *s, al_buf *out, const al_stamp *stamp);

/* The signed JWT, appended: by the key, or by the secret where that is NULL. False: the key can't, or memory ran out.
 */
bool al_assertion_make (al_buf *out, const al_assertion *a, const al_key *key, const al_buf *secret,
                        const al_stamp *stamp);

#endif
