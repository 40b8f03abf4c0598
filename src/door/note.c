#include "door/note.h"

#include "law/trip.h"

static void seconds_of (lua_State *L, const char *name, int64_t ms) {
  if (ms < 0) return;
  lua_pushnumber(L, (lua_Number)ms / 1000);
  lua_setfield(L, -2, name);
}

static void text_of (lua_State *L, const char *name, const char *text) {
  if (text[0] == '\0') return;
  lua_pushstring(L, text);
  lua_setfield(L, -2, name);
}

static void add_trip (lua_State *L, const al_trip *e) {
  lua_pushnumber(L, (lua_Number)e->id);
  lua_setfield(L, -2, "id");
  text_of(L, "purpose", e->purpose);
  text_of(L, "method", e->method);
  text_of(L, "path", e->url + e->origin_n);
  lua_pushlstring(L, e->url, (size_t)e->origin_n);
  lua_setfield(L, -2, "origin");
  seconds_of(L, "time", e->wall_ms);
  seconds_of(L, "seconds", e->took_ms);
  seconds_of(L, "connect", e->connect_ms);
  seconds_of(L, "first_byte", e->first_ms);
}

static void push_note (lua_State *L, const al_note *note) {
  lua_createtable(L, 0, note->trip != NULL ? 12 : 4);
  text_of(L, "event", note->name);
  text_of(L, "code", note->code);
  seconds_of(L, "wait", note->wait_ms);
  if (note->status > 0) lua_pushinteger(L, note->status), lua_setfield(L, -2, "status");
  if (note->trip != NULL) add_trip(L, note->trip);
}

void al_deliver_notes (lua_State *L, int at, al_client *client) {
  int n = client->noted - client->told; /* what is called may make new ones */
  if (n == 0) return;
  lua_getuservalue(L, at);
  lua_getfield(L, -1, "on_event");
  for (const al_note *note; n-- > 0 && (note = al_client_noted(client)) != NULL;) {
    lua_pushvalue(L, -1);
    push_note(L, note);
    al_client_told(client);
    if (lua_isfunction(L, -2)) lua_call(L, 1, 0);
    else lua_pop(L, 2);
  }
  lua_pop(L, 2);
}
