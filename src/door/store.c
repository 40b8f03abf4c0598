#include "door/store.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "door/engine.h"
#include "door/failure.h"
#include "door/mistake.h"
#include "door/scratch.h"
#include "ground/clock.h"
#include "ground/home.h"
#include "law/record.h"
#include "wire/store.h"

/* Pushes a path below the user's home; false: there is none. */
static bool push_below_home (lua_State *L, const char *path) {
  al_buf *home = al_push_scratch(L, AL_MAX_URL);
  if (!al_home(home)) {
    lua_pop(L, 1);
    return false;
  }
  lua_pushfstring(L, "%s%s", al_buf_text(home), path);
  lua_remove(L, -2);
  return true;
}

/* Pushes the folder of `store = true` (XDG Base Directory Specification): false where the environment names none. */
static bool push_default_folder (lua_State *L) {
  const char *state = getenv("XDG_STATE_HOME");
  if (state == NULL || state[0] != '/') return push_below_home(L, "/.local/state/airlock");
  lua_pushfstring(L, "%s/airlock", state);
  return true;
}

/* Pushes the folder as an absolute path, so that a program may go elsewhere. */
static void push_absolute (lua_State *L, const char *folder, size_t n) {
  char here[4096];
  while (n > 1 && folder[n - 1] == '/') n--;
  lua_pushlstring(L, folder, n);
  if (folder[0] == '/') return;
  if (folder[0] == '~' && (folder[1] == '/' || n == 1)) {
    if (!push_below_home(L, al_word(L, -1) + 1))
      al_mistake(L, "option 'store' begins with ~, but neither HOME nor the system says where that is");
    lua_remove(L, -2);
    return;
  }
  if (getcwd(here, sizeof here) == NULL)
    al_mistake(L, "the current folder is gone: give option 'store' an absolute path");
  lua_pushfstring(L, "%s/%s", strcmp(here, "/") == 0 ? "" : here, lua_tostring(L, -1));
  lua_remove(L, -2);
}

static void read_folder (al_client *c, al_options *o) {
  size_t n;
  const char *folder = lua_tolstring(o->L, -1, &n);
  if (n == 0 || strlen(folder) != n) al_options_bad(o, "store", "must name a folder");
  push_absolute(o->L, folder, n);
  c->folder = al_text_copy(lua_tostring(o->L, -1));
  if (c->folder == NULL) al_mistake(o->L, "not enough memory");
  c->store = AL_STORE_FILES;
}

/* The program's own: four functions, which lua/airlock/call.lua calls. The table is at the top. */
static void read_functions (al_client *c, al_options *o, int values) {
  static const char *const names[] = { "load", "save", "lock", "unlock" };
  lua_State *L = o->L;
  for (int i = 0; i < 4; i++) {
    lua_getfield(L, -1, names[i]);
    if (!lua_isfunction(L, -1))
      al_options_bad(o, "store", "must have four functions: load, save, lock and unlock; its '%s' is a %s", names[i],
                     luaL_typename(L, -1));
    lua_pop(L, 1);
  }
  lua_getfield(L, -1, "list");
  if (!lua_isnil(L, -1) && !lua_isfunction(L, -1))
    al_options_bad(o, "store", "has a 'list' that is a %s, not a function", luaL_typename(L, -1));
  lua_pop(L, 1);
  c->store = AL_STORE_PROGRAM;
  lua_pushvalue(L, -1);
  lua_setfield(L, values, "store");
}

static void read_default_folder (al_client *c, al_options *o) {
  if (!push_default_folder(o->L))
    al_options_bad(o, "store", "needs XDG_STATE_HOME, HOME, or a home that the system knows; name a folder instead");
  read_folder(c, o);
}

void al_read_store (al_client *c, al_options *o, int values) {
  lua_State *L = o->L;
  int type = al_options_push(o, "store"), top = lua_gettop(L);
  if (type == LUA_TSTRING) read_folder(c, o);
  else if (type == LUA_TTABLE) read_functions(c, o, values);
  else if (type == LUA_TBOOLEAN) {
    if (lua_toboolean(L, -1)) read_default_folder(c, o);
  } else if (type != LUA_TNIL)
    al_options_bad(o, "store", "must be true, a folder's path or a table of functions, not a %s",
                   lua_typename(L, type));
  lua_settop(L, top - 1);
}

/* core.store_folder(folder) → the folder that option `store` would stand for, absolute; true: the default one. */
int al_l_store_folder (lua_State *L) {
  size_t n;
  if (lua_isboolean(L, 1)) {
    if (!push_default_folder(L))
      al_mistake(L, "neither XDG_STATE_HOME nor HOME is set, and the system knows no home: name a folder");
    return 1;
  }
  const char *folder = luaL_checklstring(L, 1, &n);
  if (n == 0 || strlen(folder) != n) al_mistake(L, "the folder must have a name");
  push_absolute(L, folder, n);
  return 1;
}

/* ---- what a folder holds ---- */

typedef struct names {
  al_buf all; /* each ended by a NUL */
} names;

static void add_name (void *context, const char *name) {
  names *n = context;
  al_buf_add(&n->all, name, strlen(name) + 1);
}

static void text_field (lua_State *L, const char *name, const al_buf *text) {
  if (text->n == 0) return;
  lua_pushlstring(L, text->bytes, text->n);
  lua_setfield(L, -2, name);
}

static void time_field (lua_State *L, const char *name, int64_t ms) {
  if (ms < 0) return;
  al_push_integer(L, ms / 1000);
  lua_setfield(L, -2, name);
}

/* What may be shown of a record, into the table on top. */
static void describe (lua_State *L, const al_record *r, const al_clocks *clocks) {
  text_field(L, "issuer", &r->issuer);
  text_field(L, "token_endpoint", &r->token_endpoint);
  text_field(L, "client_id", &r->client_id);
  text_field(L, "grant", &r->grant);
  text_field(L, "account", &r->account);
  text_field(L, "scope", r->granted.n > 0 ? &r->granted : &r->scope);
  text_field(L, "error", &r->error);
  al_push_integer(L, r->generation);
  lua_setfield(L, -2, "generation");
  lua_pushboolean(L, r->dead);
  lua_setfield(L, -2, "dead");
  lua_pushboolean(L, r->refresh_token.n > 0);
  lua_setfield(L, -2, "renewable");
  int64_t when = al_record_when(r, r->expires_at, r->expires_clock, clocks);
  if (r->access_token.n > 0 && r->expires_at >= 0) time_field(L, "expires_at", clocks->wall + (when - clocks->now));
  time_field(L, "obtained_at", r->obtained_at);
}

static int l_gc (lua_State *L) {
  al_record_dispose(lua_touserdata(L, 1));
  return 0;
}

/* A record in which a text may be read, which is wiped when it is collected, at the latest. */
static al_record *push_reader (lua_State *L) {
  al_record *r = lua_newuserdata(L, sizeof *r);
  al_record_init(r);
  lua_createtable(L, 0, 1);
  lua_pushcfunction(L, l_gc);
  lua_setfield(L, -2, "__gc");
  lua_setmetatable(L, -2);
  return r;
}

static bool read_record (al_record *r, const char *folder, const char *name) {
  al_fault fault;
  al_buf text = AL_BUF_SECRET(AL_MAX_RECORD);
  bool ok = al_store_load(folder, name, &text, &fault) == AL_STORE_FINE &&
            al_record_read(r, al_buf_text(&text), text.n) == AL_RECORD_READ;
  al_buf_dispose(&text);
  return ok;
}

static void push_record (lua_State *L, const char *folder, const char *name, const al_clocks *clocks) {
  al_record *r = push_reader(L);
  bool ok = read_record(r, folder, name);
  lua_createtable(L, 0, 12);
  lua_pushstring(L, name);
  lua_setfield(L, -2, "name");
  if (ok) describe(L, r, clocks);
  al_record_dispose(r);
  lua_pushboolean(L, !ok);
  lua_setfield(L, -2, "unreadable");
  lua_remove(L, -2);
}

/* core.records(folder) → a list of what its records say without secrets; or nil, message, detail. */
int al_l_records (lua_State *L) {
  const char *folder = al_check_word(L, 1);
  al_engine *e = al_engine_of(L);
  al_clocks clocks = { .now = al_engine_now(e), .wall = al_clock_wall(), .ahead = e->ahead_ms, .clock = e->clock };
  al_fault fault;
  names n = { .all = AL_BUF(16 * 1024 * 1024) };
  if (al_store_list(folder, add_name, &n, &fault) == AL_STORE_BROKEN) {
    al_buf_dispose(&n.all);
    return al_push_failure(L, &fault);
  }
  lua_pushlstring(L, al_buf_text(&n.all), n.all.n);
  al_buf_dispose(&n.all);
  size_t end;
  const char *all = lua_tolstring(L, -1, &end);
  lua_newtable(L);
  int count = 0;
  for (size_t at = 0; at < end; at += strlen(all + at) + 1) {
    push_record(L, folder, all + at, &clocks);
    lua_rawseti(L, -2, ++count);
  }
  return 1;
}
