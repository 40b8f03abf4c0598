#include "door/upvalues.h"

static const char key = 0; /* its address names the table of what is kept for Lua: pollables, idle calls … */

static void push_all_kept (lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key);
  if (lua_istable(L, -1)) return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
}

void al_push_kept (lua_State *L, const char *name, const char *mode) {
  push_all_kept(L);
  lua_getfield(L, -1, name);
  if (!lua_istable(L, -1)) {
    lua_pop(L, 1);
    lua_newtable(L);
    if (mode != NULL) {
      lua_createtable(L, 0, 1);
      lua_pushstring(L, mode);
      lua_setfield(L, -2, "__mode");
      lua_setmetatable(L, -2);
    }
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, name);
  }
  lua_remove(L, -2);
}

/*
 * core.kept(name, mode) → the table of that name, with weak keys or values, as `mode` says. It is the same for as long
 * as the Lua state lives: a program that unloads our Lua files and loads them again loses none of those who wait.
 * "beside" is the list of pollables (objects with fd() and step()) that every wait watches too; it may change at any
 * time.
 */
int al_l_kept (lua_State *L) {
  const char *name = al_check_word(L, 1), *mode = al_opt_word(L, 2, NULL);
  al_push_kept(L, name, mode);
  return 1;
}

void al_push_upvalues (lua_State *L) {
  luaL_checkstack(L, AL_UPVALUES, "no room for what functions have at hand");
  luaL_getmetatable(L, AL_CALL_CLASS);
  luaL_getmetatable(L, AL_SESSION_CLASS);
  al_push_kept(L, "waiting", "v");
  al_push_kept(L, "idle_calls", NULL);
  al_push_kept(L, "beside", NULL);
}

bool al_upvalue_is (lua_State *L, int at, int class) {
  if (!lua_getmetatable(L, at)) return false;
  bool same = lua_rawequal(L, -1, lua_upvalueindex(class));
  lua_pop(L, 1);
  return same;
}
