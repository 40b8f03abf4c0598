/*
 * request · reads what session:request gives to core.perform into a call, and judges it
 * knows   · Lua, call_pool (which lends a large body), request
 * never   · begins anything
 * owns    · nothing
 * spec    · spec/session/request_spec.lua, spec/session/body_spec.lua
 */
#ifndef AL_DOOR_REQUEST_H
#define AL_DOOR_REQUEST_H

#include "door/compat.h"
#include "wire/call.h"

/* What core.perform, core.start and core.carry take, in this order. */
enum {
  AL_ARG_SESSION = 1,
  AL_ARG_METHOD,
  AL_ARG_URL,
  AL_ARG_QUERY,
  AL_ARG_HEADERS,
  AL_ARG_BODY, /* text; true or a source's table: it is read piece by piece; with AL_ARG_ENCODES any value */
  AL_ARG_CONTENT_TYPE,
  AL_ARG_SINKS,
  AL_ARG_TIMEOUT,
  AL_ARG_MAX_BODY,
  AL_ARG_WHOSE,   /* the method that the program called, for messages; nil: session:request */
  AL_ARG_ENCODES, /* how a mistake in that value begins, or nil */
  AL_ARG_DECODES, /* nil, true, or "head" */
  AL_REQUEST_ARGS = AL_ARG_DECODES,
};

/* The arguments, into the request and the limits of a call that wasn't begun. Raises for a mistake. */
void al_read_request (lua_State *L, al_call *c, const al_client *client);

/* The time-out at `at`, in milliseconds; nil: the client's. `what` begins the message of a mistake; NULL: as a
 * request's option. */
int64_t al_read_timeout (lua_State *L, int at, const char *what, const al_client *client);

#endif
