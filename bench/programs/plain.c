/*
 * The measure of the others: the same authenticated requests by plain C on libcurl, one easy handle kept, one header
 * list.
 *
 *   plain URL COUNT get|json|down|text|sink|pour|up [BYTES]     prints: microseconds of CPU, of wall clock, peak KiB
 *
 * json: each body becomes a Lua string and is decoded by lua-cjson, in a Lua state of this program (compiled with
 * -DWITH_LUA); text: it only becomes a Lua string; pour: each piece of it becomes one, and a Lua function is called
 * with it. down, text: each body is a byte shorter than the one before, as LuaJIT would find the same string again.
 * BENCH_CA: file of certificates to trust.
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clocks.h"
#ifdef WITH_LUA
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#endif

typedef struct body {
  char *bytes;
  size_t n, room;
  int keeps;
#ifdef WITH_LUA
  lua_State *pours; /* into the function at the top of its stack; NULL: nowhere */
#endif
} body;

static size_t on_body (char *bytes, size_t size, size_t n, void *me) {
  body *b = me;
  n *= size;
  if (b->keeps && b->n + n > b->room) {
    b->room = (b->n + n) * 2;
    b->bytes = realloc(b->bytes, b->room);
    if (b->bytes == NULL) return 0;
  }
  if (b->keeps) memcpy(b->bytes + b->n, bytes, n);
  b->n += n;
#ifdef WITH_LUA
  if (b->pours != NULL) {
    lua_pushvalue(b->pours, -1);
    lua_pushlstring(b->pours, bytes, n);
    lua_call(b->pours, 1, 0);
  }
#endif
  return n;
}

/* As for a program that hands each body on; and the next one is a byte shorter. */
static void renew (CURL *easy, body *b, long i) {
  char range[32];
  free(b->bytes);
  b->bytes = NULL;
  b->room = 0;
  snprintf(range, sizeof range, "%ld-", i);
  curl_easy_setopt(easy, CURLOPT_RANGE, range);
}

#ifdef WITH_LUA
static lua_State *open_lua (void) {
  lua_State *L = luaL_newstate();
  luaL_openlibs(L);
  if (luaL_loadstring(L, "local n = 0 return require('cjson').decode, function(piece) n = n + #piece end") != 0 ||
      lua_pcall(L, 0, 2, 0) != 0) {
    fprintf(stderr, "plain: %s\n", lua_tostring(L, -1));
    exit(1);
  }
  return L;
}

static int decoded (lua_State *L, const body *b) {
  lua_pushvalue(L, 1);
  lua_pushlstring(L, b->bytes, b->n);
  int ok = lua_pcall(L, 1, 1, 0) == 0 && lua_istable(L, -1);
  if (ok) {
    lua_getfield(L, -1, "name");
    ok = lua_isstring(L, -1);
  }
  lua_settop(L, 2);
  return ok;
}
#endif

int main (int argc, char **argv) {
  if (argc < 4) return 2;
  long count = atol(argv[2]), ok = 0;
  const char *what = argv[3];
  size_t bytes = argc > 4 ? (size_t)atol(argv[4]) : 0;
#ifdef WITH_LUA
  lua_State *L = open_lua();
#endif
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL *easy = curl_easy_init();
  struct curl_slist *lines = curl_slist_append(NULL, "Authorization: Bearer bench-token");
  lines = curl_slist_append(lines, "Accept: application/json");
  body b = { .keeps = strcmp(what, "sink") != 0 && strcmp(what, "pour") != 0 };
#ifdef WITH_LUA
  if (strcmp(what, "pour") == 0) b.pours = L;
#endif
  curl_easy_setopt(easy, CURLOPT_URL, argv[1]);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &b);
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_USERAGENT, "plain-c/0.1.0");
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 30000L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  if (getenv("BENCH_CA") != NULL) curl_easy_setopt(easy, CURLOPT_CAINFO, getenv("BENCH_CA"));
  char *up = NULL;
  if (strcmp(what, "up") == 0) {
    up = malloc(bytes);
    memset(up, 'x', bytes);
    lines = curl_slist_append(lines, "Expect:");
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)bytes);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, up);
  }
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines);
  curl_easy_perform(easy); /* the connection is made, and what is cached is cached */
  int shrinks = b.keeps && bytes > 0 && up == NULL;
  double cpu = cpu_us(), wall = wall_us();
  for (long i = 0; i < count; i++) {
    long status = 0;
    b.n = 0;
    if (shrinks) renew(easy, &b, i);
    if (curl_easy_perform(easy) != CURLE_OK || curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK)
      continue;
    if (status / 100 != 2 || (up == NULL && b.n < (bytes > 0 ? bytes - (shrinks ? (size_t)i : 0) : 1000))) continue;
#ifdef WITH_LUA
    if (strcmp(what, "json") == 0 && !decoded(L, &b)) continue;
    if (strcmp(what, "text") == 0) {
      lua_pushlstring(L, b.bytes, b.n);
      lua_settop(L, 2);
    }
#endif
    ok++;
  }
  tell(cpu, wall);
  if (ok != count) fprintf(stderr, "plain: only %ld of %ld answers were good\n", ok, count);
  curl_slist_free_all(lines);
  curl_easy_cleanup(easy);
  free(b.bytes);
  free(up);
  return ok == count ? 0 : 1;
}
