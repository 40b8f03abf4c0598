#include "door/options.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "door/mistake.h"
#include "door/near.h"
#include "ground/buf.h"

static bool known (const char *const names[], const char *name) {
  for (; name != NULL && *names != NULL; names++)
    if (strcmp(*names, name) == 0) return true;
  return false;
}

/* What the table says of each name, in a table of its own: a value that the program's `__index` has just made is held
 * by nobody else. It takes the place of the program's. */
static void hold_all (al_options *o, const char *const names[]) {
  lua_State *L = o->L;
  lua_newtable(L);
  for (; *names != NULL; names++) {
    lua_getfield(L, o->at, *names);
    lua_setfield(L, -2, *names);
  }
  lua_replace(L, o->at);
}

static void refuse_unknown (al_options *o, const char *const names[]) {
  lua_State *L = o->L;
  const char *name = lua_tostring(L, -1);
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (size_t i = 0; names[i] != NULL; i++) {
    luaL_addstring(&b, i > 0 ? ", " : "");
    luaL_addstring(&b, names[i]);
  }
  luaL_pushresult(&b);
  const char *meant = al_push_meant(L, name, names);
  al_mistake(L, "%s: unknown option '%s'%s (it takes: %s)", o->whose, name, meant, lua_tostring(L, -2));
}

al_options al_options_at (lua_State *L, int at, const char *whose, const char *const names[]) {
  al_options o = { L, lua_absindex(L, at), whose };
  if (lua_isnoneornil(L, at)) {
    o.at = 0;
    return o;
  }
  if (!lua_istable(L, at)) al_mistake(L, "%s: a table of options was expected, not a %s", whose, luaL_typename(L, at));
  lua_pushnil(L);
  while (lua_next(L, o.at) != 0) {
    lua_pop(L, 1);
    if (lua_type(L, -1) != LUA_TSTRING)
      al_mistake(L, "%s: options have names; found a %s as key", whose, luaL_typename(L, -1));
    if (!known(names, al_word(L, -1))) refuse_unknown(&o, names);
  }
  hold_all(&o, names);
  return o;
}

int al_options_bad (al_options *o, const char *name, const char *format, ...) {
  char why[256];
  va_list args;
  va_start(args, format);
  vsnprintf(why, sizeof why, format, args);
  va_end(args);
  al_mistake(o->L, "%s: option '%s' %s", o->whose, name, why);
}

int al_options_push (al_options *o, const char *name) {
  if (o->at == 0) lua_pushnil(o->L);
  else lua_getfield(o->L, o->at, name);
  return lua_type(o->L, -1);
}

static void must_be (al_options *o, const char *name, int type, int wanted) {
  if (type != wanted)
    al_options_bad(o, name, "must be a %s, not a %s", lua_typename(o->L, wanted), lua_typename(o->L, type));
}

const char *al_options_text (al_options *o, const char *name, size_t *n) {
  int type = al_options_push(o, name);
  const char *text = NULL;
  *n = 0;
  if (type != LUA_TNIL) {
    must_be(o, name, type, LUA_TSTRING);
    text = lua_tolstring(o->L, -1, n);
  }
  lua_pop(o->L, 1);
  return text;
}

const char *al_options_need (al_options *o, const char *name, size_t *n) {
  size_t size;
  const char *text = al_options_text(o, name, &size);
  if (text == NULL) al_options_bad(o, name, "is missing");
  if (size == 0) al_options_bad(o, name, "is empty");
  if (n != NULL) *n = size;
  return text;
}

const char *al_options_word (al_options *o, const char *name) {
  size_t n;
  const char *text = al_options_text(o, name, &n);
  if (text != NULL && !al_options_clean(text, n)) al_options_bad(o, name, "has a control character in it");
  return text;
}

char *al_options_keep (al_options *o, const char *text) {
  char *made = al_text_copy(text);
  if (made == NULL) al_mistake(o->L, "not enough memory");
  return made;
}

bool al_options_clean (const char *text, size_t n) {
  for (size_t i = 0; i < n; i++)
    if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F) return false;
  return true;
}

char *al_options_plain (al_options *o, const char *name) {
  const char *text = al_options_word(o, name);
  return text != NULL ? al_options_keep(o, text) : NULL;
}

bool al_options_bool (al_options *o, const char *name, bool fallback) {
  int type = al_options_push(o, name);
  if (type != LUA_TNIL) {
    must_be(o, name, type, LUA_TBOOLEAN);
    fallback = lua_toboolean(o->L, -1) != 0;
  }
  lua_pop(o->L, 1);
  return fallback;
}

static bool number (al_options *o, const char *name, double *out) {
  int type = al_options_push(o, name);
  if (type != LUA_TNIL) {
    must_be(o, name, type, LUA_TNUMBER);
    *out = (double)lua_tonumber(o->L, -1);
  }
  lua_pop(o->L, 1);
  return type != LUA_TNIL;
}

int64_t al_options_integer (al_options *o, const char *name, int64_t least, int64_t most, int64_t fallback) {
  double value;
  if (!number(o, name, &value)) return fallback;
  if (!(value >= (double)least && value <= (double)most) || floor(value) != value)
    al_options_bad(o, name, "must be a whole number from %lld to %lld", (long long)least, (long long)most);
  return (int64_t)value;
}

int64_t al_options_seconds (al_options *o, const char *name, double most, bool forever, int64_t fallback) {
  double value;
  if (!number(o, name, &value)) return fallback;
  if (forever && isinf(value) && value > 0) return INT64_MAX;
  if (!(value > 0 && value <= most))
    al_options_bad(o, name, "must be more than 0 and at most %.0f seconds%s", most,
                   forever ? ", or math.huge for no limit" : "");
  int64_t ms = (int64_t)(value * 1000);
  return ms > 0 ? ms : 1;
}
