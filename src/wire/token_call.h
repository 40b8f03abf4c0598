/*
 * token_call · a transaction, and the transfer of its renewal: one trip to the token endpoint, whoever waits for it
 * knows      · engine, transaction, the calls that wait for it
 * never      · ends for the sake of whoever began it
 * owns       · itself, from al_token_call_begin to its end
 * spec       · spec/session/token_life_spec.lua
 */
#ifndef AL_WIRE_TOKEN_CALL_H
#define AL_WIRE_TOKEN_CALL_H

#include "law/clocks.h"
#include "law/transaction.h"
#include "wire/call.h"
#include "wire/store.h"

typedef struct al_token_call {
  al_transaction transaction;
  al_transfer transfer; /* its owner is NULL: that tells it from a call's */
  al_engine *engine;
  al_lock lock; /* of its record's file */
  al_next asks; /* what it wants of Lua: AL_NEXT_SECRET, _SOURCE, or of the program's store; AL_NEXT_SEND: nothing */
  int64_t asked_at;
  int64_t fence;  /* of the program's lock: a number that grows with each */
  uint64_t asked; /* how often it asked: an answer to an earlier question is none */
  al_call *envoy; /* the waiting call that brings it to Lua; NULL: none waits */
  uint64_t id;
  bool taken; /* of one that a host carries: somebody does */
  struct al_token_call *next;
} al_token_call;

/*
 * Begins one for a credential that has none; never over before it comes back. `forced`: however fresh its token.
 * `by_host`: its transfer. False: memory ran out.
 */
bool al_token_call_begin (al_engine *e, al_client *client, al_credential *credential, bool forced, bool by_host);

/* The one under way for that credential, or NULL. */
al_token_call *al_token_call_of (const al_credential *credential);

/* If it wants something of Lua, one of the calls that wait for it brings it there; another one, once that is gone. */
void al_token_call_send_envoy (al_token_call *token_call);
void al_token_call_lose_envoy (al_token_call *token_call, al_call *call);

/* The secret it wanted; moved in. */
void al_token_call_give_secret (al_token_call *token_call, al_buf *secret);

/* What its source gave: a token reply as JSON; or why it gave none. */
void al_token_call_sourced (al_token_call *token_call, const char *reply, size_t n);
void al_token_call_source_failed (al_token_call *token_call, al_outcome outcome, const char *why);

/* What the program's store answered to what it `asks`; an absent record is NULL. */
void al_token_call_loaded (al_token_call *token_call, const char *text, size_t n);
void al_token_call_locked (al_token_call *token_call, bool got, int64_t fence);
void al_token_call_saved (al_token_call *token_call, bool kept);
void al_token_call_unlocked (al_token_call *token_call);
void al_token_call_store_broke (al_token_call *token_call, const al_fault *fault);
al_clocks al_token_call_clocks (const al_token_call *token_call);

/* Those whose moment has come go on. */
void al_token_call_ring (al_engine *e, int64_t now);

/* One that a host is to carry and nobody does yet; the one of that number. NULL: there is none. */
al_token_call *al_token_call_untaken (al_engine *e);
al_token_call *al_token_call_find (al_engine *e, uint64_t id);

/* Its transfer is finished. */
void al_token_call_heard (al_token_call *token_call);

/* Ends it without a word. */
void al_token_call_end (al_token_call *token_call);

#endif
