#include "door/host_transport.h"

#include <string.h>

#include "door/engine.h"
#include "door/mistake.h"
#include "door/scratch.h"
#include "door/upvalues.h"
#include "wire/token_call.h"
#include "wire/run.h"

static const char class[] = "airlock.token_call";

typedef struct al_token_call_handle {
  al_engine *engine; /* held; NULL: not yet */
  uint64_t id;
} al_token_call_handle;

void al_check_host_transport (lua_State *L, const al_client *client) {
  if (client->settings.ca_file != NULL)
    al_mistake(L, "the client's option 'ca_file' can't be honoured in nginx, which trusts what its directive "
                  "lua_ssl_trusted_certificate names: name the file there, and leave the option out");
  if (client->settings.http == 2)
    al_mistake(L, "the client's option 'http_version' can't be \"2\" in nginx, whose connections speak HTTP/1.1");
  if (client->settings.proxy != NULL && client->settings.proxy[0] != '\0')
    al_mistake(L,
               "the client's option 'proxy' can't be honoured in nginx, whose connections go straight to their server");
}

static al_token_call *find (lua_State *L) {
  al_token_call_handle *h = luaL_checkudata(L, 1, class);
  return h->engine != NULL ? al_token_call_find(h->engine, h->id) : NULL;
}

/* The transfer of the call or token call that a method is called of; NULL: it is over, or not out. */
static al_transfer *check_transfer (lua_State *L) {
  al_call *c = luaL_testudata(L, 1, AL_CALL_CLASS);
  al_token_call *token_call = c == NULL ? find(L) : NULL;
  al_transfer *t = c != NULL ? &c->transfer : token_call != NULL ? &token_call->transfer : NULL;
  return t != NULL && t->host_transport.out ? t : NULL;
}

/* The paths of the client's certificate and its key, where its connection is to show it. It is a credential, and no
 * other origin's business. */
static int push_certificate (lua_State *L, const al_transfer *t) {
  const al_settings *s = t->host_transport.settings;
  const al_request *q = t->request;
  if (s->cert_file == NULL || !q->where.https || (q->bare && !q->endpoint)) return 0;
  lua_pushstring(L, s->cert_file);
  lua_pushstring(L, s->key_file != NULL ? s->key_file : s->cert_file);
  return 2;
}

/*
 * call:outgoing(), token_call:outgoing() → host, port, https, text, ms, connect_ms, alone, again, reads, stall_ms,
 * connections, cert_file, key_file; nothing: it is over. `text` is head and body as they are to be sent. `ms` and
 * `connect_ms` are the milliseconds left. `alone`: on a connection of its own, which serves nothing else before or
 * after. `again`: it may be sent twice. `reads`: the body comes from the program's reader: "chunked", or "plain" where
 * its length is told; false: it doesn't. `cert_file`: the connection shows this certificate (nil: none).
 */
static int l_outgoing (lua_State *L) {
  al_transfer *t = check_transfer(L);
  if (t == NULL) return 0;
  al_call *c = t->owner;
  al_request *q = t->request;
  size_t body_n;
  al_request_body(q, &body_n);
  luaL_checkstack(L, 16, "no room for a request");
  al_buf *text = al_push_scratch(L, (size_t)-1 / 2);
  if (al_buf_reserve(text, 1024 + q->lines.n + body_n) == NULL || !al_host_transport_write(t, text))
    al_mistake(L, "not enough memory");
  lua_pushlstring(L, q->where.host, q->where.host_n);
  lua_pushinteger(L, q->where.port);
  lua_pushboolean(L, q->where.https);
  al_push_bytes(L, text);
  lua_pushnumber(L, (lua_Number)al_host_transport_left(t));
  lua_pushnumber(L, (lua_Number)t->host_transport.settings->connect_timeout_ms);
  lua_pushboolean(L, c == NULL || q->once || q->reads);
  lua_pushboolean(L, c != NULL && al_request_idempotent(q) && !q->reads);
  if (q->reads && strcmp(q->method, "HEAD") != 0) lua_pushstring(L, q->length < 0 ? "chunked" : "plain");
  else lua_pushboolean(L, 0);
  lua_pushnumber(L, (lua_Number)t->host_transport.settings->stall_timeout_ms);
  lua_pushinteger(L, t->host_transport.settings->max_connections);
  int more = push_certificate(L, t);
  if (q->reads) q->read_from = true;
  if (c != NULL) c->wants &= ~AL_WANTS_SEND;
  return 11 + more;
}

/* It is finished: its owner goes on. A call is looked at by whoever carries it, so it needn't stand in the queue. */
static void hear (al_transfer *t) {
  al_call *c = t->owner;
  al_run_heard(t); /* a token call may be gone after that */
  if (c != NULL && c->engine != NULL) al_call_attended(c);
}

/* Pushes what has come for the sink, or nil. */
static void push_piece (lua_State *L, al_transfer *t) {
  if (t->incoming.n == 0) {
    lua_pushnil(L);
    return;
  }
  al_push_long(L, al_buf_text(&t->incoming), t->incoming.n);
  al_transfer_drained(t);
}

/* call:receive(bytes), token_call:receive(bytes) → whether it is over, whether its connection may serve another
 * request, bytes for the sink. */
static int l_receive (lua_State *L) {
  al_transfer *t = check_transfer(L);
  size_t n;
  const char *bytes = luaL_checklstring(L, 2, &n);
  bool lasts = false;
  lua_settop(L, 2);
  lua_pushboolean(L, 1);
  if (t == NULL) return 1;
  al_host_transport_take(t, bytes, n, &lasts);
  lua_pushboolean(L, t->finished);
  lua_replace(L, 3);
  lua_pushboolean(L, lasts);
  push_piece(L, t);
  if (t->finished) hear(t);
  return 3;
}

/* call:closed(), token_call:closed(): the connection was closed before it was over; which may be its end. */
static int l_closed (lua_State *L) {
  al_transfer *t = check_transfer(L);
  if (t == NULL) return 0;
  al_host_transport_closed(t);
  hear(t);
  return 0;
}

/* call:broke(what, words), token_call:broke(what, words): it can't be carried; `what` as al_host_transport_break wants
 * it. */
static int l_broke (lua_State *L) {
  const char *what = al_check_word(L, 2), *words = luaL_checkstring(L, 3);
  al_transfer *t = check_transfer(L);
  if (t == NULL) return 0;
  al_host_transport_break(t, what, words);
  hear(t);
  return 0;
}

/* token_call:following() → "send"; "wait" and for how many seconds; nothing: it is over. */
static int l_following (lua_State *L) {
  al_token_call *token_call = find(L);
  if (token_call == NULL) return 0;
  if (token_call->transfer.host_transport.out) {
    lua_pushliteral(L, "send");
    return 1;
  }
  int64_t left = token_call->transaction.renewal.wait_until - al_engine_now(token_call->engine);
  if (token_call->asks != AL_NEXT_SEND)
    left = AL_TOKEN_CALL_ASKS_MS; /* one of those who wait for it is seeing to that */
  lua_pushliteral(L, "wait");
  if (token_call->asks != AL_NEXT_SEND && left < 10) left = 10; /* somebody else answers it */
  lua_pushnumber(L, left > 0 ? (lua_Number)left / 1000 : 0);
  return 2;
}

/* core.token_call() → a token call to a token endpoint that nobody carries yet: from now on the caller does; nil: there
 * is none. */
int al_l_token_call (lua_State *L) {
  al_engine *e = al_engine_of(L);
  al_token_call *token_call = al_token_call_untaken(e);
  if (token_call == NULL) return 0;
  al_token_call_handle *h = lua_newuserdata(L, sizeof *h);
  h->engine = NULL;
  luaL_getmetatable(L, class);
  lua_setmetatable(L, -2);
  h->engine = al_engine_hold(e);
  h->id = token_call->id;
  token_call->taken = true;
  return 1;
}

/* core.patience() → seconds until core.step() has something to do by itself, 0 or more; nil: it has nothing. */
int al_l_patience (lua_State *L) {
  int ms = al_engine_patience(al_engine_of(L));
  if (ms < 0) return 0;
  lua_pushnumber(L, (lua_Number)ms / 1000);
  return 1;
}

static int l_gc (lua_State *L) {
  al_token_call_handle *h = luaL_checkudata(L, 1, class);
  al_engine *e = h->engine;
  h->engine = NULL;
  al_engine_drop(e);
  return 0;
}

void al_register_host_transport (lua_State *L) {
  static const luaL_Reg methods[] = {
    { "broke", l_broke }, { "closed", l_closed }, { "outgoing", l_outgoing }, { "receive", l_receive }, { NULL, NULL }
  };
  luaL_getmetatable(L, AL_CALL_CLASS);
  lua_getfield(L, -1, "__index");
  luaL_setfuncs(L, methods, 0);
  lua_pop(L, 2);
  al_newmetatable(L, class);
  lua_pushcfunction(L, l_gc);
  lua_setfield(L, -2, "__gc");
  luaL_newlib(L, methods);
  lua_pushcfunction(L, l_following);
  lua_setfield(L, -2, "following");
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
