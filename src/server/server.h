/*
 * server · a local HTTP(S) server that runs only when stepped, and whose one descriptor says when that is
 * knows  · libmicrohttpd, poller, exchange, listen; no Lua
 * never  · calls out: requests that arrived wait in a queue until somebody takes them
 * owns   · its sockets, its poller, and the exchanges whose peers are there
 * spec   · spec/server/server_spec.lua
 */
#ifndef AL_SERVER_SERVER_H
#define AL_SERVER_SERVER_H

#include <microhttpd.h>
#include <stdbool.h>
#include <sys/types.h>

#include "ground/poller.h"
#include "server/exchange.h"
#include "server/peers.h"

typedef struct al_server {
  struct MHD_Daemon *daemon; /* NULL while closed */
  al_poller poller;
  pid_t pid; /* who opened it; a forked child must leave it alone */
  size_t max_body;
  unsigned idle_s; /* how long a connection may be quiet */
  al_peers peers;
  bool closing;
  bool stirred;              /* a connection goes on at the next run; MHD's descriptor doesn't tell */
  al_exchange *exchanges;    /* whose peers are there */
  al_exchange *first, *last; /* arrived, in order */
  char host[64];
  int port;
  bool tls;
} al_server;

/* Set all fields to this before anything else. */
#define AL_SERVER_CLOSED ((al_server){ .poller = AL_POLLER_CLOSED })

/* Starts listening as s->host, s->port, s->max_body, s->idle_s and s->peers.most say; cert and key are PEM texts, or
 * NULL. False: a sentence is in `why`. */
bool al_server_open (al_server *s, const char *cert, const char *key, char *why, size_t why_n);

/* Ends everything; may be called again. In a forked child it only closes the child's descriptors. */
void al_server_close (al_server *s);

/* Whether it is open and belongs to this process. */
bool al_server_ours (const al_server *s);

/* Does what is to be done, without blocking. */
void al_server_run (al_server *s);

/* Takes the request that has waited longest, now held by the caller too; NULL: none. */
al_exchange *al_server_take (al_server *s);

/* Sets the alarm for what comes next. Needed after al_server_run and al_server_take. */
void al_server_arm (al_server *s);

#endif
