/*
 * store_call · a call that brings its renewal's wishes to the program's own store or source, and the answers back
 * knows      · Lua, call, token call, transaction
 * never      · calls the store's functions: lua/airlock/call.lua does, where they may yield
 * owns       · nothing
 * spec       · spec/store/program_spec.lua
 */
#ifndef AL_DOOR_STORE_CALL_H
#define AL_DOOR_STORE_CALL_H

#include "door/compat.h"

/* call:store, call:stored, call:source and call:sourced, see store_call.c */
int al_l_store (lua_State *L);
int al_l_stored (lua_State *L);
int al_l_source (lua_State *L);
int al_l_sourced (lua_State *L);

#endif
