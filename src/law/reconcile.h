/*
 * reconcile · what a credential knows of its record in the store, and how the one becomes the other
 * knows     · ground, credential, record, clocks
 * never     · does I/O; lets an older generation of a login take the place of a newer one
 * owns      · its texts; it is a part of its credential
 * spec      · spec/c/record_test.c
 */
#ifndef AL_LAW_RECONCILE_H
#define AL_LAW_RECONCILE_H

#include "law/credential.h"
#include "law/record.h"

typedef struct al_reconcile {
  char name[AL_RECORD_NAME];
  char former[AL_RECORD_NAME]; /* the name that it had while scopes weren't sets; "": the same */
  al_buf account;
  char login[AL_LOGIN_CHARS]; /* "": none yet, or it has still to be made */
  int64_t generation;         /* of that login, as in memory; 0: none yet */
  int64_t begun;
  char refused[AL_LOGIN_CHARS]; /* digest of the refresh token that was refused */
  bool unsaved;                 /* memory is ahead of the store */
  bool owed;                    /* … by a refresh token: no request goes on before the store has it */
  bool opened;                  /* … by what the user has just consented to: whatever the store has, this counts */
  bool removing;                /* the record is to go */
  bool moving;                  /* it was found under its former name, and is to be written under the other */
  bool keyless; /* the key that its tokens are bound to couldn't be read: another one would spend them in vain */
  int64_t retry_lock_at; /* the lock is busy: an old, still valid token serves until then */
  al_buf unknown;        /* members that aren't known */
} al_reconcile;

/* NULL when memory ran out. `given` is a refresh token that the program handed in, or empty. */
al_reconcile *al_reconcile_new (const char name[AL_RECORD_NAME], const char *account, size_t account_n,
                                const char *given, size_t given_n);
void al_reconcile_free (al_reconcile *s);

/* The program hands in a refresh token: it takes the place of one that is dead, or of none. False: memory ran out. */
bool al_reconcile_hand_in (al_credential *c, const char *given, size_t n);

/* The credential was emptied: what comes next is another login. */
void al_reconcile_reset (al_reconcile *s);

/* A new token is in memory: one generation more, of the same login or of the one that begins with it. */
void al_reconcile_advance (al_credential *c, bool refreshes);

/* The server said no to the refresh token: what is left of it is a digest. */
void al_reconcile_refuse (al_credential *c);

/* The record was read: where it is of another login, or a newer generation, it is what counts. True: the credential
 * took it over. */
bool al_reconcile_record (al_credential *c, al_record *r, const al_clocks *clocks);

/* The record of what is in memory, appended as text. False: memory ran out. */
bool al_reconcile_compose (al_credential *c, const al_client *client, const al_clocks *clocks, al_buf *out);

#endif
