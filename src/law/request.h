/*
 * request · an HTTP request as plain data, whatever carries it
 * knows   · ground, dpop
 * never   · holds an access token: the flow adds it
 * owns    · its bytes; body and lines may be secret
 * spec    · spec/c/request_test.c, spec/session/request_spec.lua
 */
#ifndef AL_LAW_REQUEST_H
#define AL_LAW_REQUEST_H

#include <stdbool.h>

#include "ground/buf.h"
#include "ground/limits.h"
#include "ground/url.h"
#include "law/dpop.h"

typedef struct al_request {
  char method[AL_MAX_METHOD];
  al_buf url;
  al_buf lines; /* "Name: value\0" after another */
  int line_count;
  al_buf body;
  const char *lent; /* a large body that its caller keeps meanwhile, in place of `body`; NULL: none */
  size_t lent_n;
  bool has_body;
  bool reads;           /* the body comes from a reader, bit by bit */
  bool read_from;       /* … which was asked already */
  bool rereads;         /* … and can begin again */
  int64_t length;       /* … bytes that it gives in all; -1: nobody knows */
  al_url where;         /* the URL, read; points into it */
  al_buf authorization; /* the client's own, as a header line, for requests to its server's endpoints; secret */
  al_dpop *dpop;        /* held: the key that such a request is proved with; NULL: none, or the token's */
  al_buf proof;         /* of that key, as a header line, made anew each time it goes out; empty: none */
  const char *plain;    /* hosts to which it may go without TLS, as of the client\'s settings; NULL: none */
  const char *purpose;  /* what it is for, as on_event is told; static; NULL: the API */
  uint64_t number;      /* … and which one it is; 0: nobody asked */
  bool once;     /* on a connection of its own: one that rested may turn out to be dead, and a code is good once */
  bool endpoint; /* … and such a request is never redirected */
  bool bare;     /* on its way to a foreign origin: no credentials, and of the program's lines the portable ones */
} al_request;

/* An empty GET. */
void al_request_init (al_request *r);
void al_request_dispose (al_request *r);

/* No key of its own any more. */
void al_request_unbind (al_request *r);

/* NULL when it can stand, else what is wrong with it: methods are tokens (RFC 9110 section 9.1). */
const char *al_request_method (al_request *r, const char *method, size_t n);

/* Why a program can't set that header, as the end of a sentence; NULL: it can. */
const char *al_header_unfit (const char *name, size_t name_n, const char *value, size_t value_n);

/* Adds a line to lines as those of a request, a text of each and their number; NULL, or what is wrong. */
const char *al_header_line (al_buf *lines, int *count, const char *name, size_t name_n, const char *value,
                            size_t value_n);

/* Adds those of `count` such lines whose names the request doesn't have itself; NULL, or what is wrong. */
const char *al_request_defaults (al_request *r, const al_buf *lines, int count);

/* Adds "name: value"; NULL, or what is wrong: no CR, LF or NUL, names are tokens, and not too many. */
const char *al_request_header (al_request *r, const char *name, size_t name_n, const char *value, size_t value_n);

/* Whether a line of that name is there. */
bool al_request_has (const al_request *r, const char *name);

/*
 * Whether a line may go to an origin that the program didn't name: it is of those that say which answer is wanted. Any
 * other may be a credential, whatever its name.
 */
bool al_request_portable (const char *line);

/*
 * Sets the URL: `path` absolute, or relative to base (one '/' is put between; `home` is base as al_url_parse reads it),
 * and `query` joined to it. NULL, or what is wrong. An absolute one must have the base's origin, where there is a base:
 * that is where the token belongs.
 */
const char *al_request_target (al_request *r, const char *base, const al_url *home, const char *path, size_t path_n,
                               const char *query, size_t query_n);

/* Sets the URL as it is. NULL, or what is wrong with it. */
const char *al_request_lead (al_request *r, const char *url, size_t n);

/* The same of a URL that ground/url_resolve made. */
const char *al_request_redirect (al_request *r, const char *url, size_t n);

/* The body's n bytes, wherever they are. */
const char *al_request_body (const al_request *r, size_t *n);

/* It goes out without one; what was lent stays lent. */
void al_request_drop_body (al_request *r);

/* Whether carrying it out twice means the same as once (RFC 9110 section 9.2.2), by its method. */
bool al_request_idempotent (const al_request *r);

/* Can go out a second time. */
bool al_request_repeatable (const al_request *r);

#endif
