#include "wire/transfer.h"

#include <string.h>

#include "ground/clock.h"
#include "ground/url_resolve.h"
#include "law/header.h"
#include "wire/curl_options.h"
#include "wire/http.h"

void al_transfer_init (al_transfer *t) {
  memset(t, 0, sizeof *t);
  t->head = AL_BUF(AL_MAX_HEADER_BYTES);
  t->location = AL_BUF(AL_MAX_URL);
  t->body = AL_BUF(AL_MAX_BODY);
  t->max_body = AL_MAX_BODY;
  t->incoming = AL_BUF(AL_MAX_PIECE);
  t->outgoing = AL_BUF_SECRET(AL_READER_CHUNK);
}

void al_transfer_dispose (al_transfer *t) {
  al_http_cancel(t);
  al_buf_dispose(&t->head);
  al_buf_dispose(&t->location);
  al_buf_dispose(&t->body);
  al_buf_dispose(&t->incoming);
  al_buf_dispose(&t->outgoing);
  al_lines_dispose(&t->lines);
}

void al_transfer_recycle (al_transfer *t) {
  if (t->http != NULL) {
    al_buf_pool_return(&t->http->heads, &t->head);
    al_buf_pool_return(&t->http->bodies, &t->body);
  }
  t->max_body = AL_MAX_BODY;
  t->body.secret = t->sinks = t->by_host = t->finished = false;
}

/* ---- streams ---- */

/* What libcurl held back comes at once, and may be what the transfer fails with: libcurl tells that here alone. Of one
 * that is over already, whose end nobody has collected, it says that the argument is bad. */
static void unpause (al_transfer *t) {
  if (t->handle.easy == NULL || t->finished) return;
  CURLcode result = curl_easy_pause(t->handle.easy,
                                    (t->read_paused ? CURLPAUSE_SEND : 0) | (t->write_paused ? CURLPAUSE_RECV : 0));
  if (result != CURLE_OK && result != CURLE_BAD_FUNCTION_ARGUMENT) al_http_end(t, result);
}

bool al_transfer_unfed (const al_transfer *t) {
  return t->fed == 0 && !t->read_all;
}

/* What goes beyond the length that was told, or falls short of it, would be read as another request. */
static bool fits (const al_transfer *t, size_t n) {
  int64_t length = t->request->length, left = length - t->fed;
  return length < 0 || (n == 0 ? left == 0 : left >= 0 && (uint64_t)n <= (uint64_t)left);
}

bool al_transfer_feed (al_transfer *t, const char *bytes, size_t n) {
  al_buf_clear(&t->outgoing);
  t->sent = 0;
  t->wants &= ~AL_WANTS_BODY;
  if (!fits(t, n)) return false;
  t->fed += (int64_t)n;
  if (n == 0) t->read_all = true;
  else if (!al_buf_add(&t->outgoing, bytes, n)) return false;
  t->read_paused = false;
  unpause(t);
  return true;
}

void al_transfer_drained (al_transfer *t) {
  al_buf_clear(&t->incoming);
  t->wants &= ~AL_WANTS_SINK;
  if (!t->write_paused) return;
  t->write_paused = false;
  unpause(t);
}

bool al_transfer_locate (al_transfer *t) {
  size_t n = 0;
  al_buf_clear(&t->location);
  if (t->status < 300 || t->status > 399) return true;
  const char *link = al_header_find(al_buf_text(&t->head), t->head.n, "Location", &n);
  if (link == NULL || n == 0) return true; /* browsers stay where they are, too */
  return al_url_resolve(&t->location, al_buf_text(&t->request->url), t->request->url.n, link, n, false) ||
         !t->location.starved;
}

bool al_transfer_fault (const al_transfer *t, al_fault *out) {
  if (t->result == CURLE_OK) return false;
  if (t->crowded)
    al_fault_set(out, AL_NETWORK, AL_TRANSIENT, "descriptors",
                 "no connection could be made: this process has as many files and connections open as it may "
                 "(ulimit -n); make fewer requests at once, or lower option max_connections");
  else al_curl_fault(out, t->result, t->over, t->error, t->refusal);
  al_fault_at(out, t->request->method, al_buf_text(&t->request->url), t->request->url.n);
  return true;
}

al_answer al_transfer_answer (const al_transfer *t) {
  return (al_answer){ .status = t->status,
                      .head = al_buf_text(&t->head),
                      .head_n = t->head.n,
                      .body = al_buf_text(&t->body),
                      .body_n = t->body.n,
                      .location = t->location.n > 0 ? t->location.bytes : NULL,
                      .wall_ms = al_clock_wall() };
}
