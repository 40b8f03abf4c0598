/*
 * state · a Lua state for the fuzz targets of what is said in Lua
 *
 * libFuzzer sees which lines of Lua were run, too: a hook counts them where it looks for counters.
 */
#ifndef AL_FUZZ_STATE_H
#define AL_FUZZ_STATE_H

#include "fuzz.h"

#include <lauxlib.h>
#include <lualib.h>

enum { lua_lines = 1 << 12 };

#ifdef __linux__
__attribute__((section("__libfuzzer_extra_counters")))
#endif
static uint8_t lua_counters[lua_lines];

static lua_State *state; /* one for all inputs; the function that judges stays at its bottom */

int luaopen_airlock_core_impl (lua_State *L);

static inline void count_line (lua_State *L, lua_Debug *ar) {
  static size_t before;
  if (lua_getinfo(L, "Sl", ar) == 0) return;
  size_t here = ((uintptr_t)ar->source >> 4) * 31 + (size_t)ar->currentline;
  lua_counters[(here ^ before) % lua_lines]++;
  before = here >> 1;
}

static inline void close_state (void) {
  lua_close(state);
}

static inline void lua_must (lua_State *L, int status) {
  if (status == 0) return;
  fprintf(stderr, "%s\n", lua_tostring(L, -1));
  abort();
}

/* `judge` is a chunk that returns the function which judges. */
static inline lua_State *lua_judge (const char *judge) {
  if (state != NULL) return state;
  lua_State *L = state = luaL_newstate();
  if (L == NULL || atexit(close_state) != 0) abort();
  luaL_openlibs(L);
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "preload");
  lua_pushcfunction(L, luaopen_airlock_core_impl);
  lua_setfield(L, -2, "airlock.core");
  lua_settop(L, 0);
  lua_must(L, luaL_loadstring(L, judge) != 0 || lua_pcall(L, 0, 1, 0) != 0);
  lua_sethook(L, count_line, LUA_MASKLINE, 0);
  return L;
}

#endif
