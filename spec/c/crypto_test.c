/* crypto: digests, randomness, comparison. */
#include "test.h"

#include "ground/crypto.h"
#include "ground/encode.h"

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

int main (void) {
  basics();
  return test_over();
}
