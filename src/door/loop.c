#include "door/loop.h"

#include <math.h>
#include <poll.h>

#include "door/engine.h"
#include "door/upvalues.h"
#include "door/mistake.h"
#include "ground/poller.h"
#include "wire/run.h"

enum { most_pollables = 64 };

/* The descriptor of the pollable at the top of the stack. */
static int fd_of (lua_State *L) {
  lua_getfield(L, -1, "fd");
  lua_pushvalue(L, -2);
  lua_call(L, 1, 1);
  if (!lua_isnumber(L, -1)) al_mistake(L, "a pollable's fd() must give a number, not a %s", luaL_typename(L, -1));
  int fd = (int)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return fd;
}

/* Lets Lua run its hooks (Ctrl-C in the stand-alone interpreter is one), which it can't while C waits. */
static void breathe (lua_State *L) {
  if (luaL_loadstring(L, "return") == LUA_OK) lua_call(L, 0, 0);
  else lua_pop(L, 1);
}

/* How many pollables are beside the engine. */
static int count_beside (lua_State *L) {
  int n = (int)lua_rawlen(L, lua_upvalueindex(AL_HAS_BESIDE));
  if (n > most_pollables) al_mistake(L, "at most %d pollables can be beside the engine, not %d", most_pollables, n);
  return n;
}

static int sooner (int a, int b) {
  return a < 0 ? b : b < 0 || a < b ? a : b;
}

/* A step may change the list, so it is copied first. */
static bool wait_with (lua_State *L, al_engine *e, int n, int ms) {
  struct pollfd fds[most_pollables + 1];
  int top = lua_gettop(L);
  luaL_checkstack(L, n + 8, "too many pollables");
  fds[n] = (struct pollfd){ .fd = e->http.poller.fd, .events = POLLIN };
  for (int i = 0; i < n; i++) {
    lua_rawgeti(L, lua_upvalueindex(AL_HAS_BESIDE), i + 1);
    fds[i] = (struct pollfd){ .fd = fd_of(L), .events = POLLIN };
  }
  bool hushed = al_poller_hush(&e->http.poller);
  int ready = al_poller_wait(fds, n + 1, sooner(al_engine_patience(e), ms));
  if (hushed) al_engine_arm(e);
  for (int i = 0; i < n && ready > 0; i++) {
    if (fds[i].revents == 0) continue;
    lua_getfield(L, top + 1 + i, "step");
    lua_pushvalue(L, top + 1 + i);
    lua_call(L, 1, 0);
  }
  bool calm = al_run_step(e, 0, false) && ready >= 0;
  lua_settop(L, top);
  return calm;
}

static bool wait_alone (al_engine *e, int ms) {
  bool hushed = al_poller_hush(&e->http.poller), calm = al_run_step(e, sooner(al_engine_patience(e), ms), true);
  if (hushed) al_engine_arm(e);
  return calm;
}

/* Waits up to ms (-1: no limit) for something to do, and does it. */
static void wait_once (lua_State *L, al_engine *e, int ms) {
  int n = count_beside(L);
  bool calm = n > 0 ? wait_with(L, e, n, ms) : wait_alone(e, ms);
  if (!calm) breathe(L);
}

void al_loop_drive (lua_State *L, al_call *c) {
  while (c->wants == 0 && c->engine != NULL) wait_once(L, c->engine, -1);
  if (c->engine == NULL) al_mistake(L, "this call is closed");
  al_call_attended(c);
  al_engine_arm(c->engine);
}

/*
 * core.wait(seconds): waits for something to do, at most so long (nil: no limit), and does it: on the engine and on
 * what is beside it.
 */
int al_l_wait (lua_State *L) {
  double seconds = luaL_optnumber(L, 1, HUGE_VAL);
  al_engine *e = al_engine_of(L);
  if (e->queue.first != NULL) seconds = 0; /* a call wants attention */
  wait_once(L, e, seconds >= 2e6 ? -1 : seconds <= 0 ? 0 : (int)ceil(seconds * 1000));
  return 0;
}

/*
 * core.watch(fd) → whether it can: the engine's descriptor is then readable when this one is, too; for a host, which
 * watches that alone.
 */
int al_l_watch (lua_State *L) {
  int fd = (int)luaL_checkinteger(L, 1);
  lua_pushboolean(L, al_poller_watch(&al_engine_of(L)->http.poller, fd, AL_READ));
  return 1;
}

/* core.unwatch(fd): no longer; to be called before it is closed. */
int al_l_unwatch (lua_State *L) {
  al_poller_forget(&al_engine_of(L)->http.poller, (int)luaL_checkinteger(L, 1));
  return 0;
}
