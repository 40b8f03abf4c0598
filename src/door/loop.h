/*
 * loop  · waiting in a plain script: on the engine, and on whatever else was put beside it (a server of our own)
 * knows · Lua, the engine
 * never · calls Lua from a libcurl callback
 * spec  · spec/loop_spec.lua
 */
#ifndef AL_DOOR_LOOP_H
#define AL_DOOR_LOOP_H

#include "door/compat.h"

/* core.wait, see loop.c */
int al_l_wait (lua_State *L);

/* core.now, see loop.c */
int al_l_now (lua_State *L);

#endif
