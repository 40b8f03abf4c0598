/*
 * nonce · the newest DPoP nonce of each origin (RFC 9449 sections 8 and 9), those of token endpoints and those of APIs
 *         apart
 * knows · ground, header, dpop's way to write an origin
 * never · keeps more than AL_MAX_NONCES, or one with a character that none may have
 * owns  · its texts; it is a part of its client
 * spec  · spec/c/dpop_test.c
 */
#ifndef AL_LAW_NONCE_H
#define AL_LAW_NONCE_H

#include <stdbool.h>
#include <stddef.h>

#include "ground/buf.h"
#include "ground/limits.h"
#include "ground/url.h"

/* Whose it is: one host may be both, and draws them apart. */
typedef enum al_nonce_of { AL_OF_SERVER, AL_OF_RESOURCE } al_nonce_of;

typedef struct al_nonces {
  struct al_nonce {
    al_nonce_of of;
    al_buf origin, text;
  } known[AL_MAX_NONCES];
  int count;
  int oldest; /* once all places are taken: the one that gives way */
} al_nonces;

void al_nonces_dispose (al_nonces *all);

/* The newest of that origin, or NULL. */
const char *al_nonces_find (const al_nonces *all, al_nonce_of of, const al_url *where);

/* Keeps what an answer's DPoP-Nonce field brought, if it has one. True: there was one that can be used. */
bool al_nonces_hear (al_nonces *all, al_nonce_of of, const al_url *where, const char *head, size_t head_n);

#endif
