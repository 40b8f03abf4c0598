#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/lua.h"

#ifdef __APPLE__
#include <crt_externs.h>
#define environ (*_NSGetEnviron())
#else
extern char **environ; // NOLINT(readability-redundant-declaration): glibc declares it, others don't
#endif

static const char class[] = "airlock.private_file";

/* A file in a folder of its own, both for this user alone and gone with this object. */
typedef struct al_private_file {
  char folder[1024]; /* "": there is none */
  char path[1100];   /* "": there is none */
} al_private_file;

static al_private_file *check (lua_State *L) {
  return luaL_checkudata(L, 1, class);
}

static void dispose (al_private_file *f) {
  if (f->path[0] != '\0') unlink(f->path);
  if (f->folder[0] != '\0') rmdir(f->folder);
  f->path[0] = f->folder[0] = '\0';
}

/* Whether no other user can put something else in the place of what is made there. */
static bool fit (const char *folder) {
  struct stat s;
  if (folder[0] != '/' || stat(folder, &s) != 0 || !S_ISDIR(s.st_mode)) return false;
  bool shared = (s.st_mode & (S_IWGRP | S_IWOTH)) != 0;
  return (s.st_uid == geteuid() || s.st_uid == 0) && (!shared || (s.st_mode & S_ISVTX) != 0);
}

static bool fill (int fd, const char *text, size_t n) {
  while (n > 0) {
    ssize_t wrote = write(fd, text, n);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return false;
    text += wrote;
    n -= (size_t)wrote;
  }
  return true;
}

static bool make (al_private_file *f, const char *where, const char *name, const char *text, size_t n) {
  if (!fit(where)) return errno = EACCES, false;
  char folder[sizeof f->folder], path[sizeof f->path];
  if (snprintf(folder, sizeof folder, "%s/airlock-XXXXXX", where) >= (int)sizeof folder ||
      strlen(name) > sizeof path - sizeof folder - 2)
    return errno = ENAMETOOLONG, false;
  if (mkdtemp(folder) == NULL) return false;
  memcpy(f->folder, folder, sizeof folder);
  snprintf(path, sizeof path, "%s/%s", folder, name);
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  memcpy(f->path, path, sizeof path);
  bool whole = fill(fd, text, n);
  return close(fd) == 0 && whole;
}

/*
 * server.private_file(folder, name, text) → a file with this text in a new folder of its own there, which no other user
 * can read or replace, and which goes with the object; or nil and why.
 */
int al_l_private_file (lua_State *L) {
  size_t n;
  const char *where = al_check_word(L, 1), *name = al_check_word(L, 2), *text = luaL_checklstring(L, 3, &n);
  al_private_file *f = lua_newuserdata(L, sizeof *f);
  f->path[0] = f->folder[0] = '\0';
  luaL_getmetatable(L, class);
  lua_setmetatable(L, -2);
  if (make(f, where, name, text, n)) return 1;
  int error = errno;
  dispose(f);
  lua_pushnil(L);
  lua_pushstring(L, strerror(error));
  return 2;
}

/* file:path(): where it is; "" once it is closed. */
static int l_path (lua_State *L) {
  lua_pushstring(L, check(L)->path);
  return 1;
}

/* file:close(): takes it and its folder away; may be called again. */
static int l_close (lua_State *L) {
  dispose(check(L));
  return 0;
}

/* server.environment() → the names of all variables of the environment, in a list. */
int al_l_environment (lua_State *L) {
  lua_newtable(L);
  int n = 0;
  for (char **each = environ; each != NULL && *each != NULL; each++) {
    const char *end = strchr(*each, '=');
    if (end == NULL) continue;
    lua_pushlstring(L, *each, (size_t)(end - *each));
    lua_rawseti(L, -2, ++n);
  }
  return 1;
}

void al_private_file_class (lua_State *L) {
  static const luaL_Reg methods[] = { { "close", l_close }, { "path", l_path }, { NULL, NULL } };
  static const luaL_Reg meta[] = { { "__gc", l_close }, { "__close", l_close }, { NULL, NULL } };
  al_newmetatable(L, class);
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
