#include "ground/clock.h"

#include <time.h>

static int64_t read_clock (clockid_t id) {
  struct timespec t;
  clock_gettime(id, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t al_clock_now (void) {
#ifdef CLOCK_BOOTTIME
  return read_clock(CLOCK_BOOTTIME); /* a suspended laptop's tokens go on ageing */
#else
  return read_clock(CLOCK_MONOTONIC);
#endif
}

int64_t al_clock_wall (void) {
  return read_clock(CLOCK_REALTIME);
}
