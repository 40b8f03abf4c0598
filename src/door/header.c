#include "door/header.h"

#include "ground/clock.h"
#include "law/header.h"

/* core.retry_after(head) → the seconds that a header block's Retry-After asks for, or nil. */
int al_l_retry_after (lua_State *L) {
  size_t n;
  const char *head = luaL_checklstring(L, 1, &n);
  int64_t ms = al_header_retry_after(head, n, al_clock_wall());
  if (ms < 0) return 0;
  lua_pushnumber(L, (lua_Number)ms / 1000);
  return 1;
}
