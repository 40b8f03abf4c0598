/*
 * transaction · a renewal's way through the store: look, lock, look again, mark, ask, save, unlock
 * knows       · ground, renewal, credential, reconcile
 * never       · does I/O or reads a clock; lets the token endpoint be asked without the lock
 * owns        · nothing: its state is a part of the renewal
 * spec        · spec/c/transaction_test.c
 */
#ifndef AL_LAW_TRANSACTION_H
#define AL_LAW_TRANSACTION_H

#include "law/clocks.h"
#include "law/renewal.h"

/* For al_renewal_next, of a credential with a store. */
void al_transaction_begin (al_renewal *r, int64_t now);
al_next al_transaction_next (al_renewal *r, int64_t now);

/* The token endpoint was asked, and that came to an end: its done or its fault says how. */
void al_transaction_asked (al_renewal *r, int64_t now);

/* The token endpoint said a definite no. False: the record was looked at again already, and it stands. */
bool al_transaction_doubt (al_renewal *r);

/* The token endpoint wants to be left alone: the others are to know it, before this renewal goes on. */
void al_transaction_tell (al_renewal *r);

/* AL_NEXT_LOAD came to this: the record's text, or NULL, there is none. */
void al_transaction_loaded (al_renewal *r, const char *text, size_t n, const al_clocks *clocks);

/* AL_NEXT_LOCK: `got`, or somebody else has it. `lease_ms`: for how long it is ours; 0: for as long as we live. */
void al_transaction_locked (al_renewal *r, bool got, int64_t lease_ms, unsigned jitter, int64_t now);

/* AL_NEXT_SAVE: false: the store has a newer one, as our lease ran out. */
void al_transaction_saved (al_renewal *r, bool kept, int64_t now);

/* AL_NEXT_ASIDE and AL_NEXT_UNLOCK are done. */
void al_transaction_put_aside (al_renewal *r, int64_t now);
void al_transaction_unlocked (al_renewal *r);

/* What was to be done can't be done. */
void al_transaction_broke (al_renewal *r, const al_fault *fault, int64_t now);

/* What AL_NEXT_SAVE is to write, appended. `remove`: nothing, the record is to go. False: memory ran out. */
bool al_transaction_document (al_renewal *r, const al_clocks *clocks, al_buf *out, bool *remove);

/* Whether it waits for a lock that somebody else has; what whoever has no time left for that is told. */
bool al_transaction_waits (const al_renewal *r);
void al_transaction_busy (al_fault *fault);

/* How long a lock is needed. */
int64_t al_transaction_lease (const al_renewal *r);

#endif
