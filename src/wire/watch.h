/*
 * watch · looks now and then for transfers that libcurl would leave alone: bodies that stall, and time-outs of those
 *         that wait for a connection
 * knows · http, transfer
 * never · looks more often than it has to
 * owns  · nothing
 * spec  · spec/wire/many_spec.lua
 */
#ifndef AL_WIRE_WATCH_H
#define AL_WIRE_WATCH_H

#include "wire/http.h"

/* That transfer was begun. */
void al_watch_begin (al_http *h, al_transfer *t, const al_settings *settings, int64_t timeout_ms);

/* Ends those whose time is up, and says when to look next. */
void al_watch_look (al_http *h);

#endif
