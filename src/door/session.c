#include "door/session.h"

#include <stdio.h>
#include <string.h>

#include "door/client.h"
#include "door/engine.h"
#include "door/mistake.h"
#include "door/opening.h"
#include "door/options.h"
#include "door/scope.h"
#include "door/scratch.h"
#include "door/upvalues.h"
#include "ground/clock.h"
#include "ground/crypto.h"
#include "ground/encode.h"
#include "wire/run.h"

static const char class[] = AL_SESSION_CLASS;

static al_session *test_session (lua_State *L, int at) {
  al_session *s = luaL_testudata(L, at, class);
  if (s == NULL)
    al_mistake(L, "a session was expected, not a %s: write session:method(…), with a colon", luaL_typename(L, at));
  return s;
}

al_session *al_check_session (lua_State *L, int at) {
  al_session *s = test_session(L, at);
  if (s->credential == NULL) al_mistake(L, "this session is closed");
  return s;
}

static const al_grant *check_grant (lua_State *L, int at) {
  const char *name = al_check_word(L, at);
  const al_grant *grant = al_grant_find(name);
  if (grant == NULL) al_mistake(L, "no grant is called '%s'", name);
  return grant;
}

/* RFC 6749 section 3.3: printable ASCII without '"' and '\', single spaces between. */
void al_check_scope (lua_State *L, const char *whose, const char *scope, size_t n) {
  if (n > AL_MAX_SCOPE) al_mistake(L, "%s: option 'scope' is longer than %d bytes", whose, AL_MAX_SCOPE);
  for (size_t i = 0; i < n; i++)
    if (scope[i] < 0x20 || scope[i] >= 0x7F || scope[i] == '"' || scope[i] == '\\')
      al_mistake(L, "%s: option 'scope' has a character in it that a scope can't have", whose);
}

static void check_needs (lua_State *L, const al_client *c, const al_grant *grant, const char *whose) {
  if (grant->given == AL_GIVEN_TOKEN || grant == &al_grant_none || grant == &al_grant_implicit ||
      grant == &al_grant_anonymous || grant == &al_grant_token_source)
    return;
  if (c->client_id == NULL) al_mistake(L, "%s: the client's option 'client_id' is missing", whose);
  if (c->endpoints[AL_TOKEN_ENDPOINT] == NULL)
    al_mistake(L, "%s: the client's option 'token_endpoint' is missing", whose);
  if (grant == &al_grant_client_credentials && c->auth->means == AL_BY_NOTHING)
    al_mistake(
      L,
      "%s: the client's option 'client_secret' (or another proof of who it is) is missing: RFC 6749 section 4.4 is for "
      "confidential clients",
      whose);
}

/* Pushes the client's default scope, or "", where the program gave none. */
static const char *scope_of (lua_State *L, int at, size_t *n) {
  if (lua_isnoneornil(L, at)) {
    lua_getuservalue(L, 1);
    lua_getfield(L, -1, "scope");
    lua_remove(L, -2);
  } else lua_pushvalue(L, at);
  const char *scope = lua_tolstring(L, -1, n);
  if (scope == NULL) *n = 0;
  return scope != NULL ? scope : "";
}

/* What opens it isn't looked at, so no two of them are taken to mean the same token. */
static bool stands_alone (const al_grant *grant) {
  return grant == &al_grant_password || grant == &al_grant_device_code || grant == &al_grant_jwt_bearer ||
         grant == &al_grant_token_exchange || grant == &al_grant_token_source;
}

/* Whether the client's store keeps it: what somebody else who names the same account may go on with. */
static bool stored (const al_client *c, const al_identity *who) {
  static const al_grant *const kept[] = { &al_grant_client_credentials, &al_grant_refresh_token,
                                          &al_grant_authorization_code, &al_grant_password,
                                          &al_grant_device_code,        &al_grant_token_source };
  if (c->store == AL_STORE_NONE || (who->given_n > 0 && who->grant->given != AL_GIVEN_REFRESH)) return false;
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
    if (who->grant == kept[i]) return true;
  return false;
}

al_session *al_push_session (lua_State *L) {
  al_session *s = lua_newuserdata(L, sizeof *s);
  s->credential = NULL;
  s->client = NULL;
  s->engine = NULL;
  luaL_getmetatable(L, class);
  lua_setmetatable(L, -2);
  lua_getuservalue(L, 1);
  lua_setuservalue(L, -2);
  return s;
}

void al_open_session (lua_State *L, al_session *s, al_credential *credential, al_client *client) {
  if (credential == NULL) al_mistake(L, "not enough memory");
  al_engine *e = al_engine_of(L);
  s->credential = credential;
  s->client = al_client_hold(client);
  s->engine = al_engine_hold(e);
  s->id = ++e->ids;
}

/*
 * core.session(client, grant, scope, given, account, whose, resource)
 * A session of a client by a grant. No server is asked yet. `given` is the refresh or permanent token that the program
 * hands in, or another text that tells it from others. `resource` is fields of a form, encoded. Sessions of one Lua
 * state that mean the same token share it. It raises for what can't work (`whose` begins the message).
 */
int al_l_session (lua_State *L) {
  al_client_handle *h = al_check_client(L, 1);
  const char *whose = al_opt_word(L, 6, class);
  al_identity who = { .client = h->client, .grant = check_grant(L, 2) };
  who.given = luaL_optlstring(L, 4, "", &who.given_n);
  who.account = luaL_optlstring(L, 5, "default", &who.account_n);
  char own[24]; /* two users' passwords or device codes never mean the same token, unless they have a name to be told
                   apart by */
  if (who.given_n == 0 && lua_isnoneornil(L, 5) && stands_alone(who.grant)) {
    who.given_n = (size_t)snprintf(own, sizeof own, "#%llu", (unsigned long long)++al_engine_of(L)->ids);
    who.given = own;
  }
  check_needs(L, h->client, who.grant, whose);
  who.stored = stored(h->client, &who);
  if (who.given_n > AL_MAX_SECRET) al_mistake(L, "%s: the token is longer than %d bytes", whose, AL_MAX_SECRET);
  if (who.grant->given != AL_GIVEN_NOTHING && !al_token_printable(who.given, who.given_n))
    al_mistake(L, "%s: the token is empty, or has a space, line break or other character in it that no token may have",
               whose);
  who.resource = luaL_optlstring(L, 7, "", &who.resource_n);
  lua_settop(L, 7);
  who.scope = scope_of(L, 3, &who.scope_n);
  al_check_scope(L, whose, who.scope, who.scope_n);
  al_session *s = al_push_session(L);
  al_engine *e = al_engine_of(L);
  al_open_session(L, s, al_cache_find(&e->cache, &who, al_engine_now(e)), h->client);
  return 1;
}

static void field (lua_State *L, const char *name, const char *value) {
  lua_pushstring(L, value);
  lua_setfield(L, -2, name);
}

/*
 * session:info() → the facts of the session, nothing secret. No server is asked.
 * @return airlock.session_facts facts
 * @see RFC 6749 section 5.1
 */
static int l_info (lua_State *L) {
  al_session *s = al_check_session(L, 1);
  const al_credential *c = s->credential;
  lua_createtable(L, 0, 5);
  field(L, "grant", c->grant->name);
  if (c->grant->subject != NULL) field(L, "subject", c->grant->subject);
  const al_buf *scope = al_credential_scope(c);
  if (scope->n > 0) field(L, "scope", al_buf_text(scope));
  if (c->token != NULL && c->token->expires_at >= 0) {
    al_push_integer(L, (al_clock_wall() + c->token->expires_at - al_engine_now(s->engine)) / 1000);
    lua_setfield(L, -2, "expires_at");
  }
  if (c->token != NULL && c->token->issued_token_type.n > 0)
    field(L, "issued_token_type", al_buf_text(&c->token->issued_token_type));
  if (c->token != NULL && c->token->dpop != NULL) field(L, "token_type", "DPoP");
  lua_pushboolean(L, al_credential_renewable(c));
  lua_setfield(L, -2, "renewable");
  if (c->stored != NULL) field(L, "store", c->client->store == AL_STORE_FILES ? c->client->folder : "program");
  return 1;
}

/* session:reply_text() → what the newest reply says beside its tokens, as JSON; nil: none is known. */
static int l_reply_text (lua_State *L) {
  const al_credential *c = al_check_session(L, 1)->credential;
  if (c->reply.n == 0) return 0;
  lua_pushliteral(L, "{");
  lua_pushlstring(L, al_buf_text(&c->reply) + 1, c->reply.n - 1); /* without its first comma */
  lua_pushliteral(L, "}");
  lua_concat(L, 3);
  return 1;
}

/* session:fresh_token() → the token as text if it is fresh, else nil: the part of session:token() that asks no server.
 */
static int l_fresh_token (lua_State *L) {
  al_session *s = al_check_session(L, 1);
  const al_token *token = s->credential->token;
  if (token == NULL || !al_token_fresh(token, al_engine_now(s->engine)) || al_credential_owes(s->credential)) return 0;
  size_t n;
  const char *text = al_token_text(token, &n);
  lua_pushlstring(L, text, n);
  return 1;
}

/* session:_id_token() → the newest ID token as it came, unchecked, or nil: for lua/airlock/id_token.lua. */
static int l_id_token (lua_State *L) {
  const al_credential *c = al_check_session(L, 1)->credential;
  if (c->id_token.n == 0) return 0;
  lua_pushlstring(L, c->id_token.bytes, c->id_token.n);
  return 1;
}

/* session:_token_hash(bits) → the left half of the access token's digest in base64url, as at_hash has it; nil: there is
 * no token. */
static int l_token_hash (lua_State *L) {
  const al_token *token = al_check_session(L, 1)->credential->token;
  int bits = (int)luaL_checkinteger(L, 2);
  unsigned char digest[64];
  size_t n;
  if (token == NULL) return 0;
  const char *text = al_token_text(token, &n);
  al_buf *out = al_push_scratch(L, 64);
  if (!al_crypto_digest(bits, digest, text, n) || !al_encode_base64url(out, digest, (size_t)bits / 16))
    al_mistake(L, "not enough memory");
  al_push_bytes(L, out);
  return 1;
}

/*
 * session:ready() → whether it can make a request without the user: it has a token that lives, or can get one. Then:
 * whether a logout couldn't revoke what it had, and may be tried again.
 */
static int l_ready (lua_State *L) {
  al_session *s = al_check_session(L, 1);
  const al_credential *c = s->credential;
  lua_pushboolean(L, al_credential_renewable(c) ||
                       (c->token != NULL && al_token_alive(c->token, al_engine_now(s->engine))));
  lua_pushboolean(L, c->revoking.n > 0);
  return 2;
}

/* session:forget(retry): wipes all that it knew. `retry`: all but what another try to revoke needs. From now on it says
 * login_required. */
static int l_forget (lua_State *L) {
  al_session *s = al_check_session(L, 1);
  al_fault fault;
  al_fault_set(&fault, AL_OAUTH, AL_INTERACTION, "login_required",
               "this session was logged out; the user must log in again");
  if (lua_toboolean(L, 2)) al_credential_retire(s->credential, &fault);
  else al_credential_forget(s->credential, &fault);
  return 0;
}

/*
 * session:settings() → the client's own table of what its configuration keeps for Lua: `on_event`, `loop`, `scope`,
 * `redirect_uri`, `clock_skew`, `provider`, and `proof`, the function that gives `client_secret` or `private_key`. Read
 * it, don't change it.
 */
static int l_settings (lua_State *L) {
  test_session(L, 1);
  lua_getuservalue(L, 1);
  return 1;
}

/* Lets go of the credential, whose token stays cached for others that mean the same; a second time does nothing. */
static int l_gc (lua_State *L) {
  al_session *s = test_session(L, 1);
  al_credential *credential = s->credential;
  al_client *client = s->client;
  al_engine *engine = s->engine;
  s->credential = NULL;
  s->client = NULL;
  s->engine = NULL;
  al_cache_release(credential);
  al_client_drop(client);
  al_engine_drop(engine);
  return 0;
}

/*
 * session:close(): ends the session's calls under way (`cancelled/closed`) and lets go of the token. The token stays
 * cached for other sessions that mean the same. Calls of a session that is only collected go on. A second time does
 * nothing; any other use of the session then raises.
 * @see docs/failures.md
 */
static int l_close (lua_State *L) {
  al_session *s = test_session(L, 1);
  if (s->engine != NULL && al_run_enter(s->engine)) {
    al_run_end_session(s->engine, s->id);
    al_engine_arm(s->engine);
  }
  return l_gc(L);
}

static int l_tostring (lua_State *L) {
  al_session *s = test_session(L, 1);
  if (s->credential == NULL) lua_pushfstring(L, "%s (closed)", class);
  else lua_pushfstring(L, "%s (%s)", class, s->credential->grant->name);
  return 1;
}

void al_register_session (lua_State *L) {
  static const luaL_Reg meta[] = {
    { "__gc", l_gc }, { "__close", l_close }, { "__tostring", l_tostring }, { NULL, NULL }
  };
  static const luaL_Reg methods[] = {
    { "_become", al_l_become },
    { "_id_token", l_id_token },
    { "_serves", al_l_serves },
    { "_sibling", al_l_sibling },
    { "_token_hash", l_token_hash },
    { "_wider", al_l_wider },
    { "_wish", al_l_wish },
    { "ask_opening", al_l_ask_opening },
    { "ask_source", al_l_ask_source },
    { "close", l_close },
    { "forget", l_forget },
    { "fresh_token", l_fresh_token },
    { "info", l_info },
    { "reply_text", l_reply_text },
    { "open_device", al_l_open_device },
    { "open_password", al_l_open_password },
    { "open_signer", al_l_open_signer },
    { "open_standing", al_l_open_standing },
    { "ready", l_ready },
    { "settings", l_settings },
    { NULL, NULL },
  };
  al_newmetatable(L, class);
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
