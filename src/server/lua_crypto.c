#include <string.h>

#include "ground/crypto.h"
#include "ground/key_text.h"
#include "ground/encode.h"
#include "ground/jws.h"
#include "ground/limits.h"
#include "server/lua.h"

#define BYTES_CLASS "airlock.server.bytes"

enum { most_bytes = 64 * 1024 * 1024 };

static int l_bytes_gc (lua_State *L) {
  al_buf_dispose(luaL_checkudata(L, 1, BYTES_CLASS));
  return 0;
}

/* Pushes a buffer that the collector frees, should what follows raise. */
static al_buf *push_bytes (lua_State *L) {
  al_buf *b = lua_newuserdata(L, sizeof *b);
  *b = AL_BUF_SECRET(most_bytes);
  luaL_getmetatable(L, BYTES_CLASS);
  lua_setmetatable(L, -2);
  return b;
}

/* Gives b as a string and frees it at once. */
static int give (lua_State *L, al_buf *b) {
  lua_pushlstring(L, al_buf_text(b), b->n);
  al_buf_dispose(b);
  return 1;
}

static al_key *read_rsa (const char *pem, size_t n) {
  const char *why;
  al_key *key = al_key_read_weak(pem, n, &why);
  if (key == NULL || key->kind == AL_KEY_RSA) return key;
  al_key_drop(key);
  return NULL;
}

/* crypto.sign(alg, pem, text): the raw signature, as RFC 7518 and 8037 have it; raises for what is no private key, or
 * for an algorithm that isn't one for it. */
static int l_sign (lua_State *L) {
  size_t pem_n, n;
  const char *alg = al_check_word(L, 1);
  const char *pem = luaL_checklstring(L, 2, &pem_n);
  const char *text = luaL_checklstring(L, 3, &n), *why;
  al_buf *out = push_bytes(L);
  al_key *key = al_key_read_weak(pem, pem_n, &why);
  bool ok = key != NULL && al_jws_sign(out, alg, key, text, n);
  al_key_drop(key);
  if (ok) return give(L, out);
  return luaL_error(L, "crypto.sign: no RSA private key (nor an EC or Ed25519 one), or an unknown algorithm '%s'", alg);
}

/* crypto.verify(alg, key, text, signature): whether the public key, PEM or a JWK as JSON text, says so. */
static int l_verify (lua_State *L) {
  size_t key_n, n, signature_n;
  const char *alg = al_check_word(L, 1), *given = luaL_checklstring(L, 2, &key_n), *text = luaL_checklstring(L, 3, &n),
             *signature = luaL_checklstring(L, 4, &signature_n), *why;
  al_key *key = al_key_read(given, key_n, false, &why);
  lua_pushboolean(L, key != NULL && al_jws_verify(alg, key, text, n, signature, signature_n));
  al_key_drop(key);
  return 1;
}

/* crypto.new_rsa(bits): a new private key as PEM (PKCS#8); 1024 to 8192 bits. */
static int l_new_rsa (lua_State *L) {
  lua_Integer bits = luaL_checkinteger(L, 1);
  luaL_argcheck(L, bits >= 1024 && bits <= 8192, 1, "1024 to 8192 bits");
  al_buf *out = push_bytes(L);
  al_key *key = al_key_new_rsa((int)bits);
  bool ok = key != NULL && al_key_pem(key, out);
  al_key_drop(key);
  return ok ? give(L, out) : luaL_error(L, "crypto.new_rsa: no key of %d bits could be made", (int)bits);
}

static void set_text (lua_State *L, int at, const char *name, const al_buf *text) {
  lua_pushlstring(L, al_buf_text(text), text->n);
  lua_setfield(L, at, name);
}

/* crypto.rsa_public(pem): the public half of a private key, { pem, n, e }, the numbers in base64url as a JWK has them.
 */
static int l_rsa_public (lua_State *L) {
  size_t n;
  const char *private = luaL_checklstring(L, 1, &n);
  al_buf *pem = push_bytes(L), *modulus = push_bytes(L), *exponent = push_bytes(L);
  al_key *key = read_rsa(private, n);
  bool ok = key != NULL && al_key_public_pem(key, pem) && al_key_rsa_numbers(key, modulus, exponent);
  al_key_drop(key);
  if (!ok) return luaL_error(L, "crypto.rsa_public: no RSA private key");
  lua_createtable(L, 0, 3);
  int at = lua_gettop(L);
  set_text(L, at, "pem", pem);
  set_text(L, at, "n", modulus);
  set_text(L, at, "e", exponent);
  return 1;
}

/* crypto.sha256(text): 32 raw bytes. */
static int l_sha256 (lua_State *L) {
  size_t n;
  unsigned char digest[32];
  const char *text = luaL_checklstring(L, 1, &n);
  if (!al_crypto_sha256(digest, text, n)) return luaL_error(L, "crypto.sha256: not available");
  lua_pushlstring(L, (const char *)digest, sizeof digest);
  return 1;
}

/* crypto.random(n): n raw bytes from the system's source. */
static int l_random (lua_State *L) {
  unsigned char bytes[AL_SERVER_MAX_RANDOM];
  lua_Integer n = luaL_checkinteger(L, 1);
  luaL_argcheck(L, n >= 1 && n <= AL_SERVER_MAX_RANDOM, 1, "1 to 1024 bytes");
  if (!al_crypto_random(bytes, (size_t)n)) return luaL_error(L, "crypto.random: the system has none");
  lua_pushlstring(L, (const char *)bytes, (size_t)n);
  return 1;
}

/* crypto.base64url(text): without padding. */
static int l_base64url (lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  al_buf *out = push_bytes(L);
  if (!al_encode_base64url(out, text, n)) return luaL_error(L, "crypto.base64url: the text is too long");
  return give(L, out);
}

/* crypto.base64url_decode(text): the bytes, or nil where text isn't well-formed. */
static int l_base64url_decode (lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  al_buf *out = push_bytes(L);
  if (al_decode_base64url(out, text, n)) return give(L, out);
  lua_pushnil(L);
  return 1;
}

/* crypto.equal(a, b): whether two strings are the same, in a time that doesn't tell where they differ. */
static int l_equal (lua_State *L) {
  size_t na, nb;
  const char *a = luaL_checklstring(L, 1, &na);
  const char *b = luaL_checklstring(L, 2, &nb);
  lua_pushboolean(L, al_crypto_equal(a, na, b, nb));
  return 1;
}

/* crypto.hmac(alg, secret, text): the MAC by HS256, HS384 or HS512; nil for another alg. */
static int l_hmac (lua_State *L) {
  size_t secret_n, n;
  const char *alg = al_check_word(L, 1), *secret = luaL_checklstring(L, 2, &secret_n),
             *text = luaL_checklstring(L, 3, &n);
  al_buf *out = push_bytes(L);
  if (al_jws_mac(out, alg, secret, secret_n, text, n)) return give(L, out);
  lua_pushnil(L);
  return 1;
}

/* crypto.new_key(): a new private key on P-256, as PEM (PKCS#8). */
static int l_new_key (lua_State *L) {
  al_buf *out = push_bytes(L);
  al_key *key = al_key_new();
  bool ok = key != NULL && al_key_pem(key, out);
  al_key_drop(key);
  return ok ? give(L, out) : luaL_error(L, "crypto.new_key: no key could be made");
}

/* Pushes what `of` says of a key (PEM of a private key, or a JWK), or raises. */
static int of_key (lua_State *L, bool private, bool (*of)(const al_key *, al_buf *)) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n), *why = "can't be shown";
  al_buf *out = push_bytes(L);
  al_key *key = al_key_read(text, n, private, &why);
  bool ok = key != NULL && of(key, out);
  al_key_drop(key);
  return ok ? give(L, out) : luaL_error(L, "crypto: the key %s", why);
}

/* crypto.public_jwk(key): the public half of a private key (PEM or JWK), as a JWK in JSON. */
static int l_public_jwk (lua_State *L) {
  return of_key(L, true, al_key_jwk);
}

/* crypto.thumbprint(jwk): of a public JWK (RFC 7638), in base64url. */
static int l_thumbprint (lua_State *L) {
  return of_key(L, false, al_key_thumbprint);
}

static const luaL_Reg functions[] = {
  { "sign", l_sign },
  { "verify", l_verify },
  { "new_rsa", l_new_rsa },
  { "rsa_public", l_rsa_public },
  { "sha256", l_sha256 },
  { "random", l_random },
  { "base64url", l_base64url },
  { "base64url_decode", l_base64url_decode },
  { "equal", l_equal },
  { "verify_jwk", l_verify },
  { "hmac", l_hmac },
  { "new_key", l_new_key },
  { "public_jwk", l_public_jwk },
  { "thumbprint", l_thumbprint },
  { NULL, NULL },
};

void al_push_crypto (lua_State *L) {
  al_newmetatable(L, BYTES_CLASS);
  lua_pushcfunction(L, l_bytes_gc);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
  luaL_newlib(L, functions);
}
