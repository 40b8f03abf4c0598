#include "door/challenge.h"

#include <string.h>

#include "ground/ascii.h"
#include "law/challenge.h"
#include "law/header.h"

static void push_lower (lua_State *L, const char *name, size_t n) {
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (size_t i = 0; i < n; i++) luaL_addchar(&b, al_ascii_lower(name[i]));
  luaL_pushresult(&b);
}

static void push_value (lua_State *L, const al_challenge *piece) {
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (size_t i = 0; i < piece->value_n; i++) {
    if (piece->quoted && piece->value[i] == '\\' && i + 1 < piece->value_n) i++;
    luaL_addchar(&b, piece->value[i]);
  }
  luaL_pushresult(&b);
}

/* A new challenge at the end of the list at the top; stack: list, challenge. */
static void open_challenge (lua_State *L, const al_challenge *piece) {
  lua_newtable(L);
  lua_pushlstring(L, piece->name, piece->name_n);
  lua_setfield(L, -2, "scheme");
  lua_pushvalue(L, -1);
  lua_rawseti(L, -3, (int)lua_rawlen(L, -3) + 1);
}

/* Of a name that comes twice the first counts; ours are taken. */
static void add_parameter (lua_State *L, const al_challenge *piece) {
  push_lower(L, piece->name, piece->name_n);
  lua_pushvalue(L, -1);
  lua_rawget(L, -3);
  bool taken = !lua_isnil(L, -1) || al_ascii_is(piece->name, piece->name_n, "token68");
  lua_pop(L, 1);
  push_value(L, piece);
  if (taken) lua_pop(L, 2);
  else lua_rawset(L, -3);
}

/* The list is at the top, and there again at the end. */
static void read_field (lua_State *L, const char *field, size_t n) {
  size_t at = 0;
  int list = lua_gettop(L);
  al_challenge piece;
  while (al_challenge_next(field, n, &at, &piece)) {
    if (piece.kind == AL_CHALLENGE_SCHEME) {
      lua_settop(L, list);
      open_challenge(L, &piece);
    } else if (lua_gettop(L) > list) { /* what belongs to no scheme says nothing */
      if (piece.kind == AL_CHALLENGE_PARAMETER) add_parameter(L, &piece);
      else push_value(L, &piece), lua_setfield(L, -2, "token68");
    }
  }
  lua_settop(L, list);
}

/* core.challenges(head) → the challenges of its WWW-Authenticate fields, in order: { { scheme, token68, [name] = value
 * }, … }. */
int al_l_challenges (lua_State *L) {
  size_t n, at = 0, name_n, value_n;
  const char *head = luaL_checklstring(L, 1, &n), *name, *value;
  lua_settop(L, 1);
  lua_newtable(L);
  while (al_header_next(head, n, &at, &name, &name_n, &value, &value_n))
    if (al_ascii_is(name, name_n, "WWW-Authenticate")) read_field(L, value, value_n);
  return 1;
}

void al_add_challenges (lua_State *L, const al_fault *fault) {
  bool barred = fault->status == 401 || fault->status == 403;
  if (fault->kind != AL_OAUTH || (fault->challenge[0] == '\0' && !barred)) return;
  lua_newtable(L);
  for (const char *line = fault->challenge; *line != '\0';) {
    size_t n = strcspn(line, "\n");
    read_field(L, line, n);
    line += n + (line[n] != '\0');
  }
  lua_setfield(L, -2, "challenges");
}
