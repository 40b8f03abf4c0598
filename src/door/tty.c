#include "door/tty.h"

#include <sys/ioctl.h>
#include <unistd.h>

/* core.columns(fd) → how many columns the terminal has that the descriptor leads to (80 where it doesn't say); nil: it
 * isn't one. */
int al_l_columns (lua_State *L) {
  int fd = (int)luaL_checkinteger(L, 1);
  if (!isatty(fd)) return 0;
  struct winsize size = { .ws_col = 0 };
  if (ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) size.ws_col = 80;
  lua_pushinteger(L, size.ws_col);
  return 1;
}
