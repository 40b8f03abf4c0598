/*
 * engine · what all calls of a Lua state share: the cache, the wire, the time, and the lists of what is under way
 * knows  · http, cache
 * never  · looks into a call: run moves them along
 * owns   · the cache, http, and the heads of its lists
 * spec   · spec/session/token_life_spec.lua, spec/loop/loop_spec.lua
 */
#ifndef AL_WIRE_ENGINE_H
#define AL_WIRE_ENGINE_H

#include "ground/clock.h"
#include "ground/forked.h"
#include "law/cache.h"
#include "law/stamp.h"
#include "wire/http.h"

typedef struct al_engine {
  int refs; /* the Lua state's, and one a call */
  al_http http;
  bool open;
  al_forked forked; /* the process that it was opened in */
  al_cache cache;
  struct al_call *calls; /* under way */
  struct al_token_call *token_calls;
  al_queue queue;                        /* of calls that need Lua */
  bool hosted;                           /* a host's loop was given the descriptor */
  int64_t due;                           /* the earliest moment something waits for; INT64_MAX: none */
  int64_t ahead_ms;                      /* how far specs have pushed the clock */
  unsigned char spent[AL_MAX_SPENT][32]; /* digests of states that were answered, the oldest overwritten first */
  int spent_count;
  uint32_t chance;           /* for spreading waits; 0: not begun */
  char clock[AL_CLOCK_NAME]; /* which clock it goes by, for the records of a store */
  uint64_t ids;              /* the last number given to a client's settings */
  uint64_t trips;            /* … and to a request that a client's on_event is told of */
} al_engine;

/* NULL when the system refuses. */
al_engine *al_engine_new (void);
al_engine *al_engine_hold (al_engine *e);

/* It goes with its last reference. */
void al_engine_drop (al_engine *e);

/* The time as the law is told it. */
int64_t al_engine_now (const al_engine *e);

/* The time of day and new random numbers, for a request that goes out. False: the system has none. */
bool al_engine_stamp (al_stamp *stamp, al_fault *fault);

/* How long until something is due, for whoever blocks: milliseconds, or -1. */
int al_engine_patience (const al_engine *e);

/* Sets the descriptor's alarm, where a host's loop has that. */
void al_engine_arm (al_engine *e);

/* Something is due then: the next step after that moment looks. */
void al_engine_due (al_engine *e, int64_t when);

/* From now to the deadline; INT64_MAX: none. */
int64_t al_engine_left (int64_t deadline, int64_t now);

/* A random number for spreading waits. */
unsigned al_engine_chance (al_engine *e);

#endif
