/*
 * clock · the time, for the floors that may ask for it (law never does: `now` is an argument)
 * knows · the C library
 * owns  · nothing
 * spec  · spec/c/ground_test.c
 */
#ifndef AL_GROUND_CLOCK_H
#define AL_GROUND_CLOCK_H

#include <stdint.h>

/* Milliseconds that only go forward, also while the machine sleeps where the system can tell. */
int64_t al_clock_now (void);

/* Milliseconds since 1970-01-01 UTC, as the wall clock has it. */
int64_t al_clock_wall (void);

/* Another number for each process and each moment: for spreading waits, and for nothing that must not be guessed. */
uint32_t al_clock_jitter (void);

/*
 * Which clock al_clock_now reads, as text into out[AL_CLOCK_NAME]: two processes that find the same text may compare
 * its times. Made of this boot's id and of the time namespace; "" where the system doesn't tell.
 */
enum { AL_CLOCK_NAME = 80 };
void al_clock_name (char out[AL_CLOCK_NAME]);

#endif
