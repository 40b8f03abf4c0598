#include "ground/key_text.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "ground/crypto.h"
#include "ground/encode.h"

static bool add_number (al_buf *out, const EVP_PKEY *pkey, const char *param, size_t size) {
  BIGNUM *n = NULL;
  if (EVP_PKEY_get_bn_param(pkey, param, &n) != 1) return false;
  unsigned char bytes[AL_MAX_RSA_BITS / 8];
  if (size == 0) size = (size_t)BN_num_bytes(n);
  bool ok = size <= sizeof bytes && BN_bn2binpad(n, bytes, (int)size) == (int)size &&
            al_encode_base64url(out, bytes, size);
  BN_free(n);
  return ok;
}

static bool add_point (al_buf *out, const al_key *key) {
  size_t size = (size_t)(key->bits + 7) / 8;
  return al_buf_addf(out, "{\"crv\":\"%s\",\"kty\":\"EC\",\"x\":\"", key->crv) &&
         add_number(out, key->pkey, OSSL_PKEY_PARAM_EC_PUB_X, size) && al_buf_adds(out, "\",\"y\":\"") &&
         add_number(out, key->pkey, OSSL_PKEY_PARAM_EC_PUB_Y, size) && al_buf_adds(out, "\"}");
}

bool al_key_jwk (const al_key *key, al_buf *out) {
  if (key->kind == AL_KEY_EC) return add_point(out, key);
  if (key->kind == AL_KEY_RSA)
    return al_buf_adds(out, "{\"e\":\"") && add_number(out, key->pkey, OSSL_PKEY_PARAM_RSA_E, 0) &&
           al_buf_adds(out, "\",\"kty\":\"RSA\",\"n\":\"") && add_number(out, key->pkey, OSSL_PKEY_PARAM_RSA_N, 0) &&
           al_buf_adds(out, "\"}");
  unsigned char x[32];
  size_t n = sizeof x;
  return EVP_PKEY_get_raw_public_key(key->pkey, x, &n) == 1 &&
         al_buf_adds(out, "{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"") && al_encode_base64url(out, x, n) &&
         al_buf_adds(out, "\"}");
}

bool al_key_thumbprint (const al_key *key, al_buf *out) {
  unsigned char digest[32];
  al_buf text = AL_BUF(AL_MAX_SECRET);
  bool ok = al_key_jwk(key, &text) && al_crypto_sha256(digest, text.bytes, text.n) &&
            al_encode_base64url(out, digest, sizeof digest);
  al_buf_dispose(&text);
  return ok;
}

bool al_key_rsa_numbers (const al_key *key, al_buf *modulus, al_buf *exponent) {
  return key->kind == AL_KEY_RSA && add_number(modulus, key->pkey, OSSL_PKEY_PARAM_RSA_N, 0) &&
         add_number(exponent, key->pkey, OSSL_PKEY_PARAM_RSA_E, 0);
}

static bool add_pem (const al_key *key, bool private, al_buf *out) {
  BIO *bio = BIO_new(private ? BIO_s_secmem() : BIO_s_mem());
  if (bio == NULL) return false;
  char *text;
  bool ok = private ? PEM_write_bio_PKCS8PrivateKey(bio, key->pkey, NULL, NULL, 0, NULL, NULL) == 1
                    : PEM_write_bio_PUBKEY(bio, key->pkey) == 1;
  long n = BIO_get_mem_data(bio, &text);
  ok = ok && n > 0 && al_buf_add(out, text, (size_t)n);
  BIO_free(bio);
  return ok;
}

bool al_key_pem (const al_key *key, al_buf *out) {
  return add_pem(key, true, out);
}

bool al_key_public_pem (const al_key *key, al_buf *out) {
  return add_pem(key, false, out);
}
