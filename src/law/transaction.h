/*
 * transaction · a renewal's way through the store: look, lock, look again, mark, ask, save, unlock
 * knows       · ground, renewal, credential, reconcile
 * never       · does I/O or reads a clock; lets the token endpoint be asked without the lock
 * owns        · its renewal
 * spec        · spec/c/transaction_test.c
 */
#ifndef AL_LAW_TRANSACTION_H
#define AL_LAW_TRANSACTION_H

#include "law/clocks.h"
#include "law/renewal.h"

/* Where it is on its way through the store; without a store it only asks. */
typedef enum al_stage {
  AL_STAGE_ASK,  /* the token endpoint */
  AL_STAGE_LOOK, /* has the store a token already? */
  AL_STAGE_LOCK,
  AL_STAGE_CHECK, /* look again, now that nobody else can write */
  AL_STAGE_ASIDE, /* put what can't be read aside */
  AL_STAGE_MARK,  /* write down that the renewal has begun */
  AL_STAGE_TELL,  /* write down how long the server wants to be left alone */
  AL_STAGE_DOUBT, /* the server said no: look again */
  AL_STAGE_BURY,  /* write down that it did */
  AL_STAGE_SAVE,
  AL_STAGE_UNLOCK,
  AL_STAGE_PURGE, /* lock the record under its former name */
  AL_STAGE_ERASE, /* … and remove it */
  AL_STAGE_OVER,
} al_stage;

typedef struct al_transaction {
  al_renewal renewal; /* first, as a credential points at it */
  al_stage stage;
  bool forced; /* a new token is wanted, however fresh the old one */
  bool locked;
  bool former; /* it is the record under its former name that is asked for */
  bool purges; /* … and is to go once the other is written */
  int64_t lease_until;
  int64_t poll_ms;         /* the last wait for the lock */
  int64_t base_generation; /* what there was when it began */
  char base_login[65];
} al_transaction;

/* Begins it, with its renewal; the credential must have none. */
void al_transaction_begin (al_transaction *t, al_client *client, al_credential *credential, bool forced, int64_t now);

/* As al_renewal_next; with a store also AL_NEXT_LOAD, AL_NEXT_LOCK, AL_NEXT_SAVE, AL_NEXT_ASIDE or AL_NEXT_UNLOCK. */
al_next al_transaction_next (al_transaction *t, int64_t now);

/* The token endpoint answered. `jitter` is a random number. */
void al_transaction_answered (al_transaction *t, const al_answer *answer, unsigned jitter, int64_t now);

/* AL_NEXT_LOAD came to this: the record's text, or NULL, there is none. */
void al_transaction_loaded (al_transaction *t, const char *text, size_t n, const al_clocks *clocks);

/* AL_NEXT_LOCK: `got`, or somebody else has it. `lease_ms`: for how long it is ours; 0: for as long as we live. */
void al_transaction_locked (al_transaction *t, bool got, int64_t lease_ms, unsigned jitter, int64_t now);

/* AL_NEXT_SAVE: false: the store has a newer one, as our lease ran out. */
void al_transaction_saved (al_transaction *t, bool kept, int64_t now);

/* AL_NEXT_ASIDE and AL_NEXT_UNLOCK are done. */
void al_transaction_put_aside (al_transaction *t, int64_t now);
void al_transaction_unlocked (al_transaction *t);

/* What was to be done can't be done. */
void al_transaction_broke (al_transaction *t, const al_fault *fault, int64_t now);

/* The name of the record that load, lock, save and unlock are about. */
const char *al_transaction_name (const al_transaction *t);

/* What AL_NEXT_SAVE is to write, appended. `remove`: nothing, the record is to go. False: memory ran out. */
bool al_transaction_document (al_transaction *t, const al_clocks *clocks, al_buf *out, bool *remove);

/* Whether the credential's waits for a lock that somebody else has; what whoever has no time left for that is told. */
bool al_transaction_waits (const al_credential *credential);
void al_transaction_busy (al_fault *fault);

/* How long a lock is needed. */
int64_t al_transaction_lease (const al_transaction *t);

#endif
