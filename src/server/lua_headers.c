/* The headers of an answer, from Lua to libmicrohttpd. */
#include <math.h>
#include <stdio.h>

#include "server/lua.h"

/* The text at the top of the stack, which a number becomes; NULL for anything else, and for text with a NUL in it. */
static const char *text_at_top (lua_State *L) {
  if (lua_type(L, -1) == LUA_TNUMBER && floor(lua_tonumber(L, -1)) == lua_tonumber(L, -1)) {
    char digits[64];
    snprintf(digits, sizeof digits, "%.0f", (double)lua_tonumber(L, -1));
    lua_pushstring(L, digits); /* 3.0 would become "3.0" */
    lua_replace(L, -2);
  }
  size_t n;
  if (lua_type(L, -1) == LUA_TNUMBER) al_number_text(L, -1, &n);
  return al_word(L, -1);
}

/* Adds one header; its name is below its value, which is at the top of the stack. */
static void add (lua_State *L, const char *whose, struct MHD_Response *to) {
  int type = lua_type(L, -1);
  const char *name = al_word(L, -2), *value = text_at_top(L);
  if (name == NULL) luaL_error(L, "%s: a header's name must be a string without a NUL", whose);
  if (type != LUA_TSTRING && value == NULL)
    luaL_error(L, "%s: header '%s' must be a string, not a %s", whose, name, lua_typename(L, type));
  if (value == NULL || MHD_add_response_header(to, name, value) != MHD_YES)
    luaL_error(L, "%s: header '%s' can't be sent like this", whose, name);
}

/* The pair { name, value } at the top of the stack. */
static void add_pair (lua_State *L, const char *whose, struct MHD_Response *to) {
  if (!lua_istable(L, -1)) luaL_error(L, "%s: a list of headers holds pairs { name, value }", whose);
  lua_rawgeti(L, -1, 1);
  if (lua_type(L, -1) != LUA_TSTRING) luaL_error(L, "%s: a header's name must be a string", whose);
  lua_rawgeti(L, -2, 2);
  add(L, whose, to);
  lua_pop(L, 2);
}

void al_reply_headers (lua_State *L, int at, const char *whose, struct MHD_Response *to) {
  if (!lua_istable(L, at)) luaL_error(L, "%s: option 'headers' must be a table, not a %s", whose, luaL_typename(L, at));
  for (int i = 1; i <= (int)lua_rawlen(L, at); i++) {
    lua_rawgeti(L, at, i);
    add_pair(L, whose, to);
    lua_pop(L, 1);
  }
  lua_pushnil(L);
  while (lua_next(L, at) != 0) {
    if (lua_type(L, -2) == LUA_TSTRING) add(L, whose, to);
    lua_pop(L, 1);
  }
}
