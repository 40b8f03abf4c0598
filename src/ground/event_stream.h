/*
 * event_stream · reads server-sent events (WHATWG HTML section 9.2.6) from pieces as they come, in one pass
 * knows        · buf, limits
 * never        · keeps more than one event and the line that is under way
 * owns         · those
 * spec         · spec/c/event_stream_test.c, spec/resource/events_spec.lua
 */
#ifndef AL_GROUND_EVENT_STREAM_H
#define AL_GROUND_EVENT_STREAM_H

#include <stdint.h>

#include "ground/buf.h"

typedef struct al_event_stream {
  al_buf line;              /* the one that is under way */
  al_buf type, data, id;    /* of the event; `id` is the newest one, which stays from event to event */
  int64_t retry_ms;         /* the newest wish; -1: none yet */
  bool begun, after_cr;     /* a byte came; the last one was a CR, whose LF says nothing more */
  bool has_data, was_event; /* a data line came; the fields are of an event that was given */
} al_event_stream;

/* Empty; allocates nothing. */
void al_event_stream_init (al_event_stream *s);
void al_event_stream_dispose (al_event_stream *s);

/* Takes bytes until an event is whole, which stands in the fields until the next call; *bytes and *n move along. False:
 * all were taken. What is larger than AL_MAX_EVENT breaks it (al_event_stream_broken), and nothing more comes. */
bool al_event_stream_next (al_event_stream *s, const char **bytes, size_t *n);
bool al_event_stream_broken (const al_event_stream *s);

#endif
