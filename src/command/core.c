/* airlock.command: what C gives to the command. A table of contents. */

#include "command/lua.h"
#include "ground/version.h"

static const luaL_Reg functions[] = {
  { "file", al_l_file },
  { "permissions", al_l_permissions },
  { "write", al_l_write },
  { NULL, NULL },
};

AL_EXPORT int luaopen_airlock_command (lua_State *L);

AL_EXPORT int luaopen_airlock_command (lua_State *L) {
  al_file_class(L);
  luaL_newlib(L, functions);
  lua_pushliteral(L, AIRLOCK_VERSION);
  lua_setfield(L, -2, "version");
  return 1;
}
