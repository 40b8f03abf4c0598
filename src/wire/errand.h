/*
 * errand · a renewal and the transfer that carries it: one trip to the token endpoint, whoever waits for it
 * knows  · engine, renewal
 * never  · ends for the sake of whoever began it
 * owns   · itself, from al_errand_begin to its end
 * spec   · spec/token_life_spec.lua
 */
#ifndef AL_WIRE_ERRAND_H
#define AL_WIRE_ERRAND_H

#include "law/renewal.h"
#include "wire/engine.h"

struct al_errand {
  al_renewal renewal;
  al_transfer transfer; /* its owner is NULL: that tells it from a call's */
  al_engine *engine;
  al_errand *next;
};

/* Begins one for a credential that has none; never over before it comes back. `secret` is moved in, or NULL. False: memory ran out. */
bool al_errand_begin (al_engine *e, al_client *client, al_credential *credential, al_buf *secret);

/* Does what its renewal wants next; it may be over and gone afterwards. */
void al_errand_advance (al_errand *errand);

/* Its transfer is finished. */
void al_errand_heard (al_errand *errand);

/* Ends it without a word. */
void al_errand_end (al_errand *errand);

#endif
