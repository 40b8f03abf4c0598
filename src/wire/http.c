#include "wire/http.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ground/clock.h"
#include "wire/callbacks.h"
#include "wire/curl_options.h"
#include "wire/proxy.h"
#include "wire/watch.h"

al_transfer *al_http_ready (al_http *h) {
  al_place_in *first = al_queue_next(&h->ready);
  return first != NULL ? AL_QUEUED(first, al_transfer, ready) : NULL;
}

/* ---- opening and closing ---- */

bool al_http_open (al_http *h) {
  memset(h, 0, sizeof *h);
  h->poller = AL_POLLER_CLOSED;
  h->look_at = INT64_MAX;
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return false;
  if (!al_poller_open(&h->poller)) return false;
  if (al_lanes_open(&h->lanes, &h->poller)) {
    al_handles_open(&h->handles);
    al_curl_encodings(h->encodings, sizeof h->encodings);
    return true;
  }
  al_poller_close(&h->poller);
  return false;
}

void al_http_close (al_http *h) {
  al_tap_close(&h->tap);
  al_handles_close(&h->handles);
  al_lanes_close(&h->lanes);
  al_poller_close(&h->poller);
}

void al_http_dispose (al_http *h) {
  al_buf_pool_dispose(&h->heads);
  al_buf_pool_dispose(&h->bodies);
}

/* Out of the list of those under way. */
static void leave (al_transfer *t) {
  if (t->link == NULL) return;
  *t->link = t->next;
  if (t->next != NULL) t->next->link = t->link;
  t->link = NULL;
  t->next = NULL;
}

/* Cleaning up would say goodbye on connections that are the parent's too, so its handles are left where they are. */
bool al_http_reopen (al_http *h) {
  al_poller_close(&h->poller);
  al_lanes_leave(&h->lanes);
  h->handles.count = h->handles.out = 0;
  while (h->active != NULL) leave(h->active);
  h->ready = (al_queue){ NULL, NULL };
  return al_poller_open(&h->poller) && al_lanes_open(&h->lanes, &h->poller);
}

/* ---- one transfer ---- */

static bool set_method (CURL *easy, const al_request *q, al_transfer *t) {
  size_t n;
  bool get = strcmp(q->method, "GET") == 0, head = strcmp(q->method, "HEAD") == 0;
  if (head)
    curl_easy_setopt(easy, CURLOPT_NOBODY,
                     1L); /* a body would have no meaning (RFC 9110 section 9.3.2), and isn't sent */
  else if (q->reads) {
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)q->length);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, al_on_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, t);
  } else if (q->has_body) {
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    const char *body = al_request_body(q, &n);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)n);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
  } else curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
  return curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, (get && !q->has_body && !q->reads) || head ? NULL : q->method) ==
         CURLE_OK;
}

static void restart (al_transfer *t, al_http *h, al_request *request) {
  t->http = h;
  t->request = request;
  t->status = t->fields = t->wants = t->refusal = 0;
  t->received = t->sent = 0;
  t->fed = 0;
  t->attempts = 0;
  t->early = t->timed = false;
  t->connect_ms = t->first_ms = -1;
  t->read_all = t->read_paused = t->write_paused = t->body_began = t->starved = t->crowded = t->finished = t->unsure =
    false;
  t->body.max = t->max_body;
  t->over = NULL;
  t->tapped.number = 0;
  t->error[0] = '\0';
  al_buf_clear(&t->head);
  al_buf_clear(&t->body);
  if (t->by_host) al_transfer_lend(t);
  al_buf_clear(&t->incoming);
  al_buf_clear(&t->outgoing);
  t->result = CURLE_OK;
}

static bool no_memory (al_transfer *t) {
  t->result = CURLE_OUT_OF_MEMORY;
  return false;
}

bool al_http_start (al_http *h, al_transfer *t, const al_settings *settings, al_request *q, const char *authorization,
                    int64_t timeout_ms) {
  restart(t, h, q);
  if (t->by_host) return al_host_transport_start(t, settings, authorization, timeout_ms);
  al_lane *lane = al_lanes_pick(&h->lanes, settings->max_connections);
  if (lane == NULL) return no_memory(t);
  bool anew;
  al_handle handle = al_handle_take(&h->handles, settings, &anew);
  CURL *easy = handle.easy;
  if (easy == NULL) return no_memory(t);
  if (anew) al_callbacks_set(easy, h);
  al_callbacks_point(easy, t);
  if (h->tap.on) al_tap_follow(&h->tap, &t->tapped, easy, al_buf_text(&q->url));
  curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, q->once || q->reads ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms == INT64_MAX ? 0L : timeout_ms > 0 ? (long)timeout_ms : 1L);
  bool ok = set_method(easy, q, t) && al_lines_make(&t->lines, q, settings, authorization, h->encodings) &&
            curl_easy_setopt(easy, CURLOPT_HTTPHEADER, t->lines.list) == CURLE_OK &&
            al_handle_aim(&h->handles, &handle, settings, q) && curl_multi_add_handle(lane->multi, easy) == CURLM_OK;
  if (!ok) {
    handle.wears = 0;
    al_handle_recycle(&h->handles, handle);
    return no_memory(t);
  }
  t->handle = handle;
  t->next = h->active;
  t->link = &h->active;
  if (t->next != NULL) t->next->link = &t->next;
  h->active = t;
  t->lane = lane;
  al_watch_begin(h, t, settings, timeout_ms);
  lane->out++;
  al_lane_changed(lane);
  return true;
}

/* Takes the handle back, with nothing on it that points here. */
static void detach (al_transfer *t) {
  leave(t);
  al_handle handle = t->handle;
  al_lane *lane = t->lane;
  t->handle.easy = NULL;
  if (lane->multi == NULL) {
    al_handle_throw_away(&handle);
    return;
  }
  curl_multi_remove_handle(lane->multi, handle.easy);
  curl_easy_setopt(handle.easy, CURLOPT_HTTPHEADER, NULL);
  curl_easy_setopt(handle.easy, CURLOPT_ERRORBUFFER, NULL);
  if (t->request->has_body) curl_easy_setopt(handle.easy, CURLOPT_POSTFIELDS, NULL);
  if (al_tap_leave(&t->tapped, handle.easy)) handle.wears = 0;
  if (t->request->reads) handle.wears = 0; /* an upload leaves more behind than is worth undoing one by one */
  al_handle_recycle(&t->http->handles, handle);
  lane->out--;
  al_lane_changed(lane);
}

void al_http_cancel (al_transfer *t) {
  if (t->http == NULL) return;
  al_queue_leave(&t->http->ready, &t->ready);
  t->host_transport.out = false;
  if (t->handle.easy != NULL) detach(t);
  else leave(t); /* in the child after a fork */
}

/* libcurl takes a connection that ends within the headers for the end of an answer without a body; the empty line says
 * otherwise. */
static bool whole_head (const al_buf *head) {
  size_t n = head->n;
  if (n == 0 || head->bytes[n - 1] != '\n') return false;
  if (n > 1 && head->bytes[n - 2] == '\r') n--;
  return n == 1 || head->bytes[n - 2] == '\n';
}

/* A single line may be too long for libcurl, which 8.6 and later say; before, memory may be short as well, but that is
 * rarer. */
static bool over_length (const al_transfer *t, CURLcode result) {
#if LIBCURL_VERSION_NUM >= 0x080600
  if (result == CURLE_TOO_LARGE) return !t->body_began;
#endif
  return result == CURLE_OUT_OF_MEMORY && t->status > 0 && !whole_head(&t->head);
}

/* On a kept connection there is nothing to connect. */
static void note_times (al_transfer *t) {
  curl_off_t connect = 0, tls = 0, first = 0;
  CURL *easy = t->handle.easy;
  if (!t->timed) return;
  curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connect);
  curl_easy_getinfo(easy, CURLINFO_APPCONNECT_TIME_T, &tls);
  curl_easy_getinfo(easy, CURLINFO_STARTTRANSFER_TIME_T, &first);
  t->connect_ms = (tls > connect ? tls : connect) / 1000;
  if (t->status > 0) t->first_ms = first / 1000;
}

/* Whether the system gives this process no more descriptors: libcurl says no more than that something failed. */
static bool descriptors_are_out (const al_http *h, CURLcode result) {
  if (result != CURLE_COULDNT_CONNECT && result != CURLE_COULDNT_RESOLVE_HOST && result != CURLE_FAILED_INIT &&
      result != CURLE_SSL_CACERT_BADFILE)
    return false;
  int fd = dup(h->poller.fd);
  if (fd >= 0) close(fd);
  return fd < 0 && (errno == EMFILE || errno == ENFILE);
}

void al_http_end (al_transfer *t, CURLcode result) {
  note_times(t);
  t->crowded = descriptors_are_out(t->http, result);
  if (result == CURLE_OK && t->over != NULL) result = CURLE_WRITE_ERROR;
  if (result == CURLE_OK && !whole_head(&t->head)) result = CURLE_PARTIAL_FILE;
  if (t->starved) result = CURLE_OUT_OF_MEMORY;
  else if (over_length(t, result)) t->over = "headers";
  if (t->unsure && result == CURLE_ABORTED_BY_CALLBACK) {
    result = CURLE_GOT_NOTHING;
    snprintf(t->error, sizeof t->error, "it may have been carried out, so it isn't sent again");
  }
  t->refusal = al_proxy_refusal(t->handle.easy, result);
  al_proxy_hide(t->error);
  if (result == CURLE_OK && !al_transfer_locate(t)) result = CURLE_OUT_OF_MEMORY;
  al_tap_end(&t->tapped, result, t->error, &t->body);
  t->result = result;
  t->finished = true;
  detach(t);
  al_http_announce(t);
}

static void collect (al_lane *lane) {
  CURLMsg *message;
  int left;
  while (lane->multi != NULL && (message = curl_multi_info_read(lane->multi, &left)) != NULL) {
    if (message->msg != CURLMSG_DONE) continue;
    char *me = NULL;
    CURLcode result = message->data.result;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &me);
    if (me != NULL) al_http_end((al_transfer *)(void *)me, result);
  }
}

/*
 * libcurl couldn't watch a socket, for want of memory: whoever waits for it would wait in vain, so all in that lane
 * start afresh, with new connections.
 */
static void begin_afresh (al_http *h, al_lane *lane) {
  collect(lane);
  for (al_transfer *t = h->active, *next; t != NULL; t = next) {
    next = t->next;
    if (t->lane != lane) continue;
    t->starved = true;
    al_http_end(t, CURLE_OUT_OF_MEMORY);
  }
  al_lane_close(lane);
  al_lane_open(lane);
}

static void act (al_http *h, al_lane *lane, curl_socket_t fd, int what) {
  if (!al_lane_act(lane, fd, what)) begin_afresh(h, lane);
}

/* libcurl often wants to be called again at once: a few rounds of that are one step. */
static void run (al_http *h, al_lane *lane) {
  for (int round = 0; round < 8 && al_lane_due(lane); round++) {
    lane->timer_at = -1;
    act(h, lane, CURL_SOCKET_TIMEOUT, 0);
  }
  collect(lane);
}

static bool whole (const al_transfer *t) {
  curl_off_t length = -1, got = 0;
  if (t->write_paused || curl_easy_getinfo(t->handle.easy, CURLINFO_SIZE_DOWNLOAD_T, &got) != CURLE_OK) return false;
  curl_easy_getinfo(t->handle.easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  return t->status == 204 || (length >= 0 && got >= length);
}

/*
 * An answer over HTTP/2 may be whole before the request's body is read, and what the server doesn't read can't be sent.
 * libcurl waits for that nevertheless; where the answer's length is told, nobody has to.
 */
static void end_early (al_http *h) {
  h->early = false;
  for (al_transfer *t = h->active, *next; t != NULL; t = next) {
    next = t->next;
    if (t->early && whole(t)) al_http_end(t, CURLE_OK);
    else h->early = h->early || t->early;
  }
}

bool al_http_step (al_http *h, int wait_ms, bool alone) {
  al_event events[64];
  /* a request that was just begun goes out without asking the system first what else there is; but not twice in a row
   */
  int64_t due = al_lanes_timer(&h->lanes);
  h->hurried = alone && !h->hurried && due >= 0 && due <= al_clock_now();
  int n = h->hurried ? 0 : al_poller_ready(&h->poller, events, 64, wait_ms);
  for (int i = 0; i < n; i++) {
    int what = (events[i].what & AL_READ ? CURL_CSELECT_IN : 0) | (events[i].what & AL_WRITE ? CURL_CSELECT_OUT : 0) |
               (events[i].what & AL_BROKEN ? CURL_CSELECT_ERR : 0);
    act(h, &h->lanes.all[events[i].name], events[i].fd, what);
  }
  for (int i = 0; i < h->lanes.count; i++) run(h, &h->lanes.all[i]);
  if (h->early) end_early(h);
  if (h->look_at <= al_clock_now()) al_watch_look(h);
  return n >= 0;
}
