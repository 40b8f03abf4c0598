#include "door/json_mark.h"

static const char mark = 0;  /* its address names our metatable */
static const char marks = 0; /* … and the table of foreign ones */

/* Notes what the module on top has under that name, if this build has it. */
static void adopt (lua_State *L, const char *name, al_json_mark means) {
  lua_getfield(L, -1, name);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    return;
  }
  lua_rawgetp(L, LUA_REGISTRYINDEX, &marks);
  lua_insert(L, -2);
  lua_pushinteger(L, means);
  lua_rawset(L, -3);
  lua_pop(L, 1);
}

al_json_mark al_json_foreign_mark (lua_State *L, int at) {
  at = lua_absindex(L, at);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &marks);
  lua_pushvalue(L, at);
  lua_rawget(L, -2);
  al_json_mark means = (al_json_mark)lua_tointeger(L, -1);
  lua_pop(L, 2);
  return means;
}

void al_push_json_mark (lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &mark);
}

/* Lists of either are lists of both. */
static void choose_mark (lua_State *L) {
  lua_getfield(L, -1, "array_mt");
  if (!lua_istable(L, -1)) {
    lua_pop(L, 1);
    lua_newtable(L);
    lua_pushliteral(L, "airlock.json.array");
    lua_setfield(L, -2, "__name");
  }
  lua_rawsetp(L, LUA_REGISTRYINDEX, &mark);
}

void al_adopt_json_marks (lua_State *L) {
  lua_newtable(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &marks);
  adopt(L, "array_mt", AL_JSON_LIST);
  adopt(L, "empty_array", AL_JSON_LIST);
  adopt(L, "empty_array_mt", AL_JSON_LIST_IF_EMPTY);
  choose_mark(L);
}
