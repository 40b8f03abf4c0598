#include "door/json_slices.h"

#include "door/json_decode.h"
#include "door/json_mark.h"
#include "door/mistake.h"
#include "ground/clock.h"

static const char class[] = "airlock.json_slices";

typedef struct slices {
  al_json_reader reader;
  al_buf body;
  int kept; /* values in the user value: the reader's part of the stack; 0: it hasn't begun */
  bool over, fine, broken;
} slices;

bool al_json_slices_fit (const al_call *c) {
  const al_transfer *t = &c->transfer;
  return c->flow.fault == NULL && c->flow.request != NULL && c->decodes != AL_DECODES_NOTHING && t->status < 300 &&
         t->body.n > AL_SLICED_BODY;
}

void al_push_json_slices (lua_State *L, al_call *c) {
  slices *s = lua_newuserdata(L, sizeof *s);
  s->body = AL_BUF((size_t)-1 / 2);
  s->kept = 0;
  s->over = s->fine = s->broken = false;
  luaL_getmetatable(L, class);
  lua_setmetatable(L, -2);
  lua_newtable(L);
  lua_setuservalue(L, -2);
  al_buf_take(&s->body, &c->transfer.body);
  al_json_begin(&s->reader, al_buf_text(&s->body), s->body.n, c->client->big_numbers_as_text);
}

bool al_is_json_slices (lua_State *L, int at) {
  return luaL_testudata(L, at, class) != NULL;
}

/* Puts the reader's values back, above the mark of lists; stack then: self, user value, mark, … */
static void put_back (lua_State *L, const slices *s) {
  lua_settop(L, 1);
  luaL_checkstack(L, s->kept + 16, "no room for JSON");
  lua_getuservalue(L, 1);
  al_push_json_mark(L);
  for (int i = 1; i <= s->kept; i++) lua_rawgeti(L, 2, i);
  if (s->kept == 0) lua_pushnil(L);
}

static void put_aside (lua_State *L, slices *s) {
  s->kept = lua_gettop(L) - 3;
  for (int i = s->kept; i >= 1; i--) lua_rawseti(L, 2, i);
}

/* slices:step() → whether it is over. */
static int l_step (lua_State *L) {
  slices *s = luaL_checkudata(L, 1, class);
  al_json_fault fault;
  if (s->broken) al_mistake(L, "this answer can't be decoded any further");
  s->broken = !s->over; /* should an error end it */
  int64_t until = al_clock_now() + AL_SLICE_MS;
  if (!s->over) put_back(L, s);
  while (!s->over && al_clock_now() < until) s->over = al_json_some(&s->reader, L, 3, 4, AL_SLICE_BYTES);
  if (s->broken) {
    if (s->over) s->fine = al_json_end(&s->reader, &fault);
    put_aside(L, s);
  }
  s->broken = false;
  lua_pushboolean(L, s->over);
  return 1;
}

bool al_end_json_slices (lua_State *L, int at, al_call *c) {
  slices *s = luaL_checkudata(L, at, class);
  if (s->body.n > 0) al_buf_take(&c->transfer.body, &s->body);
  if (!s->fine) return false;
  lua_getuservalue(L, at);
  lua_rawgeti(L, -1, 1);
  lua_remove(L, -2);
  return true;
}

static int l_gc (lua_State *L) {
  slices *s = luaL_checkudata(L, 1, class);
  al_buf_dispose(&s->body);
  return 0;
}

void al_register_json_slices (lua_State *L) {
  static const luaL_Reg methods[] = { { "step", l_step }, { NULL, NULL } };
  al_make_class(L, class, methods, l_gc);
}
