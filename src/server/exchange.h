/*
 * exchange · one request that arrived, and what is answered to it, when, and how badly
 * knows    · libmicrohttpd; no Lua
 * never    · blocks: while an answer waits, its connection is suspended and `due` says until when
 * owns     · the request's bytes and the answer, until the last of its holders lets go
 * spec     · spec/server/server_spec.lua
 */
#ifndef AL_SERVER_EXCHANGE_H
#define AL_SERVER_EXCHANGE_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ground/buf.h"

struct al_server;

enum { AL_UNANSWERED, AL_REPLIED, AL_DROPPED };

typedef struct al_exchange {
  struct al_server *server; /* NULL, as connection, once the peer left or the server closed */
  struct MHD_Connection *connection;
  struct al_exchange *next, **link; /* in the server's list, while connected */
  struct al_exchange *behind;       /* in the server's queue of arrived requests */
  int holders;                      /* the connection, a streaming response, Lua */
  bool begun, arrived, suspended, too_large;

  char *method;
  char *target;
  char remote[64];
  al_buf headers; /* name NUL value NUL ... */
  al_buf body;
  size_t discarded; /* bytes of a body over its ceiling */

  int verdict; /* AL_UNANSWERED ... */
  int64_t due; /* go on at this moment of al_clock_now; -1: nothing to wait for */
  unsigned status;
  struct MHD_Response *response; /* from al_exchange_plain or _stream until MHD takes it */

  /* a streaming answer */
  al_buf content;
  uint64_t cut; /* break off after so many bytes; UINT64_MAX: don't */
  bool endless;
  size_t dribble;   /* bytes at a time; 0: as fast as it goes */
  int64_t every_ms; /* between them */
  int64_t ready;    /* when the next of them may go */
} al_exchange;

/* How a streaming answer is to misbehave. */
typedef struct al_stream {
  int64_t truncate; /* promise everything, send so many bytes, cut; -1: no */
  bool endless;     /* the body over and over */
  size_t dribble;   /* so many bytes ... */
  int64_t every_ms; /* ... each so many milliseconds; 0 bytes: no */
} al_stream;

/* A new exchange held by its connection, or NULL without memory. */
al_exchange *al_exchange_new (struct al_server *server, struct MHD_Connection *connection, const char *target,
                              size_t max_body);

/* Lets go of one hold; the last frees. */
void al_exchange_release (al_exchange *e);

/* Whether an answer would still reach somebody. */
bool al_exchange_live (const al_exchange *e);

/* Makes the answer's body; false without memory. A later call replaces what an earlier one made. */
bool al_exchange_plain (al_exchange *e, const char *body, size_t n);
bool al_exchange_stream (al_exchange *e, const char *body, size_t n, const al_stream *how);

/* Lets go of an answer that MHD hasn't taken. */
void al_exchange_forget (al_exchange *e);

/* Decides what happens, after `delay_ms`; the answer made before is sent where it is AL_REPLIED. */
void al_exchange_decide (al_exchange *e, int verdict, int64_t delay_ms);

/* Answers a plain 500, at once. */
void al_exchange_fail (al_exchange *e);

/* For MHD's callbacks: parks the connection; carries out the verdict once it goes on. */
void al_exchange_suspend (al_exchange *e);
void al_exchange_resume (al_exchange *e);
enum MHD_Result al_exchange_speak (al_exchange *e);

#endif
