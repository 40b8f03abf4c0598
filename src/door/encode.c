#include "door/encode.h"

#include "door/mistake.h"
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
