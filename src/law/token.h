/*
 * token · an access token as it was given: how long it serves, what it may do
 * knows · ground, dpop
 * never · is shown: the only text it becomes is its own Authorization header line
 * owns  · its secret line; counted references, as requests under way outlive the cache's interest
 * spec  · spec/c/law_test.c
 */
#ifndef AL_LAW_TOKEN_H
#define AL_LAW_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "ground/buf.h"
#include "law/dpop.h"

/* How it is used (RFC 6749 section 7.1, RFC 8693 section 2.2.1). */
typedef enum al_token_type {
  AL_BEARER,
  AL_NO_ACCESS_TOKEN, /* "N_A": not for a protected API */
  AL_BOUND,           /* "DPoP": with a proof of the key that it is bound to (RFC 9449) */
} al_token_type;

typedef struct al_token {
  int refs;
  al_token_type type;
  al_buf issued_token_type;      /* by an exchange; else empty */
  al_buf line;                   /* "Authorization: Bearer …": made once, sent many times */
  al_dpop *dpop;                 /* held: of a bound one, what its proofs are made with; else NULL */
  char ath[AL_DIGEST_CHARS + 1]; /* … and what they say of it */
  al_buf scope;                  /* as granted; empty: unknown */
  int64_t obtained_at;           /* ms, the clock of `now` arguments */
  int64_t expires_at;            /* -1: the server didn't say; it serves until it is refused */
  uint64_t serial;               /* tells this token from every other of its credential */
} al_token;

/* A bearer token of `n` visible ASCII characters; NULL when memory ran out. lifetime_ms < 0: unknown. */
al_token *al_token_new (const char *text, size_t n, int64_t lifetime_ms, int64_t now);

/* The same of a token that is bound to a key. */
al_token *al_token_new_bound (al_dpop *dpop, const char *text, size_t n, int64_t lifetime_ms, int64_t now);
al_token *al_token_hold (al_token *t);
void al_token_drop (al_token *t);

/* The token itself, inside its line. */
const char *al_token_text (const al_token *t, size_t *n);

/* Good for a new request: not within the margin before its expiry (min of AL_MARGIN_S and a tenth of its lifetime). */
bool al_token_fresh (const al_token *t, int64_t now);

/* Not expired yet. */
bool al_token_alive (const al_token *t, int64_t now);

/* Whether text can stand in a header: 1 or more visible ASCII characters (RFC 6750 section 2.1 allows fewer still). */
bool al_token_printable (const char *text, size_t n);

#endif
