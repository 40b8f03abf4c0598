#include "door/scope.h"

#include <string.h>

#include "door/engine.h"
#include "door/mistake.h"
#include "door/scratch.h"
#include "door/session.h"
#include "ground/limits.h"
#include "law/reconcile.h"
#include "law/scope.h"
#include "wire/store.h"

enum { most_names = 16 * 1024 * 1024 }; /* bytes, as in door/store.c */

/* core.scope_covers(wide, narrow) → whether each word of the second is in the first. */
int al_l_scope_covers (lua_State *L) {
  size_t n, m;
  const char *wide = luaL_checklstring(L, 1, &n), *narrow = luaL_checklstring(L, 2, &m);
  lua_pushboolean(L, al_scope_covers(wide, n, narrow, m));
  return 1;
}

/* core.scope_union(a, b) → the words of both, each once, those of the first before the others. */
int al_l_scope_union (lua_State *L) {
  size_t n, m;
  const char *a = luaL_checklstring(L, 1, &n), *b = luaL_checklstring(L, 2, &m);
  al_buf *out = al_push_scratch(L, n + m + 1);
  if (!al_scope_join(out, a, n, b, m)) al_mistake(L, "not enough memory");
  al_push_bytes(L, out);
  return 1;
}

static void push_text (lua_State *L, const al_buf *text) {
  lua_pushlstring(L, al_buf_text(text), text->n);
}

/* session:_wish() → the scope that was asked for, and the resource indicators and further fields of its token requests.
 */
int al_l_wish (lua_State *L) {
  const al_credential *c = al_check_session(L, 1)->credential;
  push_text(L, &c->scope);
  push_text(L, &c->resource);
  return 2;
}

/* session:_sibling(scope) → a session that differs by its scope alone. */
int al_l_sibling (lua_State *L) {
  al_session *s = al_check_session(L, 1);
  al_identity who = { .client = s->client };
  who.scope = luaL_checklstring(L, 2, &who.scope_n);
  al_check_scope(L, "session:widen", who.scope, who.scope_n);
  lua_settop(L, 2);
  al_session *made = al_push_session(L);
  al_engine *e = s->engine;
  al_open_session(L, made, al_cache_sibling(&e->cache, s->credential, &who, al_engine_now(e)), s->client);
  return 1;
}

/* session:_become(other): from now on it means the other's token. Calls under way keep the one that they have. */
int al_l_become (lua_State *L) {
  al_session *s = al_check_session(L, 1);
  al_credential *before = s->credential;
  s->credential = al_cache_hold(al_check_session(L, 2)->credential);
  al_cache_release(before);
  return 0;
}

/* ---- logins that have all of a session's scope, and more ---- */

static bool same (const al_buf *a, const al_buf *b) {
  return a->n == b->n && memcmp(al_buf_text(a), al_buf_text(b), a->n) == 0;
}

static bool named (const char *name, al_identified *id) {
  char made[AL_RECORD_NAME];
  for (int i = 0; i < 2; i++) {
    id->as_written = i == 1;
    if (al_record_name(made, id) && strcmp(made, name) == 0) return true;
  }
  return false;
}

/* Whether a record of that name is of the same client, grant, account and resource. */
static bool akin (const al_session *s, const al_record *r, const char *name) {
  const al_credential *c = s->credential;
  if (!same(&r->account, &c->stored->account) || !same(&r->resource, &c->resource)) return false;
  al_identity who = { .client = s->client,
                      .grant = c->grant,
                      .account = al_buf_text(&r->account),
                      .account_n = r->account.n,
                      .scope = al_buf_text(&r->scope),
                      .scope_n = r->scope.n,
                      .resource = al_buf_text(&r->resource),
                      .resource_n = r->resource.n };
  al_identified id = al_cache_identified(&who);
  return named(name, &id);
}

/* Appends how many words a login has, and what it was asked for with, as a line; not of the session's own login. */
static void add_line (al_buf *lines, const al_session *s, const al_buf *has, const al_buf *asked) {
  const al_buf *own = &s->credential->scope;
  if (al_scope_covers(al_buf_text(own), own->n, al_buf_text(asked), asked->n) &&
      al_scope_covers(al_buf_text(asked), asked->n, al_buf_text(own), own->n))
    return;
  al_buf_addf(lines, "%zu ", al_scope_words(al_buf_text(has), has->n));
  al_buf_add(lines, al_buf_text(asked), asked->n);
  al_buf_addc(lines, '\n');
}

/* A record's line, if it serves. */
static void add_record (al_buf *lines, const al_session *s, const char *name, const char *text, size_t n) {
  const al_buf *wish = &s->credential->scope;
  al_record r;
  al_record_init(&r);
  if (al_record_read(&r, text, n) == AL_RECORD_READ && !r.dead && r.generation > 0) {
    const al_buf *has = r.granted.n > 0 ? &r.granted : &r.scope;
    if (al_scope_covers(al_buf_text(has), has->n, al_buf_text(wish), wish->n) && akin(s, &r, name))
      add_line(lines, s, has, &r.scope);
  }
  al_record_dispose(&r);
}

static void in_memory (al_buf *lines, const al_session *s) {
  const al_engine *e = s->engine;
  int64_t now = al_engine_now(e);
  for (const al_credential *p = NULL; (p = al_cache_wider(&e->cache, s->credential, p, now)) != NULL;)
    add_line(lines, s, al_credential_scope(p), &p->scope);
}

static void add_name (void *context, const char *name) {
  al_buf_add(context, name, strlen(name) + 1);
}

static void add_file (al_buf *lines, const al_session *s, const char *name) {
  al_fault fault;
  al_buf text = AL_BUF_SECRET(AL_MAX_RECORD);
  if (al_store_load(s->client->folder, name, &text, &fault) == AL_STORE_FINE)
    add_record(lines, s, name, al_buf_text(&text), text.n);
  al_buf_dispose(&text);
}

/* A folder that can't be read has none: the lookup of the login itself has said why. */
static void in_folder (al_buf *lines, const al_session *s) {
  al_fault fault;
  al_buf names = AL_BUF(most_names);
  if (al_store_list(s->client->folder, add_name, &names, &fault) == AL_STORE_FINE)
    for (size_t i = 0; i + AL_RECORD_NAME <= names.n; i += AL_RECORD_NAME) add_file(lines, s, names.bytes + i);
  al_buf_dispose(&names);
}

/*
 * session:_wider() → the logins that differ from this one by their scope alone and have all of it, in no order: a line
 * each, with how many words it has, and its scope as asked for. They are those in memory, and those in the store's
 * folder.
 */
int al_l_wider (lua_State *L) {
  const al_session *s = al_check_session(L, 1);
  if (s->credential->scope.n == 0) return 0; /* the server's default, whatever that is */
  al_buf *lines = al_push_scratch(L, most_names);
  in_memory(lines, s);
  if (s->credential->stored != NULL && s->client->store == AL_STORE_FILES) in_folder(lines, s);
  al_push_bytes(L, lines);
  return 1;
}

/* session:_serves(name, text) → such a line of a record of the program's store; nothing: it doesn't serve. */
int al_l_serves (lua_State *L) {
  const al_session *s = al_check_session(L, 1);
  const char *name = al_check_word(L, 2);
  size_t n;
  const char *text = luaL_checklstring(L, 3, &n);
  if (s->credential->stored == NULL || s->credential->scope.n == 0) return 0;
  al_buf *lines = al_push_scratch(L, most_names);
  add_record(lines, s, name, text, n);
  al_push_bytes(L, lines);
  return 1;
}
