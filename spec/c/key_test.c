/* key, jws: keys from PEM and JWK, and what they sign. */
#include "test.h"
#include "ground/key_text.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/encode.h"
#include "ground/jws.h"

/* RFC 7517 appendix A.2, RFC 8037 appendix A.1 */
static const char rfc_ec
  [] = "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","
       "\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\",\"d\":\"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE\","
       "\"use\":\"enc\",\"kid\":\"1\"}";
static const char
  rfc_ed[] = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A\","
             "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";

static al_key *read_text (const char *text, bool private, const char **why) {
  char *in = exact(text, strlen(text));
  al_key *key = al_key_read(in, strlen(text), private, why);
  free(in);
  return key;
}

/* Of no use but to be read. */
#define ODD_MODULUS                                                                                      \
  "mcf6947_JD4ZUMiK9HNw8l5Ow6y6D1LDDtRcvehQM4_ZrmU_ryB--ngJklOnq3uP7SPzZOwidhsbxqm2ZoKRqkR7RnapLghHYTlx" \
  "CUUHUQ-e0CGKV5XQB9jDp-CLBvygZ_7EpQOA5lApWAgWrr8NdDCxLORtjY_b0VDBJmIHUpOddkFXILcQl4ml5glFAZfXEsGwmYyb" \
  "zy4UVIc4KZ3Q"

static void refuses (const char *what, const char *text, bool private, const char *because) {
  it("key: %s isn't taken", what) {
    const char *why = "";
    al_key *key = read_text(text, private, &why);
    check(key == NULL && why != NULL && strstr(why, because) != NULL);
    al_key_drop(key);
  }
}

/* Signs with a key by every algorithm there is; only `fitting` may work, and then verifies and nothing else does. */
static void signs (const al_key *key, const char *fitting) {
  static const char *const all[] = { "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384",
                                     "ES512", "EdDSA", "HS256", "none",  "",      "es256", NULL };
  for (int i = 0; all[i] != NULL; i++) {
    al_buf out = AL_BUF(10000);
    bool fits = all[i][0] != '\0' && strstr(fitting, all[i]) != NULL;
    check(al_jws_fits(all[i], key) == fits && al_jws_sign(&out, all[i], key, "text", 4) == fits);
    if (fits) {
      check(al_jws_verify(all[i], key, "text", 4, out.bytes, out.n) &&
            !al_jws_verify(all[i], key, "texT", 4, out.bytes, out.n));
      check(!al_jws_verify(all[i], key, "text", 4, out.bytes, out.n - 1) &&
            !al_jws_verify(all[i], key, "text", 4, "", 0));
      out.bytes[out.n / 2] ^= 1;
      check(!al_jws_verify(all[i], key, "text", 4, out.bytes, out.n));
    }
    al_buf_dispose(&out);
  }
}

/* What was made ready for one algorithm isn't used for another. */
static void in_turn (void) {
  it("key: one key signs by one algorithm after another, and by each again") {
    static const char *const turns[] = { "RS256", "PS256", "RS512", "RS256", "PS256" };
    al_key *key = al_key_new_rsa(2048);
    check(key != NULL);
    for (int i = 0; key != NULL && i < 5; i++) {
      al_buf out = AL_BUF(1000);
      check(al_jws_sign(&out, turns[i], key, "text", 4) && al_jws_verify(turns[i], key, "text", 4, out.bytes, out.n));
      check(!al_jws_verify(turns[i][0] == 'R' ? "PS256" : "RS256", key, "text", 4, out.bytes, out.n));
      al_buf_dispose(&out);
    }
    al_key_drop(key);
  }
}

static void jwks (void) {
  const char *why;
  it("key: the EC key of RFC 7517 is read whole, and signs by ES256 alone [8725-01]") {
    al_key *key = read_text(rfc_ec, true, &why);
    check(key != NULL && key->kind == AL_KEY_EC && strcmp(key->crv, "P-256") == 0 && strcmp(key->kid, "1") == 0);
    if (key != NULL) signs(key, "ES256"), check(strcmp(al_jws_default(key), "ES256") == 0);
    al_key_drop(key);
  }
  it("key: the Ed25519 key of RFC 8037 signs as its appendix has it, and has that thumbprint") {
    al_key *key = read_text(rfc_ed, true, &why);
    al_buf out = AL_BUF(1000), text = AL_BUF(1000);
    check(key != NULL);
    if (key != NULL) {
      check(al_jws_sign(&out, "EdDSA", key, "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc", 56));
      check(al_encode_base64url(&text, out.bytes, out.n) &&
            holds(&text, "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"));
      al_buf_clear(&text);
      check(al_key_thumbprint(key, &text) && holds(&text, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"));
      signs(key, "EdDSA");
    }
    al_buf_dispose(&out);
    al_buf_dispose(&text);
    al_key_drop(key);
  }
  it("key: a public half reads back, and can't sign") {
    al_key *key = read_text(rfc_ec, true, &why);
    al_buf text = AL_BUF(1000), out = AL_BUF(1000);
    check(key != NULL && al_key_jwk(key, &text) &&
          holds(&text, "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","
                       "\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\"}"));
    al_key *public = read_text(al_buf_text(&text), false, &why);
    check(public != NULL && !al_jws_sign(&out, "ES256", public, "t", 1));
    check(key != NULL && al_jws_sign(&out, "ES256", key, "t", 1) && out.n == 64 &&
          al_jws_verify("ES256", public, "t", 1, out.bytes, 64));
    al_key_drop(public);
    al_key_drop(key);
    al_buf_dispose(&text);
    al_buf_dispose(&out);
  }
  refuses("a public JWK where a private one is needed",
          "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","
          "\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\"}",
          true, "public JWK");
  refuses(
    "a JWK of two different halves",
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","
    "\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\",\"d\":\"970MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE\"}",
    true, "belong together");
  refuses("a point that isn't on its curve",
          "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","
          "\"y\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\"}",
          false, "can't be used");
  refuses("a symmetric JWK", "{\"kty\":\"oct\",\"k\":\"AAAA\",\"d\":\"AAAA\"}", true, "can't be used");
  refuses("an unknown curve", "{\"kty\":\"EC\",\"crv\":\"P-257\",\"x\":\"AAAA\",\"y\":\"AAAA\"}", false,
          "can't be used");
  refuses("an empty JWK", "{}", false, "can't be used");
  refuses("half a JWK", "{\"kty\":\"EC\"", false, "can't be read");
  refuses("a JWK with something behind it", "{\"kty\":\"EC\"} x", false, "can't be read");
  refuses("a number that isn't base64url", "{\"kty\":\"RSA\",\"n\":\"+++\",\"e\":\"AQAB\"}", false, "can't be read");
  refuses("a modulus of nothing", "{\"kty\":\"RSA\",\"n\":\"\",\"e\":\"AQAB\"}", false, "can't be used");
  refuses("an RSA key with exponent 0", "{\"kty\":\"RSA\",\"n\":\"" ODD_MODULUS "\",\"e\":\"AA\"}", false,
          "anybody could sign");
  refuses("an RSA key with exponent 0, at length", "{\"kty\":\"RSA\",\"n\":\"" ODD_MODULUS "\",\"e\":\"AAAA\"}", false,
          "anybody could sign");
  refuses("an RSA key with exponent 1", "{\"kty\":\"RSA\",\"n\":\"" ODD_MODULUS "\",\"e\":\"AQ\"}", false,
          "anybody could sign");
  refuses("an RSA key with exponent 2", "{\"kty\":\"RSA\",\"n\":\"" ODD_MODULUS "\",\"e\":\"Ag\"}", false,
          "anybody could sign");
  refuses("an RSA key with exponent 65536", "{\"kty\":\"RSA\",\"n\":\"" ODD_MODULUS "\",\"e\":\"AQAA\"}", false,
          "anybody could sign");
  refuses("an RSA key of 64 bits", "{\"kty\":\"RSA\",\"n\":\"w_______8Q\",\"e\":\"AQAB\"}", false, "less than 1024");
  refuses("text", "hello", true, "neither PEM");
  refuses("nothing", "", true, "neither PEM");
  refuses("a PEM that is cut", "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg", true,
          "neither PEM");
  refuses("an encrypted PEM",
          "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
          "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAhxKX2rjc3fvAICCAAw\n"
          "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEELBKxPTZ3T9fHPfTLMzjLKsEgZCF\n"
          "-----END ENCRYPTED PRIVATE KEY-----\n",
          true, "");
}

static void made (void) {
  it("key: a new one is on P-256, goes out as PEM and comes back the same") {
    const char *why = NULL;
    al_key *key = al_key_new();
    al_buf pem = AL_BUF_SECRET(10000), a = AL_BUF(100), b = AL_BUF(100);
    check(key != NULL && key->private && al_key_pem(key, &pem));
    al_key *again = read_text(al_buf_text(&pem), true, &why);
    check(again != NULL && al_key_thumbprint(key, &a) && al_key_thumbprint(again, &b) && a.n == 43 &&
          holds(&a, al_buf_text(&b)));
    al_key_drop(al_key_hold(again));
    al_key_drop(again);
    al_key_drop(key);
    al_buf_dispose(&pem);
    al_buf_dispose(&a);
    al_buf_dispose(&b);
  }
  it("jws: RFC 4231's second case is HS256, HS384 and HS512; a short secret still counts as given") {
    static const char *const rows[][2] = {
      { "HS256", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
      { "HS384", "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649" },
    };
    for (int i = 0; i < 2; i++) {
      al_buf out = AL_BUF(100), hex = AL_BUF(200);
      check(al_jws_mac(&out, rows[i][0], "Jefe", 4, "what do ya want for nothing?", 28));
      check(al_encode_hex(&hex, out.bytes, out.n) && holds(&hex, rows[i][1]));
      check(al_jws_verify_mac(rows[i][0], "Jefe", 4, "what do ya want for nothing?", 28, out.bytes, out.n));
      check(!al_jws_verify_mac(rows[i][0], "Jefa", 4, "what do ya want for nothing?", 28, out.bytes, out.n));
      check(!al_jws_verify_mac(rows[i][0], "", 0, "what do ya want for nothing?", 28, out.bytes, out.n));
      al_buf_dispose(&out);
      al_buf_dispose(&hex);
    }
    check(al_jws_mac_size("HS512") == 64 && al_jws_mac_size("RS256") == 0 && al_jws_mac_size("none") == 0);
  }
}

static void splits (const char *what, const char *text, bool good) {
  it("jws: %s is %sa compact JWS", what, good ? "" : "not ") {
    al_jws_parts parts;
    char *in = exact(text, strlen(text));
    bool ok = al_jws_split(&parts, in, strlen(text));
    check(ok == good);
    if (ok)
      check(holds(&parts.header, "{\"alg\":\"x\"}") && holds(&parts.payload, "{}") &&
            parts.signed_n == strlen("eyJhbGciOiJ4In0.e30"));
    if (ok) al_jws_parts_dispose(&parts);
    free(in);
  }
}

/* ---- keys of RSA ---- */

enum { most = 10000 };

static al_buf secret_key = AL_BUF_SECRET(most), public_key = AL_BUF(most), other_secret = AL_BUF_SECRET(most),
              other_public = AL_BUF(most);
static al_buf modulus = AL_BUF(most), exponent = AL_BUF(most), other_modulus = AL_BUF(most);

static bool new_rsa (al_buf *out, int bits) {
  al_key *key = al_key_new_rsa(bits);
  bool ok = key != NULL && al_key_pem(key, out);
  al_key_drop(key);
  return ok;
}

static bool rsa_public (al_buf *pem_out, al_buf *n, al_buf *e, const char *pem, size_t pem_n) {
  const char *why;
  al_key *key = al_key_read(pem, pem_n, true, &why);
  bool ok = key != NULL && al_key_public_pem(key, pem_out) && al_key_rsa_numbers(key, n, e);
  al_key_drop(key);
  return ok;
}

static bool sign (al_buf *out, const char *alg, const char *pem, size_t pem_n, const void *what, size_t n) {
  const char *why;
  al_key *key = al_key_read(pem, pem_n, true, &why);
  bool ok = key != NULL && al_jws_sign(out, alg, key, what, n);
  al_key_drop(key);
  return ok;
}

static bool verify (const char *alg, const char *pem, size_t pem_n, const void *what, size_t n, const void *signature,
                    size_t sn) {
  const char *why;
  al_key *key = al_key_read(pem, pem_n, false, &why);
  bool ok = key != NULL && al_jws_verify(alg, key, what, n, signature, sn);
  al_key_drop(key);
  return ok;
}

static void rsa_keys (void) {
  it("key: a new key is PEM, and its public half can be had") {
    check(new_rsa(&secret_key, 2048) && new_rsa(&other_secret, 2048));
    check(strncmp(al_buf_text(&secret_key), "-----BEGIN PRIVATE KEY-----\n", 28) == 0);
    check(rsa_public(&public_key, &modulus, &exponent, secret_key.bytes, secret_key.n));
    check(strncmp(al_buf_text(&public_key), "-----BEGIN PUBLIC KEY-----\n", 27) == 0);
    check(modulus.n == 342 && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef", modulus.bytes[0]) == NULL &&
          holds(&exponent, "AQAB"));
    al_buf other_exponent = AL_BUF(most);
    check(rsa_public(&other_public, &other_modulus, &other_exponent, other_secret.bytes, other_secret.n));
    al_buf_dispose(&other_exponent);
    check(memcmp(modulus.bytes, other_modulus.bytes, 256) != 0);
  }
  it("key: no public half comes out of what is no private key") {
    al_buf a = AL_BUF(most), b = AL_BUF(most), c = AL_BUF(most);
    check(!rsa_public(&a, &b, &c, public_key.bytes, public_key.n) && !rsa_public(&a, &b, &c, "junk", 4));
    check(a.n == 0 && b.n == 0 && c.n == 0);
  }
  it("key: a key has no room in a small buffer, and that is said") {
    al_buf small = AL_BUF_SECRET(100), n = AL_BUF(most), e = AL_BUF(most);
    check(!new_rsa(&small, 2048) && small.broken);
    al_buf_clear(&small);
    check(!rsa_public(&small, &n, &e, secret_key.bytes, secret_key.n));
    al_buf_dispose(&small);
    al_buf_dispose(&n);
    al_buf_dispose(&e);
  }
}

static const char text[] = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UifQ";
enum { text_n = sizeof text - 1 };

static bool verifies (const char *alg, const al_buf *key, const char *what, size_t n, const al_buf *signature) {
  return verify(alg, key->bytes, key->n, what, n, signature->bytes, signature->n);
}

static void rsa_signatures (void) {
  static const char *const names[] = { "RS256", "RS384", "RS512" };
  for (int i = 0; i < 3; i++) {
    it("key: %s signs, and verifies what it signed and nothing else", names[i]) {
      al_buf s = AL_BUF(most);
      al_buf_adds(&s, "before");
      check(sign(&s, names[i], secret_key.bytes, secret_key.n, text, text_n));
      check(s.n == 256 + 6 && memcmp(s.bytes, "before", 6) == 0);
      al_buf_shift(&s, 6);
      check(verifies(names[i], &public_key, text, text_n, &s));
      check(!verifies(names[i], &public_key, text, text_n - 1, &s));
      check(!verifies(names[i], &other_public, text, text_n, &s));
      check(!verifies(names[(i + 1) % 3], &public_key, text, text_n, &s));
      s.bytes[100] ^= 1;
      check(!verifies(names[i], &public_key, text, text_n, &s));
      s.bytes[100] ^= 1;
      s.n--;
      check(!verifies(names[i], &public_key, text, text_n, &s));
      s.n = 0;
      check(!verifies(names[i], &public_key, text, text_n, &s));
      al_buf_dispose(&s);
    }
  }
  static const char *const unknown[] = { "none", "", "HS256", "rs256", "RS25", "RS2567", "ES256" };
  for (size_t i = 0; i < 7; i++) {
    it("key: \"%s\" is no algorithm to sign or verify with [8725-01]", unknown[i]) {
      al_buf s = AL_BUF(most), good = AL_BUF(most);
      check(!sign(&s, unknown[i], secret_key.bytes, secret_key.n, text, text_n) && s.n == 0);
      check(sign(&good, "RS256", secret_key.bytes, secret_key.n, text, text_n));
      check(!verifies(unknown[i], &public_key, text, text_n, &good));
      al_buf_dispose(&good);
      al_buf_dispose(&s);
    }
  }
  it("key: RS256 signs as RFC 8017 has it: the same text, the same signature") {
    al_buf a = AL_BUF(most), b = AL_BUF(most);
    check(sign(&a, "RS256", secret_key.bytes, secret_key.n, text, text_n));
    check(sign(&b, "RS256", secret_key.bytes, secret_key.n, text, text_n));
    check(a.n == b.n && memcmp(a.bytes, b.bytes, a.n) == 0);
    al_buf_dispose(&a);
    al_buf_dispose(&b);
  }
  it("key: a signature without room breaks its buffer") {
    al_buf s = AL_BUF(255);
    check(!sign(&s, "RS256", secret_key.bytes, secret_key.n, text, text_n) && s.broken);
    al_buf_dispose(&s);
  }
}

/* The secret key as other keys come: an elliptic curve's, or behind a password. */
static void write_key (al_buf *out, EVP_PKEY *key, const char *password) {
  BIO *bio = BIO_new(BIO_s_mem());
  char *bytes;
  PEM_write_bio_PKCS8PrivateKey(bio, key, password != NULL ? EVP_aes_128_cbc() : NULL, password,
                                password != NULL ? (int)strlen(password) : 0, NULL, NULL);
  long n = BIO_get_mem_data(bio, &bytes);
  al_buf_add(out, bytes, (size_t)n);
  BIO_free(bio);
}

static void foreign_keys (void) {
  static const char *const broken[] = { "", "junk", "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
                                        "-----BEGIN PRIVATE KEY-----\nAAAA" };
  it("key: what isn't a key neither signs nor verifies") {
    al_buf s = AL_BUF(most);
    for (size_t i = 0; i < 4; i++) {
      check(!sign(&s, "RS256", broken[i], strlen(broken[i]), text, text_n));
      check(!verify("RS256", broken[i], strlen(broken[i]), text, text_n, "x", 1));
    }
    check(!sign(&s, "RS256", public_key.bytes, public_key.n, text, text_n));
    check(!sign(&s, "RS256", secret_key.bytes, secret_key.n / 2, text, text_n));
    al_buf_dispose(&s);
  }
  it("key: an elliptic curve's key doesn't sign as RSA") {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    al_buf pem = AL_BUF(most), s = AL_BUF(most);
    write_key(&pem, key, NULL);
    check(pem.n > 0 && !sign(&s, "RS256", pem.bytes, pem.n, text, text_n));
    EVP_PKEY_free(key);
    al_buf_dispose(&pem);
    al_buf_dispose(&s);
  }
  it("key: a key behind a password is refused, and nobody at the terminal is asked for it") {
    BIO *bio = BIO_new_mem_buf(secret_key.bytes, (int)secret_key.n);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    al_buf pem = AL_BUF(most), s = AL_BUF(most);
    write_key(&pem, key, "open sesame");
    BIO_free(bio);
    EVP_PKEY_free(key);
    int typed[2];
    check(pipe(typed) == 0 && write(typed[1], "open sesame\n", 12) == 12);
    pid_t child = fork();
    if (child ==
        0) { /* a process without a terminal, whose input holds the password: where it is read, the key opens */
      setsid();
      dup2(typed[0], 0);
      int null = open("/dev/null", O_WRONLY);
      dup2(null, 2);
      _exit(sign(&s, "RS256", pem.bytes, pem.n, text, text_n) ? 1 : 0);
    }
    int status = -1;
    check(child > 0 && waitpid(child, &status, 0) == child && status == 0);
    close(typed[0]);
    close(typed[1]);
    al_buf_dispose(&pem);
    al_buf_dispose(&s);
  }
}

static void weak_keys (void) {
  it("key: of 1024 bits it signs only where a weak one will do, and of less never") {
    const char *why;
    al_buf pem = AL_BUF_SECRET(most), out = AL_BUF(most);
    check(new_rsa(&pem, 1024) && !sign(&out, "RS256", pem.bytes, pem.n, text, text_n));
    al_key *key = al_key_read_weak(pem.bytes, pem.n, &why);
    check(key != NULL && al_jws_sign(&out, "RS256", key, text, text_n) && out.n == 128);
    al_key_drop(key);
    al_buf_clear(&pem);
    check(!new_rsa(&pem, 768));
    al_buf_dispose(&pem);
    al_buf_dispose(&out);
  }
}

int main (void) {
  jwks();
  in_turn();
  made();
  splits("three parts", "eyJhbGciOiJ4In0.e30.AAAA", true);
  splits("no signature", "eyJhbGciOiJ4In0.e30.", false);
  splits("four parts", "eyJhbGciOiJ4In0.e30.AAAA.AAAA", false);
  splits("two parts", "eyJhbGciOiJ4In0.e30", false);
  splits("padding", "eyJhbGciOiJ4In0=.e30.AAAA", false);
  splits("nothing", "", false);
  splits("dots", "..", false);
  rsa_keys();
  rsa_signatures();
  foreign_keys();
  weak_keys();
  al_buf *all[] = { &secret_key, &public_key, &other_secret, &other_public, &modulus, &exponent, &other_modulus };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) al_buf_dispose(all[i]);
  return test_over();
}
