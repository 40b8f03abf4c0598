/*
 * clock · the time, for the floors that may ask for it (law never does: `now` is an argument)
 * knows · the C library
 * owns  · nothing
 */
#ifndef AL_GROUND_CLOCK_H
#define AL_GROUND_CLOCK_H

#include <stdint.h>

/* Milliseconds that only go forward, also while the machine sleeps where the system can tell. */
int64_t al_clock_now (void);

/* Milliseconds since 1970-01-01 UTC, as the wall clock has it. */
int64_t al_clock_wall (void);

#endif
