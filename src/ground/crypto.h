/*
 * crypto · randomness, digests, sealing, comparison in constant time; thin over OpenSSL EVP
 * knows  · libcrypto, buf
 * never  · decides which algorithm is right: the caller names it
 * owns   · nothing between calls
 * spec   · spec/c/crypto_test.c
 */
#ifndef AL_GROUND_CRYPTO_H
#define AL_GROUND_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>

#include "ground/buf.h"

/* n bytes from the system's source; false when it has none. */
bool al_crypto_random (void *out, size_t n);

/* SHA-256 into out[32]. */
bool al_crypto_sha256 (unsigned char out[32], const void *bytes, size_t n);

/*
 * The same by which things are named: entries of a table, files. By OpenSSL's plain function, as the first digest by
 * EVP makes OpenSSL read up on all that its providers have, which takes a script that only looks up its token half a
 * millisecond.
 */
bool al_crypto_name (unsigned char out[32], const void *bytes, size_t n);

/* SHA-256, 384 or 512 into out[bits / 8]. */
bool al_crypto_digest (int bits, unsigned char *out, const void *bytes, size_t n);

/*
 * OpenSSL fails for want of memory without saying so. Whoever was told no asks this, and if it is false, asks OpenSSL
 * once more: if the answer is no again, it is a no. True: there is no memory even for a little.
 */
bool al_crypto_starved (void);

/* Same length and same bytes, in a time that doesn't depend on where they differ. */
bool al_crypto_equal (const void *a, size_t na, const void *b, size_t nb);

/* AES-256-GCM with a random nonce: bound to `label`, appended as nonce, text, tag. */
bool al_crypto_seal (al_buf *out, const unsigned char key[32], const char *label, const void *text, size_t n);

/* The reverse; false when it was altered, cut, or sealed with another key or label. */
bool al_crypto_open (al_buf *out, const unsigned char key[32], const char *label, const void *sealed, size_t n);

#endif
