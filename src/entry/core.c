/*
 * airlock.core, as Lua finds it: opens core_impl.so, which lies beside it, and hands over to that.
 *
 * Lua binds a module at once, with all that the libraries it needs call of one another. libcurl brings thirty of them,
 * so a script would wait for 2000 functions, most of which it never calls: a third of a millisecond. Opened from here
 * they are bound as they are called, as in any program that is linked with libcurl. What is Airlock's own is bound
 * before it runs either way (-z now).
 *
 * Another Lua than the one that this was built for is told so in a sentence. So nothing is called here before that is
 * known but what all Luas have; the rest is weak, as the system else wouldn't open this file for that Lua.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "door/compat.h"

#ifdef lua_call /* a macro since 5.2 */
#pragma weak lua_callk
#pragma weak lua_getglobal
#else
#pragma weak lua_call
#endif

AL_EXPORT int luaopen_airlock_core (lua_State *L);

/* "5.4" of the Lua that calls; 5.1 has no such function, and LuaJIT is 5.1 to what is built for either. */
static const char *calling (lua_State *L) {
  void (*get)(lua_State *, const char *);
  *(void **)&get = dlsym(RTLD_DEFAULT, "lua_getglobal");
  if (get == NULL) return "5.1";
  get(L, "_VERSION");
  size_t n;
  const char *version = lua_tolstring(L, -1, &n);
  return version != NULL && strncmp(version, "Lua ", 4) == 0 ? version + 4 : NULL;
}

static void check (lua_State *L) {
  const char *ours = &LUA_VERSION[4], *theirs = calling(L);
  if (theirs == NULL || strcmp(theirs, ours) == 0) return;
  bool jit = dlsym(RTLD_DEFAULT, "luaJIT_setmode") != NULL;
  luaL_error(L,
             "this build of Airlock is for Lua %s, but %s%s loads it: run the program by Lua %s "
             "(busted --lua=lua%s), or build Airlock anew (make LUA=%s)",
             ours, jit ? "LuaJIT" : "Lua ", jit ? "" : theirs, ours, ours, jit ? "jit" : theirs);
}

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
  check(L);
  lua_CFunction open = find();
  if (open != NULL) return open(L);
  lua_getglobal(L, "require"); /* wherever it is, or else Lua says what is wrong with it */
  lua_pushliteral(L, "airlock.core_impl");
  lua_call(L, 1, 1);
  return 1;
}
