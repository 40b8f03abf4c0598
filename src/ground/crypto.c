#define OPENSSL_SUPPRESS_DEPRECATED /* for al_crypto_name */
#include "ground/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <string.h>

bool al_crypto_random (void *out, size_t n) {
  return RAND_bytes(out, (int)n) == 1;
}

bool al_crypto_sha256 (unsigned char out[32], const void *bytes, size_t n) {
  return al_crypto_digest(256, out, bytes, n);
}

bool al_crypto_name (unsigned char out[32], const void *bytes, size_t n) {
#ifdef OPENSSL_NO_DEPRECATED_3_0
  return al_crypto_sha256(out, bytes, n);
#else
  SHA256_CTX ctx;
  bool ok = SHA256_Init(&ctx) == 1 && SHA256_Update(&ctx, bytes, n) == 1 && SHA256_Final(out, &ctx) == 1;
  OPENSSL_cleanse(&ctx, sizeof ctx);
  return ok;
#endif
}

bool al_crypto_starved (void) {
  void *little = OPENSSL_malloc(4096); /* which no compiler leaves out */
  OPENSSL_free(little);
  return little == NULL;
}

bool al_crypto_digest (int bits, unsigned char *out, const void *bytes, size_t n) {
  const EVP_MD *digest = bits == 256 ? EVP_sha256() : bits == 384 ? EVP_sha384() : bits == 512 ? EVP_sha512() : NULL;
  return digest != NULL && EVP_Digest(bytes, n, out, NULL, digest, NULL) == 1;
}

bool al_crypto_equal (const void *a, size_t na, const void *b, size_t nb) {
  return na == nb && CRYPTO_memcmp(a, b, na) == 0;
}

/* ---- sealing ---- */

enum { nonce_n = 12, tag_n = 16 };

bool al_crypto_seal (al_buf *out, const unsigned char key[32], const char *label, const void *text, size_t n) {
  EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
  unsigned char *to = (unsigned char *)al_buf_reserve(out, nonce_n + n + tag_n);
  int got = 0, last = 0;
  bool ok = ctx != NULL && to != NULL && al_crypto_random(to, nonce_n) &&
            EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, to) == 1 &&
            EVP_EncryptUpdate(ctx, NULL, &got, (const unsigned char *)label, (int)strlen(label)) == 1 &&
            EVP_EncryptUpdate(ctx, to + nonce_n, &got, text, (int)n) == 1 &&
            EVP_EncryptFinal_ex(ctx, to + nonce_n + got, &last) == 1 &&
            EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, tag_n, to + nonce_n + n) == 1;
  if (ok) out->n += nonce_n + n + tag_n;
  EVP_CIPHER_CTX_free(ctx);
  return ok;
}

bool al_crypto_open (al_buf *out, const unsigned char key[32], const char *label, const void *sealed, size_t n) {
  if (n < nonce_n + tag_n || n > 1 << 24) return false;
  const unsigned char *from = sealed;
  size_t size = n - nonce_n - tag_n;
  unsigned char tag[tag_n];
  memcpy(tag, from + n - tag_n, tag_n);
  EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
  unsigned char *to = (unsigned char *)al_buf_reserve(out, size);
  int got = 0, last = 0;
  bool ok = ctx != NULL && to != NULL && EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key, from) == 1 &&
            EVP_DecryptUpdate(ctx, NULL, &got, (const unsigned char *)label, (int)strlen(label)) == 1 &&
            EVP_DecryptUpdate(ctx, to, &got, from + nonce_n, (int)size) == 1 &&
            EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, tag_n, tag) == 1 &&
            EVP_DecryptFinal_ex(ctx, to + got, &last) == 1;
  if (ok) out->n += size;
  EVP_CIPHER_CTX_free(ctx);
  return ok;
}
