#include "door/process.h"

#include <string.h>

#include "door/client.h"
#include "door/mistake.h"
#include "ground/child.h"
#include "ground/limits.h"

static const char class[] = "airlock.process";

static al_child *check (lua_State *L) {
  return luaL_checkudata(L, 1, class);
}

/*
 * process:step() → nil: it goes on; or its standard output, its exit code (-1: nobody knows; 128 and more: a signal),
 * and the beginning of its standard error. nil, "too much": it printed more than may be.
 */
static int l_step (lua_State *L) {
  al_child *c = check(L);
  bool over = al_child_step(c);
  if (c->said.starved) al_mistake(L, "not enough memory");
  if (c->said.broken) {
    al_child_dispose(c);
    lua_pushnil(L);
    lua_pushliteral(L, "too much");
    return 2;
  }
  if (!over) return 0;
  lua_pushlstring(L, al_buf_text(&c->said), c->said.n);
  lua_pushinteger(L, c->status);
  lua_pushlstring(L, al_buf_text(&c->told), c->told.n);
  return 3;
}

/* process:close(): ends it, if it goes on, and forgets what it printed. */
static int l_close (lua_State *L) {
  al_child_dispose(check(L));
  return 0;
}

/* core.process(argv) → the program, started without a shell; nil, why: it can't be. */
int al_l_process (lua_State *L) {
  char *argv[AL_MAX_COMMAND_WORDS + 1];
  luaL_checktype(L, 1, LUA_TTABLE);
  size_t n = lua_rawlen(L, 1);
  lua_settop(L, 1);
  if (n == 0 || n > AL_MAX_COMMAND_WORDS) al_mistake(L, "a command has 1 to %d words", AL_MAX_COMMAND_WORDS);
  luaL_checkstack(L, (int)n + 4, NULL);
  for (size_t i = 0; i < n; i++) {
    lua_rawgeti(L, 1, (int)i + 1); /* they stay on the stack */
    argv[i] = (char *)(uintptr_t)al_check_word(L, lua_gettop(L));
  }
  argv[n] = NULL;
  al_child *c = lua_newuserdata(L, sizeof *c);
  al_child_init(c);
  luaL_getmetatable(L, class);
  lua_setmetatable(L, -2);
  int error = al_child_start(c, argv);
  if (error == 0) return 1;
  lua_pushnil(L);
  lua_pushstring(L, strerror(error));
  return 2;
}

void al_register_process (lua_State *L) {
  static const luaL_Reg methods[] = { { "step", l_step }, { "close", l_close }, { NULL, NULL } };
  al_make_class(L, class, methods, l_close);
}
