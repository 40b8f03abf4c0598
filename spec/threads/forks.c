/* forks N code.lua: runs the file, which opens what a master would and gives a function; forks N workers, who call it;
 * says how many ended well. */
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { most_workers = 64 };

/* The function stays on the stack, so that it can be called again. */
static int call (lua_State *L) {
  lua_pushvalue(L, -1);
  int failed = lua_pcall(L, 0, 0, 0);
  if (failed) fprintf(stderr, "%s\n", lua_tostring(L, -1));
  return failed != 0;
}

static int ended_well (pid_t worker) {
  int status = 0;
  return waitpid(worker, &status, 0) == worker && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main (int argc, char **argv) {
  int n = argc == 3 ? atoi(argv[1]) : 0, well = 0;
  pid_t workers[most_workers];
  lua_State *L = n < 1 || n > most_workers ? NULL : luaL_newstate();
  if (L == NULL) return 2;
  luaL_openlibs(L);
  if (luaL_loadfile(L, argv[2]) != 0 || lua_pcall(L, 0, 1, 0) != 0) {
    fprintf(stderr, "%s\n", lua_tostring(L, -1));
    return 2;
  }
  for (int i = 0; i < n; i++) {
    workers[i] = fork();
    if (workers[i] == 0) {
      int failed = call(L);
      lua_close(L);
      _exit(failed); /* what a child leaves to its parent (al_http_reopen) is no leak */
    }
  }
  for (int i = 0; i < n; i++) well += ended_well(workers[i]);
  int failed = call(L); /* the master goes on as it was */
  lua_close(L);
  printf("%d of %d\n", well, n);
  return well == n && !failed ? 0 : 1;
}
