#include "door/scratch.h"

static const char class[] = "airlock.scratch";

static int l_gc (lua_State *L) {
  al_buf_dispose(lua_touserdata(L, 1));
  return 0;
}

al_buf *al_push_scratch (lua_State *L, size_t max) {
  al_buf *b = lua_newuserdata(L, sizeof *b);
  *b = AL_BUF_SECRET(max);
  if (luaL_newmetatable(L, class)) {
    lua_pushcfunction(L, l_gc);
    lua_setfield(L, -2, "__gc");
  }
  lua_setmetatable(L, -2);
  return b;
}

void al_push_bytes (lua_State *L, al_buf *scratch) {
  al_push_long(L, al_buf_text(scratch), scratch->n);
  al_buf_dispose(scratch);
}
