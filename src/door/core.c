/* airlock.core: what C gives to Lua. A table of contents. */
#include "door/compat.h"
#include "door/json.h"
#include "door/loop.h"
#include "ground/version.h"

static const luaL_Reg functions[] = {
  { "now", al_l_now },
  { "wait", al_l_wait },
  { NULL, NULL },
};

AL_EXPORT int luaopen_airlock_core (lua_State *L);

AL_EXPORT int luaopen_airlock_core (lua_State *L) {
  luaL_newlib(L, functions);
  lua_pushliteral(L, AIRLOCK_VERSION);
  lua_setfield(L, -2, "version");
  al_push_json(L);
  lua_setfield(L, -2, "json");
  return 1;
}
