#include "door/upvalues.h"

#include "door/call.h"
#include "door/loop.h"
#include "door/session.h"

void al_push_upvalues (lua_State *L) {
  luaL_checkstack(L, AL_UPVALUES, "no room for what functions have at hand");
  luaL_getmetatable(L, AL_CALL_CLASS);
  luaL_getmetatable(L, AL_SESSION_CLASS);
  al_push_kept(L, "waiting", "v");
  al_push_kept(L, "idle_calls", NULL);
  al_push_kept(L, "beside", NULL);
}

bool al_upvalue_is (lua_State *L, int at, int class) {
  if (!lua_getmetatable(L, at)) return false;
  bool same = lua_rawequal(L, -1, lua_upvalueindex(class));
  lua_pop(L, 1);
  return same;
}
