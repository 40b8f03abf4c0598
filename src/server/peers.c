#include "server/peers.h"

#include <stdlib.h>
#include <sys/socket.h>

static void append (al_peers *p, al_peer *peer) {
  if (p->first == NULL) p->end = &p->first;
  peer->link = p->end;
  peer->next = NULL;
  *p->end = peer;
  p->end = &peer->next;
}

static void detach (al_peers *p, al_peer *peer) {
  *peer->link = peer->next;
  if (peer->next != NULL) peer->next->link = peer->link;
  else p->end = peer->link;
}

/* MHD finds the end of its bytes, and closes it. */
static void drop (al_peers *p, al_peer *peer) {
  const union MHD_ConnectionInfo *i = MHD_get_connection_info(peer->connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  peer->dropped = true;
  p->n--;
  if (i != NULL) shutdown(i->connect_fd, SHUT_RDWR);
}

static void make_room (al_peers *p) {
  for (al_peer *peer = p->first; peer != NULL && p->n > p->most; peer = peer->next)
    if (!peer->busy && !peer->dropped) drop(p, peer);
}

static al_peer *begin (al_peers *p, struct MHD_Connection *connection) {
  al_peer *peer = calloc(1, sizeof *peer);
  if (peer == NULL) return NULL; /* it is served all the same, and ends by itself */
  peer->connection = connection;
  append(p, peer);
  p->n++;
  make_room(p);
  return peer;
}

static void end (al_peers *p, al_peer *peer) {
  detach(p, peer);
  if (!peer->dropped) p->n--;
  free(peer);
}

void al_peers_notify (void *cls, struct MHD_Connection *connection, void **peer,
                      enum MHD_ConnectionNotificationCode what) {
  if (what == MHD_CONNECTION_NOTIFY_STARTED) *peer = begin(cls, connection);
  else if (*peer != NULL) end(cls, *peer);
}

void al_peers_busy (al_peers *p, struct MHD_Connection *connection, bool busy) {
  const union MHD_ConnectionInfo *i = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
  al_peer *peer = i != NULL ? i->socket_context : NULL;
  if (peer == NULL) return;
  peer->busy = busy;
  detach(p, peer);
  append(p, peer);
}
