#include "door/backchannel.h"

#include <string.h>

#include "door/authorization.h"
#include "door/call.h"
#include "door/call_pool.h"
#include "door/host_transport.h"
#include "door/client.h"
#include "door/engine.h"
#include "door/failure.h"
#include "door/mistake.h"
#include "door/session.h"
#include "ground/encode.h"
#include "law/refusal.h"

/* Revoked is the refresh token, whose end is the end of all, where there is one (RFC 7009 section 2.1); asked about the
 * access token. */
static bool add_token (al_buf *form, const al_credential *c, bool access) {
  size_t n = access ? 0 : c->refresh_token.n;
  const char *token = al_buf_text(&c->refresh_token), *hint = "refresh_token";
  if (n == 0 && c->token != NULL) token = al_token_text(c->token, &n), hint = "access_token";
  else if (n == 0 && !access) { /* what a logout before this one couldn't revoke */
    token = al_buf_text(&c->revoking), n = c->revoking.n;
    if (c->revokes_access) hint = "access_token";
  }
  if (n == 0) return false;
  return al_encode_field(form, "token", token, n) && al_encode_field(form, "token_type_hint", hint, strlen(hint));
}

/* The client's proof; `at` is where it stands where a function gave it. */
static bool prove (lua_State *L, al_request *q, const al_client *c, int at, al_fault *fault) {
  size_t n;
  al_stamp stamp;
  const char *given = luaL_optlstring(L, at, "", &n);
  al_buf secret = AL_BUF_SECRET(AL_MAX_SECRET);
  bool ok = al_engine_stamp(&stamp, fault) && al_buf_add(&secret, given, n) &&
            al_client_prove(c, &q->body, &q->authorization, n > 0 ? &secret : NULL, &stamp, fault);
  al_buf_dispose(&secret);
  if (!ok && fault->kind == AL_FINE)
    al_fault_set(fault, AL_NETWORK, AL_TRANSIENT, "out_of_memory", "there is no memory left for a request");
  return ok;
}

static void post (lua_State *L, al_request *q) {
  size_t form_n;
  const char *form = lua_tolstring(L, 3, &form_n);
  memcpy(q->method, "POST", 5);
  q->has_body = true;
  al_request_header(q, "Content-Type", 12, "application/x-www-form-urlencoded", 33);
  if (!al_buf_add(&q->body, form, form_n)) al_mistake(L, "not enough memory");
  if (!lua_isnoneornil(L, 4)) add_token(&q->body, al_check_session(L, 4)->credential, lua_toboolean(L, 7) != 0);
}

/* A call to that URL without a token, which is never redirected; at the top of the stack. */
static al_call *push_call (lua_State *L, const char *url, size_t n) {
  al_call *call = al_push_call(L, 1);
  call->request.plain = al_check_client(L, 1)->client->settings.plain_http;
  const char *why = al_request_lead(&call->request, url, n);
  if (why != NULL) al_mistake(L, "the URL %s", why);
  call->request.bare = call->request.endpoint = true;
  return call;
}

static void begin (lua_State *L, al_call *call, al_client *c, size_t max_body, bool by_host) {
  if (by_host) al_check_host_transport(L, c);
  al_engine *e = al_engine_of(L);
  al_identity who = { .client = c, .grant = &al_grant_none, .account = "", .account_n = 0, .scope = "", .given = "" };
  al_credential *credential = al_cache_find(&e->cache, &who, al_engine_now(e));
  if (credential == NULL) al_mistake(L, "not enough memory");
  call->transfer.max_body = max_body;
  call->transfer.body.secret = true;
  call->transfer.by_host = by_host;
  al_call_begin(e, call, c, credential, true, false, c->settings.timeout_ms);
  al_engine_arm(e);
}

/*
 * core.ask(client, endpoint, form, session, secret, by_host, access, authorization) → a call: a POST of the form to the
 * endpoint (the option's name) with the client's authentication; form nil: a plain GET. With a session, its token is
 * added as RFC 7009 wants it, or where `access` is true its access token. `secret`: what proves the client, where a
 * function gives it; `by_host`: as core.carry; `authorization`: whose key is proved, too. Or nil, message, detail:
 * there is no proof to be had.
 */
int al_l_ask (lua_State *L) {
  al_client *c = al_check_client(L, 1)->client;
  const char *url = c->endpoints[al_check_endpoint(L, 2)];
  if (url == NULL) al_mistake(L, "the client's option '%s' is missing", al_check_word(L, 2));
  lua_settop(L, 8);
  if (!lua_isnil(L, 3) && c->client_id == NULL) al_mistake(L, "the client's option 'client_id' is missing");
  static const char *const purposes[AL_ENDPOINTS] = {
    [AL_REVOCATION_ENDPOINT] = "revocation",
    [AL_INTROSPECTION_ENDPOINT] = "introspection",
    [AL_DEVICE_ENDPOINT] = "device_authorization",
    [AL_PAR_ENDPOINT] = "pushed_authorization",
    [AL_JWKS_URI] = "keys",
  };
  al_call *call = push_call(L, url, strlen(url));
  call->request.purpose = purposes[al_check_endpoint(L, 2)];
  if (!lua_isnil(L, 8)) call->request.dpop = al_dpop_hold(al_authorization_key(L, 8));
  al_fault fault;
  al_fault_clear(&fault);
  if (!lua_isnil(L, 3)) post(L, &call->request);
  if (!lua_isnil(L, 3) && !prove(L, &call->request, c, 5, &fault)) return al_push_failure(L, &fault);
  begin(L, call, c, AL_MAX_TOKEN_REPLY, lua_toboolean(L, 6) != 0);
  return 1;
}

static void add_bearer (lua_State *L, al_request *q, int at) {
  size_t n;
  const char *token = luaL_checklstring(L, at, &n);
  if (!al_token_printable(token, n) || n > AL_MAX_SECRET)
    al_mistake(L, "the token has a character in it that no token may have");
  if (!al_buf_adds(&q->authorization, "Authorization: Bearer ") || !al_buf_add(&q->authorization, token, n))
    al_mistake(L, "not enough memory");
}

/* RFC 7591 section 3.1: JSON. */
static void add_json (lua_State *L, al_request *q, int at) {
  size_t n;
  const char *body = luaL_checklstring(L, at, &n);
  q->has_body = q->once = true; /* sent twice, it would register twice */
  al_request_header(q, "Content-Type", 12, "application/json", 16);
  if (!al_buf_add(&q->body, body, n)) al_mistake(L, "not enough memory");
}

/*
 * core.fetch(client, url, by_host, method, body, token) → a call: a document about the server, or about the client's
 * registration there. A plain GET without credentials, unless there is a method, a JSON body, or a token for just this.
 */
int al_l_fetch (lua_State *L) {
  size_t url_n, n;
  al_client *c = al_check_client(L, 1)->client;
  const char *url = luaL_checklstring(L, 2, &url_n), *method = luaL_optlstring(L, 4, "GET", &n);
  lua_settop(L, 6);
  al_call *call = push_call(L, url, url_n);
  al_request_method(&call->request, method, n);
  call->request.purpose = lua_isnil(L, 6) && strcmp(call->request.method, "GET") == 0 ? "metadata" : "registration";
  if (!lua_isnil(L, 5)) add_json(L, &call->request, 5);
  if (!lua_isnil(L, 6)) add_bearer(L, &call->request, 6);
  begin(L, call, c, AL_MAX_METADATA, lua_toboolean(L, 3) != 0);
  return 1;
}

/*
 * core.asked(client, endpoint, secret) → what to call that endpoint in messages; what may be wrong with the client's
 * proof, as the end of a sentence, or ""; its URL. `secret`: as core.ask.
 */
int al_l_asked (lua_State *L) {
  size_t n;
  const al_client *c = al_check_client(L, 1)->client;
  const char *url = c->endpoints[al_check_endpoint(L, 2)], *given = luaL_optlstring(L, 3, "", &n);
  if (url == NULL) url = "";
  al_buf secret = AL_BUF_SECRET(AL_MAX_SECRET);
  bool ok = al_buf_add(&secret, given, n);
  const char *why = ok ? al_refusal_of_basic(c, n > 0 ? &secret : &c->client_secret) : "";
  al_buf_dispose(&secret);
  lua_settop(L, 2);
  luaL_gsub(L, al_check_word(L, 2), "_", " ");
  lua_pushstring(L, why);
  lua_pushstring(L, url);
  return 3;
}
