#include "door/client.h"

#include <math.h>
#include <string.h>

#include "door/dpop.h"
#include "door/engine.h"
#include "door/url_check.h"
#include "door/client_auth.h"
#include "door/client_headers.h"
#include "door/mistake.h"
#include "door/options.h"
#include "door/quirks.h"
#include "door/settings.h"
#include "door/store.h"
#include "ground/jws.h"
#include "ground/url.h"

static const char class[] = "airlock.client";

static const char *const option_names[] = {
  "authorization_endpoint",
  "token_endpoint",
  "revocation_endpoint",
  "introspection_endpoint",
  "device_authorization_endpoint",
  "pushed_authorization_request_endpoint",
  "require_pushed_authorization_requests",
  "par",
  "jwks_uri",
  "issuer",
  "userinfo_endpoint",
  "end_session_endpoint",
  "base_url",
  "client_id",
  "client_secret",
  "client_auth",
  "raw_basic",
  "invalid_grants",
  "private_key",
  "private_key_file",
  "kid",
  "token_endpoint_auth_signing_alg",
  "client_assertion",
  "client_assertion_file",
  "client_assertion_audience",
  "id_token_signed_response_alg",
  "dpop",
  "cert_file",
  "key_file",
  "mtls_endpoint_aliases",
  "seal_key",
  "redirect_uri",
  "scope",
  "store",
  "loop",
  "timeout",
  "connect_timeout",
  "stall_timeout",
  "max_connections",
  "max_redirects",
  "http_version",
  "plain_http",
  "max_body",
  "ca_file",
  "proxy",
  "user_agent",
  "headers",
  "retries",
  "clock_skew",
  "big_numbers",
  "on_event",
  "authorization_response_iss_parameter_supported",
  "url",
  NULL,
};

static const struct {
  const char *option;
  al_endpoint which;
} endpoint_options[] = {
  { "token_endpoint", AL_TOKEN_ENDPOINT },
  { "authorization_endpoint", AL_AUTHORIZATION_ENDPOINT },
  { "revocation_endpoint", AL_REVOCATION_ENDPOINT },
  { "introspection_endpoint", AL_INTROSPECTION_ENDPOINT },
  { "device_authorization_endpoint", AL_DEVICE_ENDPOINT },
  { "pushed_authorization_request_endpoint", AL_PAR_ENDPOINT },
  { "jwks_uri", AL_JWKS_URI },
  { "base_url", AL_BASE_URL },
  { "userinfo_endpoint", AL_USERINFO_ENDPOINT },
  { "end_session_endpoint", AL_END_SESSION_ENDPOINT },
};

al_client_handle *al_check_client (lua_State *L, int at) {
  al_client_handle *h = luaL_testudata(L, at, class);
  if (h == NULL)
    al_mistake(L, "a client was expected, not a %s: write client:method(…), with a colon", luaL_typename(L, at));
  return h;
}

al_endpoint al_check_endpoint (lua_State *L, int at) {
  const char *name = al_check_word(L, at);
  for (size_t i = 0; i < sizeof endpoint_options / sizeof *endpoint_options; i++)
    if (strcmp(endpoint_options[i].option, name) == 0) return endpoint_options[i].which;
  al_mistake(L, "no endpoint is called '%s'", name);
}

static char *endpoint (al_options *o, const char *name, const char *plain) {
  size_t n;
  const char *text = al_options_text(o, name, &n);
  if (text == NULL) return NULL;
  const char *why = al_url_fault(text, n, plain);
  if (why != NULL) al_options_bad(o, name, "%s", why);
  return al_options_keep(o, text);
}

/* That of all tenants, as Microsoft's, has a gap in it where each has its id. */
static char *issuer (al_options *o, const char *plain) {
  size_t n;
  const char *text = al_options_text(o, "issuer", &n);
  if (text == NULL || strstr(text, "{tenantid}") == NULL) return endpoint(o, "issuer", plain);
  const char *filled = luaL_gsub(o->L, text, "{tenantid}", "tenantid"),
             *why = strlen(text) == n ? al_url_fault(filled, strlen(filled), plain) : "has a NUL in it";
  if (why != NULL) al_options_bad(o, "issuer", "%s", why);
  lua_pop(o->L, 1);
  return al_options_keep(o, text);
}

static void read_endpoints (al_client *c, al_options *o) {
  for (size_t i = 0; i < sizeof endpoint_options / sizeof *endpoint_options; i++)
    c->endpoints[endpoint_options[i].which] = endpoint(o, endpoint_options[i].option, c->settings.plain_http);
  c->issuer = issuer(o, c->settings.plain_http);
  const char *base = c->endpoints[AL_BASE_URL];
  if (base == NULL) return;
  al_url_parse(&c->home, base, strlen(base));
  if (c->home.query != NULL)
    al_options_bad(o, "base_url",
                   "has a query in it, which can't stand before a path; give it to each request (`query`)");
}

static void must_be (al_options *o, const char *name, int type, int wanted) {
  if (type != LUA_TNIL && type != wanted)
    al_options_bad(o, name, "must be a %s, not a %s", lua_typename(o->L, wanted), lua_typename(o->L, type));
}

/* Adds the text at the top to the list below it, and pops it. */
static void add_alg (al_options *o, const char *name, int at) {
  const char *alg = al_word(o->L, -1);
  if (lua_type(o->L, -1) != LUA_TSTRING) al_options_bad(o, name, "must be a string or a list of strings");
  if (alg == NULL || !al_jws_known(alg))
    al_options_bad(o, name, "has '%s' in it, which is no algorithm that a token can be checked by",
                   alg != NULL ? alg : "a control character");
  lua_rawseti(o->L, -2, at);
}

/* id_token_signed_response_alg, one or a list, goes into the user value as a list. */
static void read_id_token_algs (al_options *o, int values) {
  static const char name[] = "id_token_signed_response_alg";
  lua_State *L = o->L;
  int type = al_options_push(o, name), count = type == LUA_TTABLE ? (int)lua_rawlen(L, -1) : 1, at = lua_gettop(L);
  if (type != LUA_TNIL && type != LUA_TTABLE && type != LUA_TSTRING)
    al_options_bad(o, name, "must be a string or a list of strings, not a %s", lua_typename(L, type));
  if (count == 0) al_options_bad(o, name, "is an empty list");
  if (type == LUA_TNIL) count = 0;
  lua_newtable(L);
  for (int i = 1; i <= count; i++) {
    if (type == LUA_TTABLE) lua_rawgeti(L, at, i);
    else lua_pushvalue(L, at);
    add_alg(o, name, i);
  }
  if (count > 0) lua_setfield(L, values, "id_token_algs");
  lua_settop(L, at - 1);
}

/* What stays a Lua value goes into the user value: { on_event, loop, scope, redirect_uri, clock_skew, provider }. */
static void read_values (al_client *c, al_options *o, int values) {
  lua_State *L = o->L;
  int type = al_options_push(o, "on_event");
  must_be(o, "on_event", type, LUA_TFUNCTION);
  c->wants_notes = type == LUA_TFUNCTION;
  lua_setfield(L, values, "on_event");
  size_t n;
  const char *big = al_options_text(o, "big_numbers", &n);
  if (big != NULL && strcmp(big, "string") != 0) al_options_bad(o, "big_numbers", "must be \"string\", or left out");
  c->big_numbers_as_text = big != NULL;
  lua_pushboolean(L, big != NULL);
  lua_setfield(L, values, "big_numbers");
  c->iss_announced = al_options_bool(o, "authorization_response_iss_parameter_supported", false);
  read_id_token_algs(o, values);
  bool pushes = al_options_bool(o, "require_pushed_authorization_requests", false) ||
                c->endpoints[AL_PAR_ENDPOINT] != NULL;
  pushes = al_options_bool(o, "par", pushes);
  if (pushes && c->endpoints[AL_PAR_ENDPOINT] == NULL)
    al_options_bad(o, "pushed_authorization_request_endpoint", "is missing (authorization requests are to be pushed)");
  lua_pushboolean(L, pushes);
  lua_setfield(L, values, "par");
  lua_pushstring(L, c->auth->name);
  lua_setfield(L, values, "client_auth");
  must_be(o, "loop", al_options_push(o, "loop"), LUA_TTABLE);
  lua_setfield(L, values, "loop");
  must_be(o, "scope", al_options_push(o, "scope"), LUA_TSTRING);
  lua_setfield(L, values, "scope");
  must_be(o, "redirect_uri", al_options_push(o, "redirect_uri"), LUA_TSTRING);
  lua_setfield(L, values, "redirect_uri");
  c->clock_skew_s = (int)al_options_integer(o, "clock_skew", 0, AL_MAX_CLOCK_SKEW_S, 0);
  lua_pushinteger(L, c->clock_skew_s);
  lua_setfield(L, values, "clock_skew");
  al_read_store(c, o, values);
}

static void push_handle (lua_State *L) {
  al_client_handle *h = lua_newuserdata(L, sizeof *h);
  h->client = NULL;
  h->engine = NULL;
  luaL_getmetatable(L, class);
  lua_setmetatable(L, -2);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_setuservalue(L, -3); /* stack: handle, its user value */
}

/*
 * core.client(config, whose, provider)
 * Makes a client of the configuration table; `whose` begins the messages of mistakes, `provider` is a table of
 * lua/airlock/providers. Raises for an unknown option, a wrong type, a secret without a client_id, an endpoint that
 * isn't https.
 */
int al_l_client (lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  const char *whose = al_opt_word(L, 2, class);
  al_options o = al_options_at(L, 1, whose, option_names);
  if (!lua_istable(L, 3) && al_options_push(&o, "url") != LUA_TNIL)
    al_options_bad(&o, "url", "is for airlock.space and airlock.provider; give token_endpoint, base_url and so on");
  lua_settop(L, 3);
  push_handle(L);
  al_client_handle *h = lua_touserdata(L, 4);
  h->engine = al_engine_hold(al_engine_of(L));
  h->client = al_client_new();
  if (h->client == NULL) al_mistake(L, "not enough memory");
  h->client->settings.id = ++h->engine->ids;
  al_settings_read(&h->client->settings, &o, 5);
  read_endpoints(h->client, &o);
  al_client_auth_read(h->client, &o, 5);
  al_dpop_configure(h->client, &o);
  read_values(h->client, &o, 5);
  al_client_headers_read(h->client, &o, 5);
  if (lua_istable(L, 3)) al_quirks_read(L, 3, h->client);
  al_quirks_configure(h->client, &o);
  lua_pushvalue(L, 3);
  lua_setfield(L, 5, "provider");
  lua_pushvalue(L, 4);
  lua_setfield(L, 5, "client");
  lua_pushstring(L, h->client->issuer);
  lua_setfield(L, 5, "issuer");
  lua_pushstring(L, al_dpop_alg(h->client));
  lua_setfield(L, 5, "dpop_alg");
  lua_pushstring(L, h->client->client_id);
  lua_setfield(L, 5, "client_id");
  lua_pushstring(L, h->client->endpoints[AL_BASE_URL]);
  lua_setfield(L, 5, "base_url");
  lua_pushstring(L, h->client->endpoints[AL_USERINFO_ENDPOINT]);
  lua_setfield(L, 5, "userinfo_endpoint");
  lua_pushstring(L, h->client->endpoints[AL_END_SESSION_ENDPOINT]);
  lua_setfield(L, 5, "end_session_endpoint");
  lua_pushstring(L, h->client->settings.ca_file);
  lua_setfield(L, 5, "ca_file");
  lua_pushstring(L, h->client->settings.proxy);
  lua_setfield(L, 5, "proxy");
  bool own = h->client->asks_secret || h->client->store == AL_STORE_PROGRAM; /* functions can't be compared */
  if (!al_client_identify(h->client, own ? h->client->settings.id : 0))
    luaL_error(L, "there is no memory left for a client");
  lua_settop(L, 4);
  return 1;
}

/* The server that a client belongs to: its issuer, else its token endpoint, else its API. */
static const char *server_of (const al_client *c) {
  if (c->issuer != NULL) return c->issuer;
  return c->endpoints[AL_TOKEN_ENDPOINT] != NULL ? c->endpoints[AL_TOKEN_ENDPOINT] : c->endpoints[AL_BASE_URL];
}

/*
 * core.url_fault(url, by, plain) → what keeps it from being an endpoint, as the end of a sentence; nil: nothing. `by`,
 * a server's URL or a client of it, is who named it, and may not name all that the program may. `plain`: the option
 * plain_http, where that isn't the client's.
 */
int al_l_url_fault (lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n), *plain = NULL, *by = NULL;
  lua_settop(L, 3);
  if (lua_type(L, 2) == LUA_TUSERDATA) {
    const al_client *c = al_check_client(L, 2)->client;
    by = server_of(c);
    plain = c->settings.plain_http;
  } else {
    by = al_opt_word(L, 2, NULL);
    plain = al_push_plain_hosts(L, 3, NULL);
  }
  lua_pushstring(L, al_url_fault_by(text, n, by, plain));
  return 1;
}

static int l_gc (lua_State *L) {
  al_client_handle *h = al_check_client(L, 1);
  al_client *client = h->client;
  al_engine *engine = h->engine;
  h->client = NULL;
  h->engine = NULL;
  al_client_drop(client);
  al_engine_drop(engine);
  return 0;
}

static int l_tostring (lua_State *L) {
  al_client_handle *h = al_check_client(L, 1);
  lua_pushfstring(L, "%s (%s)", class,
                  h->client != NULL && h->client->client_id != NULL ? h->client->client_id : "no client_id");
  return 1;
}

/* client:settings() → what its configuration keeps for Lua: loop, provider …; not for programs. */
static int l_settings (lua_State *L) {
  al_check_client(L, 1);
  lua_getuservalue(L, 1);
  return 1;
}

/* client:has(endpoint) → whether the configuration names it. */
static int l_has (lua_State *L) {
  al_client_handle *h = al_check_client(L, 1);
  lua_pushboolean(L, h->client->endpoints[al_check_endpoint(L, 2)] != NULL);
  return 1;
}

void al_register_client (lua_State *L) {
  static const luaL_Reg methods[] = { { "has", l_has }, { "settings", l_settings }, { NULL, NULL } };
  static const luaL_Reg meta[] = { { "__gc", l_gc }, { "__tostring", l_tostring }, { NULL, NULL } };
  al_newmetatable(L, class);
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods); /* lua/airlock/client.lua adds the others */
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
}
