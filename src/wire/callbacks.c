#include "wire/callbacks.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void al_http_announce (al_transfer *t) {
  al_queue_join(&t->http->ready, &t->ready);
}

/* Only as the answer begins to come: buffers that lie idle while their request waits would be memory, and cold, for
 * each in flight. */
void al_transfer_lend (al_transfer *t) {
  al_buf_pool_lend(&t->http->heads, &t->head);
  al_buf_pool_lend(&t->http->bodies, &t->body);
  al_buf_reserve(&t->head, 512); /* what most answers need, at once */
}

static void new_head (al_transfer *t, const char *line, size_t n) {
  const char *space = memchr(line, ' ', n);
  t->status = space != NULL && (size_t)(space - line) + 3 < n ? atoi(space + 1) : 0;
  t->fields = 0;
  al_buf_clear(&t->head);
  al_transfer_lend(t);
}

/* Over a ceiling, unless it was memory that ran out. */
static size_t no_room (al_transfer *t, const al_buf *full, const char *what) {
  t->starved = full->starved;
  if (!t->starved) t->over = what;
  return 0;
}

/* An answer that is there before the request's body is out. */
static void note_early (al_transfer *t) {
  long version = 0;
  if (!t->request->has_body && !t->request->reads) return;
  curl_easy_getinfo(t->handle.easy, CURLINFO_HTTP_VERSION, &version);
  t->early = version >= CURL_HTTP_VERSION_2_0;
  t->http->early = t->http->early || t->early;
}

static size_t on_header (char *line, size_t size, size_t n, void *me) {
  al_transfer *t = me;
  n *= size;
  if (t->body_began) return n; /* a trailer; nobody asked for those */
  if (n > 5 && memcmp(line, "HTTP/", 5) == 0) {
    new_head(t, line, n);
    return n;
  }
  if (t->status >= 200 && n <= 2) note_early(t);
  if (++t->fields > AL_MAX_HEADER_FIELDS + 1 || !al_buf_add(&t->head, line, n)) return no_room(t, &t->head, "headers");
  return n;
}

/* Room for all that the server announces, where that is within what may come: growing would copy it again and again. */
static void expect_body (al_transfer *t) {
  curl_off_t length = -1;
  curl_easy_getinfo(t->handle.easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  if (length > 0 && (uintmax_t)length <= t->body.max) al_buf_reserve(&t->body, (size_t)length);
}

static size_t keep (al_transfer *t, const char *bytes, size_t n) {
  if (t->body.n == 0) expect_body(t);
  return al_buf_add(&t->body, bytes, n) ? n : no_room(t, &t->body, "body");
}

static size_t on_body (char *bytes, size_t size, size_t n, void *me) {
  al_transfer *t = me;
  n *= size;
  t->body_began = true;
  if (!t->sinks || t->status < 200 || t->status > 299) return keep(t, bytes, n);
  t->wants |= AL_WANTS_SINK;
  al_http_announce(t);
  if (t->incoming.n > 0 && t->incoming.n + n > AL_SINK_WINDOW) {
    t->write_paused = true;
    return CURL_WRITEFUNC_PAUSE;
  }
  t->received += n;
  if (t->received > t->max_body || !al_buf_add(&t->incoming, bytes, n)) return no_room(t, &t->incoming, "body");
  return n;
}

size_t al_on_read (char *to, size_t size, size_t n, void *me) {
  al_transfer *t = me;
  n *= size;
  size_t left = t->outgoing.n - t->sent;
  if (left > 0) {
    if (n > left) n = left;
    memcpy(to, t->outgoing.bytes + t->sent, n);
    t->sent += n;
    return n;
  }
  if (t->read_all) return 0;
  t->wants |= AL_WANTS_BODY;
  t->read_paused = true;
  al_http_announce(t);
  return CURL_READFUNC_PAUSE;
}

/*
 * libcurl sends a request again where a connection that it reused closes without an answer. Then the request may have
 * been carried out, so only what is idempotent goes again; and on a fresh connection libcurl repeats only what a server
 * says it refused unseen (RFC 9113 section 8.7).
 */
static int on_ready (void *me, char *there, char *here, int there_port, int here_port) {
  (void)there, (void)here, (void)there_port, (void)here_port;
  al_transfer *t = me;
  long connects = 0, sent = 0;
  if (t->attempts++ == 0) {
    t->reuses = curl_easy_getinfo(t->handle.easy, CURLINFO_NUM_CONNECTS, &connects) != CURLE_OK || connects == 0;
    return CURL_PREREQFUNC_OK;
  }
  if (!t->reuses || al_request_idempotent(t->request)) return CURL_PREREQFUNC_OK;
  if (curl_easy_getinfo(t->handle.easy, CURLINFO_REQUEST_SIZE, &sent) == CURLE_OK && sent == 0)
    return CURL_PREREQFUNC_OK;
  t->unsure = true;
  return CURL_PREREQFUNC_ABORT;
}

static int on_close (void *me, curl_socket_t fd) {
  al_http *h = me;
  al_poller_forget(&h->poller, fd);
  return close(fd);
}

void al_callbacks_set (CURL *easy, al_http *h) {
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close);
  curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, h);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, on_ready);
}

void al_callbacks_point (CURL *easy, al_transfer *t) {
  curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, t);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->error);
}
