#include "wire/lane.h"

#include <stddef.h>

#include "ground/clock.h"

static int on_socket (CURL *easy, curl_socket_t fd, int what, void *me, void *unused) {
  (void)easy, (void)unused;
  al_lane *lane = me;
  int events = what == CURL_POLL_IN      ? AL_READ
               : what == CURL_POLL_OUT   ? AL_WRITE
               : what == CURL_POLL_INOUT ? AL_READ | AL_WRITE
                                         : 0;
  if (!al_poller_watch(lane->poller, fd, events)) return events == 0 ? 0 : -1;
  al_poller_name(lane->poller, fd, lane->number);
  return 0;
}

static int on_timer (CURLM *multi, long ms, void *me) {
  (void)multi;
  al_lane *lane = me;
  lane->timer_at = ms < 0 ? -1 : al_clock_now() + ms;
  return 0;
}

bool al_lane_open (al_lane *lane) {
  lane->timer_at = -1;
  lane->out = lane->limit = 0;
  lane->multi = curl_multi_init();
  if (lane->multi == NULL) return false;
  curl_multi_setopt(lane->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(lane->multi, CURLMOPT_SOCKETDATA, lane);
  curl_multi_setopt(lane->multi, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(lane->multi, CURLMOPT_TIMERDATA, lane);
  curl_multi_setopt(lane->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
  lane->connections_used = al_clock_now();
  lane->most_connections = AL_MAX_IDLE_CONNECTIONS;
  curl_multi_setopt(lane->multi, CURLMOPT_MAXCONNECTS, lane->most_connections);
#if LIBCURL_VERSION_NUM >= 0x081400
  curl_multi_setopt(lane->multi, CURLMOPT_QUICK_EXIT, 1L); /* look-ups are its own there, and hold up its end */
#endif
  return true;
}

void al_lane_close (al_lane *lane) {
  if (lane->multi != NULL) curl_multi_cleanup(lane->multi);
  lane->multi = NULL;
  lane->timer_at = -1;
}

bool al_lane_due (const al_lane *lane) {
  return lane->timer_at >= 0 && lane->timer_at <= al_clock_now();
}

bool al_lane_act (al_lane *lane, curl_socket_t fd, int what) {
  int running;
  if (lane->multi == NULL) return true;
  CURLMcode result = curl_multi_socket_action(lane->multi, fd, what, &running);
  return result == CURLM_OK || result == CURLM_BAD_SOCKET; /* the latter: an event of a socket that is gone by now */
}

/*
 * Of the connections beyond what it may keep, libcurl closes one at the end of each request; the next request would
 * have to make one anew. So where all lanes are full, it may keep as many as were in flight of late.
 */
void al_lane_changed (al_lane *lane) {
  long most = lane->most_connections, out = lane->out;
  if (out <= AL_MAX_IDLE_CONNECTIONS / 2 && most == AL_MAX_IDLE_CONNECTIONS && lane->number == 0) return;
  int64_t now = al_clock_now();
  if (out > most / 2 || lane->number > 0) lane->connections_used = now;
  if (out > most) most *= 2;
  else if (now - lane->connections_used > AL_IDLE_CONNECTIONS_S * 1000) most = AL_MAX_IDLE_CONNECTIONS;
  if (most == lane->most_connections) return;
  lane->most_connections = most;
  curl_multi_setopt(lane->multi, CURLMOPT_MAXCONNECTS, most);
}

bool al_lanes_open (al_lanes *l, al_poller *poller) {
  l->count = 1;
  for (int i = 0; i < AL_MAX_LANES; i++) l->all[i] = (al_lane){ .poller = poller, .number = i, .timer_at = -1 };
  return al_lane_open(&l->all[0]);
}

void al_lanes_close (al_lanes *l) {
  for (int i = 0; i < l->count; i++) al_lane_close(&l->all[i]);
}

void al_lanes_leave (al_lanes *l) {
  for (int i = 0; i < l->count; i++) l->all[i].multi = NULL;
}

/* Lanes that many requests have left behind go, with their connections, once they haven't been needed for a while. */
static void close_idle (al_lanes *l) {
  al_lane *last = &l->all[l->count - 1];
  if (last->out > 0 || al_clock_now() - last->connections_used <= AL_IDLE_CONNECTIONS_S * 1000) return;
  al_lane_close(last);
  l->count--;
}

/* How many connections to one host libcurl may have open in a lane of that limit. */
static long host_connections (int limit) {
  return limit < AL_LANE_REQUESTS ? limit : AL_LANE_REQUESTS;
}

static bool use_for (al_lane *lane, int limit) {
  if (lane->multi == NULL && !al_lane_open(lane)) return false;
  if (lane->limit == limit) return true;
  lane->limit = limit;
  return curl_multi_setopt(lane->multi, CURLMOPT_MAX_HOST_CONNECTIONS, host_connections(limit)) == CURLM_OK;
}

/* Requests beyond what a lane has connections for wait in it, and cost nothing there. A limit above a lane's requests
 * has as many lanes as it is a multiple of them. */
al_lane *al_lanes_pick (al_lanes *l, int limit) {
  al_lane *least = NULL, *idle = NULL;
  int room = limit;
  if (l->count > 1) close_idle(l);
  for (int i = 0; i < l->count; i++) {
    al_lane *lane = &l->all[i];
    if (lane->out == 0 && idle == NULL && lane->limit != limit) idle = lane;
    if (lane->limit != limit) continue;
    room -= AL_LANE_REQUESTS;
    if (lane->out < AL_LANE_REQUESTS && lane->multi != NULL) return lane;
    if (least == NULL || lane->out < least->out) least = lane;
  }
  if (least != NULL && room < AL_LANE_REQUESTS) return use_for(least, limit) ? least : NULL;
  if (idle != NULL) return use_for(idle, limit) ? idle : NULL;
  if (l->count < AL_MAX_LANES) return use_for(&l->all[l->count], limit) ? &l->all[l->count++] : NULL;
  return least != NULL ? least : &l->all[0];
}

int64_t al_lanes_timer (const al_lanes *l) {
  int64_t when = -1;
  for (int i = 0; i < l->count; i++) {
    int64_t at = l->all[i].timer_at;
    if (at >= 0 && (when < 0 || at < when)) when = at;
  }
  return when;
}
