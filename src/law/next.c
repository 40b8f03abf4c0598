#include "law/next.h"

#include "ground/limits.h"

int64_t al_next_pause (int tries, int64_t retry_after_ms, unsigned jitter) {
  if (retry_after_ms >= 0) return retry_after_ms;
  int64_t most = AL_BACKOFF_MS;
  while (--tries > 0 && most < AL_MAX_BACKOFF_MS) most *= 2;
  if (most > AL_MAX_BACKOFF_MS) most = AL_MAX_BACKOFF_MS;
  return most / 2 + jitter % (unsigned)(most / 2 + 1); /* half to whole, so that a crowd spreads out */
}
