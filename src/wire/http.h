/*
 * http  · carries requests over libcurl's multi interface, all behind one poller
 * knows · libcurl (as the rooms beside it do), the poller, the plain data of law
 * never · calls Lua, follows a redirect, shows a header to a log
 * owns  · connections, handles, and the buffers that it lends to transfers
 * spec  · spec/session/request_spec.lua, spec/session/failure_spec.lua
 */
#ifndef AL_WIRE_HTTP_H
#define AL_WIRE_HTTP_H

#include <curl/curl.h>

#include "ground/poller.h"
#include "ground/queue.h"
#include "law/request.h"
#include "law/settings.h"
#include "wire/handle.h"
#include "wire/lane.h"
#include "wire/buf_pool.h"
#include "wire/tap.h"
#include "wire/transfer.h"

typedef struct al_http {
  al_lanes lanes;
  al_poller poller;
  bool hurried;        /* the last step went straight to what libcurl wanted at once, and didn't look at the sockets */
  al_transfer *active; /* under way */
  bool early;          /* one of them may have its answer before its body is out */
  int64_t look_at;     /* when to look for those whose time is up, or whose body stalls; INT64_MAX: not */
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

/*
 * Starts it; `authorization` (a header line, or NULL) and the request are borrowed until it is over. False:
 * al_transfer_fault says why. timeout_ms: INT64_MAX for none.
 */
bool al_http_start (al_http *h, al_transfer *t, const al_settings *settings, al_request *request,
                    const char *authorization, int64_t timeout_ms);

/* Ends it at once; nothing of it is heard again. */
void al_http_cancel (al_transfer *t);

/* It is over, with what libcurl says of it. */
void al_http_end (al_transfer *t, CURLcode result);

/*
 * Moves everything along: waits up to wait_ms for something to do (0: not at all, -1: for ever). `alone`: nothing else
 * is waited for, so a request that was just begun may go out without looking at the sockets first. False: a signal
 * came.
 */
bool al_http_step (al_http *h, int wait_ms, bool alone);

/* A transfer with news: finished, or `wants` something; NULL: none left. */
al_transfer *al_http_ready (al_http *h);

#endif
