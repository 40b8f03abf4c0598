#include "door/encode.h"

#include "door/mistake.h"
#include "ground/ascii.h"
#include "ground/crypto.h"
#include "ground/encode.h"
#include "ground/limits.h"

/* core.encode(text) → text as application/x-www-form-urlencoded has it; raises beyond AL_MAX_FORM. */
int al_l_encode (lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  if (n > AL_MAX_FORM) al_mistake(L, "a form or query can't be longer than %d bytes", AL_MAX_FORM);
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (size_t i = 0; i < n; i++) {
    char room[4];
    al_buf one = { .bytes = room, .room = sizeof room, .max = 3 };
    al_encode_form(&one, text + i, 1);
    luaL_addlstring(&b, one.bytes, one.n);
  }
  luaL_pushresult(&b);
  return 1;
}

/* core.lower(text) → the text with its 26 capital letters small, whatever the program's locale calls a capital. */
int al_l_lower (lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (size_t i = 0; i < n; i++) luaL_addchar(&b, al_ascii_lower(text[i]));
  luaL_pushresult(&b);
  return 1;
}

/* core.number(value) → the number as text, as tostring gives it where a point stands before its fraction. */
int al_l_number (lua_State *L) {
  size_t n;
  luaL_checktype(L, 1, LUA_TNUMBER);
  lua_settop(L, 1);
  al_number_text(L, 1, &n);
  return 1;
}

/* core.boundary() → a text that stands in no body, of letters that a header takes as they are; nil: the system has no
 * random numbers to give. */
int al_l_boundary (lua_State *L) {
  unsigned char random[18];
  char room[64];
  al_buf text = { .bytes = room, .room = sizeof room, .max = sizeof room - 1 };
  if (!al_crypto_random(random, sizeof random)) {
    if (al_crypto_starved()) al_mistake(L, "not enough memory");
    return 0;
  }
  al_buf_adds(&text, "airlock-");
  al_encode_base64url(&text, random, sizeof random);
  lua_pushlstring(L, text.bytes, text.n);
  return 1;
}
