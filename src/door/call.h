/*
 * call  · one request under way, as Lua holds it; collected while under way, it is cancelled
 * knows · Lua, engine, session, failure, loop
 * never · calls a sink, a reader or a secret's function: it says what is wanted, and Lua drives
 * owns  · its al_call
 * spec  · spec/request_spec.lua
 */
#ifndef AL_DOOR_CALL_H
#define AL_DOOR_CALL_H

#include "door/compat.h"
#include "wire/engine.h"

#define AL_CALL_CLASS "airlock.call"

/* Pushes a call of nobody, not begun. */
al_call *al_push_new_call (lua_State *L);

/* Pushes a call, not begun; its user value is that of the client or session at `of`. */
al_call *al_push_call (lua_State *L, int of);

/* The same by a call that rests, where there is one. As al_rest_call, for functions that have this at hand (door/hand.h). */
al_call *al_push_rested_call (lua_State *L, int of);

/* The call (at `at`) is over, and nobody will look at it: it rests, with nothing of its client's, until the next one. */
void al_rest_call (lua_State *L, al_call *c, int at);

/* The string at `at` is the request's body, and stays for as long as the call may need it; al_return_body ends that. */
void al_lend_body (lua_State *L, al_call *c, int at);
void al_return_body (lua_State *L, al_call *c);
void al_register_rest (lua_State *L);

/* core.alarm, core.carry, core.perform, core.retry_after, core.start, core.attend, see call.c */
int al_l_carry (lua_State *L);
int al_l_alarm (lua_State *L);
int al_l_perform (lua_State *L);
int al_l_retry_after (lua_State *L);
int al_l_start (lua_State *L);
int al_l_attend (lua_State *L);
void al_register_call (lua_State *L);

#endif
