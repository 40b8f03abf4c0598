#include "ground/key.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "ground/certificate.h"
#include "ground/crypto.h"
#include "ground/encode.h"
#include "ground/json.h"

static const struct {
  const char *crv, *group; /* the JWK's name (RFC 7518 section 6.2.1.1) and OpenSSL's */
  size_t size;             /* bytes of a coordinate */
  int bits;
} curves[] = { { "P-256", "prime256v1", 32, 256 },
               { "P-384", "secp384r1", 48, 384 },
               { "P-521", "secp521r1", 66, 521 } };

enum { curve_count = sizeof curves / sizeof *curves };

/* ---- what a key is ---- */

static int curve_of (const EVP_PKEY *pkey) {
  char group[32] = "";
  EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, NULL);
  for (int i = 0; i < curve_count; i++)
    if (strcmp(curves[i].group, group) == 0) return i;
  return -1;
}

/* RFC 8017 section 3.1: at least 3, and odd. By 1 anybody could sign, by 0 too. */
static bool sound_exponent (const EVP_PKEY *pkey) {
  BIGNUM *e = NULL;
  bool sound = EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e) == 1 && BN_is_odd(e) && !BN_is_one(e);
  BN_free(e);
  return sound;
}

static const char *describe (al_key *key, int least_rsa_bits) {
  EVP_PKEY *pkey = key->pkey;
  int kind = EVP_PKEY_get_base_id(pkey), curve = kind == EVP_PKEY_EC ? curve_of(pkey) : -1;
  key->bits = EVP_PKEY_get_bits(pkey);
  if (kind == EVP_PKEY_RSA) key->kind = AL_KEY_RSA;
  else if (kind == EVP_PKEY_ED25519) key->kind = AL_KEY_ED25519, key->crv = "Ed25519";
  else if (curve >= 0) key->kind = AL_KEY_EC, key->crv = curves[curve].crv;
  else return "is of a kind that can't be used: RSA, EC on P-256, P-384 or P-521, and Ed25519 can";
  if (key->kind != AL_KEY_RSA) return NULL;
  if (!sound_exponent(pkey)) return "is an RSA key whose exponent is even or 1, by which anybody could sign";
  if (key->bits > AL_MAX_RSA_BITS) return "is an RSA key of more than 16384 bits";
  if (key->bits < least_rsa_bits)
    return least_rsa_bits > AL_MIN_RSA_BITS ? "is an RSA key of less than 2048 bits, which is too weak to sign with"
                                            : "is an RSA key of less than 1024 bits";
  return NULL;
}

/* ---- PEM ---- */

/* A key behind a password isn't read: left to itself, OpenSSL would ask for it at the terminal. */
static int no_password (char *out, int size, int writing, void *asked) {
  (void)out, (void)size, (void)writing;
  *(bool *)asked = true;
  return -1;
}

static EVP_PKEY *from_pem (const char *text, size_t n, bool private, const char **why) {
  bool asked = false;
  BIO *bio = BIO_new_mem_buf(text, (int)n);
  EVP_PKEY *pkey = bio == NULL ? NULL
                   : private   ? PEM_read_bio_PrivateKey(bio, NULL, no_password, &asked)
                               : PEM_read_bio_PUBKEY(bio, NULL, no_password, &asked);
  BIO_free(bio);
  ERR_clear_error();
  *why = asked ? "is encrypted, and Airlock asks for no password: decrypt it first (openssl pkey)"
               : "is neither PEM of a private key nor a JWK that can be read";
  return pkey;
}

/* ---- JWK ---- */

typedef enum member { N, E, D, P, Q, DP, DQ, QI, X, Y, MEMBERS } member;

typedef struct jwk {
  al_buf numbers[MEMBERS]; /* big-endian bytes */
  al_buf kty, crv, kid, alg;
  al_buf x5c; /* the first certificate, in base64url; empty: none */
} jwk;

static al_buf *text_of (jwk *j, const al_buf *name) {
  const char *at = al_buf_text(name);
  return strcmp(at, "kty") == 0   ? &j->kty
         : strcmp(at, "crv") == 0 ? &j->crv
         : strcmp(at, "kid") == 0 ? &j->kid
         : strcmp(at, "alg") == 0 ? &j->alg
                                  : NULL;
}

static al_buf *number_of (jwk *j, const al_buf *name) {
  static const char *const names[MEMBERS] = { "n", "e", "d", "p", "q", "dp", "dq", "qi", "x", "y" };
  for (int i = 0; i < MEMBERS; i++)
    if (strcmp(al_buf_text(name), names[i]) == 0) return &j->numbers[i];
  return NULL;
}

/* Some servers write base64 with its own letters and padding: the same bytes, so it does no harm. */
static void as_base64url (al_buf *text) {
  for (int i = 0; i < 2 && text->n > 0 && text->bytes[text->n - 1] == '='; i++) al_buf_cut(text, text->n - 1);
  for (size_t i = 0; i < text->n; i++) {
    if (text->bytes[i] == '+') text->bytes[i] = '-';
    if (text->bytes[i] == '/') text->bytes[i] = '_';
  }
}

static bool take_number (al_json *j, al_buf *to) {
  al_buf text = AL_BUF_SECRET(2 * AL_MAX_SECRET);
  al_buf_clear(to);
  bool ok = al_json_string(j, &text);
  if (ok) as_base64url(&text);
  ok = ok && al_decode_base64url(to, al_buf_text(&text), text.n);
  al_buf_dispose(&text);
  return ok;
}

/* RFC 7517 section 4.7: the first one is of this key, the others are of those who signed it. */
static bool take_chain (al_json *j, al_buf *first) {
  al_buf_clear(first);
  bool ok = al_json_enter(j);
  for (int i = 0; ok && al_json_item(j); i++)
    ok = i == 0 && al_json_peek(j) == AL_JSON_STRING ? al_json_string(j, first) : al_json_skip(j);
  as_base64url(first);
  return ok && !j->bad;
}

static bool take_member (jwk *k, al_json *j, const al_buf *name) {
  if (strcmp(al_buf_text(name), "x5c") == 0 && al_json_peek(j) == AL_JSON_ARRAY) return take_chain(j, &k->x5c);
  al_buf *text = text_of(k, name), *number = number_of(k, name);
  bool whole = strlen(al_buf_text(name)) == name->n; /* no NUL in it */
  if (!whole || (text == NULL && number == NULL) || al_json_peek(j) != AL_JSON_STRING) return al_json_skip(j);
  if (number != NULL) return take_number(j, number);
  al_buf_clear(text);
  return al_json_string(j, text) && strlen(al_buf_text(text)) == text->n;
}

static bool read_jwk (jwk *k, const char *text, size_t n) {
  al_json j = al_json_from(text, n);
  al_buf name = AL_BUF(AL_MAX_KEY_NAME);
  bool ok = al_json_enter(&j);
  while (ok && al_json_member(&j, &name)) ok = take_member(k, &j, &name);
  al_buf_dispose(&name);
  return ok && al_json_done(&j);
}

static EVP_PKEY *from_params (const char *type, OSSL_PARAM_BLD *build, bool private) {
  EVP_PKEY *pkey = NULL;
  OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
  EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
  if (params == NULL || ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
      EVP_PKEY_fromdata(ctx, &pkey, private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY, params) != 1)
    pkey = NULL;
  EVP_PKEY_CTX_free(ctx);
  OSSL_PARAM_free(params);
  return pkey;
}

static BIGNUM *number (const al_buf *bytes) {
  BIGNUM *n = BN_secure_new();
  return n != NULL ? BN_bin2bn((const unsigned char *)al_buf_text(bytes), (int)bytes->n, n) : NULL;
}

static EVP_PKEY *rsa_from (const jwk *k, bool private) {
  static const char *const params[] = { OSSL_PKEY_PARAM_RSA_N,         OSSL_PKEY_PARAM_RSA_E,
                                        OSSL_PKEY_PARAM_RSA_D,         OSSL_PKEY_PARAM_RSA_FACTOR1,
                                        OSSL_PKEY_PARAM_RSA_FACTOR2,   OSSL_PKEY_PARAM_RSA_EXPONENT1,
                                        OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1 };
  BIGNUM *numbers[8] = { NULL };
  const al_buf *e = &k->numbers[E];
  if (k->numbers[N].n == 0 || k->numbers[N].n > AL_MAX_RSA_BITS / 8 || e->n == 0 || e->n > 8) return NULL;
  int count = !private ? 2 : k->numbers[QI].n > 0 && k->numbers[P].n > 0 && k->numbers[Q].n > 0 ? 8 : 3;
  OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
  bool ok = build != NULL;
  for (int i = 0; ok && i < count; i++)
    ok = k->numbers[i].n > 0 && (numbers[i] = number(&k->numbers[i])) != NULL &&
         OSSL_PARAM_BLD_push_BN(build, params[i], numbers[i]);
  EVP_PKEY *pkey = ok ? from_params("RSA", build, private) : NULL;
  OSSL_PARAM_BLD_free(build);
  for (int i = 0; i < 8; i++) BN_clear_free(numbers[i]);
  return pkey;
}

/* A number in `size` bytes. Some write it without its leading zeros, or with one more (RFC 7518 section 6.2.1.2 wants
 * exactly that many); a point that isn't on the curve is refused all the same. */
static bool fit (unsigned char *to, size_t size, const al_buf *from) {
  const char *bytes = al_buf_text(from);
  size_t n = from->n;
  while (n > size && *bytes == 0) bytes++, n--;
  if (n == 0 || n > size) return false;
  memset(to, 0, size - n);
  memcpy(to + size - n, bytes, n);
  return true;
}

static EVP_PKEY *ec_from (const jwk *k, int curve, bool private) {
  unsigned char point[1 + 2 * 66] = { 4 }; /* uncompressed */
  size_t size = curves[curve].size;
  if (!fit(point + 1, size, &k->numbers[X]) || !fit(point + 1 + size, size, &k->numbers[Y])) return NULL;
  if (private && k->numbers[D].n != size) return NULL;
  BIGNUM *d = private ? number(&k->numbers[D]) : NULL;
  OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
  EVP_PKEY *pkey = NULL;
  if (build != NULL && OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, curves[curve].group, 0) &&
      OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * size) &&
      (!private || (d != NULL && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, d))))
    pkey = from_params("EC", build, private);
  OSSL_PARAM_BLD_free(build);
  BN_clear_free(d);
  return pkey;
}

/* RFC 8037 section 2 */
static EVP_PKEY *ed25519_from (const jwk *k, bool private) {
  const al_buf *x = &k->numbers[X], *d = &k->numbers[D];
  if (x->n != 32 || (private && d->n != 32)) return NULL;
  if (!private) return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)x->bytes, 32);
  unsigned char public[32];
  size_t n = sizeof public;
  EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, (const unsigned char *)d->bytes, 32);
  if (pkey != NULL && EVP_PKEY_get_raw_public_key(pkey, public, &n) == 1 && memcmp(public, x->bytes, 32) == 0)
    return pkey;
  EVP_PKEY_free(pkey);
  return NULL;
}

/* Whether both halves are of one key: a signature by another would be a riddle to whoever gets it. */
static bool belongs_together (EVP_PKEY *pkey) {
  if (EVP_PKEY_get_base_id(pkey) == EVP_PKEY_ED25519) return true;
  EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
  bool ok = ctx != NULL && EVP_PKEY_pairwise_check(ctx) == 1;
  EVP_PKEY_CTX_free(ctx);
  return ok;
}

/* Whether a certificate's key is of the kind that the JWK says. */
static bool kind_fits (const jwk *k, const EVP_PKEY *pkey) {
  int kind = EVP_PKEY_get_base_id(pkey), curve = kind == EVP_PKEY_EC ? curve_of(pkey) : -1;
  const char *kty = al_buf_text(&k->kty), *crv = al_buf_text(&k->crv);
  if (kind == EVP_PKEY_RSA) return strcmp(kty, "RSA") == 0;
  if (kind == EVP_PKEY_ED25519) return strcmp(kty, "OKP") == 0 && (*crv == '\0' || strcmp(crv, "Ed25519") == 0);
  return curve >= 0 && strcmp(kty, "EC") == 0 && (*crv == '\0' || strcmp(crv, curves[curve].crv) == 0);
}

/*
 * A public JWK may have its key in a certificate alone; where both are there, they are of one key (RFC 7517
 * section 4.7). A certificate that can't be read says nothing against a key that can.
 */
static EVP_PKEY *with_certificate (const jwk *k, EVP_PKEY *pkey, const char **why) {
  bool alone = k->numbers[N].n + k->numbers[E].n + k->numbers[X].n + k->numbers[Y].n == 0;
  if (k->x5c.n == 0 || (pkey == NULL && !alone)) return pkey;
  EVP_PKEY *certified = al_certificate_key(al_buf_text(&k->x5c), k->x5c.n);
  if (pkey == NULL && certified != NULL && kind_fits(k, certified)) return certified;
  if (pkey == NULL) *why = "is a JWK whose certificate (x5c) can't be used";
  else if (certified != NULL && EVP_PKEY_eq(pkey, certified) != 1) {
    *why = "is a JWK whose certificate (x5c) is of another key";
    EVP_PKEY_free(pkey);
    pkey = NULL;
  }
  EVP_PKEY_free(certified);
  return pkey;
}

static EVP_PKEY *from_jwk (const jwk *k, bool private, const char **why) {
  const char *kty = al_buf_text(&k->kty), *crv = al_buf_text(&k->crv);
  EVP_PKEY *pkey = NULL;
  *why = private && k->numbers[D].n == 0 ? "is a public JWK: the private one, with \"d\", is needed"
                                         : "is a JWK that can't be used";
  if (private && k->numbers[D].n == 0) return NULL;
  if (strcmp(kty, "RSA") == 0) pkey = rsa_from(k, private);
  else if (strcmp(kty, "OKP") == 0 && strcmp(crv, "Ed25519") == 0) pkey = ed25519_from(k, private);
  else if (strcmp(kty, "EC") == 0)
    for (int i = 0; i < curve_count && pkey == NULL; i++)
      if (strcmp(curves[i].crv, crv) == 0) pkey = ec_from(k, i, private);
  if (!private) pkey = with_certificate(k, pkey, why);
  if (pkey != NULL && private && !belongs_together(pkey)) {
    EVP_PKEY_free(pkey);
    pkey = NULL;
    *why = "is a JWK whose private and public halves don't belong together";
  }
  ERR_clear_error();
  return pkey;
}

static void name_key (al_key *key, const jwk *k) {
  if (k->kid.n < sizeof key->kid) memcpy(key->kid, al_buf_text(&k->kid), k->kid.n + 1);
  if (k->alg.n < sizeof key->alg) memcpy(key->alg, al_buf_text(&k->alg), k->alg.n + 1);
}

static EVP_PKEY *read_any (al_key *key, const char *text, size_t n, bool private, const char **why) {
  while (n > 0 && strchr(" \t\r\n", *text) != NULL && *text != '\0') text++, n--;
  if (n == 0 || *text != '{') return from_pem(text, n, private, why);
  jwk k;
  for (int i = 0; i < MEMBERS; i++) k.numbers[i] = AL_BUF_SECRET(AL_MAX_SECRET);
  k.kty = k.crv = k.kid = k.alg = k.x5c = AL_BUF(AL_MAX_SECRET);
  *why = "is a JWK that can't be read";
  EVP_PKEY *pkey = read_jwk(&k, text, n) ? from_jwk(&k, private, why) : NULL;
  if (pkey != NULL) name_key(key, &k);
  for (int i = 0; i < MEMBERS; i++) al_buf_dispose(&k.numbers[i]);
  al_buf_dispose(&k.kty);
  al_buf_dispose(&k.crv);
  al_buf_dispose(&k.kid);
  al_buf_dispose(&k.alg);
  al_buf_dispose(&k.x5c);
  return pkey;
}

/* ---- a key's life ---- */

static al_key *wrap (void) {
  al_key *key = calloc(1, sizeof *key);
  if (key != NULL) key->refs = 1;
  return key;
}

static const char no_memory[] = "can't be read: there is no memory left";

bool al_key_starved (const char *why) {
  return why == no_memory;
}

static al_key *read_once (const char *text, size_t n, bool private, int least, const char **why) {
  *why = no_memory;
  if (n > AL_MAX_SECRET) *why = "is too long to be a key";
  al_key *key = n > AL_MAX_SECRET ? NULL : wrap();
  if (key == NULL) return NULL;
  key->private = private;
  key->pkey = read_any(key, text, n, private, why);
  if (key->pkey != NULL && (*why = describe(key, least)) == NULL) return key;
  al_key_drop(key);
  return NULL;
}

static al_key *read_twice (const char *text, size_t n, bool private, int least, const char **why) {
  al_key *key = read_once(text, n, private, least, why);
  if (key != NULL || al_key_starved(*why)) return key;
  if (!al_crypto_starved()) return read_once(text, n, private, least, why);
  *why = no_memory;
  return NULL;
}

al_key *al_key_read (const char *text, size_t n, bool private, const char **why) {
  return read_twice(text, n, private, private ? AL_MIN_RSA_SIGNING_BITS : AL_MIN_RSA_BITS, why);
}

al_key *al_key_read_weak (const char *text, size_t n, const char **why) {
  return read_twice(text, n, true, AL_MIN_RSA_BITS, why);
}

static al_key *make (EVP_PKEY *pkey) {
  al_key *key = pkey != NULL ? wrap() : NULL;
  if (key == NULL) {
    EVP_PKEY_free(pkey);
    return NULL;
  }
  key->private = true;
  key->pkey = pkey;
  if (describe(key, AL_MIN_RSA_BITS) == NULL) return key;
  al_key_drop(key);
  return NULL;
}

al_key *al_key_new (void) {
  return make(EVP_EC_gen("prime256v1"));
}

al_key *al_key_new_rsa (int bits) {
  return make(EVP_RSA_gen((unsigned)bits));
}

al_key *al_key_hold (al_key *key) {
  if (key != NULL) key->refs++;
  return key;
}

void al_key_drop (al_key *key) {
  if (key == NULL || --key->refs > 0) return;
  EVP_PKEY_CTX_free(key->ready);
  EVP_PKEY_free(key->pkey);
  free(key);
}
