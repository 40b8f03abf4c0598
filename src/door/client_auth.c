#include "door/client_auth.h"

#include <stdio.h>
#include <string.h>

#include "door/mistake.h"
#include "ground/jws.h"

/* A secret text, or a function that gives it when it is needed: true for the latter. */
static bool read_secret (al_options *o, const char *name, al_buf *to, int values) {
  lua_State *L = o->L;
  if (al_options_push(o, name) == LUA_TFUNCTION) {
    lua_setfield(L, values, name);
    return true;
  }
  lua_pop(L, 1);
  size_t n;
  const char *secret = al_options_text(o, name, &n);
  if (secret == NULL) return false;
  if (n == 0) al_options_bad(o, name, "is empty; leave it out for a public client");
  if (n > AL_MAX_SECRET) al_options_bad(o, name, "is longer than %d bytes", AL_MAX_SECRET);
  if (!al_buf_add(to, secret, n)) al_mistake(L, "not enough memory");
  return false;
}

/* Read in C, so that no Lua string is made of it. */
bool al_client_auth_file (const char *path, al_buf *to) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) return false;
  setvbuf(file, NULL, _IONBF, 0); /* or the C library would keep a copy */
  char *at = al_buf_reserve(to, AL_MAX_SECRET);
  if (at != NULL) to->n = fread(at, 1, AL_MAX_SECRET, file);
  bool whole = at != NULL && ferror(file) == 0 && fgetc(file) == EOF;
  fclose(file);
  return whole;
}

/* private_key or private_key_file; true where a function gives it. */
static bool read_key (al_client *c, al_options *o, int values) {
  const char *path = al_options_word(o, "private_key_file"), *name = path != NULL ? "private_key_file" : "private_key",
             *why;
  bool asks = read_secret(o, "private_key", &c->private_key, values);
  if (path != NULL && (asks || c->private_key.n > 0)) al_options_bad(o, name, "can't stand beside 'private_key'");
  if (path != NULL && !al_client_auth_file(path, &c->private_key))
    al_options_bad(o, name, "can't be read, or is longer than a key");
  if (asks || (path == NULL && c->private_key.n == 0)) return asks;
  c->key = al_key_read(al_buf_text(&c->private_key), c->private_key.n, true, &why);
  if (c->key == NULL) al_options_bad(o, name, "%s", why);
  return false;
}

static const char *const needed[] = { NULL, "client_secret", "private_key", "cert_file", "client_assertion" };

/* Pushes the names of all methods, ", " between them. */
static const char *push_names (lua_State *L) {
  lua_pushliteral(L, "");
  for (size_t i = 0; al_clientauth_at(i) != NULL; i++) {
    lua_pushfstring(L, "%s%s", i > 0 ? ", " : "", al_clientauth_at(i)->name);
    lua_concat(L, 2);
  }
  return lua_tostring(L, -1);
}

/*
 * core.client_auth_methods() → the ways to prove the client, one table: a list in their order, and each by its name, of
 * { name, needs (an option; nil: nothing), asserts (by a JWT, whose algorithm can be chosen), in_header (nothing of it
 * is in the form) }.
 */
int al_l_client_auth_methods (lua_State *L) {
  lua_newtable(L);
  for (size_t i = 0; al_clientauth_at(i) != NULL; i++) {
    const al_clientauth *method = al_clientauth_at(i);
    lua_createtable(L, 0, 4);
    lua_pushstring(L, method->name);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, needed[method->means]);
    lua_setfield(L, -2, "needs");
    lua_pushboolean(L, method->asserts);
    lua_setfield(L, -2, "asserts");
    lua_pushboolean(L, method->in_header);
    lua_setfield(L, -2, "in_header");
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, method->name);
    lua_rawseti(L, -2, (int)i + 1);
  }
  return 1;
}

static void choose_method (al_client *c, al_options *o, bool has_secret, bool has_key, bool has_assertion) {
  const char *name = al_options_word(o, "client_auth");
  if (name == NULL && has_secret && has_key)
    al_options_bad(
      o, "client_auth",
      "is missing: beside both 'client_secret' and 'private_key' it must say which of them proves the client");
  c->auth = name != NULL    ? al_clientauth_find(name)
            : has_assertion ? al_clientauth_find("client_assertion")
                            : al_clientauth_default(has_secret, has_key);
  if (c->auth == NULL) al_options_bad(o, "client_auth", "is not one of: %s", push_names(o->L));
  bool has[] = { true, has_secret, has_key, c->settings.cert_file != NULL, has_assertion };
  if (!has[c->auth->means])
    al_options_bad(o, needed[c->auth->means], "is missing (client_auth \"%s\" needs it)", c->auth->name);
}

/* RFC 7518 section 3.2: a MAC's key is as long as the MAC, or it is the weakest part of it. */
static void check_secret_alg (al_client *c, al_options *o) {
  const char *alg = c->alg != NULL ? c->alg : "HS256";
  int size = (int)al_jws_mac_size(alg);
  if (size == 0)
    al_options_bad(o, "token_endpoint_auth_signing_alg", "must be HS256, HS384 or HS512 for client_secret_jwt");
  if (!c->asks_secret && (int)c->client_secret.n < size)
    al_options_bad(o, "client_secret", "is too short for %s: it must have %d bytes or more (RFC 7518 section 3.2)", alg,
                   size);
}

static void check_key_alg (al_client *c, al_options *o) {
  if (c->alg == NULL || c->key == NULL || al_jws_fits(c->alg, c->key)) return;
  al_options_bad(o, "token_endpoint_auth_signing_alg",
                 "isn't one that this private_key can be used with (its own is %s)", al_jws_default(c->key));
}

static void read_assertion (al_client *c, al_options *o) {
  static const char *const names[] = { "token_endpoint_auth_signing_alg", "kid", "client_assertion_audience" };
  for (int i = 0; i < 3 && !c->auth->asserts; i++)
    if (al_options_word(o, names[i]) != NULL)
      al_options_bad(o, names[i], "has no meaning with client_auth \"%s\"", c->auth->name);
  if (!c->auth->asserts) return;
  c->alg = al_options_plain(o, names[0]);
  c->kid = al_options_plain(o, names[1]);
  const char *audience = al_options_word(o, names[2]);
  bool issuer = audience != NULL && strcmp(audience, "issuer") == 0;
  if (issuer && c->issuer == NULL)
    al_options_bad(o, "issuer", "is missing (client_assertion_audience \"issuer\" needs it)");
  if (audience != NULL && strcmp(audience, "token_endpoint") == 0) audience = c->endpoints[AL_TOKEN_ENDPOINT];
  else if (audience != NULL && !issuer && strchr(audience, ':') == NULL)
    al_options_bad(o, names[2], "must be \"issuer\", \"token_endpoint\" or a URL");
  if (audience != NULL && !issuer) c->audience = al_options_keep(o, audience);
  if (c->auth->means == AL_BY_SECRET) check_secret_alg(c, o);
  else check_key_alg(c, o);
}

/* … and whether there is one goes into the table at `values`: the program's function needn't be asked then. */
static void read_seal_key (al_client *c, al_options *o, int values) {
  size_t n;
  const char *text = al_options_text(o, "seal_key", &n);
  if (text == NULL) return;
  if (n < AL_MIN_SEAL_KEY) al_options_bad(o, "seal_key", "is shorter than %d bytes", AL_MIN_SEAL_KEY);
  if (n > AL_MAX_SECRET) al_options_bad(o, "seal_key", "is longer than %d bytes", AL_MAX_SECRET);
  if (!al_buf_add(&c->seal_secret, text, n)) al_mistake(o->L, "not enough memory");
  lua_pushboolean(o->L, 1);
  lua_setfield(o->L, values, "seals");
}

void al_client_auth_read (al_client *c, al_options *o, int values) {
  c->client_id = al_options_plain(o, "client_id");
  bool asks_secret = read_secret(o, "client_secret", &c->client_secret, values), asks_key = read_key(c, o, values);
  bool has_secret = asks_secret || c->client_secret.n > 0, has_key = asks_key || c->key != NULL;
  if (!has_secret) asks_secret = read_secret(o, "client_assertion", &c->client_secret, values);
  bool has_assertion = !has_secret && (asks_secret || c->client_secret.n > 0);
  bool another = al_options_push(o, "client_assertion") != LUA_TNIL && (has_secret || has_key);
  lua_pop(o->L, 1);
  if (another) al_options_bad(o, "client_assertion", "can't stand beside 'client_secret' or 'private_key'");
  if (c->client_id != NULL && c->client_id[0] == '\0') al_options_bad(o, "client_id", "is empty");
  /* tokens that were made by hand need no client_id; each flow that does says so */
  if (c->client_id == NULL && (has_secret || has_key || has_assertion))
    al_options_bad(o, "client_id", "is missing: a secret, key or assertion proves whose it is");
  choose_method(c, o, has_secret, has_key, has_assertion);
  bool by_text = c->auth->means == AL_BY_SECRET || c->auth->means == AL_BY_ASSERTION;
  c->asks_secret = (by_text && asks_secret) || (c->auth->means == AL_BY_KEY && asks_key);
  read_assertion(c, o);
  read_seal_key(c, o, values);
  if (!c->asks_secret) return;
  lua_getfield(o->L, values, needed[c->auth->means]);
  lua_setfield(o->L, values, "proof");
}
