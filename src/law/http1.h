/*
 * http1 · reads an HTTP/1.1 response out of bytes as they come, whatever carried them (RFC 9112)
 * knows · ground, header
 * never · copies a body; takes what two readers could frame differently
 * owns  · nothing; header fields go into its caller's buffer, whose ceiling is theirs
 * spec  · spec/c/http1_test.c
 */
#ifndef AL_LAW_HTTP1_H
#define AL_LAW_HTTP1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ground/buf.h"

typedef enum al_news {
  AL_NEWS_MORE,  /* all is read; more bytes are wanted */
  AL_NEWS_HEAD,  /* the header fields are whole */
  AL_NEWS_BODY,  /* a piece of the body */
  AL_NEWS_END,   /* the response is whole; what is left of the bytes isn't its */
  AL_NEWS_BAD,   /* this isn't HTTP/1.1 */
  AL_NEWS_LARGE, /* its header fields are too many, or too long */
} al_news;

typedef enum al_http1_place {
  AL_IN_STATUS_LINE,
  AL_IN_FIELDS,
  AL_IN_LENGTH,
  AL_IN_CHUNK_SIZE,
  AL_IN_CHUNK_EXTENSION,
  AL_IN_CHUNK,
  AL_AFTER_CHUNK,
  AL_IN_TRAILER,
  AL_UNTIL_CLOSED,
  AL_AT_END,
} al_http1_place;

typedef struct al_http1 {
  al_buf *head; /* "Name: value\r\n" after another, and an empty line */
  al_http1_place place;
  int status;
  int fields;
  bool to_head; /* it answers a HEAD: there is no body, whatever its fields say */
  bool lasts;   /* its connection may serve another request */
  uint64_t left;
  size_t line_at; /* where the line under way begins in `head`; of a trailer's line: how long it is */
  size_t idle;    /* bytes of a chunk's extension, or of trailers */
} al_http1;

/* Begins one; the buffer is emptied. */
void al_http1_begin (al_http1 *m, al_buf *head, bool to_head);

/* Reads on, and moves *bytes and *n past what it has read; a piece of the body points into them. To be called until
 * there is no more. */
al_news al_http1_read (al_http1 *m, const char **bytes, size_t *n, const char **piece, size_t *piece_n);

/* The connection was closed: whether that is how this one ends. */
bool al_http1_closed (al_http1 *m);

/* Whether any of it has come. */
bool al_http1_begun (const al_http1 *m);

#endif
