/*
 * authorization · the Lua handle on a law/authorize: a login that waits for its redirect
 * knows         · Lua, authorization, client, session
 * never         · gives the verifier to Lua
 * owns          · its al_authorization
 * spec          · spec/grant/user_authorization_spec.lua
 */
#ifndef AL_DOOR_AUTHORIZATION_H
#define AL_DOOR_AUTHORIZATION_H

#include "door/compat.h"
#include "law/dpop.h"

/* core.authorize, core.restore, see authorization.c */
int al_l_authorize (lua_State *L);
int al_l_restore (lua_State *L);
void al_register_authorization (lua_State *L);

/* The key of the authorization at that place, which stays its own; NULL: it has none. */
al_dpop *al_authorization_key (lua_State *L, int at);

/* Pushes the table that authorizations find their methods in. */
void al_push_authorization_methods (lua_State *L);

#endif
