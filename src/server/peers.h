/*
 * peers · who is connected, the one that was quiet longest first; it goes when there would be too many
 * knows · libmicrohttpd
 * never · closes a descriptor, which is libmicrohttpd's; drops a peer whose request waits for its answer
 * owns  · an entry for each connection
 * spec  · spec/server/server_spec.lua
 */
#ifndef AL_SERVER_PEERS_H
#define AL_SERVER_PEERS_H

#include <microhttpd.h>
#include <stdbool.h>

typedef struct al_peer {
  struct MHD_Connection *connection;
  struct al_peer *next, **link;
  bool busy, dropped;
} al_peer;

/* Set `most` and nothing else before the first connection. */
typedef struct al_peers {
  al_peer *first, **end;
  unsigned n, most;
} al_peers;

/* What MHD tells of each connection; `cls` is an al_peers. */
void al_peers_notify (void *cls, struct MHD_Connection *connection, void **peer,
                      enum MHD_ConnectionNotificationCode what);

/* Whether the connection's request waits for an answer. One that got its answer is the last to be dropped. */
void al_peers_busy (al_peers *p, struct MHD_Connection *connection, bool busy);

#endif
