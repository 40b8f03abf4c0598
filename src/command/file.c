#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/lua.h"

static const char class[] = "airlock.command.file";

/* A file that comes into being whole: written beside its place under another name, and put there by keep(). */
typedef struct al_file {
  int fd;      /* -1: closed */
  char *place; /* where it is to be; NULL: nothing to replace, such as a terminal or /dev/null */
  char *beside;
} al_file;

static void dispose (al_file *f) {
  if (f->fd >= 0) close(f->fd);
  if (f->beside != NULL) unlink(f->beside);
  free(f->place);
  f->place = NULL;
  free(f->beside);
  f->beside = NULL;
  f->fd = -1;
}

static al_file *check_file (lua_State *L) {
  return luaL_checkudata(L, 1, class);
}

/* A name of our own beside the place; the mode is that of the file to be replaced, if there is one, else the user's
 * umask says. */
static bool open_beside (al_file *f, bool private, const struct stat *old) {
  size_t n = strlen(f->place) + 32;
  f->beside = malloc(n);
  if (f->beside == NULL) return false;
  for (int i = 0; i < 100 && f->fd < 0; i++) {
    snprintf(f->beside, n, "%s.part-%ld-%d", f->place, (long)getpid(), i);
    f->fd = open(f->beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, private ? 0600 : 0666);
    if (f->fd < 0 && errno != EEXIST) break;
  }
  if (f->fd < 0) {
    free(f->beside); /* it isn't ours to take away */
    f->beside = NULL;
    return false;
  }
  return old == NULL || private || fchmod(f->fd, old->st_mode & 0777) == 0;
}

static bool ours (const struct stat *s) {
  return s->st_uid == geteuid();
}

/* Why nothing of ours is written into what isn't a file; NULL: it may be. No other user puts a device into /dev. */
static const char *unfit (const struct stat *s, bool private) {
  bool device = S_ISCHR(s->st_mode);
  if (private && !device) return "it is neither a file nor a terminal";
  return ours(s) || (device && s->st_uid == 0) ? NULL : "it belongs to another user";
}

/* Opens what isn't a file, and looks again at what was opened, which another user may have put there meanwhile. */
static const char *open_other (al_file *f, const char *path, int follow, const struct stat *old, bool private) {
  const char *why = unfit(old, private);
  if (why != NULL) return why;
  f->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | follow);
  struct stat now;
  if (f->fd < 0 || fstat(f->fd, &now) != 0) return strerror(errno);
  return S_ISREG(now.st_mode) ? "it was changed meanwhile" : unfit(&now, private);
}

/* Makes a file beside the place. A link goes on to lead there; another user's mode isn't taken over. */
static const char *open_file (al_file *f, const char *path, const struct stat *old, bool private) {
  if (old != NULL && private && !ours(old)) return "it belongs to another user";
  f->place = old != NULL ? realpath(path, NULL) : strdup(path);
  bool made = f->place != NULL && open_beside(f, private, old != NULL && ours(old) ? old : NULL);
  return made ? NULL : strerror(errno);
}

/* NULL, or why it can't be begun. What is private goes through no link, as that may lead anywhere by now. */
static const char *begin (al_file *f, const char *path, bool private) {
  struct stat named, old;
  bool link = lstat(path, &named) == 0 && S_ISLNK(named.st_mode);
  if (link && private) return "it is a link";
  if (link && !ours(&named) && named.st_uid != 0) return "it is a link of another user's";
  bool there = stat(path, &old) == 0;
  if (there && !S_ISREG(old.st_mode)) return open_other(f, path, link ? 0 : O_NOFOLLOW, &old, private);
  return open_file(f, path, there ? &old : NULL, private);
}

/*
 * command.file(path, private) → a file that replaces the one at the path when it is kept; or nil and why. `private`:
 * only this user may read it, so it goes into a file of this user's or to a terminal.
 */
int al_l_file (lua_State *L) {
  const char *path = al_check_word(L, 1);
  bool private = lua_toboolean(L, 2) != 0;
  al_file *f = lua_newuserdata(L, sizeof *f);
  *f = (al_file){ .fd = -1 };
  luaL_getmetatable(L, class);
  lua_setmetatable(L, -2);
  const char *why = begin(f, path, private);
  if (why == NULL) return 1;
  lua_pushnil(L);
  lua_pushstring(L, why);
  dispose(f);
  return 2;
}

/* file:write(bytes) → true; or nil and why. */
static int l_write (lua_State *L) {
  al_file *f = check_file(L);
  size_t n;
  const char *bytes = luaL_checklstring(L, 2, &n);
  while (n > 0) {
    ssize_t wrote = write(f->fd, bytes, n);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return al_push_errno(L, errno);
    bytes += wrote;
    n -= (size_t)wrote;
  }
  lua_pushboolean(L, 1);
  return 1;
}

/* file:keep() → true once it is in its place; or nil and why. */
static int l_keep (lua_State *L) {
  al_file *f = check_file(L);
  bool kept = f->fd >= 0 && close(f->fd) == 0;
  f->fd = -1;
  if (kept && f->beside != NULL) {
    kept = rename(f->beside, f->place) == 0;
    if (kept) {
      free(f->beside);
      f->beside = NULL;
    }
  }
  int error = errno;
  dispose(f);
  if (!kept) return al_push_errno(L, error);
  lua_pushboolean(L, 1);
  return 1;
}

/* file:close(): gives up on what wasn't kept, and leaves nothing behind. */
static int l_close (lua_State *L) {
  dispose(check_file(L));
  return 0;
}

void al_file_class (lua_State *L) {
  static const luaL_Reg meta[] = { { "__gc", l_close }, { "__close", l_close }, { NULL, NULL } };
  static const luaL_Reg methods[] = { { "close", l_close }, { "keep", l_keep }, { "write", l_write }, { NULL, NULL } };
  al_newmetatable(L, class);
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
