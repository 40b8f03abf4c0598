/*
 * key   · a key to sign or to check signatures with, from PEM or from a JWK (RFC 7517); thin over OpenSSL EVP
 * knows · libcrypto, buf, encode, json, limits
 * never · asks for a password; takes a private JWK whose halves don't belong together
 * owns  · its key; counted references
 * spec  · spec/c/key_test.c
 */
#ifndef AL_GROUND_KEY_H
#define AL_GROUND_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "ground/buf.h"
#include "ground/limits.h"

struct evp_pkey_st; /* OpenSSL's, for jws and no one else */
struct evp_pkey_ctx_st;

typedef enum al_key_kind { AL_KEY_RSA, AL_KEY_EC, AL_KEY_ED25519 } al_key_kind;

typedef struct al_key {
  int refs;
  struct evp_pkey_st *pkey;
  al_key_kind kind;
  int bits;                      /* of an RSA modulus, of a curve's field */
  bool private;                  /* it can sign */
  const char *crv;               /* "P-256", "P-384", "P-521", "Ed25519"; NULL for RSA */
  char kid[AL_MAX_KEY_NAME];     /* as its JWK says; "": it doesn't */
  char alg[16];                  /* likewise */
  struct evp_pkey_ctx_st *ready; /* to sign by `ready_for`, kept for the next time; NULL: not yet */
  const char *ready_for;
} al_key;

/*
 * Reads PEM, or a JWK where the text begins with '{'. `private`: it must be able to sign, and be strong enough for
 * that; else the public half will do. NULL: `*why` says what is wrong, as the end of a sentence.
 */
al_key *al_key_read (const char *text, size_t n, bool private, const char **why);

/* A private key that may be weak, down to AL_MIN_RSA_BITS: for a stand-in of a server, not for a client. */
al_key *al_key_read_weak (const char *text, size_t n, const char **why);

/* Whether that is why: memory ran out, which says nothing of the key. */
bool al_key_starved (const char *why);

/* A new private key on P-256; NULL when it can't be made. */
al_key *al_key_new (void);

/* The same of RSA, however weak. */
al_key *al_key_new_rsa (int bits);
al_key *al_key_hold (al_key *key);
void al_key_drop (al_key *key);

#endif
