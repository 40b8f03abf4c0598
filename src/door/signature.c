#include "door/signature.h"

#include "door/client.h"
#include "door/mistake.h"
#include "door/scratch.h"
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

/*
 * core.signed(alg, jwk, text, signature) → whether the key, a JWK as JSON text, signed the text; the signature in
 * base64url, as RFC 7515 has it. nil, why: the key can't be used.
 */
int al_l_signed (lua_State *L) {
  size_t jwk_n, n, sn;
  const char *alg = al_check_word(L, 1), *jwk = luaL_checklstring(L, 2, &jwk_n), *text = luaL_checklstring(L, 3, &n),
             *given = luaL_checklstring(L, 4, &sn), *why = "isn't a JWK";
  al_buf signature = AL_BUF(most_signature);
  al_key *key = jwk_n > 0 && jwk[0] == '{' ? al_key_read(jwk, jwk_n, false, &why) : NULL;
  if (key != NULL && key->kind == AL_KEY_RSA && key->bits < AL_MIN_RSA_SIGNING_BITS) {
    al_key_drop(key);
    key = NULL, why = "is an RSA key of less than 2048 bits, which is too weak";
  }
  bool ok = key != NULL && al_decode_base64url(&signature, given, sn) &&
            al_jws_verify(alg, key, text, n, al_buf_text(&signature), signature.n);
  bool usable = key != NULL, starved = !ok && (signature.starved || al_key_starved(why) || al_crypto_starved());
  al_key_drop(key);
  al_buf_dispose(&signature);
  if (starved) al_mistake(L, "not enough memory"); /* which says nothing of the token */
  if (!usable) return lua_pushnil(L), lua_pushstring(L, why), 2;
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

/* core.hash(text) → its SHA-256 in base64url, as `ath` and `x5t#S256` have it. */
int al_l_hash (lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  unsigned char digest[32];
  char room[64];
  al_buf out = { .bytes = room, .room = sizeof room, .max = sizeof room - 1 };
  if (!al_crypto_name(digest, text, n)) al_mistake(L, "no digest could be made");
  al_encode_base64url(&out, digest, sizeof digest);
  lua_pushlstring(L, out.bytes, out.n);
  return 1;
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
