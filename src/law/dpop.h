/*
 * dpop  · the key that tokens are bound to, and a proof of it for each request (RFC 9449)
 * knows · ground, stamp
 * never · reads a clock or uses chance in a proof: both come as a moment. Shows its private half but as PEM, for a
 *         record or a seal
 * owns  · its key and the header of its proofs, made once; counted references, as tokens outlive the login that drew it
 * spec  · spec/c/dpop_test.c, spec/client/dpop_spec.lua
 */
#ifndef AL_LAW_DPOP_H
#define AL_LAW_DPOP_H

#include <stdbool.h>

#include "ground/buf.h"
#include "ground/key.h"
#include "ground/url.h"
#include "law/stamp.h"

enum { AL_DIGEST_CHARS = 43 }; /* SHA-256 in base64url: a thumbprint, an `ath` */

typedef struct al_dpop {
  int refs;
  al_key *key;
  char alg[16];
  char jkt[AL_DIGEST_CHARS + 1]; /* the public half's thumbprint (RFC 7638), as dpop_jkt has it */
  al_buf lead; /* a proof's line as far as it is always the same: "DPoP: ", the JOSE header in base64url, '.' */
  al_buf pem;  /* the private half, to be kept beside a refresh token; empty where the program has the key itself */
} al_dpop;

/* A key that was drawn for one login. NULL: none can be made. */
al_dpop *al_dpop_new (void);

/* The program's own key, held from now on too; `alg` NULL: the key's own. NULL: the key can't sign so, or memory ran
 * out. */
al_dpop *al_dpop_of (al_key *key, const char *alg);

/* The key that al_dpop_new drew, from its `pem`. NULL: it isn't one. */
al_dpop *al_dpop_read (const al_buf *pem);

al_dpop *al_dpop_hold (al_dpop *d);
void al_dpop_drop (al_dpop *d);

/* `ath` of an access token (RFC 9449 section 4.2). False: no digest could be made. */
bool al_dpop_ath (char out[AL_DIGEST_CHARS + 1], const char *token, size_t n);

/*
 * A new proof as a header line in place of what `line` had. `ath`: of the token that goes along, or NULL; `nonce`: the
 * server's, or NULL. False: memory ran out, as that the key can sign was seen to when it was read.
 */
bool al_dpop_prove (const al_dpop *d, al_buf *line, const char *method, const al_url *where, const char *ath,
                    const char *nonce, const al_stamp *stamp);

/* The origin of a URL with nothing in it that could be written in two ways: "https://host", and the port where it isn't
 * the usual one. */
bool al_dpop_origin (al_buf *out, const al_url *where);

#endif
