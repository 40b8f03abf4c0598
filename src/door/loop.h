/*
 * loop  · waiting in a plain script: on the engine, and on whatever was put beside it (a server of our own)
 * knows · Lua, engine
 * never · calls Lua from a libcurl callback
 * owns  · nothing; what is beside the engine is a Lua table
 * spec  · spec/loop/loop_spec.lua
 */
#ifndef AL_DOOR_LOOP_H
#define AL_DOOR_LOOP_H

#include "door/compat.h"
#include "wire/call.h"

/* Blocks until the call wants something; meanwhile everything else goes on too. For functions that have it at hand
 * (door/upvalues.h). */
void al_loop_drive (lua_State *L, al_call *c);

/* core.wait, core.watch, core.unwatch: see loop.c */
int al_l_wait (lua_State *L);
int al_l_watch (lua_State *L);
int al_l_unwatch (lua_State *L);

#endif
