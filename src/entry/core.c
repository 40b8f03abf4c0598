/*
 * airlock.core, as Lua finds it: opens core_impl.so, which lies beside it, and hands over to that.
 *
 * Lua binds a module at once, with all that the libraries it needs call of one another. libcurl brings thirty of them,
 * so a script would wait for 2000 functions, most of which it never calls: a third of a millisecond. Opened from here
 * they are bound as they are called, as in any program that is linked with libcurl. What is Airlock's own is bound
 * before it runs either way (-z now).
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "door/compat.h"

AL_EXPORT int luaopen_airlock_core (lua_State *L);

/* What opens the engine; NULL: it isn't beside this file, or the system won't open it. */
static lua_CFunction find (void) {
  lua_CFunction open = luaopen_airlock_core;
  Dl_info file;
  char path[4096];
  const char *slash = dladdr(*(void **)&open, &file) != 0 ? strrchr(file.dli_fname, '/') : NULL;
  if (slash == NULL) return NULL;
  int n = snprintf(path, sizeof path, "%.*s/core_impl.so", (int)(slash - file.dli_fname), file.dli_fname);
  void *engine = n > 0 && (size_t)n < sizeof path ? dlopen(path, RTLD_LAZY | RTLD_LOCAL)
                                                  : NULL; /* for good: it mustn't be unloaded */
  if (engine == NULL) return NULL;
  *(void **)&open = dlsym(engine, "luaopen_airlock_core_impl");
  return open;
}

int luaopen_airlock_core (lua_State *L) {
  lua_CFunction open = find();
  if (open != NULL) return open(L);
  lua_getglobal(L, "require"); /* wherever it is, or else Lua says what is wrong with it */
  lua_pushliteral(L, "airlock.core_impl");
  lua_call(L, 1, 1);
  return 1;
}
