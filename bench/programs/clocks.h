/* What the programs in C measure themselves by, and how they say it: microseconds of CPU, of wall clock, peak KiB. */
#ifndef AL_BENCH_CLOCKS_H
#define AL_BENCH_CLOCKS_H

#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

static double cpu_us (void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static double wall_us (void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Since then. */
static void tell (double cpu, double wall) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  printf("%.0f %.0f %ld\n", cpu_us() - cpu, wall_us() - wall, u.ru_maxrss);
}

#endif
