/*
 * trip  · what is told of a request that goes out, and of its end: no header, no query, no body
 * knows · ground, request
 * never · holds a secret
 * owns  · its text
 * spec  · spec/session/request_event_spec.lua
 */
#ifndef AL_LAW_TRIP_H
#define AL_LAW_TRIP_H

#include "law/request.h"

typedef struct al_trip {
  uint64_t id;         /* the same for a request and its end */
  const char *purpose; /* static text */
  int64_t wall_ms;
  int64_t took_ms, connect_ms, first_ms; /* of an end; -1: isn't known */
  char method[AL_MAX_METHOD];
  int origin_n;
  char url[]; /* its origin, and behind that its path */
} al_trip;

/* What is to be told of that request; NULL: memory ran out. */
al_trip *al_trip_new (const al_request *q, int64_t wall_ms);

#endif
