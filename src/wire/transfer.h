/*
 * transfer · one request on its way: what goes out, what came back, and what it wants of its caller
 * knows    · libcurl's words for results, the request, the buffers that http lends
 * never    · calls Lua
 * owns     · what came of it, until its caller disposes of it
 * spec     · spec/session/body_spec.lua, spec/session/sink_spec.lua, spec/session/reader_spec.lua
 */
#ifndef AL_WIRE_TRANSFER_H
#define AL_WIRE_TRANSFER_H

#include <curl/curl.h>
#include <sys/types.h>

#include "ground/fault.h"
#include "ground/queue.h"
#include "law/answer.h"
#include "law/request.h"
#include "wire/handle.h"
#include "wire/host_transport.h"
#include "wire/lane.h"
#include "wire/lines.h"
#include "wire/tap.h"

enum { AL_WANTS_SINK = 1, AL_WANTS_BODY = 2 }; /* bytes wait for the sink; the body's reader is asked for more */

typedef struct al_transfer {
  struct al_http *http; /* NULL: not started yet */
  al_lane *lane;        /* while it is under way */
  al_handle handle;     /* `easy` and what it wears */
  void *owner;          /* whoever started it */
  bool by_host;         /* by a host, and not by libcurl */
  al_host_transport host_transport;

  /* what goes out; borrowed from the request, which must stay as it is until the transfer is over */
  al_request *request;
  al_lines lines;
  al_buf outgoing; /* what the body's reader gave */
  size_t sent;     /* how much of it is out */
  int64_t fed;     /* how much the reader gave in all */
  bool read_all;   /* the reader has no more */
  bool read_paused;
  int attempts; /* how often libcurl was about to send it */
  bool reuses;  /* the first time on a connection that others had used */
  bool early;   /* the answer began to come before all of it was out */
  bool unsure;  /* it may have been carried out, and nobody said so */

  /* what comes back */
  al_buf head;
  al_buf location; /* where a 3xx leads, absolute */
  al_buf body;
  al_buf incoming; /* for the sink */
  bool sinks;      /* a body of status 2xx goes to the sink */
  bool write_paused;
  int status;
  int fields;
  size_t received;
  size_t max_body;
  bool body_began;
  const char *over; /* which ceiling it went over; NULL: none */
  bool starved;     /* memory ran out for what came */
  bool crowded;     /* the system has no descriptor left for a connection */
  int refusal;      /* the status with which a proxy refused a tunnel; 0: none did */
  CURLcode result;  /* once finished */
  char error[CURL_ERROR_SIZE];

  al_tapped tapped;
  int64_t until;    /* when its time is up; INT64_MAX: never */
  int64_t stall_ms; /* how long nothing may move while a body flows; INT64_MAX: for ever */
  int64_t moved_at; /* when more than `moved` bytes were seen to have moved */
  int64_t moved;
  bool timed; /* somebody is to be told how long it took */
  int64_t began, connect_ms, first_ms;

  bool finished;
  int wants;
  al_place_in ready;                /* among those with news */
  struct al_transfer *next, **link; /* in the list of those under way; `link` is NULL outside it */
} al_transfer;

void al_transfer_init (al_transfer *t);

/* Frees what it holds, ending it first if it is under way. */
void al_transfer_dispose (al_transfer *t);

/* Of one that is over, and whose answer nobody needs any more: ready to be started again. */
void al_transfer_recycle (al_transfer *t);

/* The reader was asked for nothing yet, since the request began to go out this time. */
bool al_transfer_unfed (const al_transfer *t);

/* The reader gave n bytes (0: no more). False: they are too many, or too few where the length was told. */
bool al_transfer_feed (al_transfer *t, const char *bytes, size_t n);

/* The sink took what was in `incoming`. */
void al_transfer_drained (al_transfer *t);

/* Finds where a 3xx leads, once its headers are there. False: memory ran out. */
bool al_transfer_locate (al_transfer *t);

/* Why there is no answer; false: there is one. */
bool al_transfer_fault (const al_transfer *t, al_fault *out);

/* What came back, once it is finished without a fault. */
al_answer al_transfer_answer (const al_transfer *t);

#endif
