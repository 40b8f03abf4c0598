#include "ground/clock.h"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

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

uint32_t al_clock_jitter (void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (uint32_t)t.tv_nsec ^
         (uint32_t)getpid() * 2654435761u; /* neighbours among the ids lie far apart (2^32 by the golden ratio) */
}

void al_clock_name (char out[AL_CLOCK_NAME]) {
  memset(out, 0, AL_CLOCK_NAME);
#if defined(__linux__) && defined(CLOCK_BOOTTIME)
  int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  ssize_t n = read(fd, out, 36);
  close(fd);
  if (n != 36) {
    out[0] = '\0';
    return;
  }
  n = readlink("/proc/self/ns/time", out + 37, AL_CLOCK_NAME - 38); /* "time:[4026531834]" */
  out[36] = n > 0 ? ' ' : '\0';
#endif
}
