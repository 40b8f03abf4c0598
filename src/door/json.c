#include "door/json.h"

#include "door/json_decode.h"
#include "door/json_encode.h"
#include "door/json_mark.h"
#include "door/mistake.h"

/* lua-cjson stays the ecosystem's JSON: its null is ours, and so are its marks. */
static void load_cjson (lua_State *L) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "cjson");
  if (lua_pcall(L, 1, 1, 0) != LUA_OK)
    luaL_error(L,
               "airlock needs lua-cjson (Debian: apt-get install lua-cjson; LuaRocks: luarocks install lua-cjson): %s",
               lua_tostring(L, -1));
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

void al_push_json (lua_State *L) {
  static const luaL_Reg functions[] = {
    { "array", l_array }, { "decode", al_l_json_decode }, { "encode", al_l_json_encode }, { "marked", l_marked },
    { NULL, NULL },
  };
  load_cjson(L);
  al_adopt_json_marks(L);
  luaL_newlibtable(L, functions);
  lua_getfield(L, -2, "null");
  lua_setfield(L, -2, "null");
  lua_insert(L, -2); /* stack: functions, cjson */
  al_push_json_mark(L);
  lua_replace(L, -2);
  luaL_setfuncs(L, functions, 1);
}
