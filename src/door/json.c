#include "door/json.h"

#include "door/json_decode.h"
#include "door/json_encode.h"
#include "door/mistake.h"

static const char mark = 0;  /* its address names what we mark lists with */
static const char marks = 0; /* its address names the table of what lua-cjson marks lists with */

/* lua-cjson stays the ecosystem's JSON: its null is ours, and so are its marks. */
static void load_cjson (lua_State *L) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "cjson");
  if (lua_pcall(L, 1, 1, 0) != LUA_OK)
    luaL_error(L,
               "airlock needs lua-cjson (Debian: apt-get install lua-cjson; LuaRocks: luarocks install lua-cjson): %s",
               lua_tostring(L, -1));
}

/* Notes what lua-cjson (at the top) has under that name, if this build has it. */
static void note (lua_State *L, const char *name, al_json_mark means) {
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

/*
 * core.json.array(t) → t, marked as a list; without t a new one. Raises for what isn't a table, and for one that has
 * another metatable.
 */
static int l_array (lua_State *L) {
  lua_settop(L, 1);
  if (lua_isnil(L, 1)) {
    lua_newtable(L);
    lua_replace(L, 1);
  }
  if (!lua_istable(L, 1)) return al_mistake(L, "airlock.json.array takes a table, not a %s", luaL_typename(L, 1));
  if (lua_getmetatable(L, 1) && !lua_rawequal(L, -1, lua_upvalueindex(1)) &&
      al_json_foreign_mark(L, -1) == AL_JSON_NO_MARK)
    return al_mistake(L, "airlock.json.array: the table has a metatable of its own, in whose place the mark would go");
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_setmetatable(L, 1);
  lua_settop(L, 1);
  return 1;
}

/* core.json.marked(value) → whether it is a table that is marked as a list. */
static int l_marked (lua_State *L) {
  bool is = lua_istable(L, 1) && lua_getmetatable(L, 1) && lua_rawequal(L, -1, lua_upvalueindex(1));
  lua_pushboolean(L, is);
  return 1;
}

void al_push_json_mark (lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &mark);
}

static void push_mark (lua_State *L) {
  lua_getfield(L, -1, "array_mt"); /* so that lists of either are lists of both */
  if (lua_istable(L, -1)) return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_pushliteral(L, "airlock.json.array");
  lua_setfield(L, -2, "__name");
}

void al_push_json (lua_State *L) {
  static const luaL_Reg functions[] = {
    { "array", l_array }, { "decode", al_l_json_decode }, { "encode", al_l_json_encode }, { "marked", l_marked },
    { NULL, NULL },
  };
  load_cjson(L);
  lua_newtable(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &marks);
  note(L, "array_mt", AL_JSON_LIST);
  note(L, "empty_array", AL_JSON_LIST);
  note(L, "empty_array_mt", AL_JSON_LIST_IF_EMPTY);
  luaL_newlibtable(L, functions);
  lua_getfield(L, -2, "null");
  lua_setfield(L, -2, "null");
  lua_insert(L, -2); /* stack: functions, cjson */
  push_mark(L);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &mark);
  lua_replace(L, -2);
  luaL_setfuncs(L, functions, 1);
}
