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
#include "law/record.h"

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

/* The credential that differs from that one by its scope alone, of `who` its client and scope, as al_cache_find. */
al_credential *al_cache_sibling (al_cache *c, const al_credential *of, const al_identity *who, int64_t now);

/*
 * Those that differ from that one by their scope alone, can be used, and have all of its words: one after another, in
 * no order. `after` NULL: the first. NULL: there is none, or no other.
 */
const al_credential *al_cache_wider (const al_cache *c, const al_credential *of, const al_credential *after,
                                     int64_t now);

/* What the name of its record is made of. It points into `who`. */
al_identified al_cache_identified (const al_identity *who);

al_credential *al_cache_hold (al_credential *credential);

/* Gives a reference back; the cache keeps the credential for the next session that means the same. */
void al_cache_release (al_credential *credential);

#endif
