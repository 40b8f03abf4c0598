#include "door/loop.h"

#include <math.h>
#include <poll.h>

#include "ground/clock.h"
#include "ground/poller.h"

enum { most_pollables = 64 };

/* The descriptor of the pollable at the top of the stack. */
static int fd_of (lua_State *L) {
  lua_getfield(L, -1, "fd");
  lua_pushvalue(L, -2);
  lua_call(L, 1, 1);
  if (!lua_isnumber(L, -1)) luaL_error(L, "a pollable's fd() must give a number, not a %s", luaL_typename(L, -1));
  int fd = (int)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return fd;
}

/* Lets Lua run its hooks (Ctrl-C in the stand-alone interpreter is one), which it can't while C waits. */
static void breathe (lua_State *L) {
  if (luaL_loadstring(L, "return") == LUA_OK) lua_call(L, 0, 0);
  else lua_pop(L, 1);
}

/*
 * core.wait(pollables, seconds)
 * Waits until one of a list of pollables (objects with fd() and step()) has something to do, or seconds have passed
 * (nil: no limit), and steps those that are ready. Returns how many were stepped.
 */
int al_l_wait (lua_State *L) {
  struct pollfd fds[most_pollables];
  luaL_checktype(L, 1, LUA_TTABLE);
  double seconds = luaL_optnumber(L, 2, HUGE_VAL);
  int n = (int)lua_rawlen(L, 1);
  if (n > most_pollables) return luaL_error(L, "wait: at most %d pollables, not %d", most_pollables, n);
  for (int i = 0; i < n; i++) {
    lua_rawgeti(L, 1, i + 1);
    fds[i] = (struct pollfd){ .fd = fd_of(L), .events = POLLIN };
    lua_pop(L, 1);
  }
  int ms = seconds >= 2e6 ? -1 : seconds <= 0 ? 0 : (int)ceil(seconds * 1000);
  int ready = al_poller_wait(fds, n, ms);
  if (ready < 0) breathe(L);
  int stepped = 0;
  for (int i = 0; i < n && ready > 0; i++) {
    if (fds[i].revents == 0) continue;
    lua_rawgeti(L, 1, i + 1);
    lua_getfield(L, -1, "step");
    lua_insert(L, -2);
    lua_call(L, 1, 0);
    stepped++;
  }
  lua_pushinteger(L, stepped);
  return 1;
}

/* core.now(): seconds that only go forward, for measuring spans. */
int al_l_now (lua_State *L) {
  lua_pushnumber(L, (lua_Number)al_clock_now() / 1000);
  return 1;
}
