#include "ground/jws.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>
#include <stdint.h>
#include <string.h>

#include "ground/crypto.h"
#include "ground/encode.h"

typedef struct jws {
  const char *name;
  const EVP_MD *(*digest)(void); /* NULL: part of the algorithm */
  al_key_kind kind;
  const char *crv; /* EC */
  size_t half;     /* bytes of r and of s */
  bool pss;
} jws;

static const jws *find (const char *alg) {
  static const jws known[] = {
    { "RS256", EVP_sha256, AL_KEY_RSA, NULL, 0, false },    { "RS384", EVP_sha384, AL_KEY_RSA, NULL, 0, false },
    { "RS512", EVP_sha512, AL_KEY_RSA, NULL, 0, false },    { "PS256", EVP_sha256, AL_KEY_RSA, NULL, 0, true },
    { "PS384", EVP_sha384, AL_KEY_RSA, NULL, 0, true },     { "PS512", EVP_sha512, AL_KEY_RSA, NULL, 0, true },
    { "ES256", EVP_sha256, AL_KEY_EC, "P-256", 32, false }, { "ES384", EVP_sha384, AL_KEY_EC, "P-384", 48, false },
    { "ES512", EVP_sha512, AL_KEY_EC, "P-521", 66, false }, { "EdDSA", NULL, AL_KEY_ED25519, NULL, 0, false },
    { "Ed25519", NULL, AL_KEY_ED25519, NULL, 0, false }, /* RFC 9864 */
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (strcmp(known[i].name, alg) == 0) return &known[i];
  return NULL;
}

bool al_jws_known (const char *alg) {
  return find(alg) != NULL || al_jws_mac_size(alg) > 0;
}

static bool fits (const jws *how, const al_key *key) {
  return how != NULL && how->kind == key->kind && (how->crv == NULL || strcmp(how->crv, key->crv) == 0);
}

bool al_jws_fits (const char *alg, const al_key *key) {
  return fits(find(alg), key);
}

const char *al_jws_default (const al_key *key) {
  if (key->alg[0] != '\0' && al_jws_fits(key->alg, key)) return key->alg;
  if (key->kind == AL_KEY_RSA) return "RS256";
  if (key->kind == AL_KEY_ED25519) return "EdDSA";
  return key->bits == 256 ? "ES256" : key->bits == 384 ? "ES384" : "ES512";
}

static bool set_padding (EVP_PKEY_CTX *padding, const jws *how) {
  return !how->pss || (EVP_PKEY_CTX_set_rsa_padding(padding, RSA_PKCS1_PSS_PADDING) == 1 &&
                       EVP_PKEY_CTX_set_rsa_pss_saltlen(padding, RSA_PSS_SALTLEN_DIGEST) == 1);
}

/* RFC 7518 section 3.4: r and s side by side; OpenSSL has them as DER. */
static bool add_halves (al_buf *out, const unsigned char *der, size_t n, size_t half) {
  ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)n);
  unsigned char *to = sig != NULL ? (unsigned char *)al_buf_reserve(out, 2 * half) : NULL;
  bool ok = to != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(sig), to, (int)half) == (int)half &&
            BN_bn2binpad(ECDSA_SIG_get0_s(sig), to + half, (int)half) == (int)half;
  if (ok) out->n += 2 * half;
  ECDSA_SIG_free(sig);
  return ok;
}

static unsigned char *der_of (const void *signature, size_t half, int *size) {
  const unsigned char *p = signature;
  unsigned char *der = NULL;
  ECDSA_SIG *sig = ECDSA_SIG_new();
  BIGNUM *r = BN_bin2bn(p, (int)half, NULL), *s = BN_bin2bn(p + half, (int)half, NULL);
  if (sig != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(sig, r, s) == 1) *size = i2d_ECDSA_SIG(sig, &der);
  else {
    BN_free(r);
    BN_free(s);
  }
  ECDSA_SIG_free(sig);
  return der;
}

/* Made once for a key: anew for each signature it would be an eighth of the time of ES256. */
static EVP_PKEY_CTX *ready (al_key *key, const jws *how) {
  if (key->ready != NULL && key->ready_for == how->name) return key->ready;
  EVP_PKEY_CTX_free(key->ready);
  key->ready = EVP_PKEY_CTX_new_from_pkey(NULL, key->pkey, NULL);
  key->ready_for = how->name;
  if (key->ready != NULL && EVP_PKEY_sign_init(key->ready) == 1 &&
      EVP_PKEY_CTX_set_signature_md(key->ready, how->digest()) == 1 && set_padding(key->ready, how))
    return key->ready;
  EVP_PKEY_CTX_free(key->ready);
  return key->ready = NULL;
}

static bool sign_digest (al_key *key, const jws *how, const void *text, size_t n, unsigned char *out, size_t *size) {
  unsigned char digest[64];
  EVP_PKEY_CTX *ctx = ready(key, how);
  int bytes = EVP_MD_get_size(how->digest());
  return ctx != NULL && al_crypto_digest(bytes * 8, digest, text, n) &&
         EVP_PKEY_sign(ctx, out, size, digest, (size_t)bytes) == 1;
}

/* EdDSA hashes by itself. */
static bool sign_text (const al_key *key, const void *text, size_t n, unsigned char *out, size_t *size) {
  EVP_MD_CTX *ctx = EVP_MD_CTX_new();
  bool ok = ctx != NULL && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->pkey) == 1 &&
            EVP_DigestSign(ctx, out, size, text, n) == 1;
  EVP_MD_CTX_free(ctx);
  return ok;
}

bool al_jws_sign (al_buf *out, const char *alg, const al_key *key, const void *text, size_t n) {
  unsigned char bytes[AL_MAX_RSA_BITS / 8];
  size_t size = sizeof bytes;
  const jws *how = find(alg);
  if (!fits(how, key) || !key->private) return false;
  bool ok = how->digest == NULL ? sign_text(key, text, n, bytes, &size)
                                : sign_digest((al_key *)(uintptr_t)key, how, text, n, bytes, &size);
  ERR_clear_error();
  if (!ok) return false;
  return how->kind == AL_KEY_EC ? add_halves(out, bytes, size, how->half) : al_buf_add(out, bytes, size);
}

static bool check (const jws *how, const al_key *key, const void *text, size_t n, const void *signature, size_t sn) {
  EVP_PKEY_CTX *padding = NULL;
  EVP_MD_CTX *ctx = EVP_MD_CTX_new();
  bool ok = ctx != NULL &&
            EVP_DigestVerifyInit(ctx, &padding, how->digest != NULL ? how->digest() : NULL, NULL, key->pkey) == 1 &&
            set_padding(padding, how) && EVP_DigestVerify(ctx, signature, sn, text, n) == 1;
  EVP_MD_CTX_free(ctx);
  ERR_clear_error();
  return ok;
}

static bool check_halves (const jws *how, const al_key *key, const void *text, size_t n, const void *signature,
                          size_t sn) {
  int size = 0;
  unsigned char *der = sn == 2 * how->half ? der_of(signature, how->half, &size) : NULL;
  bool ok = der != NULL && check(how, key, text, n, der, (size_t)size);
  OPENSSL_free(der);
  return ok;
}

bool al_jws_verify (const char *alg, const al_key *key, const void *text, size_t n, const void *signature, size_t sn) {
  const jws *how = find(alg);
  if (!fits(how, key)) return false;
  bool (*good)(const jws *, const al_key *, const void *, size_t, const void *,
               size_t) = how->kind == AL_KEY_EC ? check_halves : check;
  return good(how, key, text, n, signature, sn) || (!al_crypto_starved() && good(how, key, text, n, signature, sn));
}

/* ---- MACs ---- */

size_t al_jws_mac_size (const char *alg) {
  return strcmp(alg, "HS256") == 0 ? 32 : strcmp(alg, "HS384") == 0 ? 48 : strcmp(alg, "HS512") == 0 ? 64 : 0;
}

static bool mac (unsigned char out[64], const char *alg, const void *secret, size_t secret_n, const void *text,
                 size_t n) {
  size_t size = al_jws_mac_size(alg);
  const EVP_MD *digest = size == 32 ? EVP_sha256() : size == 48 ? EVP_sha384() : EVP_sha512();
  unsigned got = 0;
  return size > 0 && secret_n > 0 && HMAC(digest, secret, (int)secret_n, text, n, out, &got) != NULL && got == size;
}

bool al_jws_mac (al_buf *out, const char *alg, const void *secret, size_t secret_n, const void *text, size_t n) {
  unsigned char bytes[64];
  return mac(bytes, alg, secret, secret_n, text, n) && al_buf_add(out, bytes, al_jws_mac_size(alg));
}

bool al_jws_verify_mac (const char *alg, const void *secret, size_t secret_n, const void *text, size_t n,
                        const void *signature, size_t sn) {
  unsigned char bytes[64];
  bool made = mac(bytes, alg, secret, secret_n, text, n) ||
              (!al_crypto_starved() && mac(bytes, alg, secret, secret_n, text, n));
  bool ok = made && al_crypto_equal(bytes, al_jws_mac_size(alg), signature, sn);
  al_wipe(bytes, sizeof bytes);
  return ok;
}

/* ---- the compact form (RFC 7515 section 7.1) ---- */

bool al_jws_compact (al_buf *out, const char *alg, const al_key *key, const al_buf *secret, const al_buf *header,
                     const al_buf *payload) {
  al_buf text = AL_BUF_SECRET(AL_MAX_JWT), signature = AL_BUF(AL_MAX_JWT);
  bool ok = al_encode_base64url(&text, al_buf_text(header), header->n) && al_buf_addc(&text, '.') &&
            al_encode_base64url(&text, al_buf_text(payload), payload->n);
  ok = ok && (key != NULL ? al_jws_sign(&signature, alg, key, text.bytes, text.n)
                          : al_jws_mac(&signature, alg, al_buf_text(secret), secret->n, text.bytes, text.n));
  ok = ok && al_buf_add(out, text.bytes, text.n) && al_buf_addc(out, '.') &&
       al_encode_base64url(out, signature.bytes, signature.n);
  al_buf_dispose(&text);
  al_buf_dispose(&signature);
  return ok;
}

void al_jws_parts_dispose (al_jws_parts *parts) {
  al_buf_dispose(&parts->header);
  al_buf_dispose(&parts->payload);
  al_buf_dispose(&parts->signature);
}

bool al_jws_split (al_jws_parts *out, const char *text, size_t n) {
  out->header = out->signature = AL_BUF(AL_MAX_JWT);
  out->payload = AL_BUF_SECRET(AL_MAX_JWT);
  if (n > AL_MAX_JWT) return false;
  const char *first = memchr(text, '.', n);
  const char *second = first != NULL ? memchr(first + 1, '.', n - (size_t)(first + 1 - text)) : NULL;
  if (second == NULL) return false;
  out->signed_n = (size_t)(second - text);
  bool ok = al_decode_base64url(&out->header, text, (size_t)(first - text)) &&
            al_decode_base64url(&out->payload, first + 1, (size_t)(second - first - 1)) &&
            al_decode_base64url(&out->signature, second + 1, n - out->signed_n - 1);
  if (ok && out->header.n > 0 && out->payload.n > 0 && out->signature.n > 0) return true;
  al_jws_parts_dispose(out);
  return false;
}
