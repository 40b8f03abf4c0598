/*
 * cache · all credentials of one Lua state, found by key; sessions that mean the same token share one
 * knows · ground, credential
 * never · looks at more than one bucket, however many there are
 * owns  · credentials that nobody holds (up to AL_MAX_IDLE_CREDENTIALS, the longest unused go first)
 * spec  · spec/c/cache_test.c
 */
#ifndef AL_LAW_CACHE_H
#define AL_LAW_CACHE_H

#include "law/credential.h"

typedef struct al_cache {
  al_credential **buckets;
  size_t bucket_count; /* a power of two */
  size_t count;
  al_credential *oldest, *newest; /* idle ones */
  size_t idle;
} al_cache;

void al_cache_init (al_cache *c);

/* Lets go of all; credentials still held live on outside the cache. */
void al_cache_dispose (al_cache *c);

/* What makes two sessions mean the same token. `given` is what the program handed in (a refresh token, a permanent
 * token). */
typedef struct al_identity {
  al_client *client;
  const al_grant *grant;
  const char *account;
  size_t account_n;
  const char *scope;
  size_t scope_n;
  const char *resource; /* fields of a form; NULL: none */
  size_t resource_n;
  const char *given;
  size_t given_n;
  bool stored; /* in the client's store, where others of the same client, grant, account and scope find it */
} al_identity;

/*
 * The credential of that identity, made if need be, with a reference for the caller; NULL when memory ran out.
 * A new one starts with `given` as its refresh token, or as its token where the grant has nothing to ask.
 */
al_credential *al_cache_find (al_cache *c, const al_identity *who, int64_t now);

al_credential *al_cache_hold (al_credential *credential);

/* Gives a reference back; the cache keeps the credential for the next session that means the same. */
void al_cache_release (al_credential *credential);

#endif
