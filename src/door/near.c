#include "door/near.h"

#include <string.h>

#include "ground/near.h"

static const char *push (lua_State *L, const al_near *near) {
  if (near->found == NULL) return lua_pushfstring(L, "");
  return lua_pushfstring(L, "; did you mean '%s'?", near->found);
}

const char *al_push_meant (lua_State *L, const char *word, const char *const names[]) {
  al_near near = al_near_to(word, strlen(word));
  for (; *names != NULL; names++) al_near_try(&near, *names, strlen(*names));
  return push(L, &near);
}

/* core.meant(word, names) → "; did you mean 'name'?" with the one of these names that it is nearest to, or "": none is
 * near. A word that isn't text is like none. */
int al_l_meant (lua_State *L) {
  size_t n;
  luaL_checktype(L, 2, LUA_TTABLE);
  lua_settop(L, 2);
  if (lua_type(L, 1) != LUA_TSTRING) {
    lua_pushliteral(L, "");
    return 1;
  }
  const char *word = lua_tolstring(L, 1, &n);
  al_near near = al_near_to(word, n);
  for (int i = 1; i <= (int)lua_rawlen(L, 2); i++) {
    lua_rawgeti(L, 2, i);
    if (lua_type(L, -1) == LUA_TSTRING) { /* the table holds it */
      const char *name = lua_tolstring(L, -1, &n);
      al_near_try(&near, name, n);
    }
    lua_pop(L, 1);
  }
  push(L, &near);
  return 1;
}
