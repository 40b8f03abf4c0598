#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/lua.h"

static const char *kind_of (mode_t mode) {
  if (S_ISREG(mode)) return "file";
  if (S_ISDIR(mode)) return "folder";
  return "other";
}

static void put (lua_State *L, const char *name, int yes) {
  lua_pushboolean(L, yes);
  lua_setfield(L, -2, name);
}

/*
 * command.permissions(path) → { kind = "file"/"folder"/"other", ours, readable, writable }: whether it is this user's
 * (or root's), and whether others can read or write it; or nil and why there is none.
 */
int al_l_permissions (lua_State *L) {
  struct stat s;
  if (stat(al_check_word(L, 1), &s) != 0) return al_push_errno(L, errno);
  lua_createtable(L, 0, 4);
  lua_pushstring(L, kind_of(s.st_mode));
  lua_setfield(L, -2, "kind");
  put(L, "ours", s.st_uid == geteuid() || s.st_uid == 0);
  put(L, "readable", (s.st_mode & (S_IRGRP | S_IROTH)) != 0);
  put(L, "writable", (s.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !(S_ISDIR(s.st_mode) && (s.st_mode & S_ISVTX)));
  return 1;
}
