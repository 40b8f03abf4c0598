/*
 * jws   · signatures and MACs of JWTs (RFC 7515, RFC 7518, RFC 8037); thin over OpenSSL EVP
 * knows · libcrypto, buf, encode, key
 * never · decides which algorithm is right: the caller names it, and the key must be of its kind; "none" isn't one
 * owns  · nothing
 * spec  · spec/c/key_test.c
 */
#ifndef AL_GROUND_JWS_H
#define AL_GROUND_JWS_H

#include "ground/key.h"

/* What a key signs with unless told otherwise: its own `alg`, else RS256, ES256, ES384, ES512 or EdDSA by its kind. */
const char *al_jws_default (const al_key *key);

/* Whether a key of that kind can be used with the algorithm. */
bool al_jws_fits (const char *alg, const al_key *key);

/* Whether it is an algorithm that this room has. */
bool al_jws_known (const char *alg);

/* Bytes that a secret must have for HS256, HS384 or HS512 (RFC 7518 section 3.2); 0: not one of these. */
size_t al_jws_mac_size (const char *alg);

/* The raw signature, appended. False: the key can't, or memory ran out. */
bool al_jws_sign (al_buf *out, const char *alg, const al_key *key, const void *text, size_t n);
bool al_jws_mac (al_buf *out, const char *alg, const void *secret, size_t secret_n, const void *text, size_t n);

/* Whether `signature` over `text` is that of the key (of the secret) by `alg`. False, and al_crypto_starved: nobody
 * knows. */
bool al_jws_verify (const char *alg, const al_key *key, const void *text, size_t n, const void *signature, size_t sn);
bool al_jws_verify_mac (const char *alg, const void *secret, size_t secret_n, const void *text, size_t n,
                        const void *signature, size_t sn);

/* A compact JWS, appended: header and payload are JSON texts; by the key, or by the secret where key is NULL. */
bool al_jws_compact (al_buf *out, const char *alg, const al_key *key, const al_buf *secret, const al_buf *header,
                     const al_buf *payload);

/* The three parts of a compact JWS; header and payload are decoded, the signature too. False: it isn't one. */
typedef struct al_jws_parts {
  al_buf header, payload, signature;
  size_t signed_n; /* how much of the text is signed */
} al_jws_parts;

bool al_jws_split (al_jws_parts *out, const char *text, size_t n);
void al_jws_parts_dispose (al_jws_parts *parts);

#endif
