/*
 * stored · what a credential knows of its record in the store, and how the one becomes the other
 * knows  · ground, credential, record, instant
 * never  · does I/O; lets an older generation of a login take the place of a newer one
 * owns   · its texts; it is a part of its credential
 * spec   · spec/c/record_test.c
 */
#ifndef AL_LAW_STORED_H
#define AL_LAW_STORED_H

#include "law/credential.h"
#include "law/record.h"

typedef struct al_stored {
  char name[AL_RECORD_NAME];
  al_buf account;
  char login[AL_LOGIN_CHARS]; /* "": none yet, or it has still to be made */
  int64_t generation;         /* of that login, as in memory; 0: none yet */
  int64_t begun;
  char refused[AL_LOGIN_CHARS]; /* digest of the refresh token that was refused */
  bool unsaved;                 /* memory is ahead of the store */
  bool owed;                    /* … by a refresh token: no request goes on before the store has it */
  bool opened;                  /* … by what the user has just consented to: whatever the store has, this counts */
  bool removing;                /* the record is to go */
  bool keyless;                 /* the key that its tokens are bound to couldn't be read: another one would spend them in vain */
  int64_t rest_until;           /* the lock is busy: an old, still valid token serves until then */
  al_buf rest;                  /* members that aren't known */
} al_stored;

/* NULL when memory ran out. `given` is a refresh token that the program handed in, or empty. */
al_stored *al_stored_new (const char name[AL_RECORD_NAME], const char *account, const char *given, size_t given_n);
void al_stored_free (al_stored *s);

/* The program hands in a refresh token: it takes the place of one that is dead, or of none. False: memory ran out. */
bool al_stored_hand_in (al_credential *c, const char *given, size_t n);

/* The credential was emptied: what comes next is another login. */
void al_stored_reset (al_stored *s);

/* A new token is in memory: one generation more, of the same login or of the one that begins with it. */
void al_stored_advance (al_credential *c, bool refreshes);

/* The server said no to the refresh token: what is left of it is a digest. */
void al_stored_refuse (al_credential *c);

/* The record was read: where it is of another login, or a newer generation, it is what counts. True: the credential took it over. */
bool al_stored_reconcile (al_credential *c, al_record *r, const al_instant *instant);

/* The record of what is in memory, appended as text. False: memory ran out. */
bool al_stored_compose (al_credential *c, const al_client *client, const al_instant *instant, al_buf *out);

#endif
