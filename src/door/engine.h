/*
 * engine · the Lua state's one engine, as Lua sees it: a pollable
 * knows  · Lua, wire/engine
 * owns   · the state's reference on the engine
 * spec   · spec/loop/loop_spec.lua
 */
#ifndef AL_DOOR_ENGINE_H
#define AL_DOOR_ENGINE_H

#include "door/compat.h"
#include "wire/engine.h"

/* The engine of this Lua state, entered; made on first use. Raises where the system refuses one. */
al_engine *al_engine_of (lua_State *L);

/* core.fd, core.step, core.advance, core.now, core.moment, core.tap, core.tapped: see engine.c */
int al_l_fd (lua_State *L);
int al_l_step (lua_State *L);
int al_l_advance (lua_State *L);
int al_l_now (lua_State *L);
int al_l_wall (lua_State *L);
int al_l_moment (lua_State *L);
int al_l_tap (lua_State *L);
int al_l_tapped (lua_State *L);
void al_register_engine (lua_State *L);

#endif
