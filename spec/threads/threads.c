/* threads N code.lua: runs the file in N threads at a time, each with a Lua state of its own; says how many ended well.
 */
#include <lauxlib.h>
#include <lualib.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { most_threads = 64 };

static void *run (void *path) {
  lua_State *L = luaL_newstate();
  if (L == NULL) return NULL;
  luaL_openlibs(L);
  int failed = luaL_dofile(L, path);
  if (failed) fprintf(stderr, "%s\n", lua_tostring(L, -1));
  lua_close(L);
  return failed ? NULL : path;
}

int main (int argc, char **argv) {
  int n = argc == 3 ? atoi(argv[1]) : 0, well = 0;
  pthread_t threads[most_threads];
  if (n < 1 || n > most_threads) return 2;
  for (int i = 0; i < n; i++)
    if (pthread_create(&threads[i], NULL, run, argv[2]) != 0) return 2;
  for (int i = 0; i < n; i++) {
    void *result;
    pthread_join(threads[i], &result);
    well += result != NULL;
  }
  printf("%d of %d\n", well, n);
  return well == n ? 0 : 1;
}
