/* crypto: digests, signatures, comparison. */
#include "test.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ground/crypto.h"
#include "ground/encode.h"

enum { most = 10000 };

static al_buf secret_key = AL_BUF_SECRET(most), public_key = AL_BUF(most), other_secret = AL_BUF_SECRET(most),
              other_public = AL_BUF(most);
static al_buf modulus = AL_BUF(most), exponent = AL_BUF(most), other_modulus = AL_BUF(most);

static void digest (const char *text, const char *expected) {
  it("crypto: SHA-256 of \"%s\" is as FIPS 180 has it", text) {
    unsigned char out[32];
    al_buf hex = AL_BUF(64);
    check(al_crypto_sha256(out, text, strlen(text)) && al_encode_hex(&hex, out, 32) && holds(&hex, expected));
    unsigned char name[32] = { 0 };
    check(al_crypto_name(name, text, strlen(text)) && memcmp(name, out, 32) == 0);
    al_buf_dispose(&hex);
  }
}

static void basics (void) {
  digest("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  digest("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  it("crypto: equal means the same length and the same bytes") {
    check(al_crypto_equal("abc", 3, "abc", 3) && al_crypto_equal("", 0, "x", 0) &&
          al_crypto_equal("a\0b", 3, "a\0b", 3));
    check(!al_crypto_equal("abc", 3, "abd", 3) && !al_crypto_equal("abc", 3, "abc", 2) &&
          !al_crypto_equal("a\0b", 3, "a\0c", 3));
  }
  it("crypto: random gives as much as was asked for, and something else each time") {
    unsigned char a[34] = { 0 }, b[34] = { 0 };
    check(al_crypto_random(a + 1, 32) && al_crypto_random(b + 1, 32) && memcmp(a, b, 34) != 0);
    check(a[0] == 0 && a[33] == 0);
  }
}

static void keys (void) {
  it("crypto: a new key is PEM, and its public half can be had") {
    check(al_crypto_new_rsa(&secret_key, 2048) && al_crypto_new_rsa(&other_secret, 2048));
    check(strncmp(al_buf_text(&secret_key), "-----BEGIN PRIVATE KEY-----\n", 28) == 0);
    check(al_crypto_rsa_public(&public_key, &modulus, &exponent, secret_key.bytes, secret_key.n));
    check(strncmp(al_buf_text(&public_key), "-----BEGIN PUBLIC KEY-----\n", 27) == 0);
    check(modulus.n == 256 && (unsigned char)modulus.bytes[0] >= 0x80 && exponent.n == 3 &&
          memcmp(exponent.bytes, "\1\0\1", 3) == 0);
    al_buf other_exponent = AL_BUF(most);
    check(al_crypto_rsa_public(&other_public, &other_modulus, &other_exponent, other_secret.bytes, other_secret.n));
    al_buf_dispose(&other_exponent);
    check(memcmp(modulus.bytes, other_modulus.bytes, 256) != 0);
  }
  it("crypto: no public half comes out of what is no private key") {
    al_buf a = AL_BUF(most), b = AL_BUF(most), c = AL_BUF(most);
    check(!al_crypto_rsa_public(&a, &b, &c, public_key.bytes, public_key.n) &&
          !al_crypto_rsa_public(&a, &b, &c, "junk", 4));
    check(a.n == 0 && b.n == 0 && c.n == 0);
  }
  it("crypto: a key has no room in a small buffer, and that is said") {
    al_buf small = AL_BUF_SECRET(100), n = AL_BUF(most), e = AL_BUF(most);
    check(!al_crypto_new_rsa(&small, 2048) && small.broken);
    al_buf_clear(&small);
    check(!al_crypto_rsa_public(&small, &n, &e, secret_key.bytes, secret_key.n));
    al_buf_dispose(&small);
    al_buf_dispose(&n);
    al_buf_dispose(&e);
  }
}

static const char text[] = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UifQ";
enum { text_n = sizeof text - 1 };

static bool verifies (const char *alg, const al_buf *key, const char *what, size_t n, const al_buf *signature) {
  return al_crypto_verify(alg, key->bytes, key->n, what, n, signature->bytes, signature->n);
}

static void signatures (void) {
  static const char *const names[] = { "RS256", "RS384", "RS512" };
  for (int i = 0; i < 3; i++) {
    it("crypto: %s signs, and verifies what it signed and nothing else", names[i]) {
      al_buf s = AL_BUF(most);
      al_buf_adds(&s, "before");
      check(al_crypto_sign(&s, names[i], secret_key.bytes, secret_key.n, text, text_n));
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
  static const char *const unknown[] = { "none", "", "HS256", "rs256", "RS25", "RS2567", "PS256", "ES256" };
  for (size_t i = 0; i < 8; i++) {
    it("crypto: \"%s\" is no algorithm to sign or verify with [8725-01]", unknown[i]) {
      al_buf s = AL_BUF(most), good = AL_BUF(most);
      check(!al_crypto_sign(&s, unknown[i], secret_key.bytes, secret_key.n, text, text_n) && s.n == 0);
      check(al_crypto_sign(&good, "RS256", secret_key.bytes, secret_key.n, text, text_n));
      check(!verifies(unknown[i], &public_key, text, text_n, &good));
      al_buf_dispose(&good);
      al_buf_dispose(&s);
    }
  }
  it("crypto: RS256 signs as RFC 8017 has it: the same text, the same signature") {
    al_buf a = AL_BUF(most), b = AL_BUF(most);
    check(al_crypto_sign(&a, "RS256", secret_key.bytes, secret_key.n, text, text_n));
    check(al_crypto_sign(&b, "RS256", secret_key.bytes, secret_key.n, text, text_n));
    check(a.n == b.n && memcmp(a.bytes, b.bytes, a.n) == 0);
    al_buf_dispose(&a);
    al_buf_dispose(&b);
  }
  it("crypto: a signature without room breaks its buffer") {
    al_buf s = AL_BUF(255);
    check(!al_crypto_sign(&s, "RS256", secret_key.bytes, secret_key.n, text, text_n) && s.broken);
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
  it("crypto: what isn't a key neither signs nor verifies") {
    al_buf s = AL_BUF(most);
    for (size_t i = 0; i < 4; i++) {
      check(!al_crypto_sign(&s, "RS256", broken[i], strlen(broken[i]), text, text_n));
      check(!al_crypto_verify("RS256", broken[i], strlen(broken[i]), text, text_n, "x", 1));
    }
    check(!al_crypto_sign(&s, "RS256", public_key.bytes, public_key.n, text, text_n));
    check(!al_crypto_sign(&s, "RS256", secret_key.bytes, secret_key.n / 2, text, text_n));
    al_buf_dispose(&s);
  }
  it("crypto: an elliptic curve's key doesn't sign as RSA") {
    EVP_PKEY *key = EVP_EC_gen("P-256");
    al_buf pem = AL_BUF(most), s = AL_BUF(most);
    write_key(&pem, key, NULL);
    check(pem.n > 0 && !al_crypto_sign(&s, "RS256", pem.bytes, pem.n, text, text_n));
    EVP_PKEY_free(key);
    al_buf_dispose(&pem);
    al_buf_dispose(&s);
  }
  it("crypto: a key behind a password is refused, and nobody at the terminal is asked for it") {
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
      _exit(al_crypto_sign(&s, "RS256", pem.bytes, pem.n, text, text_n) ? 1 : 0);
    }
    int status = -1;
    check(child > 0 && waitpid(child, &status, 0) == child && status == 0);
    close(typed[0]);
    close(typed[1]);
    al_buf_dispose(&pem);
    al_buf_dispose(&s);
  }
}

int main (void) {
  basics();
  keys();
  signatures();
  foreign_keys();
  al_buf *all[] = { &secret_key, &public_key, &other_secret, &other_public, &modulus, &exponent, &other_modulus };
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) al_buf_dispose(all[i]);
  return test_over();
}
