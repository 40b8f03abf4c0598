#include "wire/host_transport.h"

#include <stdio.h>
#include <string.h>

#include "ground/clock.h"
#include "wire/transfer.h"

bool al_host_transport_start (al_transfer *t, const al_settings *settings, const char *authorization,
                              int64_t timeout_ms) {
  al_host_transport *c = &t->host_transport;
  /* "Accept-Encoding:" leaves it out: nobody unpacks what a host carries */
  if (!al_lines_make(&t->lines, t->request, settings, authorization, "Accept-Encoding:")) {
    t->result = CURLE_OUT_OF_MEMORY;
    return false;
  }
  c->settings = settings;
  c->until = timeout_ms == INT64_MAX ? INT64_MAX : al_clock_now() + timeout_ms;
  c->out = true;
  al_http1_begin(&c->http1, &t->head, strcmp(t->request->method, "HEAD") == 0);
  return true;
}

/* A line is written for libcurl: "Name:" leaves one out, "Name;" is an empty one. */
static void write_line (al_buf *out, const char *line) {
  const char *colon = strpbrk(line, ":;");
  if (colon != NULL && *colon == ':' && colon[1] == '\0') return;
  al_buf_adds(out, line);
  if (colon != NULL && *colon == ';' && colon[1] == '\0') out->bytes[out->n - 1] = ':';
  al_buf_adds(out, "\r\n");
}

/* printf would take longer than all the rest. */
static void write_number (al_buf *out, size_t n) {
  char digits[24], *p = digits + sizeof digits;
  do *--p = (char)('0' + n % 10);
  while ((n /= 10) > 0);
  al_buf_add(out, p, (size_t)(digits + sizeof digits - p));
}

static void write_target (al_buf *out, const al_request *q) {
  const al_url *where = &q->where;
  al_buf_adds(out, q->method);
  al_buf_addc(out, ' ');
  if (where->path_n > 0) al_buf_add(out, where->path, where->path_n);
  else al_buf_addc(out, '/');
  if (where->query != NULL) {
    al_buf_addc(out, '?');
    al_buf_add(out, where->query, where->query_n);
  }
  al_buf_adds(out, " HTTP/1.1\r\nHost: ");
  al_buf_add(out, where->host, where->host_n);
  if (where->port != (where->https ? 443 : 80)) {
    al_buf_addc(out, ':');
    write_number(out, (size_t)where->port);
  }
  al_buf_adds(out, "\r\n");
}

bool al_host_transport_write (al_transfer *t, al_buf *out) {
  const al_request *q = t->request;
  size_t n;
  const char *body = al_request_body(q, &n);
  bool bodiless = strcmp(q->method, "HEAD") == 0; /* as over libcurl */
  write_target(out, q);
  for (const struct curl_slist *line = t->lines.list; line != NULL; line = line->next) write_line(out, line->data);
  bool chunked = q->reads && q->length < 0;
  if (chunked && !bodiless) al_buf_adds(out, "Transfer-Encoding: chunked\r\n");
  else if ((q->has_body || q->reads) && !bodiless) {
    al_buf_adds(out, "Content-Length: ");
    write_number(out, q->reads ? (size_t)q->length : n);
    al_buf_adds(out, "\r\n");
  }
  al_buf_adds(out, "\r\n");
  if (q->has_body && !bodiless) al_buf_add(out, body, n);
  return !out->broken;
}

int64_t al_host_transport_left (const al_transfer *t) {
  int64_t most = (int64_t)AL_MAX_TIMEOUT_S * 1000;
  if (t->host_transport.until == INT64_MAX) return most;
  int64_t left = t->host_transport.until - al_clock_now();
  return left < 1 ? 1 : left < most ? left : most;
}

static void finish (al_transfer *t, CURLcode result) {
  t->host_transport.out = false;
  t->result = result;
  t->finished = true;
}

static void over_ceiling (al_transfer *t, const char *what) {
  t->over = what;
  finish(t, CURLE_WRITE_ERROR);
}

static void take_piece (al_transfer *t, const char *piece, size_t n) {
  bool sinks = t->sinks && t->status >= 200 && t->status <= 299;
  t->received += n;
  if (t->received > t->max_body || !al_buf_add(sinks ? &t->incoming : &t->body, piece, n)) over_ceiling(t, "body");
}

static void end (al_transfer *t) {
  finish(t, al_transfer_locate(t) ? CURLE_OK : CURLE_OUT_OF_MEMORY);
}

void al_host_transport_take (al_transfer *t, const char *bytes, size_t n, bool *lasts) {
  al_http1 *m = &t->host_transport.http1;
  while (!t->finished) {
    const char *piece;
    size_t piece_n;
    switch (al_http1_read(m, &bytes, &n, &piece, &piece_n)) {
      case AL_NEWS_MORE: return;
      case AL_NEWS_HEAD: t->status = m->status; break;
      case AL_NEWS_BODY: take_piece(t, piece, piece_n); break;
      case AL_NEWS_END: end(t); break;
      case AL_NEWS_BAD: finish(t, CURLE_WEIRD_SERVER_REPLY); break;
      case AL_NEWS_LARGE: over_ceiling(t, "headers"); break;
    }
  }
  *lasts = t->result == CURLE_OK && m->lasts && n == 0;
}

void al_host_transport_closed (al_transfer *t) {
  al_http1 *m = &t->host_transport.http1;
  if (al_http1_closed(m)) end(t);
  else finish(t, al_http1_begun(m) ? CURLE_PARTIAL_FILE : CURLE_GOT_NOTHING);
}

void al_host_transport_break (al_transfer *t, const char *what, const char *words) {
  static const struct {
    const char *what;
    CURLcode result;
  } all[] = {
    { "resolve", CURLE_COULDNT_RESOLVE_HOST }, { "connect", CURLE_COULDNT_CONNECT },
    { "tls", CURLE_SSL_CONNECT_ERROR },        { "timeout", CURLE_OPERATION_TIMEDOUT },
    { "cut_off", CURLE_RECV_ERROR },           { "certificate", CURLE_SSL_CERTPROBLEM },
  };
  CURLcode result = CURLE_RECV_ERROR;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (strcmp(all[i].what, what) == 0) result = all[i].result;
  snprintf(t->error, sizeof t->error, "%s", words);
  finish(t, result);
}
