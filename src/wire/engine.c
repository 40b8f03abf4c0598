#include "wire/engine.h"

#include <stdlib.h>

#include "ground/clock.h"
#include "ground/crypto.h"

/* Spreads waits, nothing more: a cheap sequence (xorshift). OpenSSL's random numbers would take half a millisecond to
 * set up. */
unsigned al_engine_chance (al_engine *e) {
  while (e->chance == 0) e->chance = al_clock_jitter();
  e->chance ^= e->chance << 13;
  e->chance ^= e->chance >> 17;
  e->chance ^= e->chance << 5;
  return e->chance;
}

int64_t al_engine_now (const al_engine *e) {
  return al_clock_now() + e->ahead_ms;
}

bool al_engine_stamp (al_stamp *stamp, al_fault *fault) {
  stamp->wall_ms = al_clock_wall();
  if (al_crypto_random(stamp->random, sizeof stamp->random)) return true;
  al_fault_set(fault, AL_NETWORK, AL_TRANSIENT, "no_random", "the system has no random numbers to give");
  return false;
}

int64_t al_engine_left (int64_t deadline, int64_t now) {
  return deadline == INT64_MAX ? INT64_MAX : deadline - now;
}

void al_engine_due (al_engine *e, int64_t when) {
  if (when < e->due) e->due = when;
}

static int64_t next_due (const al_engine *e) {
  int64_t due = e->due == INT64_MAX ? -1 : e->due - e->ahead_ms;
  if (e->http.ready.first != NULL) return 0;
  if (e->http.look_at != INT64_MAX && (due < 0 || e->http.look_at < due)) due = e->http.look_at;
  int64_t timer = al_lanes_timer(&e->http.lanes);
  if (timer < 0) return due;
  return due < 0 || timer < due ? timer : due;
}

int al_engine_patience (const al_engine *e) {
  int64_t when = next_due(e);
  if (when < 0) return -1;
  int64_t wait = when - al_clock_now();
  return wait <= 0 ? 0 : wait > 3600000 ? 3600000 : (int)wait;
}

void al_engine_arm (al_engine *e) {
  if (!e->hosted) return; /* whoever blocks here asks al_engine_patience: no need of a system call */
  e->http.poller.alarm = e->queue.first != NULL ? 0 : next_due(e);
  al_poller_arm(&e->http.poller);
}

al_engine *al_engine_new (void) {
  al_engine *e = calloc(1, sizeof *e);
  if (e == NULL) return NULL;
  e->refs = 1;
  e->due = INT64_MAX;
  al_forked_note(&e->forked);
  al_cache_init(&e->cache);
  al_clock_name(e->clock);
  e->open = al_http_open(&e->http);
  if (e->open) return e;
  al_engine_drop(e);
  return NULL;
}

al_engine *al_engine_hold (al_engine *e) {
  e->refs++;
  return e;
}

void al_engine_drop (al_engine *e) {
  if (e == NULL || --e->refs > 0) return;
  al_http_dispose(&e->http);
  al_forked_forget(&e->forked);
  free(e);
}
