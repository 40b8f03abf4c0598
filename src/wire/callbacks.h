/*
 * callbacks · what libcurl calls as a transfer moves
 * knows     · libcurl, http's transfer
 * never     · does more than move bytes and leave a note; calls Lua, or libcurl to change something
 * owns      · nothing
 * spec      · spec/session/sink_spec.lua, spec/wire/once_spec.lua
 */
#ifndef AL_WIRE_CALLBACKS_H
#define AL_WIRE_CALLBACKS_H

#include "wire/http.h"

/* Puts them on a fresh handle, and points a handle's at a transfer. */
void al_callbacks_set (CURL *easy, al_http *h);
void al_callbacks_point (CURL *easy, al_transfer *t);

/* Gives the next bytes of a reader's body; set for such requests alone. */
size_t al_on_read (char *to, size_t size, size_t n, void *me);

/* Buffers for what comes back, lent only as it begins to come. */
void al_transfer_lend (al_transfer *t);

/* It has news. */
void al_http_announce (al_transfer *t);

#endif
