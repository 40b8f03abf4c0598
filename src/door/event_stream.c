#include "door/event_stream.h"

#include "door/mistake.h"
#include "ground/event_stream.h"

static const char class[] = "airlock.event_stream";

static void field (lua_State *L, const char *name, const al_buf *text) {
  lua_pushlstring(L, al_buf_text(text), text->n);
  lua_setfield(L, -2, name);
}

static void push_event (lua_State *L, const al_event_stream *s) {
  lua_createtable(L, 0, 3);
  if (s->type.n > 0) field(L, "event", &s->type);
  else {
    lua_pushliteral(L, "message");
    lua_setfield(L, -2, "event");
  }
  field(L, "data", &s->data);
  if (s->id.n > 0) field(L, "id", &s->id);
}

static al_event_stream *check (lua_State *L) {
  return luaL_checkudata(L, 1, class);
}

/*
 * stream:feed(bytes) → a list of the events that are whole by now, each `{ event, data, id }`; nil: one is larger than
 * may be, and nothing more is read.
 */
static int l_feed (lua_State *L) {
  al_event_stream *s = check(L);
  size_t n;
  const char *bytes = luaL_checklstring(L, 2, &n);
  int count = 0;
  lua_settop(L, 2);
  lua_newtable(L);
  while (al_event_stream_next(s, &bytes, &n)) {
    push_event(L, s);
    lua_rawseti(L, 3, ++count);
  }
  if (s->line.starved || s->data.starved || s->type.starved || s->id.starved) al_mistake(L, "not enough memory");
  if (al_event_stream_broken(s)) lua_pushnil(L);
  return 1;
}

/* stream:retry() → the newest wish how long to wait before the stream is asked for again, in seconds; nil: none. */
static int l_retry (lua_State *L) {
  const al_event_stream *s = check(L);
  if (s->retry_ms < 0) return 0;
  lua_pushnumber(L, (lua_Number)s->retry_ms / 1000);
  return 1;
}

/* stream:id() → the newest event's id, which stands until another one comes; "": none. */
static int l_id (lua_State *L) {
  const al_event_stream *s = check(L);
  lua_pushlstring(L, al_buf_text(&s->id), s->id.n);
  return 1;
}

/* stream:ended(): the bytes end here; what isn't whole is forgotten, and a new connection's bytes may follow. */
static int l_ended (lua_State *L) {
  al_event_stream *s = check(L), fresh;
  al_event_stream_init(&fresh);
  al_buf_take(&fresh.id, &s->id);
  fresh.retry_ms = s->retry_ms;
  al_event_stream_dispose(s);
  *s = fresh;
  return 0;
}

static int l_close (lua_State *L) {
  al_event_stream_dispose(check(L));
  return 0;
}

/* core.event_stream() → a reader of server-sent events (WHATWG HTML section 9.2.6). */
int al_l_event_stream (lua_State *L) {
  al_event_stream *s = lua_newuserdata(L, sizeof *s);
  al_event_stream_init(s);
  luaL_getmetatable(L, class);
  lua_setmetatable(L, -2);
  return 1;
}

void al_register_event_stream (lua_State *L) {
  static const luaL_Reg methods[] = {
    { "feed", l_feed },   { "retry", l_retry }, { "id", l_id },
    { "ended", l_ended }, { "close", l_close }, { NULL, NULL },
  };
  al_make_class(L, class, methods, l_close);
}
