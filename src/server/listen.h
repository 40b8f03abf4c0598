/*
 * listen · a listening socket on a loopback address, and nothing else
 * knows  · sockets
 * never  · resolves names; listens where another machine could reach it
 * owns   · nothing: the descriptor is the caller's
 * spec   · spec/server/server_spec.lua
 */
#ifndef AL_SERVER_LISTEN_H
#define AL_SERVER_LISTEN_H

#include <stdbool.h>
#include <stddef.h>

struct sockaddr;

/* Whether `host` is written as an address of 127.0.0.0/8 or as ::1. */
bool al_listen_loopback (const char *host);

/* Listens on host and port (0: a free one, told in *port). Gives the descriptor, or -1 with a sentence in `why`. */
int al_listen_open (const char *host, int *port, char *why, size_t why_n);

/* Writes "127.0.0.1:4711" or "[::1]:4711"; "" for an address of another family. */
void al_listen_name (char *out, size_t n, const struct sockaddr *from);

#endif
