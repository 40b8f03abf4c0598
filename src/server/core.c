/* airlock.server: what C gives to Lua of the local server. A table of contents. */
#include "ground/version.h"
#include "server/lua.h"

static const luaL_Reg functions[] = {
  { "environment", al_l_environment },
  { "listen", al_l_listen },
  { "private_file", al_l_private_file },
  { "terminal", al_l_terminal },
  { NULL, NULL },
};

AL_EXPORT int luaopen_airlock_server (lua_State *L);

AL_EXPORT int luaopen_airlock_server (lua_State *L) {
  al_server_class(L);
  al_exchange_class(L);
  al_terminal_class(L);
  al_private_file_class(L);
  luaL_newlib(L, functions);
  al_push_crypto(L);
  lua_setfield(L, -2, "crypto");
  lua_pushliteral(L, AIRLOCK_VERSION);
  lua_setfield(L, -2, "version");
  return 1;
}
