/*
 * certificate · the public key of an X.509 certificate, as a JWK's `x5c` has them; thin over OpenSSL
 * knows       · libcrypto, encode, limits
 * never       · judges who signed it, or until when it holds: who gave the key set is who is trusted
 * owns        · nothing
 * spec        · spec/c/key_test.c, spec/tokens/keys_spec.lua
 */
#ifndef AL_GROUND_CERTIFICATE_H
#define AL_GROUND_CERTIFICATE_H

#include <stddef.h>

struct evp_pkey_st;

/* Of DER in base64url without padding; NULL: it can't be read. To be freed by its taker. */
struct evp_pkey_st *al_certificate_key (const char *text, size_t n);

#endif
