/*
 * call  · one call: a flow, and the transfer that carries its request
 * knows · engine, flow, the token call that it waits for
 * never · calls Lua: what needs Lua (a sink, a reader, a secret, a result) is queued for the door to attend to
 * owns  · its request, its transfer, and its place in the engine's lists
 * spec  · spec/session/token_life_spec.lua, spec/client/dpop_spec.lua
 */
#ifndef AL_WIRE_CALL_H
#define AL_WIRE_CALL_H

#include "law/flow.h"
#include "wire/engine.h"

/* beside AL_WANTS_SINK and AL_WANTS_BODY */
enum {
  AL_WANTS_SECRET = 4,
  AL_WANTS_DONE = 8,
  AL_WANTS_OPENING = 16,
  AL_WANTS_SEND = 32,
  AL_WANTS_STORE = 64,
  AL_WANTS_SOURCE = 128
};

typedef enum al_place {
  AL_CALL_NOWHERE, /* not begun, or over */
  AL_CALL_WAITING, /* for a moment or for its credential's renewal */
  AL_CALL_SENDING,
} al_place;

/* What becomes of the answer's body, for the door. */
typedef enum al_decodes { AL_DECODES_NOTHING, AL_DECODES, AL_DECODES_WITH_HEAD } al_decodes;

typedef struct al_call {
  al_engine *engine; /* NULL once the engine is gone */
  al_client *client; /* held: whose settings hold */
  al_credential *credential;
  al_request request;
  al_flow flow;
  al_transfer transfer;
  al_place place;
  uint64_t session;              /* whose it is; 0: nobody's */
  bool tells;                    /* of a call for a token alone: it becomes Lua text */
  al_decodes decodes;            /* of a request: its answer is to become the value that its JSON means */
  bool for_token;                /* waits for a renewal, not for a moment */
  int wants;                     /* what it needs of the door */
  bool awaited;                  /* the door's note that somebody waits until it wants something */
  struct al_call *next, *before; /* among all calls under way */
  al_place_in queued;            /* among those to attend to */
} al_call;

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

/* Its transfer has news. */
void al_call_heard (al_call *c);

/* Those whose moment has come go on. */
void al_call_ring (al_engine *e, int64_t now);

/* One that waits for that credential's token, or NULL. */
al_call *al_call_waiting (const al_engine *e, const al_credential *credential);

/* Everyone who waited for this credential goes on: fault is NULL, or why there is no token. */
void al_call_wake (al_engine *e, al_credential *credential, const al_fault *fault);

/* Puts a call into the queue of those that want attention, and says what it wants. */
void al_call_queue (al_call *c, int wants);

/* A call that wants attention; NULL: none. What it wants is in `wants`. */
al_call *al_call_attend (al_engine *e);

/* Takes a call out of that queue, if it is there. */
void al_call_attended (al_call *c);

#endif
