#include "door/json_answer.h"

#include "door/json_mark.h"
#include "door/json_decode.h"
#include "door/json_slices.h"

/* Some APIs answer failures with status 200, and say so in a member of the body (the value on top). */
static bool refused (lua_State *L, int at) {
  int top = lua_gettop(L);
  if (!lua_istable(L, top)) return false;
  lua_getuservalue(L, at);
  lua_getfield(L, -1, "provider");
  lua_getfield(L, -1, "api_error");
  lua_rawget(L, top);
  bool is = lua_isboolean(L, -1) && !lua_toboolean(L, -1);
  lua_settop(L, top);
  return is;
}

/* Pushes the value; false: nothing. */
static bool push_value (lua_State *L, al_call *c, int slices) {
  const al_buf *body = &c->transfer.body;
  al_json_fault fault;
  if (slices > 0) return al_end_json_slices(L, slices, c);
  al_push_json_mark(L);
  if (!al_json_decode(L, al_buf_text(body), body->n, -1, c->client->big_numbers_as_text, &fault)) return false;
  lua_remove(L, -2);
  return true;
}

bool al_push_json_answer (lua_State *L, al_call *c, int at, int slices) {
  const al_transfer *t = &c->transfer;
  if (slices == 0 && (c->decodes == AL_DECODES_NOTHING || t->status >= 300 || t->body.n == 0)) return false;
  luaL_checkstack(L, 12, "no room for an answer");
  int top = lua_gettop(L);
  lua_pushinteger(L, t->status);
  bool fine = push_value(L, c, slices);
  if (!fine || (c->client->quirks.api_error && refused(L, at))) {
    lua_settop(L, top);
    return false;
  }
  if (c->decodes == AL_DECODES_WITH_HEAD) lua_pushlstring(L, al_buf_text(&t->head), t->head.n);
  else lua_pushnil(L);
  lua_pushnil(L);
  lua_pushnil(L);
  lua_pushboolean(L, 1);
  return true;
}
