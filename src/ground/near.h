/*
 * near  · which known name was meant by a mistyped one
 * knows · nothing
 * never · guesses where several are as near, or none is
 * owns  · nothing
 * spec  · spec/c/near_test.c, spec/client/near_spec.lua
 */
#ifndef AL_GROUND_NEAR_H
#define AL_GROUND_NEAR_H

#include <stddef.h>

/* How many letters have to be put in, left out, changed or swapped with their neighbour; names longer than
 * AL_MAX_NEAR are as far as can be. */
int al_near_distance (const char *a, size_t a_n, const char *b, size_t b_n);

/* Keeps the nearest of those that it is shown. */
typedef struct al_near {
  const char *word;
  size_t n;
  int least;         /* the distance of `found` */
  const char *found; /* NULL: none is near enough, or two are as near */
} al_near;

al_near al_near_to (const char *word, size_t n);
void al_near_try (al_near *near, const char *name, size_t n);

#endif
