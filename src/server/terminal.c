#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "ground/buf.h"
#include "ground/limits.h"
#include "server/lua.h"

static const char class[] = "airlock.terminal";

/* Lines typed or pasted at a terminal, as a pollable; what was read may be a redirect with a code in it. */
typedef struct al_terminal {
  al_buf text;
  bool over; /* end of input, or a line longer than any redirect */
} al_terminal;

static al_terminal *check_terminal (lua_State *L) {
  return luaL_checkudata(L, 1, class);
}

/* server.terminal(): the lines of standard input as a pollable, where it is a terminal; else nil. */
int al_l_terminal (lua_State *L) {
  if (!isatty(STDIN_FILENO)) return 0;
  al_terminal *t = lua_newuserdata(L, sizeof *t);
  *t = (al_terminal){ .text = AL_BUF_SECRET(AL_MAX_REDIRECT) };
  luaL_getmetatable(L, class);
  lua_setmetatable(L, -2);
  return 1;
}

/* terminal:fd(): the descriptor to watch; -1 once there is no more to come. */
static int l_fd (lua_State *L) {
  lua_pushinteger(L, check_terminal(L)->over ? -1 : STDIN_FILENO);
  return 1;
}

/* terminal:step(): takes what was typed, without blocking. */
static int l_step (lua_State *L) {
  al_terminal *t = check_terminal(L);
  char bytes[4096];
  struct pollfd ready = { .fd = STDIN_FILENO, .events = POLLIN };
  while (!t->over && poll(&ready, 1, 0) > 0) {
    ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) break;
    if (n <= 0 || !al_buf_add(&t->text, bytes, (size_t)n)) t->over = true;
  }
  al_wipe(bytes, sizeof bytes);
  return 0;
}

/* terminal:line() → the next whole line without its end, or nil: there is none yet. */
static int l_line (lua_State *L) {
  al_terminal *t = check_terminal(L);
  const char *end = t->text.n > 0 ? memchr(t->text.bytes, '\n', t->text.n) : NULL;
  if (end == NULL) return 0;
  size_t n = (size_t)(end - t->text.bytes);
  lua_pushlstring(L, t->text.bytes, n > 0 && end[-1] == '\r' ? n - 1 : n);
  al_buf_shift(&t->text, n + 1);
  return 1;
}

static int l_close (lua_State *L) {
  al_terminal *t = check_terminal(L);
  al_buf_dispose(&t->text);
  t->over = true;
  return 0;
}

void al_terminal_class (lua_State *L) {
  static const luaL_Reg meta[] = { { "__gc", l_close }, { "__close", l_close }, { NULL, NULL } };
  static const luaL_Reg methods[] = {
    { "close", l_close }, { "fd", l_fd }, { "line", l_line }, { "step", l_step }, { NULL, NULL }
  };
  al_newmetatable(L, class);
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
