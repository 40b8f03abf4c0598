/*
 * tap   · a record of what goes over the wire, for the playground: requests as they were sent, answers as they came
 * knows · libcurl, buf
 * never · records anything before it is told to; keeps what was taken from it
 * owns  · the record, which is secret: tokens and passwords are in it
 * spec  · spec/wire/tap_spec.lua
 */
#ifndef AL_WIRE_TAP_H
#define AL_WIRE_TAP_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

#include "ground/buf.h"

/*
 * A record is a line "<number> <kind> <bytes>\n" and so many bytes. Kinds: "url" (a request begins, and where to),
 * "out" (a part of it), "head" (a part of the answer's header block), "body" (the answer's, unpacked), "over" (why
 * there is no answer).
 */
typedef struct al_tap {
  bool on;
  uint64_t count; /* the number of the last exchange */
  al_buf kept;
} al_tap;

/* Begins to record. All zeros is a tap that doesn't. */
void al_tap_open (al_tap *tap);

/* Ends it, and forgets what it kept. */
void al_tap_close (al_tap *tap);

/* A transfer's part in it; must live as long as the transfer. */
typedef struct al_tapped {
  al_tap *tap;
  uint64_t number; /* 0: it isn't recorded */
} al_tapped;

/* Lets libcurl tell the tap of a transfer that begins. Records that don't fit any more are left out. */
void al_tap_follow (al_tap *tap, al_tapped *tapped, CURL *easy, const char *url);

/* It has ended: with this body, or not well. */
void al_tap_end (const al_tapped *tapped, CURLcode result, const char *error, const al_buf *body);

/* Takes the tap off a handle. False: there was none. */
bool al_tap_leave (const al_tapped *tapped, CURL *easy);

#endif
