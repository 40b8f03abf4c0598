/*
 * report · tells a client's `on_event` of requests that go out, and of their ends
 * knows  · engine, transfer, client
 * never  · costs anything where nobody listens
 * owns   · nothing
 * spec   · spec/session/request_event_spec.lua
 */
#ifndef AL_WIRE_REPORT_H
#define AL_WIRE_REPORT_H

#include "wire/engine.h"

/* That transfer's request has just been started. */
void al_report_request (al_engine *e, al_client *client, al_transfer *t);

/* It is over: with an answer, or `fault` says why there is none; told once. */
void al_report_end (al_client *client, al_transfer *t, const al_fault *fault);

/* Of one that ends before it is over, if it is under way. */
void al_report_cancelled (al_client *client, al_transfer *t);

#endif
