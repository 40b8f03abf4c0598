#include "door/url_check.h"

#include <string.h>

#include "door/scratch.h"
#include "ground/limits.h"
#include "ground/url.h"
#include "ground/url_resolve.h"

/* RFC 6749 section 3.1 and 3.2: an endpoint has no fragment, and its query is kept. */
static const char *fault_of (al_url *url, const char *text, size_t n, const char *plain) {
  const char *why = n > AL_MAX_URL ? "is too long" : al_url_parse(url, text, n);
  if (why != NULL) return why;
  if (url->fragment) return "has a '#' in it, which an endpoint can't have";
  return al_url_trusted(url, plain)
           ? NULL
           : "is plain http:// to another machine, which would show secrets to everyone on the way; use https://";
}

const char *al_url_fault (const char *text, size_t n, const char *plain) {
  al_url url;
  return fault_of(&url, text, n, plain);
}

static const char *fault_by (const al_url *url, const char *by, const char *plain) {
  al_url server;
  if (by == NULL || al_url_parse(&server, by, strlen(by)) != NULL || al_url_may_name(&server, url, plain)) return NULL;
  return url->https ? "leads to an address inside (of this machine or of a private net), where a server elsewhere may "
                      "send nobody"
                    : "is plain http://, which a server of https:// may not name";
}

const char *al_url_fault_by (const char *text, size_t n, const char *by, const char *plain) {
  al_url url;
  const char *why = fault_of(&url, text, n, plain);
  return why != NULL ? why : fault_by(&url, by, plain);
}

/* core.same_origin(url, url) → whether a token for the one may go to the other; false for what is no URL. */
int al_l_same_origin (lua_State *L) {
  al_url a, b;
  size_t a_n, b_n;
  const char *one = luaL_checklstring(L, 1, &a_n), *other = luaL_checklstring(L, 2, &b_n);
  bool read = al_url_parse(&a, one, a_n) == NULL && al_url_parse(&b, other, b_n) == NULL;
  lua_pushboolean(L, read && al_url_same_origin(&a, &b));
  return 1;
}

/* core.resolve(link, from) → the URL that a link in a text from there leads to, as browsers read it, without a
 * fragment, and with all percent-encoded that RFC 3986 doesn't have; nil where it leads nowhere. */
int al_l_resolve (lua_State *L) {
  size_t link_n, from_n;
  const char *link = luaL_checklstring(L, 1, &link_n), *from = luaL_checklstring(L, 2, &from_n);
  al_buf *out = al_push_scratch(L, 3 * AL_MAX_URL);
  if (al_url_resolve(out, from, from_n, link, link_n, true)) lua_pushlstring(L, out->bytes, out->n);
  else if (out->starved) return luaL_error(L, "not enough memory");
  else lua_pushnil(L);
  return 1;
}
