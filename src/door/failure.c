#include "door/failure.h"

static void text (lua_State *L, const char *name, const char *value) {
  if (value[0] == '\0') return;
  lua_pushstring(L, value);
  lua_setfield(L, -2, name);
}

int al_push_failure (lua_State *L, const al_fault *fault) {
  lua_pushnil(L);
  lua_pushstring(L, fault->message);
  lua_createtable(L, 0, 8);
  text(L, "kind", al_kind_name(fault->kind));
  text(L, "code", fault->code);
  text(L, "outcome", al_outcome_name(fault->outcome));
  text(L, "description", fault->description);
  text(L, "error", fault->error);
  text(L, "error_uri", fault->uri);
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
