/*
 * call_pool · calls that are over and wait to serve again: what one was made of serves the next
 * knows     · Lua, call, engine
 * never     · keeps anything of a client or of a request, but the room of small buffers
 * owns      · the bodies that were lent to calls under way
 * spec      · spec/wire/reuse_spec.lua
 */
#ifndef AL_DOOR_CALL_POOL_H
#define AL_DOOR_CALL_POOL_H

#include "door/compat.h"
#include "wire/call.h"

/* Pushes a call of nobody, not begun. */
al_call *al_push_new_call (lua_State *L);

/* Pushes a call, not begun; its user value is that of the client or session at `of`. */
al_call *al_push_call (lua_State *L, int of);

/* The same by an idle call, where there is one. As al_recycle_call, for functions that have this at hand
 * (door/upvalues.h). */
al_call *al_push_pooled_call (lua_State *L, int of);

/* The call (at `at`) is over, and nobody will look at it: it rests, with nothing of its client's, until the next one.
 */
void al_recycle_call (lua_State *L, al_call *c, int at);

/* The string at `at` is the request's body, and stays for as long as the call may need it; al_return_body ends that. */
void al_lend_body (lua_State *L, al_call *c, int at);
void al_return_body (lua_State *L, al_call *c);
void al_register_call_pool (lua_State *L);

#endif
