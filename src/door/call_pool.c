#include "door/call_pool.h"

#include "door/upvalues.h"

static const char lent = 0; /* its address names the table of bodies that were lent, by the call's address */

al_call *al_push_new_call (lua_State *L) {
  al_call *c = lua_newuserdata(L, sizeof *c);
  al_call_init(c);
  luaL_getmetatable(L, AL_CALL_CLASS);
  lua_setmetatable(L, -2);
  return c;
}

al_call *al_push_call (lua_State *L, int of) {
  al_call *c = al_push_new_call(L);
  lua_getuservalue(L, of);
  lua_setuservalue(L, -2);
  return c;
}

/* It is taken out meanwhile: where an error leaves it behind, it is collected like any other. */
al_call *al_push_pooled_call (lua_State *L, int of) {
  int list = lua_upvalueindex(AL_HAS_POOLED), n = (int)lua_rawlen(L, list);
  if (n == 0) return al_push_call(L, of);
  lua_rawgeti(L, list, n);
  lua_pushnil(L);
  lua_rawseti(L, list, n);
  lua_getuservalue(L, of);
  lua_setuservalue(L, -2);
  return lua_touserdata(L, -1);
}

void al_recycle_call (lua_State *L, al_call *c, int at) {
  int out = c->engine->http.handles.out, most = out > AL_MAX_IDLE_CALLS ? out : AL_MAX_IDLE_CALLS;
  al_return_body(L, c);
  al_call_recycle(c);
  lua_pushvalue(L, lua_upvalueindex(AL_HAS_CALLS)); /* for a user value, as Lua 5.1 wants a table */
  lua_setuservalue(L, at);
  int list = lua_upvalueindex(AL_HAS_POOLED), n = (int)lua_rawlen(L, list);
  for (; n >= most; n--) { /* a crowd is over: this one is the warmer */
    lua_pushnil(L);
    lua_rawseti(L, list, n);
  }
  lua_pushvalue(L, at);
  lua_rawseti(L, list, n + 1);
}

void al_lend_body (lua_State *L, al_call *c, int at) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &lent);
  lua_pushvalue(L, at);
  lua_rawsetp(L, -2, c);
  lua_pop(L, 1);
  c->request.lent = lua_tolstring(L, at, &c->request.lent_n);
}

/* Allocates nothing, as the entry is there: the garbage collector comes here, too. */
void al_return_body (lua_State *L, al_call *c) {
  if (c->request.lent == NULL) return;
  c->request.lent = NULL;
  lua_rawgetp(L, LUA_REGISTRYINDEX, &lent);
  lua_pushnil(L);
  lua_rawsetp(L, -2, c);
  lua_pop(L, 1);
}

void al_register_call_pool (lua_State *L) {
  lua_newtable(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &lent);
}
