/*
 * compat · one Lua for the rest of the source: written for 5.4, older ones bent to fit
 * knows  · lua.h, limits; the only file that says LUA_VERSION_NUM
 * never  · is included below the door (the local server's door is src/server)
 * spec   · spec/guard/architecture_spec.lua
 */
#ifndef AL_DOOR_COMPAT_H
#define AL_DOOR_COMPAT_H

#include <lauxlib.h>
#include <locale.h>
#include <lua.h>
#include <string.h>

#include "ground/limits.h"

/* -fvisibility=hidden leaves this one symbol out of a .so */
#define AL_EXPORT __attribute__((visibility("default")))

#if LUA_VERSION_NUM < 502

/* PUC 5.1 lacks these; LuaJIT has some under the same names, so ours carry another. */
#undef luaL_newlibtable
#undef luaL_newlib
#define luaL_setfuncs al_setfuncs
#define luaL_testudata al_testudata
#define lua_absindex al_absindex
#define lua_rawlen lua_objlen
#define lua_setuservalue lua_setfenv
#define lua_getuservalue lua_getfenv
#define lua_rawgetp al_rawgetp
#define lua_rawsetp al_rawsetp
#define luaL_newlibtable(L, l) lua_createtable(L, 0, (int)(sizeof(l) / sizeof((l)[0]) - 1))
#define luaL_newlib(L, l) (luaL_newlibtable(L, l), luaL_setfuncs(L, l, 0))
#define LUA_OK 0

static inline int al_absindex (lua_State *L, int i) {
  return i > 0 || i <= LUA_REGISTRYINDEX ? i : lua_gettop(L) + i + 1;
}

static inline void al_setfuncs (lua_State *L, const luaL_Reg *l, int nup) {
  for (; l->name != NULL; l++) {
    for (int i = 0; i < nup; i++) lua_pushvalue(L, -nup);
    lua_pushcclosure(L, l->func, nup);
    lua_setfield(L, -(nup + 2), l->name);
  }
  lua_pop(L, nup);
}

static inline void *al_testudata (lua_State *L, int i, const char *name) {
  void *p = lua_touserdata(L, i);
  if (p == NULL || !lua_getmetatable(L, i)) return NULL;
  luaL_getmetatable(L, name);
  int same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return same ? p : NULL;
}

static inline void al_rawgetp (lua_State *L, int i, const void *key) {
  i = al_absindex(L, i);
  lua_pushlightuserdata(L, (void *)key);
  lua_rawget(L, i);
}

static inline void al_rawsetp (lua_State *L, int i, const void *key) {
  i = al_absindex(L, i);
  lua_pushlightuserdata(L, (void *)key);
  lua_insert(L, -2);
  lua_rawset(L, i);
}

#endif

#if LUA_VERSION_NUM >= 504
/* one user value is all we use; the macros of 5.3 are gone where LUA_COMPAT is off */
#undef lua_newuserdata
#define lua_newuserdata(L, n) lua_newuserdatauv(L, n, 1)
#undef lua_setuservalue
#define lua_setuservalue(L, i) lua_setiuservalue(L, i, 1)
#undef lua_getuservalue
#define lua_getuservalue(L, i) lua_getiuservalue(L, i, 1)
#endif

/* The text at `at` as a C string; NULL: it isn't text, or has a NUL in it, where C would cut it. */
static inline const char *al_word (lua_State *L, int at) {
  size_t n;
  const char *text = lua_type(L, at) == LUA_TSTRING ? lua_tolstring(L, at, &n) : NULL;
  return text != NULL && strlen(text) == n ? text : NULL;
}

/* The argument as a C string; raises where it isn't text, or has a NUL in it. */
static inline const char *al_check_word (lua_State *L, int at) {
  size_t n;
  const char *text = luaL_checklstring(L, at, &n);
  luaL_argcheck(L, strlen(text) == n, at, "has a NUL in it");
  return text;
}

static inline const char *al_opt_word (lua_State *L, int at, const char *fallback) {
  return lua_isnoneornil(L, at) ? fallback : al_check_word(L, at);
}

/* Makes text of the number at `at`, with a point in it whatever the program's locale has there. */
static inline const char *al_number_text (lua_State *L, int at, size_t *n) {
  const char *text = lua_tolstring(L, at, n), *point = localeconv()->decimal_point;
  if (point[0] == '\0' || strcmp(point, ".") == 0 || strstr(text, point) == NULL) return text;
  at = lua_absindex(L, at);
  luaL_gsub(L, text, point, ".");
  lua_replace(L, at);
  return lua_tolstring(L, at, n);
}

/* Whether this Lua has integers, and what number at `at` is one of them. */
enum { AL_INTEGERS = LUA_VERSION_NUM >= 503 };

static inline int al_tointeger (lua_State *L, int at, long long *n) {
#if LUA_VERSION_NUM >= 503
  *n = lua_tointeger(L, at);
  return lua_isinteger(L, at);
#else
  (void)L, (void)at, (void)n;
  return 0;
#endif
}

/* Pushes a whole number: an integer where Lua has them. */
static inline void al_push_integer (lua_State *L, long long n) {
#if LUA_VERSION_NUM >= 503
  lua_pushinteger(L, (lua_Integer)n);
#else
  lua_pushnumber(L, (lua_Number)n);
#endif
}

/*
 * Pushes bytes that may be many. In 5.1 and LuaJIT a string lets the collector take one small step, however long it is,
 * so long ones would pile up for hundreds of requests: it is let take as many as short strings would have. It takes
 * them only where it has something to do.
 */
static inline void al_push_long (lua_State *L, const char *bytes, size_t n) {
#if LUA_VERSION_NUM < 502
  size_t steps = n < AL_LONG_STRING || lua_gc(L, LUA_GCCOUNT, 0) < AL_SMALL_HEAP_KB ? 0 : n / 1024;
  for (; steps > 0; steps--) {
    lua_pushlstring(L, "", 0);
    lua_pop(L, 1);
  }
#endif
  lua_pushlstring(L, bytes, n);
}

/* luaL_newmetatable also sets __name, which error messages use; 5.3+ does it by itself. */
static inline int al_newmetatable (lua_State *L, const char *name) {
  int made = luaL_newmetatable(L, name);
  if (made) {
    lua_pushstring(L, name);
    lua_setfield(L, -2, "__name");
  }
  return made;
}

/* Makes a class of userdata: its methods, and what the collector calls. */
static inline void al_make_class (lua_State *L, const char *name, const luaL_Reg *methods, lua_CFunction gc) {
  al_newmetatable(L, name);
  lua_pushcfunction(L, gc);
  lua_setfield(L, -2, "__gc");
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}

#endif
