#include "door/signature.h"

#include "ground/crypto.h"
#include "ground/encode.h"
#include "ground/limits.h"

enum { most_key = 4096 }; /* bytes of a part of a key, or of a signature */

/* core.decode(text) → what the base64url text stands for, or nil: it isn't base64url. */
int al_l_decode (lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  al_buf out = AL_BUF(AL_MAX_TOKEN_REPLY);
  bool ok = al_decode_base64url(&out, text, n);
  lua_settop(L, 1);
  if (ok) lua_pushlstring(L, al_buf_text(&out), out.n);
  else lua_pushnil(L);
  al_buf_dispose(&out);
  return 1;
}

static bool decode (lua_State *L, int at, al_buf *out) {
  size_t n;
  const char *text = luaL_optlstring(L, at, "", &n);
  return n > 0 && al_decode_base64url(out, text, n);
}

/*
 * core.signed(alg, crv, a, b, text, signature) → whether the key signed the text. RSA: crv nil, a = n, b = e; EC: crv, a = x, b = y;
 * key parts and signature in base64url, as RFC 7517 and RFC 7515 have them.
 */
int al_l_signed (lua_State *L) {
  size_t n;
  const char *alg = luaL_checkstring(L, 1), *crv = luaL_optstring(L, 2, NULL), *text = luaL_checklstring(L, 5, &n);
  for (int i = 3; i <= 6; i++) luaL_checkstring(L, i);
  al_buf a = AL_BUF(most_key), b = AL_BUF(most_key), signature = AL_BUF(most_key);
  bool ok = decode(L, 3, &a) && decode(L, 4, &b) && decode(L, 6, &signature);
  al_jwk key = { crv, a.bytes, a.n, b.bytes, b.n };
  ok = ok && al_crypto_verify_jwk(alg, &key, text, n, signature.bytes, signature.n);
  al_buf_dispose(&a);
  al_buf_dispose(&b);
  al_buf_dispose(&signature);
  lua_pushboolean(L, ok);
  return 1;
}
