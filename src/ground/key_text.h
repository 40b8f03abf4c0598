/*
 * key_text · what a key is written as: a JWK (RFC 7517), its thumbprint (RFC 7638), PEM
 * knows    · libcrypto, key, buf, encode
 * never    · writes a private half but where that is asked for by name
 * owns     · nothing
 * spec     · spec/c/key_test.c
 */
#ifndef AL_GROUND_KEY_TEXT_H
#define AL_GROUND_KEY_TEXT_H

#include "ground/key.h"

/* The public half as a JWK with nothing but what RFC 7638 section 3.2 wants, in its order. */
bool al_key_jwk (const al_key *key, al_buf *out);

/* SHA-256 of that (RFC 7638), in base64url. */
bool al_key_thumbprint (const al_key *key, al_buf *out);

/* The private half as PEM (PKCS#8), where `out` should be secret; the public half. */
bool al_key_pem (const al_key *key, al_buf *out);
bool al_key_public_pem (const al_key *key, al_buf *out);

/* Of RSA: modulus and exponent in base64url, as a JWK has them. */
bool al_key_rsa_numbers (const al_key *key, al_buf *modulus, al_buf *exponent);

#endif
