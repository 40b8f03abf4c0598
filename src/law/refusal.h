/*
 * refusal · whom a token endpoint's no is about, and what is said of it: the refresh token, the client, or neither
 * knows   · ground, client, reply
 * never   · decides what becomes of the refresh token: that is renewal's
 * owns    · nothing
 * spec    · spec/c/renewal_test.c, spec/grant/refusal_spec.lua
 */
#ifndef AL_LAW_REFUSAL_H
#define AL_LAW_REFUSAL_H

#include "law/answer.h"
#include "law/client.h"

typedef enum al_refusal {
  AL_REFUSED_OTHER,   /* the request, or nothing that is known */
  AL_REFUSED_CLIENT,  /* who asks, or its proof */
  AL_REFUSED_GRANT,   /* what was asked with: a definite no */
  AL_REFUSED_PERHAPS, /* … as it seems; but the answer is a web page, which may be somebody else's */
} al_refusal;

/*
 * `refresh`: it was asked with a refresh token. Few servers say `invalid_grant` of one that is over: others answer 400
 * or 401 with another error, or with none at all.
 */
al_refusal al_refusal_of (const al_fault *fault, const al_client *client, const al_answer *answer, bool refresh);

/* Adds to the message what is to be looked at. `secret`: what the client proved itself with. */
void al_refusal_advise (al_fault *fault, al_refusal refusal, const al_client *client, const al_buf *secret);

/* What may be wrong with a proof by Basic, as the end of a sentence; "": nothing. */
const char *al_refusal_of_basic (const al_client *client, const al_buf *secret);

#endif
