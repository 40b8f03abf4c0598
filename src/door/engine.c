#include "door/engine.h"

#include "door/mistake.h"
#include "ground/clock.h"
#include "ground/limits.h"
#include "wire/run.h"

static const char class[] = "airlock.engine";
static const char key = 0; /* its address names the engine in the registry */

static al_engine *make (lua_State *L) {
  al_engine **h = lua_newuserdata(L, sizeof(al_engine *));
  *h = NULL;
  luaL_getmetatable(L, class);
  lua_setmetatable(L, -2);
  *h = al_engine_new();
  if (*h == NULL) al_mistake(L, "airlock: the system refuses a poller or libcurl a handle");
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
  return *h;
}

al_engine *al_engine_of (lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key);
  al_engine **h = lua_touserdata(L, -1);
  lua_pop(L, 1);
  al_engine *e = h != NULL ? *h : make(L);
  if (e == NULL || !al_run_enter(e)) al_mistake(L, "airlock: the engine is closed");
  return e;
}

static int l_gc (lua_State *L) {
  al_engine **h = luaL_checkudata(L, 1, class);
  al_engine *e = *h;
  *h = NULL;
  if (e != NULL) {
    al_run_shut(e);
    al_engine_drop(e);
  }
  return 0;
}

/* core.fd(): the descriptor that is readable when core.step() has something to do. */
int al_l_fd (lua_State *L) {
  al_engine *e = al_engine_of(L);
  e->hosted = true;
  al_engine_arm(e);
  lua_pushinteger(L, e->http.poller.fd);
  return 1;
}

/* core.step(): does what there is to do, without blocking. Calls that want attention come from core.attend() then. */
int al_l_step (lua_State *L) {
  al_engine *e = al_engine_of(L);
  al_run_step(e, 0, false);
  al_engine_arm(e);
  return 0;
}

/*
 * core.advance(seconds): pushes this Lua state's clock forward, for specs that can't wait for a token to expire.
 * Calls under way see the jump too: their time-outs come nearer.
 */
int al_l_advance (lua_State *L) {
  double seconds = luaL_checknumber(L, 1);
  luaL_argcheck(L, seconds >= 0 && seconds <= (double)AL_MAX_LIFETIME_S, 1,
                "time only goes forward, by at most ten years");
  al_engine_of(L)->ahead_ms += (int64_t)(seconds * 1000);
  return 0;
}

/* core.now(): seconds that only go forward, for measuring spans. */
int al_l_now (lua_State *L) {
  lua_pushnumber(L, (lua_Number)al_clock_now() / 1000);
  return 1;
}

/* core.wall(): seconds since 1970, with the fraction that os.time cuts off. */
int al_l_wall (lua_State *L) {
  lua_pushnumber(L, (lua_Number)al_clock_wall() / 1000);
  return 1;
}

/* core.moment() → the time in seconds as this Lua state counts it: core.now(), and what core.advance has added. */
int al_l_moment (lua_State *L) {
  lua_pushnumber(L, (lua_Number)al_engine_now(al_engine_of(L)) / 1000);
  return 1;
}

/*
 * core.tap(on): from now on what goes over the wire is recorded, secrets and all; false ends that and forgets it. For
 * the playground, which shows a user the messages of the user's own machine; nothing else in the library turns it on.
 */
int al_l_tap (lua_State *L) {
  al_tap *tap = &al_engine_of(L)->http.tap;
  luaL_checktype(L, 1, LUA_TBOOLEAN);
  if (lua_toboolean(L, 1)) al_tap_open(tap);
  else al_tap_close(tap);
  return 0;
}

/* core.tapped(): the records since the last time, as in wire/tap.h; "" for none. They are forgotten here. */
int al_l_tapped (lua_State *L) {
  al_tap *tap = &al_engine_of(L)->http.tap;
  lua_pushlstring(L, al_buf_text(&tap->kept), tap->kept.n);
  al_buf_clear(&tap->kept);
  return 1;
}

void al_register_engine (lua_State *L) {
  al_newmetatable(L, class);
  lua_pushcfunction(L, l_gc);
  lua_setfield(L, -2, "__gc");
  lua_pop(L, 1);
}
