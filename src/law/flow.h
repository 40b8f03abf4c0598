/*
 * flow  · one authenticated call from its first thought to its answer: what next?
 * knows · ground, credential, request, answer
 * never · does I/O or reads a clock; sends a token to an origin that isn't its own
 * owns  · its fault and a hold on its credential's token while a request with it is under way; the request is the
 *         caller's
 * spec  · spec/c/flow_test.c
 */
#ifndef AL_LAW_FLOW_H
#define AL_LAW_FLOW_H

#include "law/answer.h"
#include "law/credential.h"
#include "law/stamp.h"
#include "law/next.h"
#include "law/request.h"

typedef struct al_flow {
  al_credential *credential; /* held by the caller, as is: */
  al_client *client;         /* whose settings hold; another one than the credential's may mean the same token */
  al_request *request;       /* NULL: only the token is wanted */
  al_token *token;           /* what the request goes out with; NULL when it goes bare, or isn't out */
  const al_fault *fault;     /* why it failed; NULL: it hasn't */
  int64_t deadline;          /* INT64_MAX: none */
  int64_t wait_until;        /* -1: not waiting */
  uint64_t refused; /* the serial of a token that was refused to a request that can't be sent again; 0: none was */
  int tries;
  int redirects;
  bool renewed; /* a 401 was answered with a new token already */
  bool nonced;  /* … or with a nonce, just before */
  bool joined;  /* the renewal it waits for was under way before */
  bool insists; /* … and ran out of time before this call did: it asked once more */
  bool force;   /* a new token is wanted, however fresh the old one */
  bool settle;  /* the renewal failed, but the old token still lives: it will do */
  bool done;
} al_flow;

void al_flow_begin (al_flow *f, al_client *client, al_credential *credential, al_request *request, int64_t timeout_ms,
                    int64_t now);

/* AL_NEXT_SEND (its request, with its token unless the request is bare), _WAIT, _TOKEN, _DONE or _FAIL. */
al_next al_flow_next (al_flow *f, int64_t now);

/* Whether its request goes out with a proof of a key; to be made just before, each time. False: it failed, and its
 * fault says why. */
bool al_flow_proves (const al_flow *f);
bool al_flow_prove (al_flow *f, const al_stamp *stamp);

/* The request was answered, or it wasn't. `jitter` is a random number. */
void al_flow_answered (al_flow *f, const al_answer *answer, unsigned jitter, int64_t now);
void al_flow_broke (al_flow *f, const al_fault *fault);

/* The renewal it waited for is over: fault is NULL, or why it failed. */
void al_flow_renewed (al_flow *f, const al_fault *fault, int64_t now);

/* Its caller takes the answer: a token that was refused last is for nobody any more. */
void al_flow_over (al_flow *f);

void al_flow_dispose (al_flow *f);

#endif
