#include "door/call.h"

#include "door/call_pool.h"
#include "door/challenge.h"
#include "door/host_transport.h"
#include "door/client.h"
#include "door/engine.h"
#include "door/failure.h"
#include "door/json_answer.h"
#include "door/json_slices.h"
#include "door/note.h"
#include "door/upvalues.h"
#include "door/store_call.h"
#include "door/loop.h"
#include "door/mistake.h"
#include "door/request.h"
#include "door/session.h"
#include "ground/clock.h"

static const char class[] = AL_CALL_CLASS;

/* What core.obtain and its like take, after the session. */
enum {
  TOKEN_TIMEOUT = 2,
  TOKEN_FORCE, /* nil: it is to be told; false: only to be there; true: a new one is to be there */
  TOKEN_ARGS = TOKEN_FORCE,
};

static al_call *check_call (lua_State *L, int at) {
  return al_upvalue_is(L, at, AL_HAS_CALLS) ? lua_touserdata(L, at) : luaL_checkudata(L, at, class);
}

static al_session *check_session (lua_State *L) {
  al_session *s = al_upvalue_is(L, AL_ARG_SESSION, AL_HAS_SESSIONS) ? lua_touserdata(L, AL_ARG_SESSION) : NULL;
  return s != NULL && s->credential != NULL ? s : al_check_session(L, AL_ARG_SESSION);
}

/* Begins what the arguments ask for with the call that is above them; the session was checked. */
static al_call *begin (lua_State *L, al_call *c) {
  al_session *s = lua_touserdata(L, AL_ARG_SESSION);
  al_read_request(L, c, s->client);
  int64_t timeout_ms = al_read_timeout(L, AL_ARG_TIMEOUT, NULL, s->client);
  c->session = s->id;
  al_call_begin(al_engine_of(L), c, s->client, al_cache_hold(s->credential), true, false, timeout_ms);
  return c;
}

/* The same for a token alone. */
static al_call *begin_token (lua_State *L, al_call *c) {
  al_session *s = lua_touserdata(L, AL_ARG_SESSION);
  int64_t timeout_ms = al_read_timeout(L, TOKEN_TIMEOUT, "session:settle: argument", s->client);
  c->tells = lua_isnil(L, TOKEN_FORCE);
  c->session = s->id;
  al_call_begin(al_engine_of(L), c, s->client, al_cache_hold(s->credential), false, lua_toboolean(L, TOKEN_FORCE) != 0,
                timeout_ms);
  return c;
}

/* Pushes what a finished call (at `at`) came to: status, body, header block, URL, settings, nil, method, or as
 * json_answer has it; or the token; or nil, message, detail. */
static int push_result (lua_State *L, al_call *c, int at, int slices) {
  al_deliver_notes(L, at, c->client);
  if (c->flow.fault != NULL) {
    al_push_failure(L, c->flow.fault);
    al_add_challenges(L, c->flow.fault);
    return 3;
  }
  if (c->flow.request == NULL) {
    size_t n;
    const char *token = c->tells ? al_token_text(c->credential->token, &n) : NULL;
    if (token != NULL) lua_pushlstring(L, token, n);
    else lua_pushboolean(L, 1);
    return 1;
  }
  if (al_push_json_answer(L, c, at, slices)) return 6;
  lua_pushinteger(L, c->transfer.status);
  al_push_long(L, al_buf_text(&c->transfer.body), c->transfer.body.n);
  lua_pushlstring(L, al_buf_text(&c->transfer.head), c->transfer.head.n);
  lua_pushlstring(L, al_buf_text(&c->request.url), c->request.url.n);
  lua_getuservalue(L, at);
  lua_pushnil(L);
  lua_pushstring(L, c->request.method);
  return 7;
}

/* Blocks until the call, on top of the stack, is over or needs Lua. */
static int drive (lua_State *L, al_call *c) {
  int at = lua_gettop(L);
  al_loop_drive(L, c);
  if (c->wants == AL_WANTS_DONE) {
    int n = push_result(L, c, at, 0);
    al_recycle_call(L, c, at);
    return n;
  }
  lua_pushboolean(L, 0);
  lua_pushvalue(L, at);
  return 2;
}

/* The call on top of the stack was begun: it moves on by whatever steps the engine. */
static int start (al_call *c) {
  al_engine_arm(c->engine);
  return 1;
}

static int start_by_host (al_call *c) {
  al_call_attended(c); /* whoever began it looks at once */
  return start(c);
}

static al_call *call_for (lua_State *L, int args) {
  check_session(L);
  lua_settop(L, args);
  return al_push_pooled_call(L, AL_ARG_SESSION);
}

static al_call *call_by_host (lua_State *L, int args) {
  al_check_host_transport(L, check_session(L)->client);
  al_call *c = call_for(L, args);
  c->transfer.by_host = true;
  return c;
}

/*
 * core.perform(session, method, url, query, headers, body, content_type, sinks, timeout, max_body, whose, encodes,
 * decodes)
 * Makes a request and blocks until it is over: status, body, header block, URL, session:settings(), nil, method (both
 * as of the last request, after redirects); or nil, message, detail. Where Lua is needed meanwhile (a sink, a reader, a
 * secret), it comes back early with false, call, and whoever called goes on with call:proceed(). One crossing,
 * otherwise. `encodes`: the body is a value, to be sent as JSON; a mistake in it begins so. `decodes` true: where the
 * answer is JSON, status, value, nil, nil, nil, true come back; "head": with the header block.
 */
int al_l_perform (lua_State *L) {
  return drive(L, begin(L, call_for(L, AL_REQUEST_ARGS)));
}

/* core.start(the same): begins it and comes back at once with the call. */
int al_l_start (lua_State *L) {
  return start(begin(L, call_for(L, AL_REQUEST_ARGS)));
}

/* core.carry(the same): as core.start, but its bytes, and those of token calls that it begins, are carried by the
 * caller's host. */
int al_l_carry (lua_State *L) {
  return start_by_host(begin(L, call_by_host(L, AL_REQUEST_ARGS)));
}

/*
 * core.obtain(session, timeout, force)
 * Sees to a token and blocks until it is there: its text, true, or nil, message, detail; or false, call, as
 * core.perform. `force` nil: the token is told; false: it is only to be there; true: it is to be a new one.
 */
int al_l_obtain (lua_State *L) {
  return drive(L, begin_token(L, call_for(L, TOKEN_ARGS)));
}

/* core.start_token(the same): begins it and comes back at once with the call. */
int al_l_start_token (lua_State *L) {
  return start(begin_token(L, call_for(L, TOKEN_ARGS)));
}

/* core.carry_token(the same): … with the bytes carried by the caller's host. */
int al_l_carry_token (lua_State *L) {
  return start_by_host(begin_token(L, call_by_host(L, TOKEN_ARGS)));
}

/* core.alarm(seconds) → a call that asks nobody: it is done after so long. For whoever waits in a host's loop for
 * something else. */
int al_l_alarm (lua_State *L) {
  double seconds = luaL_checknumber(L, 1);
  luaL_argcheck(L, seconds >= 0 && seconds <= AL_MAX_TIMEOUT_S, 1, "seconds, from 0 to a day");
  lua_settop(L, 1);
  al_call *c = al_push_new_call(L);
  al_call_sleep(al_engine_of(L), c, (int64_t)(seconds * 1000));
  al_engine_arm(c->engine);
  return 1;
}

/* call:await(coroutine): it waits until the call wants something; it is to yield now, and to be woken when core.attend
 * gives it. */
static int l_await (lua_State *L) {
  al_call *c = check_call(L, 1);
  luaL_checktype(L, 2, LUA_TTHREAD);
  lua_settop(L, 2);
  lua_rawsetp(L, lua_upvalueindex(AL_HAS_WAITING), c);
  c->awaited = true;
  return 0;
}

/* core.attend() → a coroutine whose call wants something, or nil: none does. */
int al_l_attend (lua_State *L) {
  al_engine *e = al_engine_of(L);
  for (al_call *c; (c = al_call_attend(e)) != NULL;) {
    if (!c->awaited) continue; /* whoever has it will look before it waits */
    c->awaited = false;
    lua_rawgetp(L, lua_upvalueindex(AL_HAS_WAITING), c);
    if (!lua_isnil(L, -1)) return 1;
    lua_pop(L, 1);
  }
  al_engine_arm(e);
  return 0;
}

/* call:awaited(coroutine) → whether it is this one that waits for the call. */
static int l_awaited (lua_State *L) {
  al_call *c = check_call(L, 1);
  lua_settop(L, 2);
  lua_rawgetp(L, lua_upvalueindex(AL_HAS_WAITING), c);
  lua_pushboolean(L, c->awaited && lua_rawequal(L, 2, -1));
  return 1;
}

static int push_wants (lua_State *L, al_call *c) {
  if (c->wants & AL_WANTS_SECRET) lua_pushliteral(L, "secret");
  else if (c->wants & AL_WANTS_STORE) lua_pushliteral(L, "store");
  else if (c->wants & AL_WANTS_SOURCE) lua_pushliteral(L, "source");
  else if (c->wants & AL_WANTS_OPENING) lua_pushliteral(L, "opening");
  else if (c->wants & AL_WANTS_SINK) {
    lua_pushliteral(L, "sink");
    al_push_long(L, al_buf_text(&c->transfer.incoming), c->transfer.incoming.n);
    c->wants &= ~AL_WANTS_SINK;
    al_transfer_drained(&c->transfer);
    if (c->engine != NULL) al_engine_arm(c->engine);
    return 2;
  } else if (c->wants & AL_WANTS_BODY) {
    lua_pushliteral(L, "body");
    lua_pushboolean(L, al_transfer_unfed(&c->transfer));
    return 2;
  } else if (c->wants & AL_WANTS_SEND) lua_pushliteral(L, "send");
  else if (c->wants & AL_WANTS_DONE) lua_pushliteral(L, "done");
  else return 0;
  return 1;
}

/* call:wants() → "secret", "store", "source", "opening", "body" with whether it is to be read from its beginning,
 * "sink" with the bytes for it, "send", "done", or nil: nothing yet. */
static int l_wants (lua_State *L) {
  return push_wants(L, check_call(L, 1));
}

/* call:wait(): blocks until the call wants something. */
static int l_wait (lua_State *L) {
  al_loop_drive(L, check_call(L, 1));
  return 0;
}

static void fail (al_call *c, al_outcome outcome, const char *code, const char *message) {
  al_fault fault;
  al_fault_set(&fault, AL_CANCELLED, outcome, code, "%s", message);
  al_call_fail(c, &fault);
}

/* call:feed(text): takes the text that the body's reader gave; nil: there is no more. */
static int l_feed (lua_State *L) {
  al_call *c = check_call(L, 1);
  size_t n = 0;
  const char *bytes = luaL_optlstring(L, 2, "", &n);
  c->wants &= ~AL_WANTS_BODY;
  bool taken = al_transfer_feed(&c->transfer, bytes, n);
  if (!taken && c->transfer.outgoing.starved) al_mistake(L, "not enough memory");
  if (c->transfer.outgoing.broken)
    al_mistake(L, "the reader in option 'body' gave more than %d bytes at once", AL_READER_CHUNK);
  if (!taken && c->engine != NULL)
    fail(c, AL_MISCONFIGURED, "wrong_length", "the body isn't as long as it was said to be");
  if (c->engine != NULL) al_engine_arm(c->engine);
  return 0;
}

/* call:secret(text): the client secret that was asked for. */
static int l_secret (lua_State *L) {
  al_call *c = check_call(L, 1);
  size_t n;
  const char *text_ = luaL_checklstring(L, 2, &n);
  al_buf secret = AL_BUF_SECRET(AL_MAX_SECRET);
  bool ok = n > 0 && al_buf_add(&secret, text_, n);
  if (ok && c->engine != NULL) al_call_give_secret(c, &secret);
  al_buf_dispose(&secret);
  if (!ok)
    al_mistake(L, "client_secret: the function gave an empty secret, or one of more than %d bytes", AL_MAX_SECRET);
  if (c->engine != NULL) al_engine_arm(c->engine);
  return 0;
}

/* call:open(form): takes the form that the next token is to be asked for with, after the call wanted an "opening". */
static int l_open (lua_State *L) {
  al_call *c = check_call(L, 1);
  size_t n;
  const char *form = luaL_checklstring(L, 2, &n);
  al_buf opening = AL_BUF_SECRET(AL_MAX_TOKEN_REPLY);
  bool ok = al_buf_add(&opening, form, n);
  if (ok && c->engine != NULL) al_call_give_opening(c, &opening);
  al_buf_dispose(&opening);
  if (!ok) al_mistake(L, "the form of this grant is too long");
  if (c->engine != NULL) al_engine_arm(c->engine);
  return 0;
}

/* call:fail(message, code): the program gives up on it; it ends as a failure of kind "cancelled", which passes; with a
 * code of its own somebody has to mend something. */
static int l_fail (lua_State *L) {
  al_call *c = check_call(L, 1);
  const char *message = al_check_word(L, 2), *code = al_opt_word(L, 3, NULL);
  if (c->engine == NULL) return 0;
  fail(c, code != NULL ? AL_MISCONFIGURED : AL_TRANSIENT, code != NULL ? code : "cancelled", message);
  al_engine_arm(c->engine);
  return 0;
}

/*
 * call:proceed(slices) → of a call that is over: status, body, header block, URL, settings; or the token; or nil,
 * message, detail. It isn't to be touched again, as it may be another one's from here on. Else false, and as
 * call:wants(). `slices` true: where a large answer is to be decoded, false, "decode" and slices of it come back; those
 * are handed in once their step() says that they are over.
 */
static int l_proceed (lua_State *L) {
  al_call *c = check_call(L, 1);
  if (c->engine == NULL) al_mistake(L, "this call is closed");
  c->awaited = false;
  if (c->wants != AL_WANTS_DONE) {
    lua_pushboolean(L, 0);
    return 1 + push_wants(L, c);
  }
  if (lua_isboolean(L, 2) && lua_toboolean(L, 2) && al_json_slices_fit(c)) {
    lua_pushboolean(L, 0);
    lua_pushliteral(L, "decode");
    al_push_json_slices(L, c);
    return 3;
  }
  int n = push_result(L, c, 1, al_is_json_slices(L, 2) ? 2 : 0);
  al_call_attended(c);
  al_recycle_call(L, c, 1);
  return n;
}

/* call:head() → the header block as far as it has come, lines ended by CR LF. */
static int l_head (lua_State *L) {
  al_call *c = check_call(L, 1);
  lua_pushlstring(L, al_buf_text(&c->transfer.head), c->transfer.head.n);
  return 1;
}

/* call:close(): ends it wherever it is; a token request that it began goes on. A second time does nothing. */
static int l_close (lua_State *L) {
  al_call *c = check_call(L, 1);
  al_call_dispose(c);
  al_return_body(L, c);
  return 0;
}

static int l_tostring (lua_State *L) {
  al_call *c = check_call(L, 1);
  lua_pushfstring(L, "%s (%s)", class, c->place != AL_CALL_NOWHERE ? "under way" : "over");
  return 1;
}

void al_register_call (lua_State *L) {
  static const luaL_Reg meta[] = {
    { "__gc", l_close }, { "__close", l_close }, { "__tostring", l_tostring }, { NULL, NULL }
  };
  static const luaL_Reg methods[] = {
    { "await", l_await },      { "awaited", l_awaited },    { "close", l_close },      { "fail", l_fail },
    { "feed", l_feed },        { "head", l_head },          { "open", l_open },        { "proceed", l_proceed },
    { "secret", l_secret },    { "store", al_l_store },     { "stored", al_l_stored }, { "wait", l_wait },
    { "source", al_l_source }, { "sourced", al_l_sourced }, { "wants", l_wants },      { NULL, NULL },
  };
  al_register_call_pool(L);
  al_register_json_slices(L);
  al_newmetatable(L, class);
  al_push_upvalues(L);
  luaL_setfuncs(L, meta, AL_UPVALUES);
  luaL_newlibtable(L, methods);
  al_push_upvalues(L);
  luaL_setfuncs(L, methods, AL_UPVALUES);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
