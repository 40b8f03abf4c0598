#include "door/header.h"

#include <string.h>

#include "ground/ascii.h"
#include "ground/clock.h"
#include "ground/encode.h"
#include "law/header.h"
#include "law/link.h"

/* core.retry_after(head) → the seconds that a header block's Retry-After asks for, or nil. */
int al_l_retry_after (lua_State *L) {
  size_t n;
  const char *head = luaL_checklstring(L, 1, &n);
  int64_t ms = al_header_retry_after(head, n, al_clock_wall());
  if (ms < 0) return 0;
  lua_pushnumber(L, (lua_Number)ms / 1000);
  return 1;
}

/* A field's name in lower case: ASCII's, whatever the locale says. */
static void push_lower (lua_State *L, const char *name, size_t n) {
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (size_t i = 0; i < n; i++) luaL_addchar(&b, al_ascii_lower(name[i]));
  luaL_pushresult(&b);
}

/* fields[name] = value, name on top; a second value of it makes a list, so that joining is one pass, too. */
static void add_field (lua_State *L, int fields, const char *value, size_t n) {
  lua_pushvalue(L, -1);
  lua_rawget(L, fields);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    lua_pushlstring(L, value, n);
    lua_rawset(L, fields);
    return;
  }
  if (!lua_istable(L, -1)) {
    lua_createtable(L, 2, 0);
    lua_insert(L, -2);
    lua_rawseti(L, -2, 1);
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -2);
    lua_rawset(L, fields);
  }
  lua_pushlstring(L, value, n);
  lua_rawseti(L, -2, (int)lua_rawlen(L, -2) + 1);
  lua_pop(L, 2);
}

/* core.headers(head) → { [name in lower case] = value, or a list of values where the field was repeated }. */
int al_l_headers (lua_State *L) {
  size_t n, at = 0, name_n, value_n;
  const char *head = luaL_checklstring(L, 1, &n), *name, *value;
  lua_settop(L, 1);
  lua_newtable(L);
  while (al_header_next(head, n, &at, &name, &name_n, &value, &value_n)) {
    push_lower(L, name, name_n);
    add_field(L, 2, value, value_n);
  }
  return 1;
}

/* core.link(field, relation) → the target of that relation's link (RFC 8288 section 3), or nil. */
int al_l_link (lua_State *L) {
  size_t n, relation_n, target_n;
  const char *field = luaL_checklstring(L, 1, &n), *relation = luaL_checklstring(L, 2, &relation_n);
  const char *target = al_link_find(field, n, relation, relation_n, &target_n);
  if (target == NULL) return 0;
  lua_pushlstring(L, target, target_n);
  return 1;
}

/* What a form is made of: anything else is a page, or nothing. */
static bool form_like (const char *text, size_t n) {
  for (size_t i = 0; i < n; i++) {
    char c = text[i];
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && (c == '\0' || strchr("%+-._~*=&", c) == NULL)) return false;
  }
  return memchr(text, '=', n) != NULL;
}

/* Pushes it decoded; as it is, where an escape is broken. `room` holds n + 1 bytes. */
static void push_decoded (lua_State *L, char *room, const char *text, size_t n) {
  al_buf plain = { .bytes = room, .room = n + 1, .max = n };
  if (al_decode_percent(&plain, text, n, true)) lua_pushlstring(L, room, plain.n);
  else lua_pushlstring(L, text, n);
}

/* core.form(text) → { name = value } of application/x-www-form-urlencoded, the last of each name; nil: it isn't one. */
int al_l_form (lua_State *L) {
  size_t n, at = 0, name_n, value_n;
  const char *text = luaL_checklstring(L, 1, &n), *name, *value;
  if (!form_like(text, n)) return 0;
  lua_settop(L, 1);
  char *room = lua_newuserdata(L, n + 1);
  lua_newtable(L);
  while (al_form_next(text, n, &at, &name, &name_n, &value, &value_n)) {
    if (name_n == 0 || value == name + name_n) continue; /* no name, or no '=' */
    push_decoded(L, room, name, name_n);
    push_decoded(L, room, value, value_n);
    lua_rawset(L, 3);
  }
  return 1;
}
