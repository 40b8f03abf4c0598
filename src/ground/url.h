/*
 * url   · reads an absolute http(s) URL, strictly, and says where it leads
 * knows · the C library
 * never · guesses: a URL that two readers could take differently (spaces, backslashes, user:password@, odd hosts) is
 *         refused
 * owns  · nothing; its spans point into the caller's text
 * spec  · spec/c/url_test.c
 */
#ifndef AL_GROUND_URL_H
#define AL_GROUND_URL_H

#include <stdbool.h>
#include <stddef.h>

typedef struct al_url {
  bool https;
  bool loopback;    /* localhost, 127.0.0.0/8 or [::1] */
  const char *host; /* with [] around IPv6 */
  size_t host_n;
  int port;         /* 443 or 80 where none is written */
  const char *path; /* from the '/', or where it would stand */
  size_t path_n;
  const char *query; /* after '?'; NULL: none */
  size_t query_n;
  bool fragment;
} al_url;

/* NULL when it is sound, else what is wrong with it ("has a space in it"). */
const char *al_url_parse (al_url *out, const char *text, size_t n);

/* The same of a URL that url_resolve made: path and query may have what browsers send there, such as "[" and a lone
 * '%'.
 */
const char *al_url_parse_sent (al_url *out, const char *text, size_t n);

/* As al_url_parse, and quicker where it has the origin of one that was read before, written alike. */
const char *al_url_parse_near (al_url *out, const char *text, size_t n, const al_url *home);

/* Same scheme, host and port (RFC 6454). */
bool al_url_same_origin (const al_url *a, const al_url *b);

/* Fit to carry credentials: https, or http to this machine. */
bool al_url_private (const al_url *u);

/* The place of its host in a list of names (a line break after each), from 1; 0: it isn't there. NULL: no list. */
int al_url_listed (const al_url *u, const char *hosts);

/* … or plain http to a host that the program has named, in such a list. */
bool al_url_trusted (const al_url *u, const char *plain);

/*
 * Whether a server at `by` may send us to `named`: never from https to http, and to an address inside (ground/address)
 * only where the server is on this machine itself, or on that very host. A name is taken as one: TLS proves whose it
 * is. `plain`: as for al_url_trusted; it counts where the server is spoken to without TLS itself.
 */
bool al_url_may_name (const al_url *by, const al_url *named, const char *plain);

#endif
