#include "door/request.h"

#include <math.h>
#include <string.h>

#include "door/call_pool.h"
#include "door/json_mark.h"
#include "door/json_encode.h"
#include "door/mistake.h"

/* The method that the program called. */
static const char *whose (lua_State *L) {
  return al_opt_word(L, AL_ARG_WHOSE, "session:request");
}

static const char *text (lua_State *L, int at, const char *name, size_t *n) {
  if (lua_type(L, at) != LUA_TSTRING)
    al_mistake(L, "%s: option '%s' must be a string, not a %s", whose(L), name, luaL_typename(L, at));
  return lua_tolstring(L, at, n);
}

static void refuse (lua_State *L, const char *option, const char *why) {
  if (why != NULL) al_mistake(L, "%s: option '%s' %s", whose(L), option, why);
}

static void add_headers (lua_State *L, al_request *q) {
  if (lua_isnil(L, AL_ARG_HEADERS)) return;
  if (!lua_istable(L, AL_ARG_HEADERS))
    al_mistake(L, "%s: option 'headers' must be a table, not a %s", whose(L), luaL_typename(L, AL_ARG_HEADERS));
  lua_pushnil(L);
  while (lua_next(L, AL_ARG_HEADERS) != 0) {
    size_t name_n, value_n;
    if (lua_type(L, -2) != LUA_TSTRING)
      al_mistake(L, "%s: option 'headers' is a table of name = value; found a %s as name", whose(L),
                 luaL_typename(L, -2));
    const char *name = lua_tolstring(L, -2, &name_n);
    if (!lua_isstring(L, -1))
      al_mistake(L, "%s: option 'headers': the value of '%s' must be a string, not a %s", whose(L), name,
                 luaL_typename(L, -1));
    lua_pushvalue(L, -1); /* tolstring on a number would change it in the table */
    const char *value = lua_type(L, -1) == LUA_TNUMBER ? al_number_text(L, -1, &value_n)
                                                       : lua_tolstring(L, -1, &value_n);
    const char *why = al_request_header(q, name, name_n, value, value_n);
    if (why != NULL) al_mistake(L, "%s: option 'headers': '%s' %s", whose(L), name, why);
    lua_pop(L, 2);
  }
}

/* A large body isn't copied: Lua's string goes out as it is. */
static void add_text (lua_State *L, al_call *c) {
  size_t n;
  al_request *q = &c->request;
  const char *body = text(L, AL_ARG_BODY, "body", &n);
  q->has_body = true;
  if (n > AL_WARM_BUFFER) al_lend_body(L, c, AL_ARG_BODY);
  else if (!al_buf_add(&q->body, body, n)) al_mistake(L, "not enough memory");
}

/* Straight into the request's own buffer. */
static void add_value (lua_State *L, al_call *c) {
  c->request.has_body = true;
  al_push_json_mark(L);
  al_json_encode(L, AL_ARG_BODY, lua_gettop(L), false, lua_tostring(L, AL_ARG_ENCODES), &c->request.body);
  lua_pop(L, 1);
}

/* What the table of a source says: its length where that is known, and whether it can be read from the beginning again.
 */
static void add_source (lua_State *L, al_request *q) {
  q->reads = true;
  lua_getfield(L, AL_ARG_BODY, "length");
  if (lua_type(L, -1) == LUA_TNUMBER) q->length = (int64_t)lua_tonumber(L, -1);
  lua_getfield(L, AL_ARG_BODY, "again");
  q->rereads = lua_toboolean(L, -1) != 0;
  lua_pop(L, 2);
}

static void add_body (lua_State *L, al_call *c) {
  al_request *q = &c->request;
  size_t n;
  if (!lua_isnil(L, AL_ARG_ENCODES)) add_value(L, c);
  else if (lua_isboolean(L, AL_ARG_BODY)) q->reads = true;
  else if (lua_istable(L, AL_ARG_BODY)) add_source(L, q);
  else if (!lua_isnil(L, AL_ARG_BODY)) add_text(L, c);
  else q->has_body = strcmp(q->method, "POST") == 0 || strcmp(q->method, "PUT") == 0 || strcmp(q->method, "PATCH") == 0;
  if (lua_isnil(L, AL_ARG_CONTENT_TYPE) || al_request_has(q, "Content-Type")) return;
  const char *type = text(L, AL_ARG_CONTENT_TYPE, "content_type", &n);
  refuse(L, "content_type", al_request_header(q, "Content-Type", 12, type, n));
}

/* A sink takes a body of any size, unless the program says how much. */
static size_t max_body (lua_State *L, const al_call *c, const al_client *client) {
  if (lua_isnil(L, AL_ARG_MAX_BODY)) return c->transfer.sinks ? (size_t)-1 / 2 : client->settings.max_body;
  double n = lua_type(L, AL_ARG_MAX_BODY) == LUA_TNUMBER ? lua_tonumber(L, AL_ARG_MAX_BODY) : -1;
  if (!(n >= 1 && n <= 1e15 && floor(n) == n))
    al_mistake(L, "%s: option 'max_body' must be a whole number of bytes, 1 or more", whose(L));
  return (size_t)n;
}

/* The origin that requests must keep to; NULL: any. UserInfo is a place of the server's, and its tokens are for it. */
static const al_url *home_of (const al_client *c, const char *url, size_t n) {
  const char *user = c->endpoints[AL_USERINFO_ENDPOINT];
  return user != NULL && strlen(user) == n && memcmp(user, url, n) == 0 ? NULL : &c->home;
}

void al_read_request (lua_State *L, al_call *c, const al_client *client) {
  size_t method_n, url_n, query_n = 0;
  const char *method = text(L, AL_ARG_METHOD, "method", &method_n);
  const char *url = text(L, AL_ARG_URL, "url", &url_n);
  const char *query = lua_isnil(L, AL_ARG_QUERY) ? "" : text(L, AL_ARG_QUERY, "query", &query_n);
  refuse(L, "method", al_request_method(&c->request, method, method_n));
  c->request.plain = client->settings.plain_http;
  refuse(L, "url",
         al_request_target(&c->request, client->endpoints[AL_BASE_URL], home_of(client, url, url_n), url, url_n, query,
                           query_n));
  add_headers(L, &c->request);
  add_body(L, c);
  if (client->header_count > 0)
    refuse(L, "headers", al_request_defaults(&c->request, &client->headers, client->header_count));
  c->decodes = !lua_toboolean(L, AL_ARG_DECODES)  ? AL_DECODES_NOTHING
               : lua_isboolean(L, AL_ARG_DECODES) ? AL_DECODES
                                                  : AL_DECODES_WITH_HEAD;
  c->transfer.sinks = lua_toboolean(L, AL_ARG_SINKS) != 0;
  c->transfer.max_body = max_body(L, c, client);
}

int64_t al_read_timeout (lua_State *L, int at, const char *what, const al_client *client) {
  if (lua_isnil(L, at)) return client->settings.timeout_ms;
  if (lua_type(L, at) != LUA_TNUMBER)
    al_mistake(L, "%s%s 'timeout' must be a number, not a %s", what != NULL ? what : whose(L),
               what != NULL ? "" : ": option", luaL_typename(L, at));
  double seconds = lua_tonumber(L, at);
  if (isinf(seconds) && seconds > 0) return INT64_MAX;
  if (!(seconds > 0 && seconds <= AL_MAX_TIMEOUT_S))
    al_mistake(L, "%s%s 'timeout' must be more than 0 and at most %d seconds, or math.huge for no limit",
               what != NULL ? what : whose(L), what != NULL ? "" : ": option", AL_MAX_TIMEOUT_S);
  return seconds < 0.001 ? 1 : (int64_t)(seconds * 1000);
}
