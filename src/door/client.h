/*
 * client · the Lua handle on a law/client: reads the configuration, judges it
 * knows  · Lua, options, client, engine
 * never  · keeps a Lua reference in C: the function and loop it was given are in its user value
 * owns   · one reference on the client and one on the engine
 * spec   · spec/client/client_spec.lua
 */
#ifndef AL_DOOR_CLIENT_H
#define AL_DOOR_CLIENT_H

#include "door/compat.h"
#include "wire/engine.h"

typedef struct al_client_handle {
  al_client *client;
  al_engine *engine;
} al_client_handle;

al_client_handle *al_check_client (lua_State *L, int at);

/* The endpoint whose option's name is at `at`; raises for another. */
al_endpoint al_check_endpoint (lua_State *L, int at);

/* core.client and core.url_fault, see client.c; the class "airlock.client" is registered by the third. */
int al_l_client (lua_State *L);
int al_l_url_fault (lua_State *L);
void al_register_client (lua_State *L);

#endif
