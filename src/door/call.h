/*
 * call  · one request under way, as Lua holds it; collected while under way, it is cancelled
 * knows · Lua, engine, session, failure, loop
 * never · calls a sink, a reader or a secret's function: it says what is wanted, and Lua drives
 * owns  · its al_call
 * spec  · spec/session/request_spec.lua
 */
#ifndef AL_DOOR_CALL_H
#define AL_DOOR_CALL_H

#include "door/compat.h"
#include "wire/call.h"

/* core.alarm, core.carry, core.perform, core.start, core.attend, see call.c */
int al_l_carry (lua_State *L);
int al_l_alarm (lua_State *L);
int al_l_perform (lua_State *L);
int al_l_start (lua_State *L);
int al_l_obtain (lua_State *L);
int al_l_start_token (lua_State *L);
int al_l_carry_token (lua_State *L);
int al_l_attend (lua_State *L);
void al_register_call (lua_State *L);

#endif
