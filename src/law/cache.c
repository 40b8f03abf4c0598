#include "law/cache.h"

#include <stdlib.h>
#include <string.h>

#include "ground/crypto.h"
#include "ground/limits.h"
#include "law/reconcile.h"
#include "law/scope.h"

void al_cache_init (al_cache *c) {
  memset(c, 0, sizeof *c);
}

static void credential_free (al_credential *credential) {
  al_token_drop(credential->token);
  al_dpop_drop(credential->dpop);
  al_buf_dispose(&credential->scope);
  al_buf_dispose(&credential->resource);
  al_buf_dispose(&credential->standing);
  al_signer_drop(credential->signer);
  al_buf_dispose(&credential->refresh_token);
  al_buf_dispose(&credential->revoking);
  al_buf_dispose(&credential->id_token);
  al_buf_dispose(&credential->reply);
  al_buf_dispose(&credential->opening);
  free(credential->dead);
  al_reconcile_free(credential->stored);
  al_client_drop(credential->client);
  free(credential);
}

/* By its kin: those that differ by their scope alone are in one bucket. */
static size_t bucket_of (const al_cache *c, const unsigned char kin[32]) {
  size_t hash; /* it is a digest: any part of it is as good as another */
  memcpy(&hash, kin, sizeof hash);
  return hash & (c->bucket_count - 1);
}

static void link_in (al_cache *c, al_credential *credential) {
  size_t at = bucket_of(c, credential->kin);
  credential->chain = c->buckets[at];
  c->buckets[at] = credential;
}

static bool grow (al_cache *c) {
  size_t old_count = c->bucket_count, count = old_count > 0 ? old_count * 2 : 16;
  al_credential **old = c->buckets, **buckets = calloc(count, sizeof(al_credential *));
  if (buckets == NULL) return old != NULL; /* crowded buckets still work */
  c->buckets = buckets;
  c->bucket_count = count;
  for (size_t i = 0; i < old_count; i++)
    for (al_credential *p = old[i], *next; p != NULL; p = next) {
      next = p->chain;
      link_in(c, p);
    }
  free(old);
  return true;
}

static void unlink_idle (al_cache *c, al_credential *p) {
  if (p->older != NULL) p->older->newer = p->newer;
  else c->oldest = p->newer;
  if (p->newer != NULL) p->newer->older = p->older;
  else c->newest = p->older;
  p->older = p->newer = NULL;
  c->idle--;
}

static void add_idle (al_cache *c, al_credential *p) {
  p->older = c->newest;
  p->newer = NULL;
  if (c->newest != NULL) c->newest->newer = p;
  else c->oldest = p;
  c->newest = p;
  c->idle++;
}

static void remove_one (al_cache *c, al_credential *credential) {
  al_credential **p = &c->buckets[bucket_of(c, credential->kin)];
  while (*p != credential) p = &(*p)->chain;
  *p = credential->chain;
  c->count--;
}

void al_cache_dispose (al_cache *c) {
  for (size_t i = 0; i < c->bucket_count; i++)
    for (al_credential *p = c->buckets[i], *next; p != NULL; p = next) {
      next = p->chain;
      p->cache = NULL;
      if (p->refs == 0) credential_free(p);
    }
  free(c->buckets);
  al_cache_init(c);
}

static void add_part (al_buf *out, const char *bytes, size_t n) {
  al_buf_addf(out, "%zu:", n);
  al_buf_add(out, bytes, n);
}

/* All but the scope. */
static bool kin_of (unsigned char kin[32], const al_identity *who) {
  al_buf all = AL_BUF_SECRET(4 * AL_MAX_SECRET);
  al_buf_add(&all, who->client->identity, sizeof who->client->identity);
  add_part(&all, who->grant->name, strlen(who->grant->name));
  add_part(&all, who->account, who->account_n);
  if (!who->stored) add_part(&all, who->given, who->given_n); /* else the store says which token is meant */
  add_part(&all, who->resource, who->resource_n);
  bool ok = !all.broken && al_crypto_name(kin, all.bytes, all.n);
  al_buf_dispose(&all);
  return ok;
}

static bool key_of (unsigned char key[32], const unsigned char kin[32], const char *scope, size_t n) {
  al_buf all = AL_BUF(AL_MAX_SCOPE + 64);
  bool ok = al_buf_add(&all, (const char *)kin, 32) && al_scope_sort(&all, scope, n) &&
            al_crypto_name(key, all.bytes, all.n);
  al_buf_dispose(&all);
  return ok;
}

static al_credential *lookup (const al_cache *c, const unsigned char kin[32], const unsigned char key[32]) {
  if (c->bucket_count == 0) return NULL;
  al_credential *p = c->buckets[bucket_of(c, kin)];
  while (p != NULL && memcmp(p->key, key, sizeof p->key) != 0) p = p->chain;
  return p;
}

static bool take_given (al_credential *p, const al_identity *who, int64_t now) {
  al_buf_add(&p->scope, who->scope, who->scope_n);
  al_buf_add(&p->resource, who->resource, who->resource_n);
  if (p->scope.broken || p->resource.broken) return false;
  if (who->grant->given == AL_GIVEN_REFRESH) return al_buf_add(&p->refresh_token, who->given, who->given_n);
  if (who->grant->given == AL_GIVEN_NOTHING) return true;
  p->token = al_token_new(who->given, who->given_n, -1, now);
  if (p->token != NULL) p->token->serial = ++p->serial;
  return p->token != NULL;
}

al_identified al_cache_identified (const al_identity *who) {
  const al_client *c = who->client;
  const char *server = c->issuer != NULL ? c->issuer : c->endpoints[AL_TOKEN_ENDPOINT];
  return (al_identified){ .server = server != NULL ? server : "", /* of a source's tokens it needn't be known */
                          .client_id = c->client_id != NULL ? c->client_id : "",
                          .grant = who->grant->name,
                          .account = who->account,
                          .account_n = who->account_n,
                          .scope = who->scope,
                          .scope_n = who->scope_n,
                          .resource = who->resource,
                          .resource_n = who->resource_n,
                          .bound_to = !c->binds         ? NULL
                                      : c->dpop != NULL ? c->dpop->jkt
                                                        : "" };
}

static bool give_store (al_credential *p, const al_identity *who) {
  char name[AL_RECORD_NAME], former[AL_RECORD_NAME];
  al_identified id = al_cache_identified(who);
  if (!al_record_name(name, &id)) return false;
  p->stored = al_reconcile_new(name, who->account, who->account_n, who->given, who->given_n);
  id.as_written = true;
  if (p->stored == NULL || !al_record_name(former, &id)) return false;
  if (strcmp(former, name) != 0) memcpy(p->stored->former, former, sizeof former);
  return true;
}

static al_credential *make (al_cache *c, const al_identity *who, int64_t now) {
  al_credential *p = calloc(1, sizeof *p);
  if (p == NULL) return NULL;
  p->client = al_client_hold(who->client);
  p->grant = who->grant;
  p->scope = AL_BUF(AL_MAX_SCOPE);
  p->resource = AL_BUF(AL_MAX_URL);
  p->refresh_token = p->revoking = p->id_token = p->reply = p->opening = p->standing = AL_BUF_SECRET(
    AL_MAX_TOKEN_REPLY);
  p->not_before = -1;
  if (!take_given(p, who, now) || (who->stored && !give_store(p, who)) || (c->count >= c->bucket_count && !grow(c))) {
    credential_free(p);
    return NULL;
  }
  p->cache = c;
  return p;
}

/* Of that kin and that scope; `*fresh`: it was made. */
static al_credential *find (al_cache *c, const unsigned char kin[32], const al_identity *who, bool *fresh,
                            int64_t now) {
  unsigned char key[32];
  if (!key_of(key, kin, who->scope, who->scope_n)) return NULL;
  al_credential *p = lookup(c, kin, key);
  *fresh = p == NULL;
  if (p != NULL) return p;
  p = make(c, who, now);
  if (p == NULL) return NULL;
  memcpy(p->kin, kin, sizeof p->kin);
  memcpy(p->key, key, sizeof key);
  link_in(c, p);
  c->count++;
  return p;
}

static al_credential *hand_out (al_cache *c, al_credential *p, bool fresh) {
  if (!fresh && p->refs == 0) unlink_idle(c, p);
  p->refs++;
  return p;
}

al_credential *al_cache_find (al_cache *c, const al_identity *who, int64_t now) {
  unsigned char kin[32];
  bool fresh;
  al_credential *p = kin_of(kin, who) ? find(c, kin, who, &fresh, now) : NULL;
  if (p == NULL) return NULL;
  if (!fresh && who->stored && who->given_n > 0 && !al_reconcile_hand_in(p, who->given, who->given_n)) return NULL;
  return hand_out(c, p, fresh);
}

al_credential *al_cache_sibling (al_cache *c, const al_credential *of, const al_identity *who, int64_t now) {
  bool fresh;
  al_identity other = { .client = who->client,
                        .grant = of->grant,
                        .account = of->stored != NULL ? al_buf_text(&of->stored->account) : "",
                        .account_n = of->stored != NULL ? of->stored->account.n : 0,
                        .scope = who->scope,
                        .scope_n = who->scope_n,
                        .resource = al_buf_text(&of->resource),
                        .resource_n = of->resource.n,
                        .given = "",
                        .stored = of->stored != NULL };
  al_credential *p = find(c, of->kin, &other, &fresh, now);
  return p != NULL ? hand_out(c, p, fresh) : NULL;
}

static bool serves (const al_credential *p, const al_credential *of, int64_t now) {
  if (p == of || memcmp(p->kin, of->kin, sizeof p->kin) != 0) return false;
  const al_buf *scope = al_credential_scope(p);
  bool usable = p->dead == NULL && (p->refresh_token.n > 0 || (p->token != NULL && al_token_alive(p->token, now)));
  return usable && al_scope_covers(al_buf_text(scope), scope->n, al_buf_text(&of->scope), of->scope.n);
}

const al_credential *al_cache_wider (const al_cache *c, const al_credential *of, const al_credential *after,
                                     int64_t now) {
  if (c->bucket_count == 0) return NULL;
  const al_credential *p = after != NULL ? after->chain : c->buckets[bucket_of(c, of->kin)];
  while (p != NULL && !serves(p, of, now)) p = p->chain;
  return p;
}

al_credential *al_cache_hold (al_credential *credential) {
  credential->refs++;
  return credential;
}

void al_cache_release (al_credential *credential) {
  if (credential == NULL || --credential->refs > 0) return;
  al_cache *c = credential->cache;
  if (c == NULL) {
    credential_free(credential);
    return;
  }
  add_idle(c, credential);
  if (c->idle <= AL_MAX_IDLE_CREDENTIALS) return;
  al_credential *oldest = c->oldest;
  unlink_idle(c, oldest);
  remove_one(c, oldest);
  credential_free(oldest);
}
