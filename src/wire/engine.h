/*
 * engine · runs flows and renewals over http: what the law wants next, the wire does
 * knows  · http, flow, renewal, cache
 * never  · calls Lua: what needs Lua (a sink, a reader, a secret, a result) is queued for the door to attend to
 * owns   · the cache, its token calls to token endpoints, and a place in its lists for every call under way
 * spec   · spec/session/token_life_spec.lua, spec/loop/loop_spec.lua
 */
#ifndef AL_WIRE_ENGINE_H
#define AL_WIRE_ENGINE_H

#include "ground/forked.h"
#include "ground/clock.h"
#include "law/cache.h"
#include "law/flow.h"
#include "law/stamp.h"
#include "wire/http.h"

/* beside AL_WANTS_SINK and AL_WANTS_BODY */
enum { AL_WANTS_SECRET = 4, AL_WANTS_DONE = 8, AL_WANTS_OPENING = 16, AL_WANTS_SEND = 32, AL_WANTS_STORE = 64 };

typedef enum al_place {
  AL_CALL_NOWHERE, /* not begun, or over */
  AL_CALL_WAITING, /* for a moment or for its credential's renewal */
  AL_CALL_SENDING,
} al_place;

typedef struct al_call {
  struct al_engine *engine; /* NULL once the engine is gone */
  al_client *client;        /* held: whose settings hold */
  al_credential *credential;
  al_request request;
  al_flow flow;
  al_transfer transfer;
  al_place place;
  uint64_t session;              /* whose it is; 0: nobody's */
  bool tells;                    /* of a call for a token alone: it becomes Lua text */
  bool for_token;                /* waits for a renewal, not for a moment */
  int wants;                     /* what it needs of the door */
  bool awaited;                  /* the door's note that somebody waits until it wants something */
  struct al_call *next, *before; /* among all calls under way */
  al_place_in queued;            /* among those to attend to */
} al_call;

typedef struct al_token_call al_token_call;

typedef struct al_engine {
  int refs; /* the Lua state's, and one a call */
  al_http http;
  bool open;
  al_forked forked; /* the process that it was opened in */
  al_cache cache;
  al_call *calls; /* under way */
  al_token_call *token_calls;
  al_queue queue;
  bool hosted;                           /* a host's loop was given the descriptor */
  int64_t due;                           /* the earliest moment something waits for; INT64_MAX: none */
  int64_t ahead_ms;                      /* how far specs have pushed the clock */
  unsigned char spent[AL_MAX_SPENT][32]; /* digests of states that were answered, the oldest overwritten first */
  int spent_count;
  uint32_t chance;           /* for spreading waits; 0: not begun */
  char clock[AL_CLOCK_NAME]; /* which clock it goes by, for the records of a store */
  uint64_t ids;              /* the last number given to a client's settings */
} al_engine;

/* NULL when the system refuses. */
al_engine *al_engine_new (void);

/* Ends every call and token call; the engine itself goes with its last reference. */
void al_engine_shut (al_engine *e);
al_engine *al_engine_hold (al_engine *e);
void al_engine_drop (al_engine *e);

/* The time as the law is told it. */
int64_t al_engine_now (const al_engine *e);

/* The time of day and new random numbers, for a request that goes out. False: the system has none. */
bool al_engine_stamp (al_stamp *stamp, al_fault *fault);

/* To be called first by whoever enters: after a fork the child begins afresh. False: it can't. */
bool al_engine_enter (al_engine *e);

void al_call_init (al_call *c);

/* Begins; request, transfer.max_body and transfer.sinks are set by then. The credential's reference moves in. */
void al_call_begin (al_engine *e, al_call *c, al_client *client, al_credential *credential, bool with_request,
                    bool force, int64_t timeout_ms);

/* Begins one that asks nobody: it is done after so long. */
void al_call_sleep (al_engine *e, al_call *c, int64_t ms);

/* Ends it wherever it is, and frees what it holds. A renewal that it began goes on. */
void al_call_dispose (al_call *c);

/* Of a call that is over: lets go of all that it held but small buffers, and is ready to begin again. */
void al_call_recycle (al_call *c);

/* The secret that was asked for; moved in. */
void al_call_give_secret (al_call *c, al_buf *secret);

/* The opening that was asked for; moved in, unless another call's came first. */
void al_call_give_opening (al_call *c, al_buf *opening);

/* The program gave up on it (its sink or reader said no): over, with this fault. */
void al_call_fail (al_call *c, const al_fault *fault);

/* The session with that number was closed: its calls are over. */
void al_engine_end_session (al_engine *e, uint64_t session);

/* Moves everything along, waiting up to wait_ms (-1: for as long as it takes); `alone` as of al_http_step. False: a
 * signal came. */
bool al_engine_step (al_engine *e, int wait_ms, bool alone);

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

/* Everyone who waited for this credential goes on: fault is NULL, or why there is no token. */
void al_engine_wake (al_engine *e, al_credential *credential, const al_fault *fault);

/* A transfer that a host carries is finished: whoever it belongs to goes on. */
void al_engine_heard (al_transfer *t);

/* Puts a call into the queue of those that want attention, and says what it wants. */
void al_call_queue (al_call *c, int wants);

/* A call that wants attention; NULL: none. What it wants is in `wants`. */
al_call *al_engine_attend (al_engine *e);

/* Takes a call out of that queue, if it is there. */
void al_call_attended (al_call *c);

#endif
