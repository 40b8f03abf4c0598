#include "door/client_headers.h"

#include "door/mistake.h"
#include "law/request.h"

static const char option[] = "headers";

/* A text or number at the top of the stack, the name below it. */
static void add_text (al_client *c, al_options *o, const char *name, size_t name_n) {
  size_t n;
  lua_State *L = o->L;
  lua_pushvalue(L, -1); /* tolstring on a number would change it in the table */
  const char *value = lua_type(L, -1) == LUA_TNUMBER ? al_number_text(L, -1, &n) : lua_tolstring(L, -1, &n);
  const char *why = al_header_line(&c->headers, &c->header_count, name, name_n, value, n);
  if (why != NULL) al_options_bad(o, option, "has '%s' in it, which %s", name, why);
  lua_pop(L, 1);
}

/* A function at the top, which goes into the table at `makers`. */
static void add_maker (al_options *o, const char *name, size_t name_n, int makers) {
  lua_State *L = o->L;
  const char *why = al_header_unfit(name, name_n, "", 0);
  if (why != NULL) al_options_bad(o, option, "has '%s' in it, which %s", name, why);
  lua_pushvalue(L, -2);
  lua_pushvalue(L, -2);
  lua_rawset(L, makers);
}

static void add (al_client *c, al_options *o, int makers) {
  size_t n;
  lua_State *L = o->L;
  if (lua_type(L, -2) != LUA_TSTRING)
    al_options_bad(o, option, "is a table of name = value; found a %s as name", luaL_typename(L, -2));
  const char *name = lua_tolstring(L, -2, &n);
  if (lua_isfunction(L, -1)) add_maker(o, name, n, makers);
  else if (lua_isstring(L, -1)) add_text(c, o, name, n);
  else
    al_options_bad(o, option, "has '%s' in it, which must be a string or a function, not a %s", name,
                   luaL_typename(L, -1));
}

void al_client_headers_read (al_client *c, al_options *o, int values) {
  lua_State *L = o->L;
  int type = al_options_push(o, option), given = lua_gettop(L);
  if (type != LUA_TNIL && type != LUA_TTABLE)
    al_options_bad(o, option, "must be a table, not a %s", lua_typename(L, type));
  lua_newtable(L);
  bool makers = false;
  lua_pushnil(L);
  while (type == LUA_TTABLE && lua_next(L, given) != 0) {
    add(c, o, given + 1);
    makers = makers || lua_isfunction(L, -1);
    lua_pop(L, 1);
  }
  lua_settop(L, given + 1);
  if (makers) lua_setfield(L, values, "header_makers");
  lua_settop(L, given - 1);
}

/* core.header_fault(name, value) → why a request can't have that header, as the end of a sentence; nil: it can. */
int al_l_header_fault (lua_State *L) {
  size_t name_n, value_n;
  const char *name = luaL_checklstring(L, 1, &name_n), *value = luaL_checklstring(L, 2, &value_n);
  lua_pushstring(L, al_header_unfit(name, name_n, value, value_n));
  return 1;
}
