/*
 * starve · lets one allocation of the C library fail, and tells which of those made meanwhile are still held
 * knows  · glibc, Lua
 * never  · is part of what is installed: spec/starve/run.lua is run with this preloaded, and loads it as a module too
 *
 * The interpreter allocates through here like everyone else; LuaJIT has memory of its own, whose allocator is wrapped.
 * So an allocation that fails is either a NULL for C or an error for Lua. lua-cjson ends the process when memory runs
 * out, so it is always given some.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *__libc_malloc (size_t n);
void *__libc_calloc (size_t count, size_t n);
void *__libc_realloc (void *old, size_t n);
void *__libc_memalign (size_t alignment, size_t n);
void __libc_free (void *p);

enum { slots = 1 << 16, deep = 16 };

static struct {
  pthread_t thread;
  bool armed, watching, inside;
  long at, from, count; /* fail number `at`, and all from number `from` on; 0: none */
  bool fired;
  void *fired_at[deep];
  int fired_deep;
  const char *spared_from, *spared_to; /* where lua-cjson's code is */
} state;

static struct held {
  void *p;
  void *frames[deep];
  int count;
} held[slots];

static size_t place_of (const void *p) {
  return ((uintptr_t)p >> 4) * 2654435761u % slots;
}

static void note (void *p) {
  if (!state.watching || p == NULL || state.inside || !pthread_equal(pthread_self(), state.thread)) return;
  state.inside = true; /* backtrace may allocate, the first time */
  for (size_t i = place_of(p), n = 0; n < slots; i = (i + 1) % slots, n++)
    if (held[i].p == NULL) {
      held[i].p = p;
      held[i].count = backtrace(held[i].frames, deep);
      break;
    }
  state.inside = false;
}

/* Whoever follows in the chain is put in again, so that no chain has a gap. */
static void forget (const void *p) {
  if (p == NULL) return;
  size_t i = place_of(p), n = 0;
  while (held[i].p != p && held[i].p != NULL && n++ < slots) i = (i + 1) % slots;
  if (held[i].p != p) return;
  held[i].p = NULL;
  for (size_t k = (i + 1) % slots; held[k].p != NULL; k = (k + 1) % slots) {
    struct held moved = held[k];
    held[k].p = NULL;
    size_t at = place_of(moved.p);
    while (held[at].p != NULL) at = (at + 1) % slots;
    held[at] = moved;
  }
}

static bool fails (const void *caller) {
  if (!state.armed || state.inside || !pthread_equal(pthread_self(), state.thread)) return false;
  if ((const char *)caller >= state.spared_from && (const char *)caller < state.spared_to) return false;
  state.count++;
  if (state.count != state.at && (state.from == 0 || state.count < state.from)) return false;
  if (!state.fired) {
    state.inside = true;
    state.fired_deep = backtrace(state.fired_at, deep);
    state.inside = false;
  }
  state.fired = true;
  errno = ENOMEM;
  return true;
}

__attribute__((visibility("default"))) void *malloc (size_t n) {
  if (fails(__builtin_return_address(0))) return NULL;
  void *p = __libc_malloc(n);
  note(p);
  return p;
}

__attribute__((visibility("default"))) void *calloc (size_t count, size_t n) {
  if (fails(__builtin_return_address(0))) return NULL;
  void *p = __libc_calloc(count, n);
  note(p);
  return p;
}

/* Making less of it never fails: Lua counts on that. */
__attribute__((visibility("default"))) void *realloc (void *old, size_t n) {
  extern size_t malloc_usable_size(void *p);
  bool more = old == NULL || n > malloc_usable_size(old);
  if (more && fails(__builtin_return_address(0))) return NULL;
  void *p = __libc_realloc(old, n);
  if (p != NULL || n == 0) forget(old);
  note(p);
  return p;
}

__attribute__((visibility("default"))) int posix_memalign (void **out, size_t alignment, size_t n) {
  if (fails(__builtin_return_address(0))) return ENOMEM;
  *out = __libc_memalign(alignment, n);
  note(*out);
  return *out != NULL ? 0 : ENOMEM;
}

__attribute__((visibility("default"))) void free (void *p) {
  forget(p);
  __libc_free(p);
}

#ifdef LUA_JITLIBNAME

static lua_Alloc jit_alloc;

static void *l_alloc (void *me, void *old, size_t had, size_t n) {
  if (n > had && fails(NULL)) return NULL;
  return jit_alloc(me, old, had, n);
}

static void wrap (lua_State *L) {
  void *me;
  jit_alloc = lua_getallocf(L, &me);
  lua_setallocf(L, l_alloc, me);
}

#else
static void wrap (lua_State *L) {
  (void)L;
}
#endif

/* starve.begin(at, from): from now on the allocation number `at` fails, and all from number `from` on (0: none). */
static int l_begin (lua_State *L) {
  state.thread = pthread_self();
  state.at = (long)luaL_checknumber(L, 1);
  state.from = (long)luaL_optnumber(L, 2, 0);
  memset(held, 0, sizeof held);
  state.count = 0;
  state.fired = false;
  state.watching = state.armed = true;
  return 0;
}

/* starve.over() → whether one failed, how many were made */
static int l_over (lua_State *L) {
  state.armed = state.watching = false;
  lua_pushboolean(L, state.fired);
  lua_pushnumber(L, (lua_Number)state.count);
  return 2;
}

/* starve.left(tell) → how many of those made in between are held still; `tell`: says on standard error from where they
 * came */
static int l_left (lua_State *L) {
  int left = 0;
  for (size_t i = 0; i < slots; i++) {
    if (held[i].p == NULL) continue;
    left++;
    if (!lua_toboolean(L, 1)) continue;
    backtrace_symbols_fd(held[i].frames, held[i].count, 2);
    if (write(2, "--\n", 3) < 0) break;
  }
  lua_pushnumber(L, left);
  return 1;
}

/* starve.where(): says on standard error which one failed. */
static int l_where (lua_State *L) {
  (void)L;
  backtrace_symbols_fd(state.fired_at, state.fired_deep, 2);
  return 0;
}

/* starve.spare(path): what the library at that path allocates never fails. */
static int l_spare (lua_State *L) {
  void *module = dlopen(luaL_checkstring(L, 1), RTLD_NOW | RTLD_NOLOAD);
  void *entry = module != NULL ? dlsym(module, "luaopen_cjson") : NULL;
  Dl_info known;
  if (entry == NULL || dladdr(entry, &known) == 0) return luaL_error(L, "starve: that library isn't loaded");
  state.spared_from = known.dli_fbase;
  state.spared_to = state.spared_from + (1 << 20);
  return 0;
}

__attribute__((visibility("default"))) int luaopen_starve (lua_State *L) {
  static const luaL_Reg functions[] = { { "begin", l_begin }, { "over", l_over },   { "left", l_left },
                                        { "where", l_where }, { "spare", l_spare }, { NULL, NULL } };
  wrap(L);
  lua_newtable(L);
  for (const luaL_Reg *f = functions; f->name != NULL; f++) {
    lua_pushcfunction(L, f->func);
    lua_setfield(L, -2, f->name);
  }
  return 1;
}
