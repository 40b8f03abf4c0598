/*
 * host_transport · a transfer whose bytes a host carries by means of its own (nginx's cosockets), in place of libcurl's
 * knows          · its transfer, http1, the plain data of law
 * never          · opens a connection: it says what to send where, and is told what came back
 * owns           · what it knows of the answer; the text of the request is its caller's
 * spec           · spec/hosts/nginx_spec.lua, spec/wire/host_transport_spec.lua
 *
 * It fails with the same words as libcurl's transfers: whoever waits for it can't tell who carried it.
 */
#ifndef AL_WIRE_HOST_TRANSPORT_H
#define AL_WIRE_HOST_TRANSPORT_H

#include "law/http1.h"
#include "law/request.h"
#include "law/settings.h"

struct al_transfer;

typedef struct al_host_transport {
  al_http1 http1;
  const al_settings *settings;
  int64_t until; /* by the clock of al_clock_now; INT64_MAX: no limit */
  bool out;      /* begun, and not over */
} al_host_transport;

/* Begins it: al_http_start comes here for a transfer that is to be carried. False: memory ran out. */
bool al_host_transport_start (struct al_transfer *t, const al_settings *settings, const char *authorization,
                              int64_t timeout_ms);

/* Writes what is to be sent: the head, and the body where there is one that doesn't come from a reader. False: memory
 * ran out. */
bool al_host_transport_write (struct al_transfer *t, al_buf *out);

/* How much time is left, in milliseconds: at least 1, and no more than AL_MAX_TIMEOUT_S. */
int64_t al_host_transport_left (const struct al_transfer *t);

/* Takes bytes of the answer. Once it is `finished`, `*lasts` says whether its connection may serve another request. */
void al_host_transport_take (struct al_transfer *t, const char *bytes, size_t n, bool *lasts);

/* The connection was closed: the end of the answer, or a failure. */
void al_host_transport_closed (struct al_transfer *t);

/* It can't be carried: `what` is "resolve", "connect", "tls", "certificate" (our own), "timeout" or "cut_off", `words`
 * say more. */
void al_host_transport_break (struct al_transfer *t, const char *what, const char *words);

#endif
