/*
 * handle · libcurl's easy handles at rest, kept for the next request, and how one is readied for it
 * knows  · libcurl, settings, request, curl_options
 * never  · keeps anything of a request on a handle that rests, but the URL of its origin
 * owns   · the handles at rest
 * spec   · spec/session/request_spec.lua
 */
#ifndef AL_WIRE_HANDLE_H
#define AL_WIRE_HANDLE_H

#include <curl/curl.h>

#include "law/request.h"
#include "law/settings.h"

/* A libcurl handle, and the settings it wears. */
typedef struct al_handle {
  CURL *easy; /* NULL: none */
  uint64_t wears;
  CURLU *url;   /* the URL it had last: of the same origin, only path and query are to be changed */
  char *origin; /* that origin, as it was written */
  bool trusts;  /* it has been told whom; for https alone */
  bool waits;   /* for a connection that may serve several requests at once */
  bool exact;   /* the target is told to libcurl sign by sign, as it would write %2F as %2f */
  bool direct;  /* no proxy, whatever the environment says */
} al_handle;

typedef struct al_handles {
  al_handle *pooled;
  int count, room;
  int out;      /* those that were taken and haven't come back */
  bool looked;  /* for the next one: the first https request does */
  char *capath; /* a hashed folder of certificates to trust by default; NULL: libcurl's own choice */
} al_handles;

void al_handles_open (al_handles *all);
void al_handles_close (al_handles *all);

/* One that wears these settings already, else one that is dressed anew (`*anew`); .easy is NULL where memory ran out.
 */
al_handle al_handle_take (al_handles *all, const al_settings *settings, bool *anew);

/* Gives it back. */
void al_handle_recycle (al_handles *all, al_handle handle);

void al_handle_throw_away (al_handle *handle);

/* Aims it at the request's URL, by proxy or directly. False: memory ran out. */
bool al_handle_aim (al_handles *all, al_handle *handle, const al_settings *settings, const al_request *q);

#endif
