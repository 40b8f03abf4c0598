#include "server/exchange.h"

#include <stdlib.h>
#include <string.h>

#include "ground/clock.h"
#include "ground/limits.h"
#include "server/server.h"

al_exchange *al_exchange_new (struct al_server *server, struct MHD_Connection *connection, const char *target,
                              size_t max_body) {
  al_exchange *e = calloc(1, sizeof *e);
  if (e == NULL) return NULL;
  e->target = al_text_copy(target);
  if (e->target == NULL) {
    free(e);
    return NULL;
  }
  e->server = server;
  e->connection = connection;
  e->holders = 1;
  e->due = -1;
  e->headers = AL_BUF(AL_SERVER_CONNECTION_MEMORY);
  e->body = AL_BUF(max_body);
  e->content = AL_BUF(SIZE_MAX / 2);
  return e;
}

void al_exchange_release (al_exchange *e) {
  if (--e->holders > 0) return;
  free(e->method);
  free(e->target);
  al_buf_dispose(&e->headers);
  al_buf_dispose(&e->body);
  al_buf_dispose(&e->content);
  free(e);
}

bool al_exchange_live (const al_exchange *e) {
  return e->server != NULL && al_server_ours(e->server);
}

void al_exchange_forget (al_exchange *e) {
  struct MHD_Response *r = e->response;
  e->response = NULL;
  if (r != NULL) MHD_destroy_response(r);
}

bool al_exchange_plain (al_exchange *e, const char *body, size_t n) {
  al_exchange_forget(e);
  e->response = MHD_create_response_from_buffer(n, (void *)(uintptr_t)body, MHD_RESPMEM_MUST_COPY);
  return e->response != NULL;
}

/* `ms` from now, and never earlier: the clock cuts off what is below a millisecond. */
static int64_t after (int64_t ms) {
  return al_clock_now() + ms + 1;
}

static size_t least (uint64_t a, size_t b) {
  return a < b ? (size_t)a : b;
}

/* Whether the next drops of a dribble have to wait; if so the connection sleeps until then. */
static bool must_wait (al_exchange *e) {
  if (al_clock_now() < e->ready) {
    e->due = e->ready;
    al_exchange_suspend(e);
    return true;
  }
  e->ready = after(e->every_ms);
  return false;
}

static void copy_content (const al_exchange *e, uint64_t at, char *to, size_t n) {
  size_t from = (size_t)(at % e->content.n);
  while (n > 0) {
    size_t part = least(e->content.n - from, n);
    memcpy(to, e->content.bytes + from, part);
    to += part;
    n -= part;
    from = 0;
  }
}

static ssize_t read_content (void *cls, uint64_t at, char *to, size_t max) {
  al_exchange *e = cls;
  if (at >= e->cut) return MHD_CONTENT_READER_END_WITH_ERROR;
  size_t n = least(e->cut - at, max);
  if (!e->endless) n = least(e->content.n - at, n);
  if (n == 0) return MHD_CONTENT_READER_END_OF_STREAM;
  if (e->dribble > 0) {
    if (must_wait(e)) return 0;
    n = least(e->dribble, n);
  }
  copy_content(e, at, to, n);
  return (ssize_t)n;
}

static void let_go (void *cls) {
  al_exchange_release(cls);
}

bool al_exchange_stream (al_exchange *e, const char *body, size_t n, const al_stream *how) {
  al_exchange_forget(e);
  if (!al_buf_set(&e->content, body, n)) return false;
  e->endless = how->endless && n > 0;
  e->cut = how->truncate >= 0 ? (uint64_t)how->truncate : UINT64_MAX;
  e->dribble = how->dribble;
  e->every_ms = how->every_ms;
  e->response = MHD_create_response_from_callback(e->endless ? MHD_SIZE_UNKNOWN : n, AL_SERVER_BLOCK, read_content, e,
                                                  let_go);
  if (e->response == NULL) return false;
  e->holders++;
  return true;
}

void al_exchange_suspend (al_exchange *e) {
  e->suspended = true;
  MHD_suspend_connection(e->connection);
}

void al_exchange_resume (al_exchange *e) {
  e->due = -1;
  if (!e->suspended) return;
  e->suspended = false;
  e->server->stirred = true;
  MHD_resume_connection(e->connection);
}

void al_exchange_decide (al_exchange *e, int verdict, int64_t delay_ms) {
  e->verdict = verdict;
  if (!al_exchange_live(e)) {
    al_exchange_forget(e);
    return;
  }
  if (delay_ms > 0) e->due = after(delay_ms);
  else al_exchange_resume(e);
  al_server_arm(e->server);
}

void al_exchange_fail (al_exchange *e) {
  static const char sorry[] = "the server's own program failed\n";
  e->status = MHD_HTTP_INTERNAL_SERVER_ERROR;
  bool made = al_exchange_plain(e, sorry, sizeof sorry - 1);
  al_exchange_decide(e, made ? AL_REPLIED : AL_DROPPED, 0);
}

enum MHD_Result al_exchange_speak (al_exchange *e) {
  if (e->verdict != AL_REPLIED || e->response == NULL) return MHD_NO;
  enum MHD_Result done = MHD_queue_response(e->connection, e->status, e->response);
  al_exchange_forget(e);
  return done;
}
