#include "door/failure.h"

static void text (lua_State *L, const char *name, const char *value) {
  if (value[0] == '\0') return;
  lua_pushstring(L, value);
  lua_setfield(L, -2, name);
}

/* The sentence, behind where it happened: whoever finds it in a mail has nothing else. */
static void push_message (lua_State *L, const al_fault *fault) {
  if (fault->method[0] == '\0') lua_pushstring(L, fault->message);
  else if (fault->proved == NULL) lua_pushfstring(L, "%s %s: %s", fault->method, fault->url, fault->message);
  else
    lua_pushfstring(L, "%s %s (client %s, %s): %s", fault->method, fault->url, fault->client_id, fault->proved,
                    fault->message);
}

static void push_texts (lua_State *L, const al_fault *fault) {
  text(L, "kind", al_kind_name(fault->kind));
  text(L, "code", fault->code);
  text(L, "outcome", al_outcome_name(fault->outcome));
  text(L, "description", fault->description);
  text(L, "error", fault->error);
  text(L, "error_uri", fault->uri);
  text(L, "method", fault->method);
  text(L, "url", fault->url);
  text(L, "client_id", fault->client_id);
  if (fault->proved != NULL) text(L, "client_auth", fault->proved);
}

int al_push_failure (lua_State *L, const al_fault *fault) {
  lua_pushnil(L);
  push_message(L, fault);
  lua_createtable(L, 0, 12);
  push_texts(L, fault);
  if (fault->status > 0) {
    lua_pushinteger(L, fault->status);
    lua_setfield(L, -2, "status");
  }
  if (fault->retry_after_ms >= 0) {
    lua_pushnumber(L, (lua_Number)fault->retry_after_ms / 1000);
    lua_setfield(L, -2, "retry_after");
  }
  return 3;
}
