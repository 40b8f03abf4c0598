#define OPENSSL_SUPPRESS_DEPRECATED /* for al_crypto_name */
#include "ground/crypto.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
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

static const struct {
  const char *name;
  const EVP_MD *(*digest)(void);
} algorithms[] = {
  { "RS256", EVP_sha256 },
  { "RS384", EVP_sha384 },
  { "RS512", EVP_sha512 },
};

static const EVP_MD *digest_of (const char *alg) {
  for (size_t i = 0; i < sizeof algorithms / sizeof *algorithms; i++)
    if (strcmp(algorithms[i].name, alg) == 0) return algorithms[i].digest();
  return NULL;
}

/* A key behind a password isn't read: left to itself, OpenSSL would ask for it at the terminal. */
static int no_password (char *out, int size, int writing, void *more) {
  (void)out, (void)size, (void)writing, (void)more;
  return -1;
}

static EVP_PKEY *read_key (const char *pem, size_t n, bool private) {
  BIO *bio = BIO_new_mem_buf(pem, (int)n);
  if (bio == NULL) return NULL;
  EVP_PKEY *key = private ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL)
                          : PEM_read_bio_PUBKEY(bio, NULL, no_password, NULL);
  BIO_free(bio);
  if (key != NULL && EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
    EVP_PKEY_free(key);
    key = NULL;
  }
  return key;
}

bool al_crypto_sign (al_buf *out, const char *alg, const char *pem, size_t pem_n, const void *text, size_t n) {
  const EVP_MD *digest = digest_of(alg);
  EVP_PKEY *key = digest != NULL ? read_key(pem, pem_n, true) : NULL;
  EVP_MD_CTX *ctx = key != NULL ? EVP_MD_CTX_new() : NULL;
  size_t size = 0;
  bool ok = ctx != NULL && EVP_DigestSignInit(ctx, NULL, digest, NULL, key) == 1 &&
            EVP_DigestSign(ctx, NULL, &size, text, n) == 1;
  char *to = ok ? al_buf_reserve(out, size) : NULL;
  ok = to != NULL && EVP_DigestSign(ctx, (unsigned char *)to, &size, text, n) == 1;
  if (ok) out->n += size;
  EVP_MD_CTX_free(ctx);
  EVP_PKEY_free(key);
  return ok;
}

bool al_crypto_verify (const char *alg, const char *pem, size_t pem_n, const void *text, size_t n,
                       const void *signature, size_t sn) {
  const EVP_MD *digest = digest_of(alg);
  EVP_PKEY *key = digest != NULL ? read_key(pem, pem_n, false) : NULL;
  EVP_MD_CTX *ctx = key != NULL ? EVP_MD_CTX_new() : NULL;
  bool ok = ctx != NULL && EVP_DigestVerifyInit(ctx, NULL, digest, NULL, key) == 1 &&
            EVP_DigestVerify(ctx, signature, sn, text, n) == 1;
  EVP_MD_CTX_free(ctx);
  EVP_PKEY_free(key);
  return ok;
}

static bool add_pem (al_buf *out, EVP_PKEY *key, bool private) {
  BIO *bio = BIO_new(private ? BIO_s_secmem() : BIO_s_mem());
  if (bio == NULL) return false;
  bool ok = private ? PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL)
                    : PEM_write_bio_PUBKEY(bio, key);
  char *text;
  long n = BIO_get_mem_data(bio, &text);
  ok = ok && n > 0 && al_buf_add(out, text, (size_t)n);
  BIO_free(bio);
  return ok;
}

bool al_crypto_new_rsa (al_buf *out, int bits) {
  EVP_PKEY *key = EVP_RSA_gen((unsigned)bits);
  bool ok = key != NULL && add_pem(out, key, true);
  EVP_PKEY_free(key);
  return ok;
}

static bool add_number (al_buf *out, EVP_PKEY *key, const char *name) {
  BIGNUM *number = NULL;
  if (!EVP_PKEY_get_bn_param(key, name, &number)) return false;
  size_t size = (size_t)BN_num_bytes(number);
  char *to = al_buf_reserve(out, size);
  bool ok = to != NULL && BN_bn2bin(number, (unsigned char *)to) == (int)size;
  if (ok) out->n += size;
  BN_free(number);
  return ok;
}

bool al_crypto_rsa_public (al_buf *pem_out, al_buf *modulus, al_buf *exponent, const char *pem, size_t pem_n) {
  EVP_PKEY *key = read_key(pem, pem_n, true);
  bool ok = key != NULL && add_pem(pem_out, key, false) && add_number(modulus, key, OSSL_PKEY_PARAM_RSA_N) &&
            add_number(exponent, key, OSSL_PKEY_PARAM_RSA_E);
  EVP_PKEY_free(key);
  return ok;
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
