#include "door/mistake.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { most_levels = 32 };

static const char key = 0; /* its address names the folder of the library's own Lua files */

/* Pushes "file:line: " of the innermost Lua function that isn't the library's, or "". */
static void push_place (lua_State *L) {
  lua_Debug ar;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key);
  const char *home = lua_tostring(L, -1);
  for (int level = 1; level < most_levels && lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "Sl", &ar);
    bool ours = home != NULL && strncmp(ar.source, home, strlen(home)) == 0;
    if (ar.currentline <= 0 || ours) continue;
    lua_pop(L, 1);
    lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
    return;
  }
  lua_pop(L, 1);
  lua_pushliteral(L, "");
}

int al_mistake (lua_State *L, const char *format, ...) {
  char text[4096]; /* the client has many options to list */
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  push_place(L);
  lua_pushstring(L, text);
  lua_concat(L, 2);
  lua_error(L);
  __builtin_unreachable(); /* lua_error doesn't come back, but isn't declared so everywhere */
}

/* core.mistake(message): raises it, with the place in the program before it. */
int al_l_mistake (lua_State *L) {
  luaL_checktype(L, 1, LUA_TSTRING);
  push_place(L);
  lua_pushvalue(L, 1);
  lua_concat(L, 2);
  return lua_error(L);
}

/* core.place() → where the program is, as mistakes begin with it: for one that is found later, in another coroutine. */
int al_l_place (lua_State *L) {
  push_place(L);
  return 1;
}

/* core.library(source): the folder of the library's Lua files, as debug.getinfo has it: mistakes aren't laid at their
 * door. */
int al_l_library (lua_State *L) {
  al_check_word(L, 1);
  lua_settop(L, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
  return 0;
}
