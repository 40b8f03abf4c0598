/*
 * carry · calls and errands whose bytes a host carries by means of its own (nginx's cosockets), as Lua sees them
 * knows · Lua, call, engine, errand
 * never · opens a connection; keeps the text of a request that it gave away
 * owns  · an errand's handle: a number and a hold on the engine, never the errand
 * spec  · spec/carried_spec.lua, spec/hosts/nginx_spec.lua
 */
#ifndef AL_DOOR_CARRY_H
#define AL_DOOR_CARRY_H

#include "door/compat.h"
#include "wire/engine.h"

/* Raises for options of a client that a host's own connections can't honour. */
void al_check_carriable (lua_State *L, const al_client *client);

/* core.errand, core.patience, see carry.c */
int al_l_errand (lua_State *L);
int al_l_patience (lua_State *L);

/* Gives calls the methods of what is carried; their class is there by then. */
void al_register_carry (lua_State *L);

#endif
