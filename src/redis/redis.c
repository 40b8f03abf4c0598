/*
 * airlock.redis · a connection to Redis over hiredis that never blocks, as a pollable
 * knows · Lua, hiredis
 * never · waits; uses its parent's connection after a fork
 * owns  · its connection and the set that watches it
 * spec  · spec/store/redis_store_spec.lua
 */
#include <errno.h>
#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "door/compat.h"

static const char class[] = "airlock.redis.connection";

enum { MOST_ARGUMENTS = 16 };

typedef struct connection {
  redisContext *context; /* NULL: closed */
  int set;
  pid_t pid;
  bool writes; /* the set watches for room to write, too */
  int error;   /* of sending */
} connection;

static connection *check (lua_State *L) {
  connection *c = luaL_checkudata(L, 1, class);
  if (c->context == NULL) luaL_error(L, "this connection is closed");
  return c;
}

static int l_close (lua_State *L) {
  connection *c = luaL_checkudata(L, 1, class);
  if (c->set >= 0) close(c->set);
  if (c->context != NULL) redisFree(c->context);
  c->context = NULL;
  c->set = -1;
  return 0;
}

static void watch (connection *c, bool writes, int how) {
  struct epoll_event event = { .events = EPOLLIN | (writes ? EPOLLOUT : 0) };
  c->writes = writes;
  epoll_ctl(c->set, how, c->context->fd, &event);
}

/* redis.open(host, port) or redis.open(path) → a connection under way; or nil and why. */
static int l_open (lua_State *L) {
  const char *host = luaL_checkstring(L, 1);
  int port = (int)luaL_optinteger(L, 2, 0);
  connection *c = lua_newuserdata(L, sizeof *c);
  *c = (connection){ .set = -1, .pid = getpid() };
  luaL_getmetatable(L, class);
  lua_setmetatable(L, -2);
  c->context = port > 0 ? redisConnectNonBlock(host, port) : redisConnectUnixNonBlock(host);
  c->set = epoll_create1(EPOLL_CLOEXEC);
  if (c->context != NULL && c->context->err == 0 && c->set >= 0) {
    watch(c, true, EPOLL_CTL_ADD);
    return 1;
  }
  lua_pushnil(L);
  lua_pushstring(L, c->context != NULL && c->context->err != 0 ? c->context->errstr : strerror(errno));
  return 2;
}

static int l_fd (lua_State *L) {
  lua_pushinteger(L, check(L)->set);
  return 1;
}

/* Sends what waits. Not by hiredis, whose write raises SIGPIPE where the other end is gone. */
static bool flush (connection *c) {
  redisContext *context = c->context;
  size_t n = sdslen(context->obuf);
  ssize_t sent = n > 0 ? send(context->fd, context->obuf, n, MSG_NOSIGNAL) : 0;
  if (sent < 0 && errno != EAGAIN && errno != EINTR) c->error = errno;
  if (sent > 0) sdsrange(context->obuf, (int)sent, -1);
  return c->error == 0;
}

/* connection:step(): writes and reads what there is, without blocking. */
static int l_step (lua_State *L) {
  connection *c = check(L);
  struct epoll_event ready;
  if (c->context->err != 0 || c->error != 0 || epoll_wait(c->set, &ready, 1, 0) <= 0) return 0;
  if ((ready.events & EPOLLOUT) != 0 && !flush(c)) return 0;
  if ((ready.events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0 && redisBufferRead(c->context) != REDIS_OK) return 0;
  if (c->writes && sdslen(c->context->obuf) == 0) watch(c, false, EPOLL_CTL_MOD);
  return 0;
}

/* connection:send(…): a command, which goes out as soon as it can. False: there is no memory for it. */
static int l_send (lua_State *L) {
  connection *c = check(L);
  const char *arguments[MOST_ARGUMENTS];
  size_t lengths[MOST_ARGUMENTS];
  int n = lua_gettop(L) - 1;
  if (n < 1 || n > MOST_ARGUMENTS) return luaL_error(L, "a command of %d words", n);
  for (int i = 0; i < n; i++) arguments[i] = luaL_checklstring(L, i + 2, &lengths[i]);
  bool ok = redisAppendCommandArgv(c->context, n, arguments, lengths) == REDIS_OK;
  if (!c->writes) watch(c, true, EPOLL_CTL_MOD);
  lua_pushboolean(L, ok);
  return 1;
}

/* connection:reply() → "value" and a string, a number or nil; "error" and its text; nothing: it hasn't come. */
static int l_reply (lua_State *L) {
  connection *c = check(L);
  void *got = NULL;
  if (c->context->err != 0 || redisReaderGetReply(c->context->reader, &got) != REDIS_OK || got == NULL) return 0;
  redisReply *reply = got;
  lua_pushstring(L, reply->type == REDIS_REPLY_ERROR ? "error" : "value");
  if (reply->type == REDIS_REPLY_INTEGER) lua_pushnumber(L, (lua_Number)reply->integer);
  else if (reply->str != NULL) lua_pushlstring(L, reply->str, reply->len);
  else lua_pushnil(L);
  freeReplyObject(reply);
  return 2;
}

/* connection:fault() → why it can be used no more, or nothing. */
static int l_fault (lua_State *L) {
  connection *c = check(L);
  const redisReader *reader = c->context->reader;
  const char *why = c->pid != getpid()     ? "it is another process's"
                    : c->context->err != 0 ? c->context->errstr
                    : c->error != 0        ? strerror(c->error)
                    : reader->err != 0     ? reader->errstr
                                           : NULL;
  if (why == NULL) return 0;
  lua_pushstring(L, why);
  return 1;
}

AL_EXPORT int luaopen_airlock_redis (lua_State *L);

AL_EXPORT int luaopen_airlock_redis (lua_State *L) {
  static const luaL_Reg methods[] = { { "close", l_close }, { "fault", l_fault }, { "fd", l_fd }, { "reply", l_reply },
                                      { "send", l_send },   { "step", l_step },   { NULL, NULL } };
  static const luaL_Reg functions[] = { { "open", l_open }, { NULL, NULL } };
  al_make_class(L, class, methods, l_close);
  luaL_newlib(L, functions);
  return 1;
}
