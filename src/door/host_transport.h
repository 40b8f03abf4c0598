/*
 * host_transport · calls and token calls whose bytes a host carries by means of its own (nginx's cosockets), as Lua
 *                  sees them
 * knows          · Lua, call, engine, token call
 * never          · opens a connection; keeps the text of a request that it gave away
 * owns           · a token call's handle: a number and a hold on the engine, never the token call
 * spec           · spec/wire/host_transport_spec.lua, spec/hosts/nginx_spec.lua
 */
#ifndef AL_DOOR_HOST_TRANSPORT_H
#define AL_DOOR_HOST_TRANSPORT_H

#include "door/compat.h"
#include "wire/engine.h"

/* Raises for options of a client that a host's own connections can't honour. */
void al_check_host_transport (lua_State *L, const al_client *client);

/* core.token_call, core.patience, see carry.c */
int al_l_token_call (lua_State *L);
int al_l_patience (lua_State *L);

/* Gives calls the methods of what is carried; their class is there by then. */
void al_register_host_transport (lua_State *L);

#endif
