/*
 * A key of a server's key set or of the program's, as a JWK or PEM, and what it is said to have signed. Lines: a letter
 * that picks the algorithm, the compact JWS; then the key.
 */
#include "fuzz.h"
#include "ground/key_text.h"
#include "ground/jws.h"

enum { most = 1 << 20 };

static void judge_shown (const al_key *key) {
  al_buf jwk = AL_BUF(most), again = AL_BUF(most), thumb = AL_BUF(most);
  const char *why;
  if (al_key_jwk(key, &jwk)) { /* its public half reads as the same key, and shows nothing else */
    al_key *same = al_key_read(al_buf_text(&jwk), jwk.n, false, &why);
    must(same != NULL && same->kind == key->kind && same->bits == key->bits && !same->private);
    must(al_key_jwk(same, &again) && again.n == jwk.n && memcmp(again.bytes, jwk.bytes, jwk.n) == 0);
    must(memmem(jwk.bytes, jwk.n, "\"d\"", 3) == NULL);
    must(al_key_thumbprint(key, &thumb) && thumb.n == 43);
    al_key_drop(same);
  }
  al_buf_dispose(&jwk);
  al_buf_dispose(&again);
  al_buf_dispose(&thumb);
}

static bool is_jwk (const char *text, size_t n) {
  while (n > 0 && *text != '\0' && strchr(" \t\r\n", *text) != NULL) text++, n--;
  return n > 0 && *text == '{';
}

static void check (const al_key *key, const char *alg, const char *jws, size_t n) {
  al_jws_parts parts;
  if (!al_jws_split(&parts, jws, n)) return;
  must(parts.signed_n < n && jws[parts.signed_n] == '.');
  if (al_jws_verify(alg, key, jws, parts.signed_n, parts.signature.bytes, parts.signature.n)) {
    must(al_jws_fits(alg, key)); /* the key's kind decides which algorithm may be */
    must(key->kind != AL_KEY_RSA || key->bits >= AL_MIN_RSA_BITS);
  }
  must(!al_jws_verify("none", key, jws, parts.signed_n, "", 0));
  must(!al_jws_verify("HS256", key, jws, parts.signed_n, parts.signature.bytes, parts.signature.n));
  al_jws_parts_dispose(&parts);
}

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t n) {
  static const char *const algs[] = { "RS256", "RS384", "RS512", "PS256", "PS384",  "PS512",
                                      "ES256", "ES384", "ES512", "EdDSA", "Ed25519" };
  input in = input_of(bytes, n);
  size_t alg_n, jws_n, size;
  const char *alg = input_line(&in, &alg_n), *jws = input_line(&in, &jws_n), *text = input_rest(&in, &size),
             *why = NULL;
  al_key *key = al_key_read(text, size, false, &why);
  must(key != NULL || (why != NULL && strlen(why) > 5));
  if (key != NULL) {
    must(memchr(key->kid, '\0', sizeof key->kid) != NULL && memchr(key->alg, '\0', sizeof key->alg) != NULL);
    judge_shown(key);
    check(key, algs[(alg_n > 0 ? (unsigned char)alg[0] : 0) % 11], jws, jws_n);
  }
  al_key_drop(key);
  al_key *signer = al_key_read(text, size, true, &why);
  al_buf signature = AL_BUF(most);
  if (signer != NULL) {
    must(al_jws_sign(&signature, al_jws_default(signer), signer, "text", 4));
    bool fits = al_jws_verify(al_jws_default(signer), signer, "text", 4, signature.bytes, signature.n);
    must(fits || !is_jwk(text, size)); /* PEM holds both halves of a curve's key, and isn't checked for that */
  }
  al_buf_dispose(&signature);
  al_key_drop(signer);
  input_over(&in);
  return 0;
}
