/*
 * run   · moves an engine's calls and token calls along over http, and ends them
 * knows · engine, call, token_call
 * never · decides what comes next: the law does, by each call's flow and renewal
 * owns  · nothing
 * spec  · spec/session/token_life_spec.lua, spec/loop/loop_spec.lua, spec/wire/fork_spec.lua
 */
#ifndef AL_WIRE_RUN_H
#define AL_WIRE_RUN_H

#include "wire/engine.h"

/* To be called first by whoever enters: after a fork the child begins afresh. False: it can't. */
bool al_run_enter (al_engine *e);

/* Moves everything along, waiting up to wait_ms (-1: for as long as it takes); `alone` as of al_http_step. False: a
 * signal came. */
bool al_run_step (al_engine *e, int wait_ms, bool alone);

/* A transfer that a host carries is finished: whoever it belongs to goes on. */
void al_run_heard (al_transfer *t);

/* The session with that number was closed: its calls are over. */
void al_run_end_session (al_engine *e, uint64_t session);

/* Ends every call and token call; the engine itself goes with its last reference. */
void al_run_shut (al_engine *e);

#endif
