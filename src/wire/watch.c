#include "wire/watch.h"

#include <stdio.h>

#include "ground/clock.h"

static void look_by (al_http *h, int64_t when) {
  if (when < h->look_at) h->look_at = when;
}

static int64_t later (int64_t now, int64_t ms) {
  return ms == INT64_MAX ? INT64_MAX : now + ms;
}

/* When to look at this one again. */
static int64_t next_look (const al_transfer *t, int64_t now) {
  int64_t stalls = t->stall_ms == INT64_MAX ? INT64_MAX : now + t->stall_ms / AL_STALL_LOOKS + 1;
  return stalls < t->until ? stalls : t->until;
}

void al_watch_begin (al_http *h, al_transfer *t, const al_settings *settings, int64_t timeout_ms) {
  int64_t now = al_clock_now();
  t->until = timeout_ms == INT64_MAX ? INT64_MAX : now + timeout_ms + AL_TIMEOUT_GRACE_MS;
  t->stall_ms = settings->stall_timeout_ms;
  t->moved = 0;
  t->moved_at = now;
  look_by(h, next_look(t, now));
}

/* How many bytes of its bodies have moved. */
static int64_t moved (const al_transfer *t) {
  curl_off_t up = 0, down = 0;
  curl_easy_getinfo(t->handle.easy, CURLINFO_SIZE_UPLOAD_T, &up);
  curl_easy_getinfo(t->handle.easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
  return up + down;
}

/* Whether some of a body should move: of the answer's, or of the request's that isn't out yet. Who waits for the
 * program's own sink or reader doesn't stall. */
static bool flows (const al_transfer *t) {
  size_t whole;
  al_request_body(t->request, &whole);
  if (t->read_paused || t->write_paused) return false;
  if (t->status >= 200) return true;
  return t->moved > 0 && (t->request->reads ? !t->read_all : t->request->has_body && t->moved < (int64_t)whole);
}

static void stalled (al_transfer *t) {
  snprintf(t->error, sizeof t->error, "nothing of a body has moved for %lld ms (option stall_timeout)",
           (long long)t->stall_ms);
  al_http_end(t, CURLE_OPERATION_TIMEDOUT);
}

static void waited (al_transfer *t) {
  snprintf(t->error, sizeof t->error, "it waited for one of the connections to its host (option max_connections)");
  al_http_end(t, CURLE_OPERATION_TIMEDOUT);
}

static void look (al_http *h, al_transfer *t, int64_t now) {
  int64_t all = moved(t);
  if (all != t->moved || !flows(t)) {
    t->moved = all;
    t->moved_at = now;
  }
  if (now >= t->until) waited(t);
  else if (now >= later(t->moved_at, t->stall_ms)) stalled(t);
  else look_by(h, next_look(t, now));
}

void al_watch_look (al_http *h) {
  int64_t now = al_clock_now();
  h->look_at = INT64_MAX;
  for (al_transfer *t = h->active, *next; t != NULL; t = next) {
    next = t->next;
    look(h, t, now);
  }
}
