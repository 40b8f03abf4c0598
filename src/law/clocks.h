/*
 * clocks · now, by every clock that a stored token is dated with
 * knows  · nothing
 * owns   · nothing
 * spec   · spec/c/record_test.c
 */
#ifndef AL_LAW_CLOCKS_H
#define AL_LAW_CLOCKS_H

#include <stdint.h>

typedef struct al_clocks {
  int64_t now;       /* ms, the clock of `now` arguments: only goes forward */
  int64_t wall;      /* ms since 1970 UTC; may be set to anything */
  int64_t ahead;     /* by how much `now` runs ahead of that clock: specs push it */
  const char *clock; /* which clock `now` is of: other processes with the same text share it; "": nobody knows */
} al_clocks;

#endif
