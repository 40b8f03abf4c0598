/*
 * Preloaded by spec/store/trouble_spec.lua and spec/wire/connection_spec.lua: the wall clock, and the one that counts
 * from boot, are off by as many seconds as the files $WALL_CLOCK and $BOOT_CLOCK say at the moment.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>

static long off (clockid_t id) {
  long seconds = 0;
  const char *path = id == CLOCK_REALTIME ? getenv("WALL_CLOCK") : id == CLOCK_BOOTTIME ? getenv("BOOT_CLOCK") : NULL;
  FILE *file = path != NULL ? fopen(path, "r") : NULL;
  if (file == NULL) return 0;
  if (fscanf(file, "%ld", &seconds) != 1) seconds = 0;
  fclose(file);
  return seconds;
}

int clock_gettime (clockid_t id, struct timespec *t) {
  int (*really)(clockid_t, struct timespec *) = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT,
                                                                                             "clock_gettime");
  int result = really(id, t);
  if (result == 0) t->tv_sec += off(id);
  return result;
}

int gettimeofday (struct timeval *t, void *zone) {
  struct timespec now;
  (void)zone;
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  t->tv_sec = now.tv_sec;
  t->tv_usec = now.tv_nsec / 1000;
  return 0;
}

time_t time (time_t *t) {
  struct timespec now;
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  if (t != NULL) *t = now.tv_sec;
  return now.tv_sec;
}
