#include "door/kept_text.h"

#include <stdio.h>
#include <sys/stat.h>

#include "door/client.h"
#include "door/failure.h"
#include "door/mistake.h"
#include "door/scratch.h"
#include "ground/crypto.h"
#include "ground/encode.h"
#include "ground/limits.h"

/* core.digest(text) → its SHA-256 in hexadecimal, to name things by. */
int al_l_digest (lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  unsigned char digest[32];
  char hex[64 + 1];
  if (!al_crypto_sha256(digest, text, n)) al_mistake(L, "no digest could be made");
  for (size_t i = 0; i < sizeof digest; i++) snprintf(hex + 2 * i, 3, "%02x", digest[i]);
  lua_pushlstring(L, hex, sizeof hex - 1);
  return 1;
}

/* core.open_to_others(path) → whether the file's group or others may read it; false for what isn't there. */
int al_l_open_to_others (lua_State *L) {
  struct stat about;
  bool open = stat(al_check_word(L, 1), &about) == 0 && (about.st_mode & (S_IRGRP | S_IROTH)) != 0;
  lua_pushboolean(L, open);
  return 1;
}

/* A key of 32 bytes from a text of any length. */
static void key_of (lua_State *L, unsigned char key[32]) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  if (!al_crypto_sha256(key, text, n)) al_mistake(L, "no digest could be made");
}

/* core.seal(key, label, text) → the text encrypted and sealed for that label, in base64url. */
int al_l_seal (lua_State *L) {
  unsigned char key[32];
  size_t n;
  const char *label = al_check_word(L, 2), *text = luaL_checklstring(L, 3, &n);
  al_buf *out = al_push_scratch(L, 4 * AL_MAX_RECORD);
  al_buf sealed = AL_BUF(2 * AL_MAX_RECORD);
  key_of(L, key);
  bool ok = al_crypto_seal(&sealed, key, label, text, n) && al_encode_base64url(out, al_buf_text(&sealed), sealed.n);
  al_wipe(key, sizeof key);
  al_buf_dispose(&sealed);
  if (!ok) al_mistake(L, "the text can't be sealed");
  al_push_bytes(L, out);
  return 1;
}

/* core.unseal(key, label, sealed) → the text; nil: it was altered, or sealed with another key or for another label. */
int al_l_unseal (lua_State *L) {
  unsigned char key[32];
  size_t n;
  const char *label = al_check_word(L, 2), *text = luaL_checklstring(L, 3, &n);
  al_buf *out = al_push_scratch(L, 2 * AL_MAX_RECORD);
  al_buf sealed = AL_BUF(2 * AL_MAX_RECORD);
  key_of(L, key);
  bool ok = al_decode_base64url(&sealed, text, n) && al_crypto_open(out, key, label, al_buf_text(&sealed), sealed.n);
  bool starved = sealed.starved || out->starved;
  al_wipe(key, sizeof key);
  al_buf_dispose(&sealed);
  if (starved) al_mistake(L, "not enough memory");
  if (ok) al_push_bytes(L, out);
  else lua_pushnil(L);
  return 1;
}

/* core.random() → 256 random bits in base64url. */
int al_l_random (lua_State *L) {
  unsigned char bytes[32];
  al_buf *out = al_push_scratch(L, 64);
  if (!al_crypto_random(bytes, sizeof bytes) || !al_encode_base64url(out, bytes, sizeof bytes))
    al_mistake(L, "the system has no random bytes");
  al_push_bytes(L, out);
  return 1;
}

/* core.equal(a, b) → whether the texts are the same, in a time that tells nothing of where they differ. */
int al_l_equal (lua_State *L) {
  size_t n, other_n;
  const char *text = luaL_checklstring(L, 1, &n), *other = luaL_checklstring(L, 2, &other_n);
  lua_pushboolean(L, al_crypto_equal(text, n, other, other_n));
  return 1;
}
