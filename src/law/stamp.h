/*
 * stamp · what a request needs of the world when it goes out, and the law can't know by itself: the time and chance
 * knows · nothing
 * owns  · nothing
 * spec  · spec/c/assertion_test.c
 */
#ifndef AL_LAW_STAMP_H
#define AL_LAW_STAMP_H

#include <stdint.h>

typedef struct al_stamp {
  int64_t wall_ms;          /* ms since 1970 */
  unsigned char random[32]; /* from the system's source, new for each request */
} al_stamp;

#endif
