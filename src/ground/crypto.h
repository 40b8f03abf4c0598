/*
 * crypto · randomness, digests, comparison in constant time, signatures of JWTs; thin over OpenSSL EVP
 * knows  · libcrypto, buf, encode
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

/* Signs `text` with a PEM private key (RS256, RS384, RS512); the raw signature is appended. False: not such a key, or a
 * name not known. */
bool al_crypto_sign (al_buf *out, const char *alg, const char *pem, size_t pem_n, const void *text, size_t n);

/* Whether `signature` over `text` is that of the PEM public key. */
bool al_crypto_verify (const char *alg, const char *pem, size_t pem_n, const void *text, size_t n,
                       const void *signature, size_t sn);

/* AES-256-GCM with a random nonce: bound to `label`, appended as nonce, text, tag. */
bool al_crypto_seal (al_buf *out, const unsigned char key[32], const char *label, const void *text, size_t n);

/* The reverse; false when it was altered, cut, or sealed with another key or label. */
bool al_crypto_open (al_buf *out, const unsigned char key[32], const char *label, const void *sealed, size_t n);

/* A new RSA private key of `bits`, as PEM (PKCS#8), appended to `out`. */
bool al_crypto_new_rsa (al_buf *out, int bits);

/* The public half of a PEM private key: PEM into `pem_out`, modulus and exponent as big-endian bytes. */
bool al_crypto_rsa_public (al_buf *pem_out, al_buf *modulus, al_buf *exponent, const char *pem, size_t pem_n);

#endif
