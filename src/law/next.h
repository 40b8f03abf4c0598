/*
 * next  · what a flow or a renewal wants done, and how long to wait before trying again
 * knows · limits
 * spec  · spec/c/law_test.c
 */
#ifndef AL_LAW_NEXT_H
#define AL_LAW_NEXT_H

#include <stdint.h>

typedef enum al_next {
  AL_NEXT_SEND,   /* send its request */
  AL_NEXT_WAIT,   /* come back at wait_until */
  AL_NEXT_TOKEN,  /* come back when the credential's renewal is over; begin one if there is none */
  AL_NEXT_SECRET, /* a renewal: give it the client's secret, which comes from a function */
  AL_NEXT_SOURCE, /* … give it the token, which comes from a function */
  AL_NEXT_LOAD,   /* a renewal with a store: read its record */
  AL_NEXT_LOCK,   /* … take its lock, once, without waiting for it */
  AL_NEXT_ASIDE,  /* … put what can't be read aside */
  AL_NEXT_SAVE,   /* … write its record, or remove it */
  AL_NEXT_UNLOCK, /* … give the lock back */
  AL_NEXT_DONE,
  AL_NEXT_FAIL, /* its fault says why */
} al_next;

/* How long to wait before repeat number `tries` (from 1): what the server asked for, else a jittered doubling. */
int64_t al_next_pause (int tries, int64_t retry_after_ms, unsigned jitter);

#endif
