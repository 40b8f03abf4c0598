#include "door/signature.h"

#include <string.h>

#include "door/client.h"
#include "door/mistake.h"
#include "door/scratch.h"
#include "ground/ascii.h"
#include "ground/crypto.h"
#include "ground/encode.h"
#include "ground/jws.h"
#include "ground/key_text.h"
#include "ground/limits.h"

enum { most_signature = 4096 }; /* bytes */

/* core.decode(text) → what the base64url text stands for, or nil: it isn't base64url. */
int al_l_decode (lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  al_buf *out = al_push_scratch(L, AL_MAX_TOKEN_REPLY);
  bool ok = al_decode_base64url(out, text, n);
  if (out->starved) al_mistake(L, "not enough memory");
  if (ok) al_push_bytes(L, out);
  else lua_pushnil(L);
  return 1;
}

static const char key_class[] = "airlock.public_key";

static int l_key_gc (lua_State *L) {
  al_key **held = lua_touserdata(L, 1);
  al_key_drop(*held);
  *held = NULL;
  return 0;
}

/* A public key that is strong enough to believe in; NULL: `*why` says what is wrong. Raises for want of memory. */
static al_key *read_public (lua_State *L, const char *jwk, size_t n, const char **why) {
  *why = "isn't a JWK";
  al_key *key = n > 0 && jwk[0] == '{' ? al_key_read(jwk, n, false, why) : NULL;
  if (key == NULL && al_key_starved(*why)) al_mistake(L, "not enough memory");
  if (key == NULL || key->kind != AL_KEY_RSA || key->bits >= AL_MIN_RSA_SIGNING_BITS) return key;
  al_key_drop(key);
  *why = "is an RSA key of less than 2048 bits, which is too weak";
  return NULL;
}

/* core.public_key(jwk) → a JWK, given as JSON text, read once for many signatures; nil, why: it can't be used. */
int al_l_public_key (lua_State *L) {
  size_t n;
  const char *jwk = luaL_checklstring(L, 1, &n), *why;
  al_key **held = lua_newuserdata(L, sizeof *held);
  *held = NULL;
  if (luaL_newmetatable(L, key_class)) {
    lua_pushcfunction(L, l_key_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  *held = read_public(L, jwk, n, &why);
  if (*held != NULL) return 1;
  return lua_pushnil(L), lua_pushstring(L, why), 2;
}

/* The key at that place, from the program's text where it isn't read yet; then the caller drops it. */
static al_key *key_at (lua_State *L, int at, const char **why) {
  size_t n;
  al_key **held = luaL_testudata(L, at, key_class);
  if (held != NULL && *held != NULL) return al_key_hold(*held);
  const char *jwk = luaL_checklstring(L, at, &n);
  return read_public(L, jwk, n, why);
}

/*
 * core.signed(alg, key, text, signature) → whether the key, of core.public_key or a JWK as JSON text, signed the text;
 * the signature in base64url, as RFC 7515 has it. nil, why: the key can't be used.
 */
int al_l_signed (lua_State *L) {
  size_t n, sn;
  const char *alg = al_check_word(L, 1), *text = luaL_checklstring(L, 3, &n), *given = luaL_checklstring(L, 4, &sn),
             *why = "";
  al_key *key = key_at(L, 2, &why);
  if (key == NULL) return lua_pushnil(L), lua_pushstring(L, why), 2;
  al_buf signature = AL_BUF(most_signature);
  bool ok = al_decode_base64url(&signature, given, sn) &&
            al_jws_verify(alg, key, text, n, al_buf_text(&signature), signature.n);
  bool starved = !ok && (signature.starved || al_crypto_starved());
  al_key_drop(key);
  al_buf_dispose(&signature);
  if (starved) al_mistake(L, "not enough memory"); /* which says nothing of the token */
  lua_pushboolean(L, ok);
  return 1;
}

/* core.thumbprint(jwk) → of a public JWK as JSON text (RFC 7638), in base64url; nil, why: it can't be read. */
int al_l_thumbprint (lua_State *L) {
  size_t n;
  const char *jwk = luaL_checklstring(L, 1, &n), *why = "isn't a JWK";
  al_buf *out = al_push_scratch(L, most_signature);
  al_key *key = n > 0 && jwk[0] == '{' ? al_key_read(jwk, n, false, &why) : NULL;
  bool ok = key != NULL && al_key_thumbprint(key, out), starved = !ok && (out->starved || al_key_starved(why));
  al_key_drop(key);
  if (starved) al_mistake(L, "not enough memory");
  if (!ok) return lua_pushnil(L), lua_pushstring(L, why), 2;
  al_push_bytes(L, out);
  return 1;
}

static void push_hash (lua_State *L, const char *text, size_t n) {
  unsigned char digest[32];
  char room[64];
  al_buf out = { .bytes = room, .room = sizeof room, .max = sizeof room - 1 };
  if (!al_crypto_name(digest, text, n)) al_mistake(L, "no digest could be made");
  al_encode_base64url(&out, digest, sizeof digest);
  lua_pushlstring(L, out.bytes, out.n);
}

/* core.hash(text) → its SHA-256 in base64url, as `ath` and `x5t#S256` have it. */
int al_l_hash (lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  push_hash(L, text, n);
  return 1;
}

/* RFC 9110 section 11.1: in any case. NULL: another scheme. */
static const char *scheme_of (const char *text, size_t n) {
  if (n >= 6 && al_ascii_same(text, "Bearer", 6) && (n == 6 || text[6] == ' ')) return "Bearer";
  if (n >= 4 && al_ascii_same(text, "DPoP", 4) && (n == 4 || text[4] == ' ')) return "DPoP";
  return NULL;
}

static bool is_blank (char c) {
  return c == ' ' || c == '\t';
}

static bool is_token_char (char c) {
  char lower = al_ascii_lower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || (c != '\0' && strchr("-._~+/", c) != NULL);
}

/* RFC 6750 section 2.1: b64token */
static bool is_token (const char *text, size_t n) {
  size_t i = 0;
  while (i < n && is_token_char(text[i])) i++;
  bool any = i > 0;
  while (i < n && text[i] == '=') i++;
  return any && i == n && n <= AL_MAX_JWT;
}

/*
 * core.credentials(value) → of an Authorization header that has a token: the scheme, the token, its core.hash. The
 * scheme alone: it has not one word there; the scheme and false: no token has such characters, or it is too long. nil:
 * it is of another scheme.
 */
int al_l_credentials (lua_State *L) {
  size_t n, from = 0;
  const char *text = luaL_checklstring(L, 1, &n);
  while (n > 0 && is_blank(text[n - 1])) n--;
  while (from < n && is_blank(text[from])) from++;
  const char *scheme = scheme_of(text + from, n - from);
  if (scheme == NULL) return 0;
  from += strlen(scheme);
  while (from < n && text[from] == ' ') from++;
  lua_pushstring(L, scheme);
  bool one = from < n;
  for (size_t i = from; i < n; i++) one = one && !is_blank(text[i]);
  if (!one) return 1;
  if (!is_token(text + from, n - from)) return lua_pushboolean(L, false), 2;
  lua_pushlstring(L, text + from, n - from);
  push_hash(L, text + from, n - from);
  return 3;
}

/*
 * core.sealed(client, alg, text, signature, secret) → whether the text has a MAC by the client's secret (given, where a
 * function gives it); the MAC in base64url.
 */
int al_l_sealed (lua_State *L) {
  size_t n, sn, secret_n;
  const al_client *c = al_check_client(L, 1)->client;
  const char *alg = al_check_word(L, 2), *text = luaL_checklstring(L, 3, &n), *given = luaL_checklstring(L, 4, &sn),
             *secret = luaL_optlstring(L, 5, NULL, &secret_n);
  if (secret == NULL) secret = al_buf_text(&c->client_secret), secret_n = c->client_secret.n;
  al_buf mac = AL_BUF(most_signature);
  bool ok = al_decode_base64url(&mac, given, sn) && secret_n >= al_jws_mac_size(alg) &&
            al_jws_verify_mac(alg, secret, secret_n, text, n, al_buf_text(&mac), mac.n);
  bool starved = !ok && (mac.starved || al_crypto_starved());
  al_buf_dispose(&mac);
  if (starved) al_mistake(L, "not enough memory");
  lua_pushboolean(L, ok);
  return 1;
}

/*
 * core.sign(alg, key, header, claims) → a JWT of these (JSON objects), signed with a private key (PEM or JWK); nil,
 * why: the key can't be used.
 */
int al_l_sign (lua_State *L) {
  size_t key_n, header_n, claims_n;
  const char *alg = al_check_word(L, 1), *text = luaL_checklstring(L, 2, &key_n),
             *head = luaL_checklstring(L, 3, &header_n), *body = luaL_checklstring(L, 4, &claims_n), *why = NULL;
  al_buf *out = al_push_scratch(L, AL_MAX_JWT);
  al_buf header = AL_BUF(AL_MAX_JWT), claims = AL_BUF(AL_MAX_JWT);
  al_key *key = al_key_read(text, key_n, true, &why);
  bool fits = key != NULL && al_jws_fits(alg, key);
  bool ok = fits && al_buf_add(&header, head, header_n) && al_buf_add(&claims, body, claims_n) &&
            al_jws_compact(out, alg, key, NULL, &header, &claims);
  bool starved = header.starved || claims.starved || out->starved || (key == NULL && al_key_starved(why));
  if (key != NULL && !fits) why = "is of another kind than the algorithm needs";
  al_key_drop(key);
  al_buf_dispose(&header);
  al_buf_dispose(&claims);
  if (starved) al_mistake(L, "not enough memory");
  if (ok) return al_push_bytes(L, out), 1;
  lua_pushnil(L);
  lua_pushstring(L, why != NULL ? why : "can't sign this");
  return 2;
}
