#include "door/json_place.h"

#include <stdbool.h>
#include <string.h>

#include "ground/number.h"

enum { STEPS = 20, NAME = 64 }; /* that are shown; bytes of each name */

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

static void add_item (luaL_Buffer *b, lua_Number item) {
  char text[AL_NUMBER_CHARS];
  luaL_addchar(b, '[');
  luaL_addlstring(b, text, al_number_integer(text, (int64_t)item));
  luaL_addchar(b, ']');
}

static void add_name (luaL_Buffer *b, const char *name, size_t n) {
  bool plain = n > 0 && n <= NAME && strspn(name, letters) >= n && (name[0] < '0' || name[0] > '9');
  if (plain) {
    luaL_addchar(b, '.');
    luaL_addlstring(b, name, n);
    return;
  }
  luaL_addstring(b, "['");
  for (size_t i = 0; i < n && i < NAME; i++) {
    unsigned char c = (unsigned char)name[i];
    luaL_addchar(b, c < 0x20 || c == 0x7f ? '?' : (char)c);
  }
  luaL_addstring(b, n > NAME ? "…']" : "']");
}

static void add_place (luaL_Buffer *b, const al_json_place *here, int steps) {
  if (here == NULL) return;
  if (steps == 0) {
    luaL_addstring(b, "…");
    return;
  }
  add_place(b, here->in, steps - 1);
  if (here->name == NULL) add_item(b, here->item);
  else add_name(b, here->name, here->name_n);
}

const char *al_push_json_place (lua_State *L, const al_json_place *here) {
  luaL_Buffer b;
  luaL_checkstack(L, LUA_MINSTACK, "no room for a message");
  luaL_buffinit(L, &b);
  luaL_addchar(&b, '$');
  add_place(&b, here, STEPS);
  luaL_pushresult(&b);
  return lua_tostring(L, -1);
}
