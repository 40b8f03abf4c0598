/*
 * challenge · reads the challenges of a WWW-Authenticate field, piece by piece (RFC 9110 section 11.6.1)
 * knows     · ground
 * never     · copies; goes over a byte more than a few times, whatever a server wrote
 * owns      · nothing
 * spec      · spec/session/challenge_spec.lua
 */
#ifndef AL_LAW_CHALLENGE_H
#define AL_LAW_CHALLENGE_H

#include <stdbool.h>
#include <stddef.h>

typedef enum al_challenge_kind { AL_CHALLENGE_SCHEME, AL_CHALLENGE_TOKEN68, AL_CHALLENGE_PARAMETER } al_challenge_kind;

/* A scheme has a name, a token68 a value, a parameter both. They point into the field. */
typedef struct al_challenge {
  al_challenge_kind kind;
  const char *name, *value;
  size_t name_n, value_n;
  bool quoted; /* the value has each `\` before the character that is meant */
} al_challenge;

/* The next piece in place of the last one; *at starts at 0, and what belongs to a scheme follows it. What can't be read
 * is left out. False: no more. */
bool al_challenge_next (const char *field, size_t n, size_t *at, al_challenge *piece);

#endif
