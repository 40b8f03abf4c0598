#include "door/json.h"

static void load_cjson (lua_State *L) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "cjson.safe");
  if (lua_pcall(L, 1, 1, 0) != LUA_OK)
    luaL_error(L,
               "airlock needs lua-cjson (Debian: apt-get install lua-cjson; LuaRocks: luarocks install lua-cjson): %s",
               lua_tostring(L, -1));
}

/* Digits of a number: 16 carry every whole number up to 2^53, but lua-cjson 2.1.0 takes no more than 14. */
static void set_precision (lua_State *L) {
  lua_getfield(L, -1, "encode_number_precision");
  lua_pushinteger(L, 16);
  if (lua_pcall(L, 1, 0, 0) != LUA_OK) lua_pop(L, 1);
}

/*
 * lua-cjson asks once, when an instance is made, what a decimal point is by the program's locale: afterwards a program
 * that sets another locale got "1,5" out of it, and could read no "1.5". So where that has changed it is asked again.
 * It ends the process for a point of several bytes, and isn't asked for that.
 * Upvalues: the function, cjson's `new`, a byte that is the point it knows.
 */
static int convert (lua_State *L) {
  char *known = lua_touserdata(L, lua_upvalueindex(3));
  const char *point = localeconv()->decimal_point;
  if (point[0] != *known && strlen(point) == 1) {
    *known = point[0];
    lua_pushvalue(L, lua_upvalueindex(2));
    lua_call(L, 0, 0);
  }
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

/* Sets that function of our instance in the table on top; the stack is as al_push_json says. */
static void set_converter (lua_State *L, int safe, const char *name) {
  lua_getfield(L, safe + 1, name);
  lua_getfield(L, safe, "new");
  char *known = lua_newuserdata(L, 1);
  *known = localeconv()->decimal_point[0];
  lua_pushcclosure(L, convert, 3);
  lua_setfield(L, -2, name);
}

void al_push_json (lua_State *L) {
  load_cjson(L);
  lua_getfield(L, -1, "new");
  lua_call(L, 0, 1); /* stack: cjson.safe, our instance */
  set_precision(L);
  lua_getfield(L, -1, "decode_invalid_numbers");
  lua_pushboolean(L, 0);
  lua_call(L, 1, 0);
  lua_createtable(L, 0, 3);
  set_converter(L, lua_gettop(L) - 2, "decode");
  set_converter(L, lua_gettop(L) - 2, "encode");
  lua_getfield(L, -2, "null");
  lua_setfield(L, -2, "null");
  lua_replace(L, -3);
  lua_pop(L, 1);
}
