#include "door/authorization.h"

#include <string.h>

#include "door/client.h"
#include "door/engine.h"
#include "door/failure.h"
#include "door/mistake.h"
#include "door/scratch.h"
#include "door/session.h"
#include "ground/clock.h"
#include "ground/crypto.h"
#include "law/authorization.h"

static const char class[] = "airlock.grant.authorization";
static const char key = 0; /* its address names the methods in the registry */

static al_authorization *check_authorization (lua_State *L, int at) {
  al_authorization *a = luaL_checkudata(L, at, class);
  if (a->client == NULL) al_mistake(L, "this authorization is closed");
  return a;
}

static al_authorization *push_authorization (lua_State *L, int client_at) {
  al_authorization *a = lua_newuserdata(L, sizeof *a);
  al_authorization_init(a);
  luaL_getmetatable(L, class);
  lua_setmetatable(L, -2);
  lua_getuservalue(L, client_at);
  lua_setuservalue(L, -2);
  a->client = al_client_hold(al_check_client(L, client_at)->client);
  return a;
}

static void need (lua_State *L, const al_client *c, const char *whose, bool implicit) {
  if (c->client_id == NULL) al_mistake(L, "%s: the client's option 'client_id' is missing", whose);
  if (c->endpoints[AL_AUTHORIZATION_ENDPOINT] == NULL)
    al_mistake(L, "%s: the client's option 'authorization_endpoint' is missing", whose);
  if (!implicit && c->endpoints[AL_TOKEN_ENDPOINT] == NULL)
    al_mistake(L, "%s: the client's option 'token_endpoint' is missing", whose);
}

/* A redirect URI may be of any scheme (RFC 8252 section 7.1), but is absolute, has no fragment and nothing that a
 * header line can't have. */
static void check_redirect_uri (lua_State *L, const char *whose, const char *uri, size_t n) {
  bool sound = n > 0 && n < AL_MAX_URL && strchr(uri, ':') != NULL && uri[0] != ':' && strchr(uri, '#') == NULL;
  for (size_t i = 0; sound && i < n; i++) sound = uri[i] > 0x20 && uri[i] < 0x7F;
  if (!sound)
    al_mistake(L, "%s: option 'redirect_uri' must be an absolute URI without spaces or '#', as it is registered",
               whose);
}

/*
 * core.authorize(client, implicit, scope, redirect_uri, more, whose, resource, wanted)
 * Begins a login: an authorization with `url` and `state`. `implicit`: true, or "id_token token". `more` is further
 * fields of the URL, encoded, and so is `resource`. `wanted` comes back where its ID token is checked. Raises for what
 * can't work.
 */
int al_l_authorize (lua_State *L) {
  size_t scope_n, uri_n, more_n, resource_n, wanted_n;
  const al_client *c = al_check_client(L, 1)->client;
  bool implicit = lua_toboolean(L, 2) != 0, identifies = lua_type(L, 2) == LUA_TSTRING;
  const char *scope = luaL_optlstring(L, 3, "", &scope_n), *uri = luaL_checklstring(L, 4, &uri_n),
             *more = luaL_optlstring(L, 5, "", &more_n), *resource = luaL_optlstring(L, 7, "", &resource_n),
             *wanted = luaL_optlstring(L, 8, "", &wanted_n);
  const char *whose = al_check_word(L, 6);
  need(L, c, whose, implicit);
  if (implicit && c->binds && !c->unbound_too)
    al_mistake(L, "%s: a token that comes in a URL can't be bound to a key, as the client's option 'dpop' wants it",
               whose);
  check_redirect_uri(L, whose, uri, uri_n);
  al_check_scope(L, whose, scope, scope_n);
  al_authorization *a = push_authorization(L, 1);
  a->implicit = implicit;
  a->identifies = identifies;
  bool ok = al_buf_add(&a->scope, scope, scope_n) && al_buf_add(&a->redirect_uri, uri, uri_n) &&
            al_buf_add(&a->resource, resource, resource_n) && al_buf_add(&a->wanted, wanted, wanted_n) &&
            al_authorization_begin(a, more, more_n, al_clock_wall());
  if (a->scope.starved || a->redirect_uri.starved || a->resource.starved || a->wanted.starved || a->query.starved ||
      a->url.starved)
    al_mistake(L, "not enough memory");
  if (!ok)
    al_mistake(L, "%s: the URL would be longer than %d bytes, or there are no random numbers to be had", whose,
               AL_MAX_URL);
  return 1;
}

/* From what only the client has, where it is kept here or `given` at that place of the stack. */
static bool seal_key (lua_State *L, const al_client *c, int at, unsigned char out[32]) {
  size_t n;
  const char *given = luaL_optlstring(L, at, "", &n);
  if (n == 0) return al_client_seal_key(c, NULL, out);
  al_buf secret = AL_BUF_SECRET(AL_MAX_SECRET);
  bool ok = al_buf_add(&secret, given, n) && al_client_seal_key(c, &secret, out);
  al_buf_dispose(&secret);
  return ok;
}

/* core.restore(client, saved, secret) → the authorization that save() made text of; or nil, message, detail of kind
 * "state". */
int al_l_restore (lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 2, &n);
  unsigned char seal[32];
  al_fault fault;
  al_client *c = al_check_client(L, 1)->client;
  lua_settop(L, 3);
  al_authorization *a = push_authorization(L, 1);
  if (!seal_key(L, c, 3, seal)) al_mistake(L, "not enough memory");
  bool ok = al_authorization_restore(a, seal, text, n, al_clock_wall(), &fault);
  al_wipe(seal, sizeof seal);
  return ok ? 1 : al_push_failure(L, &fault);
}

/*
 * authorization:seal(secret, public) → text to keep between two requests; it holds no client secret, and can't be read
 * or altered without it. Raises where the client has nothing that others don't know, unless `public`.
 */
static int l_seal (lua_State *L) {
  al_authorization *a = check_authorization(L, 1);
  unsigned char seal[32];
  if (lua_isnoneornil(L, 2) && !lua_toboolean(L, 3) && !al_client_seals(a->client))
    al_mistake(L, "authorization:save: the client has no secret to seal the text with, so others could read and forge "
                  "it: give the client option 'seal_key', or save { public = true } where only the program can read "
                  "and write it");
  al_buf *out = al_push_scratch(L, AL_MAX_URL * 8);
  bool ok = seal_key(L, a->client, 2, seal) && al_authorization_save(a, seal, out);
  al_wipe(seal, sizeof seal);
  if (!ok) al_mistake(L, "not enough memory");
  al_push_bytes(L, out);
  return 1;
}

/* Remembers states as spent for the whole Lua state, as one saved authorization may be restored twice. */
static bool spend (al_engine *e, const unsigned char digest[32], bool now) {
  int known = e->spent_count < AL_MAX_SPENT ? e->spent_count : AL_MAX_SPENT;
  for (int i = 0; i < known; i++)
    if (memcmp(e->spent[i], digest, 32) == 0) return true;
  if (now) memcpy(e->spent[e->spent_count++ % AL_MAX_SPENT], digest, 32);
  return false;
}

static bool no_memory (al_fault *fault) {
  al_fault_set(fault, AL_NETWORK, AL_TRANSIENT, "out_of_memory", "there is no memory left to read the redirect");
  return false;
}

static bool read_redirect (lua_State *L, al_authorization *a, al_buf *opening, al_reply *reply, al_fault *fault) {
  size_t n;
  unsigned char digest[32];
  const char *redirect = lua_tolstring(L, 2, &n);
  al_engine *e = al_engine_of(L);
  if (!al_crypto_sha256(digest, a->state, AL_STATE_CHARS)) return no_memory(fault);
  if (spend(e, digest, false)) a->spent = true;
  bool before = a->spent, ok = al_authorization_read(a, redirect, n, opening, reply, fault);
  if (a->spent && !before) spend(e, digest, true);
  return ok;
}

static bool put_into (al_session *s, const al_authorization *a, al_buf *opening, al_reply *reply, al_fault *fault) {
  al_credential_open(s->credential, opening);
  s->credential->dpop = al_dpop_hold(a->dpop);
  return !a->implicit || al_credential_adopt(s->credential, reply, al_engine_now(s->engine)) || no_memory(fault);
}

/*
 * authorization:redeem(redirect, session): reads the redirect and opens the session with what it brought: true; or nil,
 * message, detail. The exchange itself (RFC 6749 section 4.1.3) is the session's next step.
 */
static int l_redeem (lua_State *L) {
  al_authorization *a = check_authorization(L, 1);
  luaL_checktype(L, 2, LUA_TSTRING);
  al_session *s = al_check_session(L, 3);
  al_buf opening = AL_BUF_SECRET(AL_MAX_TOKEN_REPLY);
  al_reply reply;
  al_fault fault;
  al_reply_init(&reply);
  bool ok = read_redirect(L, a, &opening, &reply, &fault); /* raises nothing once it holds something */
  if (ok) ok = put_into(s, a, &opening, &reply, &fault);
  al_buf_dispose(&opening);
  al_reply_dispose(&reply);
  if (!ok) return al_push_failure(L, &fault);
  lua_pushboolean(L, 1);
  return 1;
}

static void push_buf (lua_State *L, const al_buf *b) {
  lua_pushlstring(L, al_buf_text(b), b->n);
}

/* authorization:fields() → the request's fields as a form, but for client_id: what is pushed (RFC 9126 section 2.1). */
static int l_fields (lua_State *L) {
  push_buf(L, &check_authorization(L, 1)->query);
  return 1;
}

/* authorization:refer(request_uri): it was pushed, and its URL only refers to it from now on. */
static int l_refer (lua_State *L) {
  al_authorization *a = check_authorization(L, 1);
  size_t n;
  const char *uri = luaL_checklstring(L, 2, &n);
  lua_pushboolean(L, al_authorization_refer(a, uri, n));
  return 1;
}

/* authorization:matches(state): whether that is its state, compared in constant time. */
static int l_matches (lua_State *L) {
  al_authorization *a = check_authorization(L, 1);
  size_t n;
  const char *state = luaL_checklstring(L, 2, &n);
  lua_pushboolean(L, al_crypto_equal(state, n, a->state, AL_STATE_CHARS));
  return 1;
}

static int l_settings (lua_State *L) {
  check_authorization(L, 1);
  lua_getuservalue(L, 1);
  return 1;
}

/* url, state, scope, redirect_uri, implicit; else a method */
static int l_index (lua_State *L) {
  al_authorization *a = check_authorization(L, 1);
  const char *name = al_word(L, 2);
  if (name == NULL) return 0;
  if (strcmp(name, "url") == 0) push_buf(L, &a->url);
  else if (strcmp(name, "state") == 0) lua_pushlstring(L, a->state, AL_STATE_CHARS);
  else if (strcmp(name, "scope") == 0) push_buf(L, &a->scope);
  else if (strcmp(name, "redirect_uri") == 0) push_buf(L, &a->redirect_uri);
  else if (strcmp(name, "resource") == 0) push_buf(L, &a->resource);
  else if (strcmp(name, "wanted") == 0) lua_pushstring(L, a->wanted.n > 0 ? al_buf_text(&a->wanted) : NULL);
  else if (strcmp(name, "nonce") == 0) lua_pushstring(L, a->nonce[0] != '\0' ? a->nonce : NULL);
  else if (strcmp(name, "implicit") == 0) lua_pushboolean(L, a->implicit);
  else if (strcmp(name, "identifies") == 0) lua_pushboolean(L, !a->implicit || a->identifies);
  else {
    lua_pushvalue(L, 2);
    lua_rawget(L, lua_upvalueindex(1));
  }
  return 1;
}

static int l_gc (lua_State *L) {
  al_authorization_dispose(luaL_checkudata(L, 1, class));
  return 0;
}

static int l_tostring (lua_State *L) {
  al_authorization *a = luaL_checkudata(L, 1, class);
  lua_pushfstring(L, "%s (%s)", class,
                  a->client == NULL ? "closed"
                  : a->spent        ? "answered"
                                    : "waiting for its redirect");
  return 1;
}

al_dpop *al_authorization_key (lua_State *L, int at) {
  return check_authorization(L, at)->dpop;
}

void al_push_authorization_methods (lua_State *L) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &key);
}

void al_register_authorization (lua_State *L) {
  static const luaL_Reg meta[] = {
    { "__gc", l_gc }, { "__close", l_gc }, { "__tostring", l_tostring }, { NULL, NULL }
  };
  static const luaL_Reg methods[] = { { "close", l_gc },          { "matches", l_matches },
                                      { "redeem", l_redeem },     { "fields", l_fields },
                                      { "refer", l_refer },       { "seal", l_seal },
                                      { "settings", l_settings }, { NULL, NULL } };
  al_newmetatable(L, class);
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
  lua_pushcclosure(L, l_index, 1);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
