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

void al_push_json (lua_State *L) {
  load_cjson(L);
  lua_getfield(L, -1, "new");
  lua_call(L, 0, 1); /* stack: cjson.safe, our instance */
  set_precision(L);
  lua_getfield(L, -1, "decode_invalid_numbers");
  lua_pushboolean(L, 0);
  lua_call(L, 1, 0);
  lua_createtable(L, 0, 3);
  lua_getfield(L, -2, "decode");
  lua_setfield(L, -2, "decode");
  lua_getfield(L, -2, "encode");
  lua_setfield(L, -2, "encode");
  lua_getfield(L, -2, "null");
  lua_setfield(L, -2, "null");
  lua_replace(L, -3);
  lua_pop(L, 1);
}
