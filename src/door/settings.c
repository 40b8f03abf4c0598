#include "door/settings.h"

#include <string.h>

#include "door/mistake.h"
#include "ground/limits.h"
#include "ground/url.h"
#include "ground/version.h"
#include "wire/proxy.h"

static const char plain_http[] = "plain_http";

/* A host, as it stands in a URL, without a port. */
static bool is_host (lua_State *L) {
  size_t n, whole_n;
  al_url url;
  const char *host = lua_tolstring(L, -1, &n);
  lua_pushfstring(L, "http://%s/", host);
  const char *whole = lua_tolstring(L, -1, &whole_n);
  bool is = strlen(host) == n && al_url_parse(&url, whole, whole_n) == NULL && url.host_n == n;
  lua_pop(L, 1);
  return is;
}

/* Judges the item at the top. */
static bool fits (lua_State *L, al_options *o) {
  bool text = lua_type(L, -1) == LUA_TSTRING, is = text && is_host(L);
  if (o != NULL && !text)
    al_options_bad(o, plain_http, "must be a list of host names; found a %s", luaL_typename(L, -1));
  if (o != NULL && !is)
    al_options_bad(o, plain_http, "is a list of host names, without scheme and port; it has '%s' in it",
                   al_word(L, -1) != NULL ? al_word(L, -1) : "a control character");
  return is;
}

const char *al_push_plain_hosts (lua_State *L, int at, al_options *o) {
  if (lua_isnil(L, at)) return NULL;
  if (o != NULL && !lua_istable(L, at))
    al_options_bad(o, plain_http, "must be a list of host names, not a %s", luaL_typename(L, at));
  int n = lua_istable(L, at) ? (int)lua_rawlen(L, at) : 0;
  if (o != NULL && n > AL_MAX_PLAIN_HOSTS) al_options_bad(o, plain_http, "has more than %d names", AL_MAX_PLAIN_HOSTS);
  lua_pushliteral(L, "");
  for (int i = 1; i <= n && i <= AL_MAX_PLAIN_HOSTS; i++) {
    lua_rawgeti(L, at, i);
    if (!fits(L, o)) {
      lua_pop(L, 1);
      continue;
    }
    lua_pushliteral(L, "\n");
    lua_concat(L, 3);
  }
  size_t all_n;
  return lua_tolstring(L, -1, &all_n);
}

static void read_plain (al_settings *s, al_options *o, int values) {
  lua_State *L = o->L;
  int top = lua_gettop(L);
  al_options_push(o, plain_http);
  const char *hosts = al_push_plain_hosts(L, top + 1, o);
  if (hosts != NULL && hosts[0] != '\0') s->plain_http = al_options_keep(o, hosts);
  lua_pushvalue(L, top + 1);
  lua_setfield(L, values, plain_http);
  lua_settop(L, top);
}

static void read_files (al_settings *s, al_options *o) {
  s->ca_file = al_options_plain(o, "ca_file");
  s->cert_file = al_options_plain(o, "cert_file");
  s->key_file = al_options_plain(o, "key_file");
  if (s->key_file != NULL && s->cert_file == NULL)
    al_options_bad(o, "cert_file", "is missing (option 'key_file' is the key of that certificate)");
}

static void read_agent (al_settings *s, al_options *o) {
  size_t n;
  const char *agent = al_options_text(o, "user_agent", &n);
  if (agent == NULL) agent = "airlock/" AIRLOCK_VERSION, n = strlen(agent);
  if (!al_options_clean(agent, n)) al_options_bad(o, "user_agent", "has a control character in it");
  lua_pushfstring(o->L, "User-Agent: %s", agent);
  s->user_agent = al_options_keep(o, lua_tolstring(o->L, -1, &n));
  lua_pop(o->L, 1);
}

static int http_version (al_options *o) {
  const char *version = al_options_word(o, "http_version");
  if (version == NULL) return 0;
  if (strcmp(version, "1.1") == 0) return 1;
  if (strcmp(version, "2") == 0) return 2;
  al_options_bad(o, "http_version", "must be \"1.1\" or \"2\", not \"%s\"", version);
}

void al_settings_read (al_settings *s, al_options *o, int values) {
  s->timeout_ms = al_options_seconds(o, "timeout", AL_MAX_TIMEOUT_S, true, AL_TIMEOUT_MS);
  s->connect_timeout_ms = al_options_seconds(o, "connect_timeout", AL_MAX_TIMEOUT_S, false, AL_CONNECT_TIMEOUT_MS);
  s->stall_timeout_ms = al_options_seconds(o, "stall_timeout", AL_MAX_TIMEOUT_S, true, AL_STALL_TIMEOUT_MS);
  s->max_connections = (int)al_options_integer(o, "max_connections", 1, AL_MOST_CONNECTIONS, AL_MAX_CONNECTIONS);
  s->max_redirects = (int)al_options_integer(o, "max_redirects", 0, AL_MAX_REDIRECTS, AL_MAX_REDIRECTS);
  s->http = http_version(o);
  s->max_body = (size_t)al_options_integer(o, "max_body", 1, (int64_t)1 << 40, AL_MAX_BODY);
  s->retries = (int)al_options_integer(o, "retries", 0, AL_MAX_RETRIES, AL_RETRIES);
  read_files(s, o);
  s->proxy = al_options_plain(o, "proxy");
  const char *unfit = s->proxy != NULL ? al_proxy_unfit(s->proxy) : NULL;
  if (unfit != NULL) al_options_bad(o, "proxy", "%s", unfit);
  read_agent(s, o);
  read_plain(s, o, values);
}
