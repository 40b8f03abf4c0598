/*
 * record · a stored token as a document: what docs/store.md describes, as plain data
 * knows  · ground, clocks
 * never  · has a client secret or a password in it; loses a member that it doesn't know
 * owns   · its texts
 * spec   · spec/c/record_test.c
 */
#ifndef AL_LAW_RECORD_H
#define AL_LAW_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "ground/buf.h"
#include "law/clocks.h"

enum { AL_RECORD_VERSION = 1, AL_RECORD_NAME = 65, AL_LOGIN_CHARS = 65 };

/* Times are milliseconds: by the wall clock (since 1970 UTC), and once more by `clock`. -1: there is none. */
typedef struct al_record {
  al_buf issuer, token_endpoint, client_id, grant, account, scope, resource; /* whose token: what its name is made of */
  al_buf login;                                    /* tells one login from the next: a digest of what it began with */
  int64_t generation;                              /* of this login; each new token is one more */
  int64_t begun;                                   /* the generation whose renewal has begun; 0: none */
  al_buf access_token, token_type, granted, reply; /* the last: what else the newest reply says */
  int64_t obtained_at, expires_at, retry_at;
  al_buf clock;
  int64_t obtained_clock, expires_clock, retry_clock;
  al_buf refresh_token;
  al_buf dpop_key;           /* what both tokens are bound to: the private key as PEM */
  bool dead;                 /* the server said a definite no to the refresh token, which is gone from here */
  al_buf refused;            /* its digest */
  al_buf error, description; /* the server's words */
  al_buf unknown;            /* members that aren't known, as they came: ,"name":value … */
} al_record;

typedef enum al_readable {
  AL_RECORD_READ,
  AL_RECORD_CORRUPT, /* not JSON, cut off, or without what a record must have */
  AL_RECORD_FUTURE,  /* of a version that isn't known */
  AL_RECORD_STARVED, /* memory ran out: nothing is known of it */
} al_readable;

void al_record_init (al_record *r);
void al_record_dispose (al_record *r);

/* What a record's name is made of: `server` is the issuer, or the token endpoint where there is none. */
typedef struct al_identified {
  const char *server, *client_id, *grant;
  const char *account, *scope, *resource;
  size_t account_n, scope_n, resource_n;
  const char *bound_to; /* the thumbprint of the program's own key for DPoP; "": each login draws one; NULL: tokens
                           aren't bound */
  bool as_written;      /* its former name, in which the scope stands as the program wrote it */
} al_identified;

/* In hexadecimal. False: no digest could be made. */
bool al_record_name (char out[AL_RECORD_NAME], const al_identified *id);

/* A digest of something secret, in hexadecimal, to compare it by; appended. */
bool al_record_digest (al_buf *out, const char *secret, size_t n);

al_readable al_record_read (al_record *r, const char *text, size_t n);

/* Appends the document. False: memory ran out, for it or for one of its texts. */
bool al_record_write (const al_record *r, al_buf *out);

/*
 * When that moment of the record is, in the clock of `now`: exact where the record was made under the same clock; else
 * by the wall clock. `at` and `clock_at` are one of its pairs. -1: there is none.
 */
int64_t al_record_when (const al_record *r, int64_t at, int64_t clock_at, const al_clocks *clocks);

#endif
