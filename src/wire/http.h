/*
 * http  · carries requests over libcurl's multi interface, all behind one poller; the only room that knows libcurl
 * knows · libcurl, ground, the plain data of law
 * never · calls Lua, follows a redirect, shows a header to a log
 * owns  · connections, handles, and what came of each transfer until its caller disposes of it
 * spec  · spec/session/request_spec.lua, spec/session/failure_spec.lua
 */
#ifndef AL_WIRE_HTTP_H
#define AL_WIRE_HTTP_H

#include <curl/curl.h>
#include <sys/types.h>

#include "ground/fault.h"
#include "ground/poller.h"
#include "ground/queue.h"
#include "law/answer.h"
#include "law/request.h"
#include "law/settings.h"
#include "wire/host_transport.h"
#include "wire/handle.h"
#include "wire/lane.h"
#include "wire/lines.h"
#include "wire/buf_pool.h"
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
  bool read_all;   /* the reader has no more */
  bool read_paused;

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
  CURLcode result;  /* once finished */
  char error[CURL_ERROR_SIZE];

  al_tapped tapped;

  bool finished;
  int wants;
  al_place_in ready;                /* among those with news */
  struct al_transfer *next, **link; /* in the list of those under way; `link` is NULL outside it */
} al_transfer;

typedef struct al_http {
  al_lanes lanes;
  al_poller poller;
  bool hurried;        /* the last step went straight to what libcurl wanted at once, and didn't look at the sockets */
  al_transfer *active; /* under way */
  al_queue ready;
  al_handles handles;
  al_buf_pool heads, bodies;
  al_tap tap;
  char encodings[64]; /* header line: what this libcurl can unpack */
} al_http;

/* False: the system refused; nothing is left open then. */
bool al_http_open (al_http *h);
void al_http_close (al_http *h);

/* Frees what transfers may still give back to a closed one. */
void al_http_dispose (al_http *h);

/* In the child after a fork: leaves the parent's connections to the parent, and starts afresh. */
bool al_http_reopen (al_http *h);

void al_transfer_init (al_transfer *t);

/* Frees what it holds, ending it first if it is under way. */
void al_transfer_dispose (al_transfer *t);

/*
 * Starts it; `authorization` (a header line, or NULL) and the request are borrowed until it is over. False:
 * al_transfer_fault says why. timeout_ms: INT64_MAX for none.
 */
bool al_http_start (al_http *h, al_transfer *t, const al_settings *settings, al_request *request,
                    const char *authorization, int64_t timeout_ms);

/* Of one that is over, and whose answer nobody needs any more: ready to be started again. */
void al_transfer_recycle (al_transfer *t);

/* Ends it at once; nothing of it is heard again. */
void al_http_cancel (al_transfer *t);

/*
 * Moves everything along: waits up to wait_ms for something to do (0: not at all, -1: for ever). `alone`: nothing else
 * is waited for, so a request that was just begun may go out without looking at the sockets first. False: a signal
 * came.
 */
bool al_http_step (al_http *h, int wait_ms, bool alone);

/* A transfer with news: finished, or `wants` something; NULL: none left. */
al_transfer *al_http_ready (al_http *h);

/* The reader gave n bytes (0: no more). False: they are too many. */
bool al_transfer_feed (al_transfer *t, const char *bytes, size_t n);

/* The sink took what was in `incoming`. */
void al_transfer_drained (al_transfer *t);

/* Why there is no answer; false: there is one. */
bool al_transfer_fault (const al_transfer *t, al_fault *out);

/* What came back, once it is finished without a fault. */
al_answer al_transfer_answer (const al_transfer *t);

#endif
