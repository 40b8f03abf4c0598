#include <math.h>
#include <string.h>

#include "door/options.h"
#include "ground/ascii.h"
#include "ground/limits.h"
#include "server/lua.h"

al_exchange **al_push_exchange (lua_State *L) {
  al_exchange **held = lua_newuserdata(L, sizeof *held);
  *held = NULL;
  luaL_getmetatable(L, AL_EXCHANGE_CLASS);
  lua_setmetatable(L, -2);
  lua_createtable(L, 0, 1); /* keeps the table of headers once it was asked for */
  lua_setuservalue(L, -2);
  return held;
}

static al_exchange *check_exchange (lua_State *L) {
  al_exchange **held = luaL_checkudata(L, 1, AL_EXCHANGE_CLASS);
  if (*held == NULL) luaL_error(L, "the exchange is over");
  return *held;
}

/* Fields of the request */

static int push_method (lua_State *L, al_exchange *e) {
  lua_pushstring(L, e->method);
  return 1;
}

static int push_target (lua_State *L, al_exchange *e) {
  lua_pushstring(L, e->target);
  return 1;
}

static int push_path (lua_State *L, al_exchange *e) {
  lua_pushlstring(L, e->target, strcspn(e->target, "?"));
  return 1;
}

static int push_query (lua_State *L, al_exchange *e) {
  const char *mark = strchr(e->target, '?');
  if (mark != NULL) lua_pushstring(L, mark + 1);
  else lua_pushnil(L);
  return 1;
}

static int push_body (lua_State *L, al_exchange *e) {
  lua_pushlstring(L, al_buf_text(&e->body), e->body.n);
  return 1;
}

static int push_remote (lua_State *L, al_exchange *e) {
  lua_pushstring(L, e->remote);
  return 1;
}

static int push_replied (lua_State *L, al_exchange *e) {
  lua_pushboolean(L, e->verdict != AL_UNANSWERED);
  return 1;
}

/* Steps through "name NUL value NUL ..."; NULL at the end. */
static const char *next_header (const al_exchange *e, const char *at, const char **value) {
  if (at >= e->headers.bytes + e->headers.n || e->headers.n == 0) return NULL;
  *value = at + strlen(at) + 1;
  return *value + strlen(*value) + 1;
}

static void push_lower (lua_State *L, const char *name) {
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  for (; *name != '\0'; name++) luaL_addchar(&b, al_ascii_lower(*name));
  luaL_pushresult(&b);
}

/* headers[name] = value, or "before, value" where the name came before. */
static void add_header (lua_State *L, const char *name, const char *value) {
  push_lower(L, name); /* stack: headers, name */
  lua_pushvalue(L, -1);
  lua_rawget(L, -3); /* stack: headers, name, what was there */
  if (lua_isnil(L, -1)) lua_pushstring(L, value);
  else lua_pushfstring(L, "%s, %s", lua_tostring(L, -1), value);
  lua_replace(L, -2);
  lua_rawset(L, -3);
}

static int push_headers (lua_State *L, al_exchange *e) {
  const char *value;
  lua_getuservalue(L, 1);
  lua_getfield(L, -1, "headers");
  if (!lua_isnil(L, -1)) return 1;
  lua_newtable(L);
  for (const char *at = e->headers.bytes, *next; (next = next_header(e, at, &value)) != NULL; at = next)
    add_header(L, at, value);
  lua_pushvalue(L, -1);
  lua_setfield(L, -4, "headers");
  return 1;
}

static const struct {
  const char *name;
  int (*push)(lua_State *L, al_exchange *e);
} fields[] = {
  { "method", push_method }, { "target", push_target },   { "path", push_path },     { "query", push_query },
  { "body", push_body },     { "headers", push_headers }, { "remote", push_remote }, { "replied", push_replied },
};

/* exchange.method … exchange.replied, else a method of the class (upvalue 1); nil for any other name. */
static int l_index (lua_State *L) {
  const char *name = al_word(L, 2);
  if (name == NULL) return 0;
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(1));
  if (!lua_isnil(L, -1)) return 1;
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
    if (strcmp(fields[i].name, name) == 0) return fields[i].push(L, check_exchange(L));
  return 1;
}

/* exchange:header_list(): { { name, value }, … } as they came. */
static int l_header_list (lua_State *L) {
  al_exchange *e = check_exchange(L);
  const char *value;
  int n = 0;
  lua_newtable(L);
  for (const char *at = e->headers.bytes, *next; (next = next_header(e, at, &value)) != NULL; at = next) {
    lua_createtable(L, 2, 0);
    lua_pushstring(L, at);
    lua_rawseti(L, -2, 1);
    lua_pushstring(L, value);
    lua_rawseti(L, -2, 2);
    lua_rawseti(L, -2, ++n);
  }
  return 1;
}

/* Answers */

static int64_t delay_of (al_options *o, const char *name) {
  int type = al_options_push(o, name);
  double seconds = type == LUA_TNUMBER ? lua_tonumber(o->L, -1) : type == LUA_TNIL ? 0 : -1;
  lua_pop(o->L, 1);
  if (!(seconds >= 0 && seconds <= AL_SERVER_MAX_DELAY_S))
    al_options_bad(o, name, "must be a number from 0 to %d seconds", AL_SERVER_MAX_DELAY_S);
  return (int64_t)ceil(seconds * 1000);
}

static void read_dribble (al_options *o, al_stream *how) {
  static const char *const names[] = { "bytes", "every", NULL };
  if (al_options_push(o, "dribble") != LUA_TNIL) {
    al_options d = al_options_at(o->L, -1, "exchange:reply: dribble", names);
    how->dribble = (size_t)al_options_integer(&d, "bytes", 1, INT32_MAX, 1);
    how->every_ms = delay_of(&d, "every");
  }
  lua_pop(o->L, 1);
}

static void must_be_unanswered (lua_State *L, al_exchange *e) {
  if (e->verdict != AL_UNANSWERED) luaL_error(L, "the exchange (%s) was answered before", e->method);
}

/*
 * exchange:reply { status = 200, headers, body = "", delay, truncate, endless, dribble = { bytes, every } }
 * Answers. `headers` is a table of names and values or a list of pairs; `delay` and `every` are seconds; `truncate`
 * promises the whole body, sends so many bytes and cuts; `endless` sends the body over and over. Raises for a second
 * answer and for what HTTP can't carry; does nothing where the peer has left or the server is closed.
 */
static int l_reply (lua_State *L) {
  static const char *const names[] = { "status", "headers", "body", "delay", "truncate", "endless", "dribble", NULL };
  al_exchange *e = check_exchange(L);
  must_be_unanswered(L, e);
  al_options o = al_options_at(L, 2, "exchange:reply", names);
  size_t n;
  const char *body = al_options_text(&o, "body", &n);
  if (body == NULL) body = "";
  al_stream how = { .truncate = al_options_integer(&o, "truncate", 0, INT32_MAX, -1) };
  how.endless = al_options_bool(&o, "endless", false);
  read_dribble(&o, &how);
  if (how.endless && n == 0) al_options_bad(&o, "endless", "needs a body to send over and over");
  int64_t delay = delay_of(&o, "delay");
  e->status = (unsigned)al_options_integer(&o, "status", 200, 599, 200);
  bool streams = how.truncate >= 0 || how.endless || how.dribble > 0;
  if (!(streams ? al_exchange_stream(e, body, n, &how) : al_exchange_plain(e, body, n)))
    return luaL_error(L, "out of memory");
  if (al_options_push(&o, "headers") != LUA_TNIL) al_reply_headers(L, lua_gettop(L), o.whose, e->response);
  al_exchange_decide(e, AL_REPLIED, delay);
  return 0;
}

/* exchange:drop { delay }: closes the connection without an answer, after so many seconds. Raises after an answer. */
static int l_drop (lua_State *L) {
  static const char *const names[] = { "delay", NULL };
  al_exchange *e = check_exchange(L);
  must_be_unanswered(L, e);
  al_options o = al_options_at(L, 2, "exchange:drop", names);
  al_exchange_decide(e, AL_DROPPED, delay_of(&o, "delay"));
  return 0;
}

/* An exchange that nobody will answer any more answers 500. */
static int l_gc (lua_State *L) {
  al_exchange **held = luaL_checkudata(L, 1, AL_EXCHANGE_CLASS);
  al_exchange *e = *held;
  *held = NULL;
  if (e == NULL) return 0;
  if (e->verdict == AL_UNANSWERED) al_exchange_fail(e);
  al_exchange_release(e);
  return 0;
}

/* The path without its query, which may hold a code or a token. */
static int l_tostring (lua_State *L) {
  al_exchange *e = check_exchange(L);
  push_path(L, e);
  lua_pushfstring(L, "airlock.exchange (%s %s)", e->method, lua_tostring(L, -1));
  return 1;
}

static const luaL_Reg methods[] = {
  { "reply", l_reply },
  { "drop", l_drop },
  { "header_list", l_header_list },
  { NULL, NULL },
};

static const luaL_Reg events[] = {
  { "__gc", l_gc },
  { "__tostring", l_tostring },
  { NULL, NULL },
};

void al_exchange_class (lua_State *L) {
  al_newmetatable(L, AL_EXCHANGE_CLASS);
  luaL_setfuncs(L, events, 0);
  luaL_newlib(L, methods);
  lua_pushcclosure(L, l_index, 1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
