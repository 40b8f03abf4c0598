#include <stdio.h>
#include <string.h>

#include "door/options.h"
#include "ground/limits.h"
#include "server/lua.h"
#include "server/listen.h"
#include "server/server.h"

/* The user value of a server is a table that keeps what the server needs alive. */
enum { kept_handler = 1, kept_on_error, kept_cert, kept_key, kept_n = 4 };

static al_server *check_server (lua_State *L) {
  return luaL_checkudata(L, 1, AL_SERVER_CLASS);
}

static void must_be_function (al_options *o, const char *name, bool needed) {
  int type = al_options_push(o, name);
  if (type == LUA_TNIL && needed) al_options_bad(o, name, "is missing");
  if (type != LUA_TNIL && type != LUA_TFUNCTION)
    al_options_bad(o, name, "must be a function, not a %s", lua_typename(o->L, type));
  lua_pop(o->L, 1);
}

static void read_host (al_options *o, al_server *s) {
  const char *host = al_options_word(o, "host");
  if (host == NULL) host = "127.0.0.1";
  if (!al_listen_loopback(host))
    al_options_bad(o, "host", "must be a loopback address (127.0.0.1 or ::1), not '%s'", host);
  snprintf(s->host, sizeof s->host, "%s", host);
}

static void read_pair (al_options *o, const char **cert, const char **key) {
  size_t n; /* PEM has line breaks, and is read as a C string */
  *cert = al_options_text(o, "cert", &n);
  if (*cert != NULL && strlen(*cert) != n) al_options_bad(o, "cert", "has a NUL in it");
  *key = al_options_text(o, "key", &n);
  if (*key != NULL && strlen(*key) != n) al_options_bad(o, "key", "has a NUL in it");
  if (*cert == NULL && *key != NULL) al_options_bad(o, "cert", "is missing: key came without it");
  if (*cert != NULL && *key == NULL) al_options_bad(o, "key", "is missing: cert came without it");
}

/* Pushes the table that a server's user value is. */
static void push_kept (al_options *o) {
  static const char *const names[kept_n] = { "handler", "on_error", "cert", "key" };
  lua_createtable(o->L, kept_n, 0);
  for (int i = 0; i < kept_n; i++) {
    al_options_push(o, names[i]);
    lua_rawseti(o->L, -2, i + 1);
  }
}

/*
 * server.listen { handler, host, port, max_body, cert, key, on_error, connections, idle }
 * Listens on a loopback address. `handler(exchange)` is called from step() for each request that arrived whole;
 * `on_error(message, exchange)` hears of its errors, which step() raises otherwise. `host` is "127.0.0.1" or "::1",
 * `port` 0 takes a free one, `max_body` counts bytes, `cert` and `key` (PEM) make it HTTPS. Beyond so many
 * `connections` the one that was quiet longest is dropped, and any that is quiet for `idle` seconds. Returns a server;
 * nil and a message when the port is taken or the certificate isn't one.
 */
int al_l_listen (lua_State *L) {
  static const char *const names[] = { "handler", "host",     "port",        "max_body", "cert",
                                       "key",     "on_error", "connections", "idle",     NULL };
  lua_settop(L, 1);
  al_options o = al_options_at(L, 1, "airlock.server", names);
  al_server *s = lua_newuserdata(L, sizeof *s);
  *s = AL_SERVER_CLOSED;
  luaL_getmetatable(L, AL_SERVER_CLASS);
  lua_setmetatable(L, -2);
  const char *cert, *key;
  char why[256];
  must_be_function(&o, "handler", true);
  must_be_function(&o, "on_error", false);
  read_host(&o, s);
  read_pair(&o, &cert, &key);
  s->port = (int)al_options_integer(&o, "port", 0, 65535, 0);
  s->max_body = (size_t)al_options_integer(&o, "max_body", 0, INT32_MAX, AL_SERVER_MAX_BODY);
  s->idle_s = (unsigned)al_options_integer(&o, "idle", 1, 3600, AL_SERVER_TIMEOUT_S);
  s->peers.most = (unsigned)al_options_integer(&o, "connections", 1, AL_SERVER_MAX_CONNECTIONS,
                                               AL_SERVER_MAX_CONNECTIONS);
  push_kept(&o);
  lua_setuservalue(L, 2);
  if (al_server_open(s, cert, key, why, sizeof why)) return 1;
  lua_pushnil(L);
  lua_pushfstring(L, "airlock.server: %s", why);
  return 2;
}

/* server:fd(): the descriptor that is readable when step() has something to do; -1 once closed, and in a forked child.
 */
static int l_fd (lua_State *L) {
  al_server *s = check_server(L);
  al_push_integer(L, al_server_ours(s) ? s->poller.fd : -1);
  return 1;
}

/* Keeps the first error (at the top of the stack) at index 2, where nobody else wants to hear of it. */
static void report (lua_State *L, int exchange) {
  lua_rawgeti(L, 3, kept_on_error); /* stack: ..., error, on_error */
  if (lua_isfunction(L, -1)) {
    lua_pushvalue(L, -2);
    lua_pushvalue(L, exchange);
    if (lua_pcall(L, 2, 0, 0) == LUA_OK) return;
  } else {
    lua_pop(L, 1);
  }
  if (lua_isnil(L, 2)) lua_replace(L, 2);
}

/* Hands the oldest request to the handler; false: none is left. */
static bool serve (lua_State *L, al_server *s) {
  if (!al_server_ours(s) || s->first == NULL) return false;
  int top = lua_gettop(L);
  luaL_checkstack(L, 10, "too many requests inside each other");
  al_exchange **e = al_push_exchange(L);
  *e = al_server_take(s);
  al_server_arm(s); /* the handler may wait, and this server be stepped inside its wait */
  lua_rawgeti(L, 3, kept_handler);
  lua_pushvalue(L, top + 1);
  if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
    if ((*e)->verdict == AL_UNANSWERED) al_exchange_fail(*e);
    report(L, top + 1);
  }
  lua_settop(L, top);
  return true;
}

/*
 * server:step(): does what is to be done, without blocking, and calls the handler for each request that arrived.
 * Returns how many those were. An error of a handler answers 500; unless on_error took it, it is raised when all others
 * were served. Does nothing once closed, and in a forked child.
 */
static int l_step (lua_State *L) {
  al_server *s = check_server(L);
  int served = 0;
  lua_settop(L, 1);
  lua_pushnil(L);         /* 2: the first error */
  lua_getuservalue(L, 1); /* 3: what the server keeps */
  if (!al_server_ours(s)) return 0;
  al_server_run(s);
  while (serve(L, s)) served++;
  if (al_server_ours(s) && served > 0) al_server_run(s); /* sends the answers */
  if (al_server_ours(s)) al_server_arm(s);
  if (!lua_isnil(L, 2)) {
    lua_settop(L, 2);
    return lua_error(L);
  }
  al_push_integer(L, served);
  return 1;
}

/* server:close(): ends all connections; may be called again. In a forked child it only closes the child's descriptors.
 */
static int l_close (lua_State *L) {
  al_server_close(check_server(L));
  return 0;
}

/* server:port(): the port it listens on. */
static int l_port (lua_State *L) {
  al_push_integer(L, check_server(L)->port);
  return 1;
}

/* server:host(): the address it listens on. */
static int l_host (lua_State *L) {
  lua_pushstring(L, check_server(L)->host);
  return 1;
}

static void push_url (lua_State *L, const al_server *s) {
  bool six = strchr(s->host, ':') != NULL;
  lua_pushfstring(L, "%s://%s%s%s:%d", s->tls ? "https" : "http", six ? "[" : "", s->host, six ? "]" : "", s->port);
}

/* server:url(): "http://127.0.0.1:4711", with no slash at its end. */
static int l_url (lua_State *L) {
  push_url(L, check_server(L));
  return 1;
}

static int l_tostring (lua_State *L) {
  al_server *s = check_server(L);
  if (s->daemon == NULL) {
    lua_pushliteral(L, "airlock.server (closed)");
  } else {
    push_url(L, s);
    lua_pushfstring(L, "airlock.server (%s)", lua_tostring(L, -1));
  }
  return 1;
}

static const luaL_Reg methods[] = {
  { "fd", l_fd },   { "step", l_step },  { "close", l_close },   { "port", l_port },           { "host", l_host },
  { "url", l_url }, { "__gc", l_close }, { "__close", l_close }, { "__tostring", l_tostring }, { NULL, NULL },
};

void al_server_class (lua_State *L) {
  al_newmetatable(L, AL_SERVER_CLASS);
  luaL_setfuncs(L, methods, 0);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
