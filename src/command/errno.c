/* What the system says of an error, as the commands of this room give it to Lua; see lua.h. */
#include <errno.h>
#include <string.h>

#include "command/lua.h"

int al_push_errno (lua_State *L, int error) {
  lua_pushnil(L);
  lua_pushstring(L, strerror(error));
  if (error != EPIPE) return 2;
  lua_pushliteral(L, "pipe");
  return 3;
}
