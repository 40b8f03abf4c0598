#include "door/dpop.h"

#include <string.h>

#include "door/client_auth.h"
#include "door/mistake.h"
#include "ground/jws.h"

static const char *const names[] = { "private_key", "private_key_file", "alg", "allow_bearer", NULL };

static const char drawn_alg[] = "ES256"; /* of a key that is drawn for a login */

/* The program's own key, or NULL: each login draws one. */
static al_key *read_key (al_options *o) {
  al_buf text = AL_BUF_SECRET(AL_MAX_SECRET);
  size_t n;
  const char *given = al_options_text(o, "private_key", &n), *path = al_options_word(o, "private_key_file"),
             *why = NULL;
  if (given != NULL && path != NULL) al_options_bad(o, "private_key_file", "can't stand beside 'private_key'");
  if (given == NULL && path == NULL) return NULL;
  bool there = given != NULL ? al_buf_add(&text, given, n) : al_client_auth_file(path, &text);
  al_key *key = there ? al_key_read(al_buf_text(&text), text.n, true, &why) : NULL;
  al_buf_dispose(&text);
  if (key == NULL)
    al_options_bad(o, given != NULL ? "private_key" : "private_key_file", "%s",
                   there ? why : "can't be read, or is longer than a key");
  return key;
}

/* Section 5.1: what a token is bound to is asymmetric, and a new key is for ES256. */
static const char *unfit (const char *alg, const al_key *key) {
  if (alg == NULL) return NULL;
  if (key == NULL)
    return strcmp(alg, drawn_alg) == 0 ? NULL
                                       : "needs a key of its kind in private_key; one that is drawn here is for ES256";
  return al_jws_fits(alg, key) ? NULL : "isn't one that this private_key can be used with";
}

static void read_table (al_client *c, al_options *o, int at) {
  const char *whose = lua_pushfstring(o->L, "%s: option 'dpop'", o->whose);
  al_options inner = al_options_at(o->L, at, whose, names);
  c->unbound_too = al_options_bool(&inner, "allow_bearer", false);
  const char *alg = al_options_word(&inner, "alg"), *why;
  al_key *key = read_key(&inner); /* nothing raises from here on that leaves it behind */
  why = unfit(alg, key);
  if (key != NULL && why == NULL && (c->dpop = al_dpop_of(key, alg)) == NULL)
    why = "can't be used: there is no memory left";
  al_key_drop(key);
  if (why != NULL) al_options_bad(&inner, "alg", "%s", why);
  lua_pop(o->L, 1);
}

const char *al_dpop_alg (const al_client *c) {
  return !c->binds ? NULL : c->dpop != NULL ? c->dpop->alg : drawn_alg;
}

void al_dpop_configure (al_client *c, al_options *o) {
  lua_State *L = o->L;
  int type = al_options_push(o, "dpop");
  if (type != LUA_TNIL && type != LUA_TBOOLEAN && type != LUA_TTABLE)
    al_options_bad(o, "dpop", "must be a boolean or a table, not a %s", lua_typename(L, type));
  c->binds = type == LUA_TTABLE || lua_toboolean(L, -1);
  if (type == LUA_TTABLE) read_table(c, o, lua_gettop(L));
  lua_pop(L, 1);
}
