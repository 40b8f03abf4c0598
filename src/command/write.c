#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "command/lua.h"

/* Writes with SIGPIPE held back, so that a reader that went away is an error like any other. */
static ssize_t write_quietly (int fd, const char *bytes, size_t n) {
  sigset_t pipe, before, pending;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  sigpending(&pending);
  int waited = sigismember(&pending, SIGPIPE);
  sigprocmask(SIG_BLOCK, &pipe, &before);
  ssize_t wrote = write(fd, bytes, n);
  int error = errno, sig;
  if (wrote < 0 && error == EPIPE && !waited) {
    sigpending(&pending);
    if (sigismember(&pending, SIGPIPE)) sigwait(&pipe, &sig); /* ours: take it away before it is let through */
  }
  sigprocmask(SIG_SETMASK, &before, NULL);
  errno = error;
  return wrote;
}

/*
 * command.write(text, at) → the place in the text to go on from; or nil, why, and "pipe" where nobody reads any more.
 * Writes to standard output what it takes at once, and comes back early for a signal, so that Lua sees Ctrl-C.
 */
int al_l_write (lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  lua_Number at = luaL_checknumber(L, 2);
  luaL_argcheck(L, at >= 1 && at <= (lua_Number)n, 2, "the place must be in the text");
  size_t from = (size_t)at - 1;
  struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };
  ssize_t wrote = poll(&out, 1, -1) < 0 ? -1 : write_quietly(STDOUT_FILENO, text + from, n - from);
  if (wrote < 0 && errno != EINTR && errno != EAGAIN) return al_push_errno(L, errno);
  size_t next = from + 1 + (wrote > 0 ? (size_t)wrote : 0);
  al_push_integer(L, (long long)next);
  return 1;
}
